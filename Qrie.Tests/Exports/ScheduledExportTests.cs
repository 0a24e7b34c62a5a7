using System.Text.Json;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Qrie.Api.Exports;
using Qrie.Api.Hosting;
using Qrie.Api.Workers;
using Qrie.Tests.Api;
using Qrie.Tests.Emulator;
using Qrie.Tests.Support;

namespace Qrie.Tests.Exports;

/// <summary>Exports that the service writes by itself.</summary>
public sealed class ScheduledExportTests
{
    [EmulatorFact]
    public async Task Files_are_replaced_and_resolved_findings_are_archived_once()
    {
        var folder = Directory.CreateTempSubdirectory("qrie-exports-");
        try
        {
            await using var proxy = await FaultProxy.StartAsync();
            await using var qrie = await RunningQrie.StartAtAsync(
                proxy.Url,
                builder => builder.Services.Remove(builder.Services.Single(s => s.ImplementationType == typeof(ExportWorker))), // the test runs each round
                settings: [$"--Exports:Folder={folder.FullName}", "--Exports:Formats=jsonl,sarif", "--Exports:SecurityHub=true"]);
            var file = Path.Combine(folder.FullName, "default", "findings.jsonl");
            var exports = qrie.Services.GetRequiredService<ScheduledExports>();
            await qrie.LaunchQuietlyAsync(ExportWorld.Unversioned);
            var bucket = StoredWorld.Bucket("a");
            await qrie.WriteAsync(bucket);
            await qrie.EvaluateAsync(bucket, Some.Fails(ExportWorld.Unversioned));
            await exports.RunAsync(CancellationToken.None);
            (await File.ReadAllTextAsync(file)).ShouldContain("arn:aws:s3:::a");
            File.Exists(Path.Combine(folder.FullName, "default", "findings.sarif")).ShouldBeTrue();
            Sent(proxy, "a").ShouldBe(["ACTIVE FAILED"]);

            var later = (TimeProvider.System.GetUtcNow().AddMinutes(1) - Some.Noon).TotalSeconds;
            var repaired = StoredWorld.Bucket("a", later, "{}");
            await qrie.WriteAsync(repaired);
            await qrie.EvaluateAsync(repaired, Some.Passes(ExportWorld.Unversioned));
            await exports.RunAsync(CancellationToken.None);

            (await File.ReadAllTextAsync(file)).ShouldBeEmpty();
            Sent(proxy, "a").ShouldBe(["ACTIVE FAILED", "ARCHIVED PASSED"]);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [EmulatorFact]
    public async Task While_one_region_refuses_the_others_are_not_sent_what_they_have()
    {
        await using var proxy = await FaultProxy.StartAsync();
        proxy.On("*").ForRegion("ap-south-2").Where(r => r.Path == "/findings/import").AccessDenied();
        await using var qrie = await RunningQrie.StartAtAsync(
            proxy.Url,
            builder => builder.Services.Remove(builder.Services.Single(s => s.ImplementationType == typeof(ExportWorker))),
            settings: "--Exports:SecurityHub=true");
        var exports = qrie.Services.GetRequiredService<ScheduledExports>();
        await qrie.LaunchQuietlyAsync(ExportWorld.Unversioned);
        var later = (TimeProvider.System.GetUtcNow().AddHours(-1) - Some.Noon).TotalSeconds;
        foreach (var (name, region) in (List<(string, string)>)[("open", "eu-west-1"), ("closed", "ap-south-2")])
        {
            var (before, after) = (StoredWorld.Bucket(name) with { Region = region }, StoredWorld.Bucket(name, later, "{}") with { Region = region });
            await qrie.WriteAsync(before);
            await qrie.EvaluateAsync(before, Some.Fails(ExportWorld.Unversioned));
            await qrie.WriteAsync(after);
            await qrie.EvaluateAsync(after, Some.Passes(ExportWorld.Unversioned));
        }

        for (var round = 0; round < 3; round++)
        {
            await exports.RunAsync(CancellationToken.None);
        }

        Sent(proxy, "open").ShouldBe(["ARCHIVED PASSED"]);
        Sent(proxy, "closed").Count.ShouldBe(3);
        proxy.Heal();
        await exports.RunAsync(CancellationToken.None);
        await exports.RunAsync(CancellationToken.None);
        (Sent(proxy, "open").Count, Sent(proxy, "closed").Count).ShouldBe((1, 4));
    }

    [Theory]
    [InlineData("Exports:Formats", "jsonl,pdf", "Exports:Formats has 'pdf'; a format must be one of ")]
    [InlineData("Exports:Every", "24:00:00", "Exports:Every is '24:00:00'; it must be a duration")]
    [InlineData("Exports:SecurityHub", "yes", "Exports:SecurityHub is 'yes'; it must be true or false.")]
    public void Invalid_settings_are_refused(string key, string value, string message) =>
        Should.Throw<StartRefusedException>(() => ExportSettings.Read(
            new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?> { [key] = value }).Build())).Message.ShouldStartWith(message);

    /// <summary>What Security Hub was told about a bucket, in order.</summary>
    private static List<string> Sent(FaultProxy proxy, string bucket) =>
    [
        .. proxy.Requests.Where(r => r.Path == "/findings/import")
            .SelectMany(r => JsonElement.Parse(r.BodyText).GetProperty("Findings").EnumerateArray())
            .Where(f => f.GetProperty("Resources")[0].GetProperty("Id").GetString() == ExportWorld.Arn(bucket))
            .Select(f => $"{f.GetProperty("RecordState")} {f.GetProperty("Compliance").GetProperty("Status")}"),
    ];
}
