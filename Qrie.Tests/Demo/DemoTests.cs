using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Qrie.Api.Demo;
using Qrie.Api.Hosting;
using Qrie.Aws.Api.Recording;
using Qrie.Tests.Api;

namespace Qrie.Tests.Demo;

/// <summary>The demo: an organization that was watched for eight weeks.</summary>
[Collection(DemoHost.Collection)]
public sealed class DemoTests(DemoHost demo)
{
    private const int Weeks = 8;

    // The attributes with the creation time of resource types.
    private static readonly string[] _made =
        ["CreateDate", "CreateTime", "CreationDate", "StartTime", "LaunchTime", "InstanceCreateTime", "ClusterCreateTime", "SnapshotCreateTime"];

    /// <summary>Policies that compare with the ends of support, which are dates of the calendar.</summary>
    private static readonly string[] OfTheCalendar = ["EKSVersionUnsupported", "LambdaFunctionRuntimeDeprecated"];

    [Fact]
    public void During_preparation_it_is_alive_but_not_ready_and_reports_progress()
    {
        demo.LiveMeanwhile.ShouldBe(HttpStatusCode.OK);
        demo.Health[0].Status.ShouldBe(HttpStatusCode.ServiceUnavailable);
        var progress = demo.Health.Select(h => h.Body.GetProperty("progress").GetString()).ToList();
        progress.ShouldContain(p => p != null && p.StartsWith("Week 1 of 9"));
        progress.ShouldContain(p => p != null && p.StartsWith("Week 5 of 9"));
        progress[^1].ShouldBeNull();
    }

    [Fact]
    public async Task Active_findings_are_of_all_severities_and_of_ten_policies_in_two_accounts()
    {
        foreach (var severity in new[] { "critical", "high", "medium", "low" })
        {
            (await FindingsAsync($"?state=ACTIVE&severity={severity}")).ShouldNotBeEmpty(severity);
        }

        (await FindingsAsync("?state=ACTIVE")).GroupBy(f => Text(f, "policy"))
            .Count(g => g.Select(f => Text(f, "account_service")![..12]).Distinct().Count() >= 2)
            .ShouldBeGreaterThanOrEqualTo(10);
    }

