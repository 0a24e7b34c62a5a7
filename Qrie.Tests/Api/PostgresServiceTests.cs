using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Quartz;
using Qrie.Tests.Stores;

namespace Qrie.Tests.Api;

/// <summary>The service with PostgreSQL.</summary>
public sealed class PostgresServiceTests
{
    [Fact]
    public async Task What_one_start_stored_the_next_one_has()
    {
        string[] settings = ["--Store:Kind=postgres", $"--Store:ConnectionString={await PostgresServer.CreateEmptyDatabaseAsync()}"];
        await using (var qrie = await RunningQrie.StartAsync(settings: settings))
        {
            var (status, health) = await qrie.GetAsync("/health");
            status.ShouldBe(HttpStatusCode.OK, health.ToString());
            health.GetProperty("store").GetProperty("kind").GetString().ShouldBe("postgres");
            health.GetProperty("store").GetProperty("version").GetString()!.ShouldMatch("^[0-9.]+$");

            (await qrie.ScanAsync(new { kind = "inventory" })).GetProperty("status").GetString().ShouldBe("completed");
            await qrie.LaunchAsync("S3BucketPublic");
        }

        await using var again = await RunningQrie.StartAsync(settings: settings);
        (await again.GetAsync("/policies?status=active")).Body.ToString().ShouldContain("S3BucketPublic");
        (await again.GetAsync("/scans")).Body.GetProperty("scans").GetArrayLength().ShouldBe(2);
        (await again.GetAsync("/resources?arn_prefix=a%00")).Status.ShouldBe(HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task Two_replicas_share_scans_and_schedules()
    {
        string[] settings = ["--Store:Kind=postgres", $"--Store:ConnectionString={await PostgresServer.CreateEmptyDatabaseAsync()}"];
        await using var first = await RunningQrie.StartAsync(settings: settings);
        await using var second = await RunningQrie.StartAsync(settings: settings);

        var replicas = (await first.GetAsync("/health")).Body.GetProperty("replicas").EnumerateArray().ToList();
        replicas.Count.ShouldBe(2);
        replicas.Count(r => r.GetProperty("answering").GetBoolean()).ShouldBe(1);

        var scan = await first.ScanAsync(new { kind = "inventory" });
        (await second.GetAsync($"/scans/{scan.GetProperty("scan_id").GetString()}")).Body.GetProperty("status").GetString().ShouldBe("completed");

        await first.PutAsync("/schedules/policy", new { cron = "0 30 2 * * ?" });
        var scheduler = second.Services.GetRequiredService<IScheduler>();
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(1), TimeProvider.System);
        while ((await scheduler.GetTrigger(new TriggerKey("default/Policy"), default) as ICronTrigger)?.CronExpressionString != "0 30 2 * * ?")
        {
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, limit.Token);
        }
    }
}
