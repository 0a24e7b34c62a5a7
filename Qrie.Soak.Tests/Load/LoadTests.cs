using Qrie.Benchmarks.Load;
using Qrie.Tests.Api;
using Qrie.Tests.Demo;

namespace Qrie.Soak.Tests.Load;

/// <summary>Many requests beside scans. How fast, and whether memory stays, is <c>soak api</c>'s to say; here nothing may go wrong.</summary>
public sealed class LoadTests
{
    [SoakFact]
    public async Task A_minute_of_two_hundred_requests_a_second_beside_scans_has_no_error()
    {
        await using var demo = await RunningQrie.StartDemoAsync();
        await DemoHost.ReadyAsync(demo);

        var result = await new ApiLoad(demo.Http, perSecond: 200, clients: 8).RunAsync(TimeSpan.FromSeconds(60), default);

        result.Problems.ShouldBeEmpty();
        result.Requests.ShouldBe(200 * 60);
        result.Scans.ShouldBeGreaterThan(0);
    }
}
