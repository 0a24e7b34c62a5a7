using System.Data.Common;
using Dapper;
using Qrie.Domain.Alerts;
using Qrie.Sql.Database;

namespace Qrie.Sql.Alerts;

/// <summary>
/// The kinds of alerts that the enabled rules of an organization may match: a coarse filter, so that a transaction costs one index seek without rules, and
/// does not write rows that no rule uses.
/// </summary>
internal sealed class WantedAlerts
{
    private static readonly WantedAlerts s_none = new([]);

    private readonly Dictionary<AlertKind, int> _leastSeverity;

    private WantedAlerts(Dictionary<AlertKind, int> leastSeverity) => _leastSeverity = leastSeverity;

    public bool Any => _leastSeverity.Count > 0;

    public static async Task<WantedAlerts> ReadAsync(DbTransaction transaction, string organization)
    {
        var rules = (await transaction.Connection!.QueryAsync<(string Kinds, long MinSeverity)>(
            "SELECT kinds, min(min_severity) FROM alert_rules WHERE organization = @organization AND enabled = 1 GROUP BY kinds",
            new { organization }, transaction)).AsList();
        if (rules.Count == 0)
        {
            return s_none;
        }

        var least = new Dictionary<AlertKind, int>();
        foreach (var (kinds, severity) in rules)
        {
            foreach (var kind in Columns.FromJson<List<AlertKind>>(kinds))
            {
                least[kind] = Math.Min(least.GetValueOrDefault(kind, int.MaxValue), (int)severity);
            }
        }

        return new WantedAlerts(least);
    }

    /// <param name="severity">Null for what is not a finding.</param>
    public bool Wants(AlertKind kind, int? severity) => _leastSeverity.TryGetValue(kind, out var least) && !(severity < least);
}
