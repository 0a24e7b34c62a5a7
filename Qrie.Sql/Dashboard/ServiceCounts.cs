using System.Data.Common;
using Qrie.Domain;
using Qrie.Sql.Database;

namespace Qrie.Sql.Dashboard;

/// <summary>Collects the changes of a batch to the resource counts by account and service, to save them once.</summary>
internal sealed class ServiceCounts(string organization)
{
    private readonly Dictionary<string, (long Resources, long NonCompliant)> _deltas = [];

    public void Add(string accountService, long resources, long nonCompliant)
    {
        var delta = _deltas.GetValueOrDefault(accountService);
        _deltas[accountService] = (delta.Resources + resources, delta.NonCompliant + nonCompliant);
    }

    public Task SaveAsync(DbTransaction transaction) =>
        transaction.ExecuteRowsAsync(
            """
            INSERT INTO service_counts (organization, account_id, service, resources, non_compliant)
            VALUES (@organization, @accountId, @Service, @Resources, @NonCompliant)
            ON CONFLICT (organization, account_id, service) DO UPDATE SET
                resources = service_counts.resources + excluded.resources, non_compliant = service_counts.non_compliant + excluded.non_compliant
            """,
            _deltas.Where(d => d.Value != default)
                .SelectMany(d => Rows(d.Key, d.Value.Resources, d.Value.NonCompliant))
                .OrderBy(d => d.AccountId, StringComparer.Ordinal).ThenBy(d => d.Service, StringComparer.Ordinal)
                .Select(d => new { organization, accountId = d.AccountId, d.Service, d.Resources, d.NonCompliant })
                .ToList());

    private static IEnumerable<(string AccountId, string Service, long Resources, long NonCompliant)> Rows(
        string accountService, long resources, long nonCompliant)
    {
        var (accountId, service) = AccountService.Split(accountService);
        return [(accountId, service, resources, nonCompliant), (AllAccounts.Id, service, resources, nonCompliant)];
    }
}
