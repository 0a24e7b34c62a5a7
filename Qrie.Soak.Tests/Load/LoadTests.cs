using Qrie.Benchmarks.Load;
using Qrie.Tests.Api;
using Qrie.Tests.Demo;

namespace Qrie.Soak.Tests.Load;

/// <summary>Many requests during scans must not fail. Latency and memory are measured by <c>soak api</c>.</summary>
public sealed class LoadTests
{
    [SoakFact]
    public async Task A_minute_with_two_hundred_requests_per_second_during_scans_has_no_error()
    {
        await using var demo = await RunningQrie.StartDemoAsync();
        await DemoHost.ReadyAsync(demo);

        var result = await new ApiLoad(demo.Http, perSecond: 200, clients: 8).RunAsync(TimeSpan.FromSeconds(60), default);

        result.Problems.ShouldBeEmpty();
        result.Requests.ShouldBe(200 * 60);
        result.Scans.ShouldBeGreaterThan(0);
    }
}
