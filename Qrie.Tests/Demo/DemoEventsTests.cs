using System.Diagnostics;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Qrie.Api.Hosting;
using Qrie.Aws.Api.Recording;
using Qrie.Tests.Api;
using Qrie.Tests.Stores;

namespace Qrie.Tests.Demo;

/// <summary><c>--demo-events</c>: changes that arrive as events.</summary>
[Collection(DemoHost.Collection)]
public sealed class DemoEventsTests(DemoHost demo)
{
    private const string Bucket = "arn:aws:s3:::shop-exports-210987654321";
    private static readonly TimeSpan TimeLimit = TimeSpan.FromMinutes(5);

    [Fact]
    public async Task Findings_are_opened_and_resolved_resources_are_created_and_deleted_and_the_sequence_repeats()
    {
        using var file = new SqliteFile();
        await demo.CopyAsync(file.Path);
        await using var qrie = await RunningQrie.StartDemoAsync(file.Path, settings: ["--demo-events", "--Demo:EventsEvery=00:00:01"]);
        await DemoHost.ReadyAsync(qrie);
        var before = await StateAsync(qrie);

        await UntilAsync(async () => await FindingAsync(qrie, "S3BucketVersioningDisabled", Bucket) is { } f && State(f) == "ACTIVE", "it opens");
        await UntilAsync(async () => State((await FindingAsync(qrie, "S3BucketVersioningDisabled", Bucket))!.Value) == "RESOLVED", "it is resolved");
        await UntilAsync(async () => await OfPolicyAsync(qrie, "EC2SecurityGroupHighRiskPort", "trial") is not null, "a group lets in the world");
        await UntilAsync(
            async () => (await StateAsync(qrie)) is var now && now.Resources.SetEquals(before.Resources) && now.Active.SetEquals(before.Active),
            "all is as it was");
        await UntilAsync(async () => (await StateAsync(qrie)).Resources.Contains(Bucket), "it begins again");

        var health = (await qrie.GetAsync("/events/health")).Body;
        health.GetProperty("enabled").GetBoolean().ShouldBeTrue();
        health.GetProperty("received").GetInt32().ShouldBe(health.GetProperty("processed").GetInt32(), health.ToString());
        health.GetProperty("places").EnumerateArray().Select(p => $"{p.GetProperty("account_id")} {p.GetProperty("region")}").ShouldBe(
            ["123456789012 eu-west-1", "210987654321 us-east-1", "310987654321 eu-west-1"], ignoreOrder: true);
        qrie.Services.GetRequiredService<LayeredReplay>().Missing.ShouldBeEmpty();
    }

    [Fact]
    public void Without_the_demo_the_start_is_refused_with_the_remedy() =>
        Should.Throw<StartRefusedException>(() => QrieHost.Build(["--demo-events"])).Message.ShouldContain("--demo --demo-events");

    private static async Task<(HashSet<string> Resources, HashSet<string> Active)> StateAsync(RunningQrie qrie) => (
        [.. (await qrie.AllAsync("/resources", "resources")).Select(r => r.GetProperty("arn").GetString()!)],
        [.. (await qrie.AllAsync("/findings?state=ACTIVE", "findings")).Select(f => $"{f.GetProperty("policy")} {f.GetProperty("arn")}")]);

    private static async Task<JsonElement?> FindingAsync(RunningQrie qrie, string policy, string arn) =>
        (await qrie.AllAsync($"/findings?policy={policy}", "findings"))
            .Select(f => (JsonElement?)f).SingleOrDefault(f => f!.Value.GetProperty("arn").GetString() == arn);

    /// <summary>The state of the finding of a group that was created by an event.</summary>
    private static async Task<JsonElement?> OfPolicyAsync(RunningQrie qrie, string policy, string groupName)
    {
        var groups = (await qrie.AllAsync("/resources?type=AWS::EC2::SecurityGroup", "resources"))
            .Where(r => r.GetProperty("configuration").GetProperty("GroupName").GetString() == groupName)
            .Select(r => r.GetProperty("arn").GetString()).ToList();
        return (await qrie.AllAsync($"/findings?policy={policy}", "findings")).Select(f => (JsonElement?)f)
            .FirstOrDefault(f => groups.Contains(f!.Value.GetProperty("arn").GetString()));
    }

    private static string? State(JsonElement finding) => finding.GetProperty("state").GetString();

    private static async Task UntilAsync(Func<Task<bool>> condition, string what)
    {
        for (var waited = Stopwatch.StartNew(); !await condition(); await Task.Delay(100))
        {
            waited.Elapsed.ShouldBeLessThan(TimeLimit, what);
        }
    }
}
