using Qrie.Benchmarks.Crash;

namespace Qrie.Soak.Tests.Crash;

/// <summary>The crash proof in short; <c>Qrie.Benchmarks -- soak crash</c> runs it for as long as is wanted.</summary>
public sealed class CrashProofTests
{
    [SoakFact("moto_server")]
    public async Task Killed_five_times_it_ends_as_if_it_had_not_been()
    {
        var output = new StringWriter();

        var report = await new CrashSoak(kills: 5, Random.Shared.Next(1_000_000), output).RunAsync(default);

        report.FirstDifferences.ShouldBeEmpty(output.ToString());
        report.Kills.ShouldBe(5);
        report.Restarts.ShouldBe(5);
        report.Findings.ShouldBeGreaterThan(20, output.ToString()); // otherwise there was nothing to compare
    }
}
