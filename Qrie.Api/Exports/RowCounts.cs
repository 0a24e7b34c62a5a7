using Qrie.Domain.Catalog;

namespace Qrie.Api.Exports;

/// <summary>Counts rows by service and severity.</summary>
internal sealed class RowCounts
{
    private static readonly int s_columns = Enum.GetValues<SeverityBand>().Length + 1;

    private readonly SortedDictionary<string, long[]> _services = new(StringComparer.Ordinal);

    public long Findings { get; private set; }

    public long Unknown { get; private set; }

    public long Suppressed { get; private set; }

    /// <summary>By service: findings of each severity, critical first, and last the unknown verdicts.</summary>
    public IReadOnlyDictionary<string, long[]> Services => _services;

    /// <summary>Rows of resolved findings are not counted, and those of suppressed ones only as such.</summary>
    public void Add(ExportRow row)
    {
        if (row.State == RowState.Suppressed)
        {
            Suppressed++;
        }

        if (row.State is RowState.Resolved or RowState.Suppressed)
        {
            return;
        }

        if (!_services.TryGetValue(row.Service, out var counts))
        {
            _services[row.Service] = counts = new long[s_columns];
        }

        if (row.State == RowState.Unknown)
        {
            counts[^1]++;
            Unknown++;
        }
        else
        {
            counts[(int)SeverityBand.Critical - (int)Severities.BandOf(row.Severity)]++;
            Findings++;
        }
    }
}
