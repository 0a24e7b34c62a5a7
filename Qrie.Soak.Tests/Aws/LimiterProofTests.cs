using Qrie.Tests.Emulator;

namespace Qrie.Soak.Tests.Aws;

/// <summary>A separate class, because it waits for a minute, during which other classes run.</summary>
public sealed class LimiterProofTests(ITestOutputHelper output)
{
    [SoakFact("moto_server")]
    public async Task The_rate_adapts_to_a_limit_of_ten_per_second_with_few_throttled_calls()
    {
        const int Calls = 650;
        await using var proxy = await FaultProxy.StartAsync();
        using var aws = EmulatedAws.At(proxy.Url);
        var estate = Estate.Create();
        proxy.On("kms:ListKeys").TokenBucket(size: 20, perSecond: 10);

        var answers = await Task.WhenAll(Enumerable.Range(0, Calls).Select(_ => aws.Api.CallAsync(estate.Call("kms", "ListKeys"), default)));

        answers.ShouldAllBe(a => a.Error == null);
        var requests = proxy.RequestsFor("ListKeys");
        var start = requests[0].At;
        var counted = requests.Where(r => r.At - start > TimeSpan.FromSeconds(10)).ToList();
        var throttled = counted.Count(r => r.WasFaked);
        var passed = counted.Count - throttled;
        var took = counted[^1].At - start - TimeSpan.FromSeconds(10);
        output.WriteLine(
            $"{requests.Count} requests; after 10 s: {passed} passed and {throttled} throttled ({100.0 * throttled / counted.Count:0.0} %) in "
            + $"{took.TotalSeconds:0.0} s: {passed / took.TotalSeconds:0.0}/s");
        took.ShouldBeLessThan(TimeSpan.FromSeconds(passed / 10.0) * 1.2);
        ((double)throttled / counted.Count).ShouldBeLessThan(0.05);
    }
}
