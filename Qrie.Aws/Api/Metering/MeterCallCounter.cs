using Qrie.Domain.Work;

namespace Qrie.Aws.Api.Metering;

/// <summary>The call meter for scans: by operation, because a unit is one account, region and service.</summary>
public sealed class MeterCallCounter(CallMeter meter) : ICallCounter
{
    public ICountedCalls Begin() => new Counted(meter.Begin());

    private sealed class Counted(CallScope scope) : ICountedCalls
    {
        public IReadOnlyList<CountedCalls> Snapshot() =>
        [
            .. scope.Snapshot().GroupBy(c => $"{c.Key.Service}:{c.Key.Operation}", c => c.Value)
                .OrderBy(g => g.Key, StringComparer.Ordinal).Select(g => new CountedCalls(
                    g.Key, g.Sum(c => c.Calls), g.Sum(c => c.Errors), g.Sum(c => c.Throttles), g.Sum(c => c.Retries), g.Sum(c => c.Bytes),
                    (long)g.Sum(c => c.Duration.TotalMilliseconds)) { Denied = g.Sum(c => c.Denied) }),
        ];

        public void Dispose() => scope.Dispose();
    }
}
