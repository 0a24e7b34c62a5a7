namespace Qrie.Tests.Api.Operations;

/// <summary>
/// Tests of what a process measures, while no other host runs in it: OpenTelemetry merges equal meters of a process, and a host that is disposed takes the
/// metrics of another with it.
/// </summary>
[CollectionDefinition(Collection, DisableParallelization = true)]
public static class ProcessMetrics
{
    public const string Collection = "Metrics of the process";
}
