using System.Data.Common;
using Dapper;
using Qrie.Domain;

namespace Qrie.Sql.Dashboard;

/// <summary>Gathers what a batch changes in the numbers of resources by account and service, to be saved once.</summary>
internal sealed class ServiceCounts(string organization)
{
    private readonly Dictionary<(string AccountId, string Service), (long Resources, long NonCompliant)> _deltas = [];

    public void Add(string accountService, long resources, long nonCompliant)
    {
        var (accountId, service) = AccountService.Split(accountService);
        foreach (var key in (ReadOnlySpan<(string, string)>)[(accountId, service), (AllAccounts.Id, service)])
        {
            var delta = _deltas.GetValueOrDefault(key);
            _deltas[key] = (delta.Resources + resources, delta.NonCompliant + nonCompliant);
        }
    }

    public Task SaveAsync(DbTransaction transaction) =>
        transaction.Connection!.ExecuteAsync(
            """
            INSERT INTO service_counts (organization, account_id, service, resources, non_compliant)
            VALUES (@organization, @AccountId, @Service, @Resources, @NonCompliant)
            ON CONFLICT (organization, account_id, service) DO UPDATE SET
                resources = service_counts.resources + excluded.resources, non_compliant = service_counts.non_compliant + excluded.non_compliant
            """,
            _deltas.Where(d => d.Value != default)
                .OrderBy(d => d.Key.AccountId, StringComparer.Ordinal).ThenBy(d => d.Key.Service, StringComparer.Ordinal)
                .Select(d => new { organization, d.Key.AccountId, d.Key.Service, d.Value.Resources, d.Value.NonCompliant })
                .ToList(),
            transaction);
}
