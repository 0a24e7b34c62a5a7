using System.Diagnostics.Metrics;
using Qrie.Domain.Policies;
using Qrie.Domain.Work;

namespace Qrie.Domain.Findings;

/// <summary>Metrics of verdicts and findings: the meter <see cref="Name"/>. Without policies and accounts, whose number is not limited.</summary>
public static class FindingTelemetry
{
    public const string Name = "Qrie.Findings";

    private static readonly Meter _meter = new(Name);
    private static readonly Counter<long> _verdicts =
        _meter.CreateCounter<long>("qrie.verdicts", "{verdict}", "Verdicts that were given, by scans and events.");

    private static readonly Counter<long> _opened =
        _meter.CreateCounter<long>("qrie.findings.opened", "{finding}", "Findings that became active, for the first time or again.");

    private static readonly Counter<long> _closed = _meter.CreateCounter<long>("qrie.findings.closed", "{finding}", "Findings that were resolved.");

    /// <summary>Verdicts that were stored.</summary>
    public static void Evaluated(IEnumerable<EvaluatedResource> resources)
    {
        if (_verdicts.Enabled)
        {
            foreach (var (verdict, n) in resources.SelectMany(r => r.Policies).Where(p => p.Verdict is not null).CountBy(p => p.Verdict!.Verdict))
            {
                _verdicts.Add(n, new KeyValuePair<string, object?>("verdict", Meters.Label(verdict)));
            }
        }
    }

    /// <summary>Findings that changed in a transaction. One that is repeated after it was rolled back counts again.</summary>
    public static void Changed(int opened, int closed)
    {
        if (opened > 0)
        {
            _opened.Add(opened);
        }

        if (closed > 0)
        {
            _closed.Add(closed);
        }
    }
}
