using System.Diagnostics;
using System.Diagnostics.Metrics;
using Qrie.Domain.Work;

namespace Qrie.Domain.Scans;

/// <summary>
/// Metrics and traces of the units of scans: the meter and the activity source <see cref="Name"/>. Metrics have neither accounts nor regions as labels, whose
/// number is not limited; a trace has them, with the scan's id. Without a listener nothing is recorded.
/// </summary>
public static class ScanTelemetry
{
    public const string Name = "Qrie.Scans";

    private static readonly ActivitySource _source = new(Name);
    private static readonly Meter _meter = new(Name);
    private static readonly Counter<long> _units = _meter.CreateCounter<long>("qrie.scan.units", "{unit}", "Units that ended.");
    private static readonly Counter<long> _work = _meter.CreateCounter<long>("qrie.scan.work", null, "What units counted: resources, verdicts, changes.");
    private static readonly Histogram<double> _duration =
        _meter.CreateSeconds("qrie.scan.unit.duration", "From claim to end.", [0.1, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1800, 3600]);

    /// <summary>The calls to AWS of the unit become its children. Null if nobody listens.</summary>
    public static Activity? Begin(Unit unit) => _source.StartActivity("unit", ActivityKind.Internal)?
        .SetTag("scan_id", unit.ScanId).SetTag("kind", Meters.Label(unit.Kind)).SetTag("organization", unit.Organization)
        .SetTag("account_id", unit.AccountId).SetTag("region", unit.Region).SetTag("service", unit.Service);

    /// <param name="elapsed">Since it was claimed by this worker.</param>
    public static void End(Activity? activity, Unit unit, UnitStatus status, UnitResult result, TimeSpan elapsed)
    {
        activity?.SetTag("status", Meters.Label(status)).SetStatus(status == UnitStatus.Failed ? ActivityStatusCode.Error : ActivityStatusCode.Ok);
        var (kind, service) = (new KeyValuePair<string, object?>("kind", Meters.Label(unit.Kind)), new KeyValuePair<string, object?>("service", unit.Service));
        _units.Add(1, kind, service, new("status", Meters.Label(status)));
        _duration.Record(elapsed.TotalSeconds, kind, service);
        foreach (var (counter, n) in result.Counters.Values)
        {
            if (n != 0)
            {
                _work.Add(n, kind, new KeyValuePair<string, object?>("counter", counter));
            }
        }
    }
}
