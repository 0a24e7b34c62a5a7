using Qrie.Api.Exports;

namespace Qrie.Api.Cli.Scans;

/// <summary>The counts of a result, from one pass over its rows.</summary>
internal sealed class ScanSummary
{
    private readonly RowCounts _counts = new();
    private readonly Dictionary<string, (ExportedPolicy Policy, int Severity, long Findings)> _policies = new(StringComparer.Ordinal);
    private readonly Dictionary<string, long> _unknown = new(StringComparer.Ordinal);
    private readonly HashSet<string> _decided = new(StringComparer.Ordinal);
    private readonly int? _failOn;

    public ScanSummary(int? failOn) => _failOn = failOn;

    public long Findings => _counts.Findings;

    public long Unknown => _counts.Unknown;

    /// <summary>Findings that an earlier result does not contain; all, if there is none.</summary>
    public long New { get; private set; }

    /// <summary>New findings of the severity that the exit code reports, or a higher one.</summary>
    public long Reported { get; private set; }

    /// <summary>By service: findings of each severity, critical first, and last the unknown verdicts.</summary>
    public IReadOnlyDictionary<string, long[]> Services => _counts.Services;

    /// <summary>Most severe first, then most frequent.</summary>
    public IEnumerable<(ExportedPolicy Policy, int Severity, long Findings)> Policies =>
        _policies.Values.OrderByDescending(p => p.Severity).ThenByDescending(p => p.Findings).ThenBy(p => p.Policy.Id, StringComparer.Ordinal);

    /// <summary>Unknown verdicts by reason, most frequent first.</summary>
    public IEnumerable<KeyValuePair<string, long>> Reasons => _unknown.OrderByDescending(r => r.Value).ThenBy(r => r.Key, StringComparer.Ordinal);

    /// <summary>Whether a policy has a finding or an unknown verdict.</summary>
    public bool Has(string policyId) => _decided.Contains(policyId);

    public void Add(ExportRow row)
    {
        if (row.State == RowState.Resolved)
        {
            return;
        }

        _counts.Add(row);
        _decided.Add(row.Policy.Id);
        if (row.State == RowState.Unknown)
        {
            var reason = row.Unknown!;
            var name = reason.Attribute is null ? reason.Code : $"{reason.Code} on {row.Service} {reason.Attribute}";
            _unknown[name] = _unknown.GetValueOrDefault(name) + 1;
            return;
        }

        var known = _policies.GetValueOrDefault(row.Policy.Id, (row.Policy, row.Severity, 0));
        _policies[row.Policy.Id] = known with { Findings = known.Findings + 1 };
        if (row.Baseline != BaselineState.Unchanged)
        {
            New++;
            Reported += row.Severity >= _failOn ? 1 : 0;
        }
    }
}
