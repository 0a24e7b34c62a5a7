using System.Net;
using System.Text.Json;
using Amazon.DynamoDBv2;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Qrie.Aws.Api;
using Qrie.Aws.Api.Metering;
using Qrie.Aws.Api.Models;
using Qrie.Domain;
using Qrie.Domain.Scans;
using Qrie.Domain.Validation;
using Qrie.Tests.Emulator;
using Qrie.Tests.Stores;
using Qrie.Tests.Stores.Dynamo;

namespace Qrie.Tests.Api;

/// <summary>The service with DynamoDB.</summary>
public sealed class DynamoServiceTests
{
    private readonly string _prefix = DynamoServer.NewSettings().TablePrefix;

    [DynamoFact]
    public async Task What_one_start_stored_the_next_one_has()
    {
        await using (var qrie = await StartAsync())
        {
            var (status, health) = await qrie.GetAsync("/health");
            status.ShouldBe(HttpStatusCode.OK, health.ToString());
            health.GetProperty("store").GetProperty("kind").GetString().ShouldBe("dynamodb");

            var scan = await qrie.ScanAsync(new { kind = "inventory" });
            scan.GetProperty("status").GetString().ShouldBe("completed");
            var counters = scan.GetProperty("counters");
            counters.GetProperty("store_requests").GetInt64().ShouldBeGreaterThan(0);
            counters.GetProperty("store_requests").GetInt64().ShouldBe(
                counters.EnumerateObject().Where(c => c.Name.StartsWith("store_requests_", StringComparison.Ordinal)).Sum(c => c.Value.GetInt64()));
            await qrie.LaunchAsync("S3BucketPublic");
        }

        await using var again = await StartAsync();
        (await again.GetAsync("/policies?status=active")).Body.ToString().ShouldContain("S3BucketPublic");
        (await again.GetAsync("/scans")).Body.GetProperty("scans").GetArrayLength().ShouldBe(2);
    }

    [DynamoFact]
    public async Task A_policy_scan_without_changes_writes_one_item_and_reads_no_resource()
    {
        var collector = new ScriptedCollector().With("""{"Versioning":{}}""", [.. Enumerable.Range(0, 60).Select(i => $"bucket-{i}")]);
        await using var qrie = await StartAsync(collector);
        await qrie.ScanAsync(new { kind = "inventory" });
        await qrie.LaunchAsync("S3BucketVersioningDisabled");
        var first = (await qrie.ScanAsync(new { kind = "policy" })).GetProperty("counters");

        var counters = (await qrie.ScanAsync(new { kind = "policy" })).GetProperty("counters");

        counters.GetProperty("processed_resources").GetInt64().ShouldBe(60);
        first.GetProperty("processed_resources").GetInt64().ShouldBe(60);
        string[] reading = ["store_requests_get_item", "store_requests_query"];
        counters.EnumerateObject().Where(c => c.Name.StartsWith("store_requests_", StringComparison.Ordinal) && !reading.Contains(c.Name))
            .Select(c => $"{c.Name} {c.Value}").ShouldBe(["store_requests_put_item 1"]);
        counters.GetProperty("store_write_units").GetInt64().ShouldBe(1);
        counters.GetProperty("store_read_units").GetInt64().ShouldBeLessThan(40);
    }

    [DynamoFact]
    public async Task Two_replicas_share_scans()
    {
        await using var first = await StartAsync();
        await using var second = await StartAsync();

        var replicas = (await first.GetAsync("/health")).Body.GetProperty("replicas").EnumerateArray().ToList();
        replicas.Count.ShouldBe(2);
        replicas.Count(r => r.GetProperty("answering").GetBoolean()).ShouldBe(1);

        var scan = await first.ScanAsync(new { kind = "inventory" });
        (await second.GetAsync($"/scans/{scan.GetProperty("scan_id").GetString()}")).Body.GetProperty("status").GetString().ShouldBe("completed");
    }

    [DynamoFact]
    public async Task Replicas_that_messages_wake_share_a_scan_and_finish_it_when_one_of_them_stops()
    {
        var moto = await MotoServer.UrlAsync();
        string[] settings =
        [
            "--Work:Kind=sqs", $"--Work:Queue=work-{Guid.NewGuid():N}", $"--Aws:Endpoint={moto}", "--Scans:Concurrency=2", "--Scans:InventoryConcurrency=0",
        ];
        var collector = new ScriptedCollector { Gate = cancel => Task.Delay(TimeSpan.FromMilliseconds(50), cancel) }.With("""{"Versioning":{}}""", "a", "b");
        await using var first = await StartAsync(collector, settings);
        JsonElement started;
        await using (await StartAsync(collector, settings))
        {
            for (var account = 1; account <= 8; account++)
            {
                await first.PostAsync("/accounts", new { account_id = $"11111111111{account}", services = (string[])["s3"] });
            }

            var shared = (await first.ScanAsync(new { kind = "inventory", service = "s3" })).GetProperty("scan_id").GetString()!;
            var units = await first.Services.GetRequiredService<IScanStore>().AllUnitsAsync(Organizations.Default, shared);
            units.Count.ShouldBeGreaterThan(8);
            units.ShouldAllBe(u => u.Status == UnitStatus.Done && u.Attempts == 1);
            units.Select(u => u.Owner!.Split('/')[1]).Distinct().Count().ShouldBe(2);

            (_, started) = await first.PostAsync("/scans", new { kind = "inventory", service = "s3" });
        }

        // A unit that the stopped one could not give back is free when its lease of a minute has expired.
        var finished = await first.FinishedAsync(started.GetProperty("scan_id").GetString()!, TimeSpan.FromMinutes(3));
        finished.GetProperty("status").GetString().ShouldBe("completed");
        (await first.GetAsync("/health")).Body.GetProperty("warnings").ToString().ShouldNotContain("work queue");
    }

    [DynamoFact]
    public async Task A_start_names_the_tables_that_are_missing() =>
        (await Should.ThrowAsync<StoreUnavailableException>(() => StartAsync("--Store:CreateTables=false"))).Message
            .ShouldContain($"{_prefix}accounts, {_prefix}policies, {_prefix}resources, {_prefix}findings, {_prefix}summary, {_prefix}state");

    private Task<RunningQrie> StartAsync(params string[] settings) => StartAsync(null, settings);

    private async Task<RunningQrie> StartAsync(ScriptedCollector? collector, params string[] settings)
    {
        var url = await DynamoServer.UrlAsync();
        return await RunningQrie.StartAsync(
            collector,
            adjust: builder => builder.Services.AddSingleton<IAmazonDynamoDB>(_ => DynamoServer.ClientOf(url)).AddSingleton(p => new AwsEngine(
                p.GetRequiredService<ModelCatalog>(), p.GetRequiredService<IOptions<AwsApiOptions>>().Value, p.GetRequiredService<AwsRegion>(),
                p.GetRequiredService<CallMeter>(), p.GetRequiredService<TimeProvider>(), p.GetRequiredService<ILogger<AwsApi>>(), EmulatedAws.TestCredentials)),
            settings: ["--Store:Kind=dynamodb", $"--Store:TablePrefix={_prefix}", .. settings]);
    }
}
