using Qrie.Benchmarks.Crash;

namespace Qrie.Soak.Tests.Crash;

/// <summary>A short crash test; <c>Qrie.Benchmarks -- soak crash</c> runs it with any number of kills.</summary>
public sealed class CrashProofTests
{
    [SoakFact("moto_server")]
    public async Task After_five_kills_the_store_equals_an_undisturbed_one()
    {
        var output = new StringWriter();

        var report = await new CrashSoak(kills: 5, Random.Shared.Next(1_000_000), output).RunAsync(default);

        report.FirstDifferences.ShouldBeEmpty(output.ToString());
        report.Kills.ShouldBe(5);
        report.Restarts.ShouldBe(5);
        report.Findings.ShouldBeGreaterThan(20, output.ToString()); // otherwise there is nothing to compare
    }
}
