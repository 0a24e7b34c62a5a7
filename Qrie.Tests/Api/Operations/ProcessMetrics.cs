namespace Qrie.Tests.Api.Operations;

/// <summary>
/// Tests of what is measured of a process, its memory or its metrics, while no other test runs in it: OpenTelemetry merges equal meters of a
/// process, and a host that is disposed takes the metrics of another with it.
/// </summary>
[CollectionDefinition(Collection, DisableParallelization = true)]
public static class ProcessMetrics
{
    public const string Collection = "Metrics of the process";
}