    [Fact]
    public async Task Some_verdicts_are_unknown_with_AWSs_reasons_and_every_call_was_recorded()
    {
        var unknown = (await demo.Qrie.GetAsync("/coverage")).Body.GetProperty("unknown_verdicts").EnumerateArray().ToList();

        unknown.Count.ShouldBeGreaterThan(10);
        unknown.Select(u => Text(u, "error_code")).Distinct().ShouldBe(
            ["AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "PREFIX_LIST_UNREAD", "NotCovered", "MISSING_VALUE"], ignoreOrder: true);
        demo.Qrie.Services.GetRequiredService<LayeredReplay>().Missing.ShouldBeEmpty();
    }

    [Fact]
    public async Task Findings_were_opened_and_resolved_in_many_weeks_for_every_reason()
    {
        var findings = await FindingsAsync("");
        var resolved = findings.Where(f => Text(f, "state") == "RESOLVED").ToList();

        findings.Select(f => WeeksAgo(f, "first_seen")).Distinct().Count().ShouldBeGreaterThanOrEqualTo(4);
        findings.Max(f => WeeksAgo(f, "first_seen")).ShouldBe(Weeks);
        findings.Min(f => WeeksAgo(f, "first_seen")).ShouldBe(0, "something is new");
        resolved.Where(f => WeeksAgo(f, "resolved_at") > 0).Select(f => WeeksAgo(f, "resolved_at")).Distinct().Count().ShouldBeGreaterThanOrEqualTo(2);
        resolved.Select(f => Text(f, "resolved_reason")).Distinct().ShouldBe(["COMPLIANT", "RESOURCE_DELETED", "NOT_APPLICABLE"], ignoreOrder: true);
        resolved.ShouldAllBe(f => WeeksAgo(f, "resolved_at") < WeeksAgo(f, "first_seen"));
    }

    [Fact]
    public async Task Every_week_has_an_inventory_and_a_policy_scan_of_its_own()
    {
        var scans = await demo.Qrie.AllAsync("/scans", "scans");

        foreach (var kind in new[] { "inventory", "policy" })
        {
            var ofKind = scans.Where(s => Text(s, "kind") == kind).Reverse().ToList();
            ofKind.Select(s => WeeksAgo(s, "created_at")).ShouldBe(Enumerable.Range(0, Weeks + 1).Reverse(), kind);
            ofKind.Select(s => Text(s, "scan_type")).ShouldBe(["bootstrap", .. Enumerable.Repeat("anti-entropy", Weeks)], kind);
            ofKind.ShouldAllBe(s => Text(s, "status") == "completed");
        }

        // Nothing changes between two reads of the same layer.
        var changes = scans.Where(s => Text(s, "kind") == "inventory").Reverse().Select(s => s.GetProperty("counters"))
            .Select(c => c.TryGetProperty("resources_changed", out var n) ? n.GetInt64() : 0);
        changes.Select(c => c > 0).ShouldBe([false, false, true, false, true, false, true, false, true]);
    }

    [Fact]
    public async Task No_resource_was_created_after_it_was_first_seen()
    {
        var checkedTimes = 0;
        foreach (var resource in await demo.Qrie.AllAsync("/resources", "resources"))
        {
            var seen = resource.GetProperty("first_seen").GetDateTimeOffset();
            foreach (var name in _made)
            {
                if (resource.GetProperty("configuration").TryGetProperty(name, out var made))
                {
                    made.GetDateTimeOffset().ShouldBeLessThan(seen, $"{Text(resource, "arn")}: {name}");
                    checkedTimes++;
                }
            }
        }

        checkedTimes.ShouldBeGreaterThan(300);
    }

    [Fact]
    public async Task Nothing_changes_after_it_is_ready()
    {
        var before = await EverythingAsync();

        // Workers look for work every two seconds.
        await Task.Delay(TimeSpan.FromSeconds(3));

        (await EverythingAsync()).ShouldBe(before);
        (await demo.Qrie.GetAsync("/health")).Status.ShouldBe(HttpStatusCode.OK);

        async Task<string> EverythingAsync() => string.Concat(
            (await demo.Qrie.AllAsync("/findings", "findings")).Concat(await demo.Qrie.AllAsync("/scans", "scans"))
                .Concat(await demo.Qrie.AllAsync("/resources", "resources")));
    }

    [Fact]
    public async Task No_event_arrives_unless_it_is_requested()
    {
        var health = (await demo.Qrie.GetAsync("/events/health")).Body;

        health.GetProperty("enabled").GetBoolean().ShouldBeFalse();
        health.GetProperty("received").GetInt32().ShouldBe(0);
        demo.Qrie.Services.GetService<RecordedEvents>().ShouldBeNull();
    }

    [Fact]
    public async Task The_demo_is_reproducible_and_continues_on_an_existing_store()
    {
        var folder = Directory.CreateTempSubdirectory("qrie-test-");
        var store = Path.Combine(folder.FullName, "qrie.db");
        var later = new DemoClock(TimeProvider.System, TimeSpan.FromDays(-400)); // that is, in the future
        void NextYear(WebApplicationBuilder builder) => builder.Services.AddSingleton(new DemoClock(later, TimeSpan.FromDays(7 * Weeks)));

        await using (var first = await RunningQrie.StartDemoAsync(store, NextYear))
        {
            await DemoHost.ReadyAsync(first);
            Facts(await first.AllAsync("/findings", "findings"), later.GetUtcNow()).ShouldBe(Facts(await FindingsAsync(""), demo.ReadyAt), ignoreOrder: true);
        }

        await using (var second = await RunningQrie.StartDemoAsync(store, NextYear))
        {
            await DemoHost.ReadyAsync(second);
            Facts(await second.AllAsync("/findings", "findings"), later.GetUtcNow()).ShouldBe(Facts(await FindingsAsync(""), demo.ReadyAt), ignoreOrder: true);
            (await second.AllAsync("/scans", "scans")).Count.ShouldBe((2 * (Weeks + 1)) + 2, "one more of each kind");
        }

        folder.Delete(recursive: true);

        static IEnumerable<string> Facts(List<JsonElement> findings, DateTimeOffset now) =>
            findings.Where(f => !OfTheCalendar.Contains(Text(f, "policy")))
                .Select(f => $"{Text(f, "policy")} {Text(f, "arn")} {Text(f, "state")} {WeeksBetween(f, "first_seen", now)} {Text(f, "resolved_reason")}");
    }

    [Fact]
    public async Task A_demo_stopped_halfway_is_complete_after_the_next_start()
    {
        var folder = Directory.CreateTempSubdirectory("qrie-test-");
        var store = Path.Combine(folder.FullName, "qrie.db");
        await using (var first = await RunningQrie.StartDemoAsync(store))
        {
            await DemoHost.SaidAsync(first, (status, health) =>
                status == HttpStatusCode.OK || (health.GetProperty("progress").GetString() is { } progress && string.CompareOrdinal(progress, "Week 3") >= 0));
        }

        await using (var second = await RunningQrie.StartDemoAsync(store))
        {
            await DemoHost.ReadyAsync(second);
            static IEnumerable<string> Open(List<JsonElement> findings) => findings.Select(f => $"{Text(f, "policy")} {Text(f, "arn")}");
            Open(await second.AllAsync("/findings?state=ACTIVE", "findings")).ShouldBe(Open(await FindingsAsync("?state=ACTIVE")), ignoreOrder: true);
            second.Services.GetRequiredService<LayeredReplay>().Missing.ShouldBeEmpty();
        }

        folder.Delete(recursive: true);
    }

    [Fact]
    public async Task Its_store_is_deleted_when_it_stops_unless_a_path_was_given()
    {
        string folder;
        await using (var app = QrieHost.Build(["--demo", "--urls=http://127.0.0.1:0"]))
        {
            await app.Services.GetRequiredService<StartupTasks>().RunAsync(CancellationToken.None);
            await app.StartAsync();
            folder = Path.GetDirectoryName(app.Configuration["Store:Path"])!;
            Directory.Exists(folder).ShouldBeTrue();
            await app.StopAsync();
        }

        Directory.Exists(folder).ShouldBeFalse();
    }

    [Fact]
    public void Its_clock_does_not_run_backwards()
    {
        var clock = new DemoClock(TimeProvider.System, TimeSpan.FromDays(7));

        clock.Behind = TimeSpan.FromDays(1);

        Should.Throw<ArgumentOutOfRangeException>(() => clock.Behind = TimeSpan.FromDays(2));
        (TimeProvider.System.GetUtcNow() - clock.GetUtcNow()).TotalDays.ShouldBe(1, 0.001);
    }

    [Fact]
    public void A_week_uses_the_newest_layer_that_is_not_later()
    {
        var organization = new SampleOrganization(default, [8, 6, 3, 0], [], [], []);

        Enumerable.Range(0, 9).Reverse().Select(organization.LayerOf).ShouldBe([0, 0, 1, 1, 1, 2, 2, 2, 3]);
    }

    [Fact]
    public void A_service_without_recordings_is_not_watched_in_the_demo()
    {
        var organization = new SampleOrganization(default, [0], [], ["ec2", "s3"], []);

        organization.WatchedOf(["ec2", "s3"]).ShouldBeNull();
        organization.WatchedOf(["ec2", "kms", "s3"]).ShouldBe(["ec2", "s3"]);
    }

    private Task<List<JsonElement>> FindingsAsync(string query) => demo.Qrie.AllAsync("/findings" + query, "findings");

    private int WeeksAgo(JsonElement row, string time) => WeeksBetween(row, time, demo.ReadyAt);

    private static int WeeksBetween(JsonElement row, string time, DateTimeOffset now) =>
        (int)Math.Floor((now - row.GetProperty(time).GetDateTimeOffset()).TotalDays / 7);

    private static string? Text(JsonElement row, string name) => row.GetProperty(name).GetString();
}
