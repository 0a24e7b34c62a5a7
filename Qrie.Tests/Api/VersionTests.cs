using System.Net;

namespace Qrie.Tests.Api;

/// <summary><c>GET /version</c>: the version for bug reports.</summary>
public sealed class VersionTests
{
    [Fact]
    public async Task The_version_is_returned()
    {
        var before = TimeProvider.System.GetUtcNow();
        await using var qrie = await RunningQrie.StartAsync();

        var (status, version) = await qrie.GetAsync("/version");

        status.ShouldBe(HttpStatusCode.OK);
        version.GetProperty("version").GetString()!.ShouldMatch(@"^\d+\.\d+\.\d+");
        version.TryGetProperty("commit", out _).ShouldBeTrue();
        version.GetProperty("runtime").GetString()!.ShouldStartWith(".NET 10");
        version.GetProperty("catalog").GetProperty("policies").GetInt32().ShouldBeGreaterThan(40);
        version.GetProperty("catalog").GetProperty("resource_types").GetInt32().ShouldBeGreaterThan(20);
        version.GetProperty("store").GetProperty("kind").GetString().ShouldBe("sqlite");
        version.GetProperty("store").GetProperty("schema").GetInt32().ShouldBePositive();
        version.GetProperty("started_at").GetDateTimeOffset().ShouldBeInRange(before.AddSeconds(-1), TimeProvider.System.GetUtcNow());
        (await qrie.GetAsync("/version")).Body.GetProperty("started_at").GetDateTimeOffset()
            .ShouldBe(version.GetProperty("started_at").GetDateTimeOffset(), TimeSpan.FromMilliseconds(5));
    }
}
