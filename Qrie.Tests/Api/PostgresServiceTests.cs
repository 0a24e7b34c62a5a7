using System.Net;
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
}
