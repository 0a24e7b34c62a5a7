using System.Data.Common;
using Dapper;
using Qrie.Domain;
using Qrie.Domain.Inventory;
using Qrie.Sql.Database;

namespace Qrie.Sql.Compliance;

/// <summary>Maintains what is known of the resource types of each account, each organizational unit, and of all accounts together.</summary>
internal static class TypeCounts
{
    private const string Upsert =
        """
        INSERT INTO type_counts (organization, account_id, type, service, resources, unread, accounts)
        VALUES (@organization, @account, @type, @service, @resources, @unread, @accounts)
        ON CONFLICT (organization, account_id, type) DO UPDATE SET
            resources = type_counts.resources + excluded.resources, unread = type_counts.unread + excluded.unread,
            accounts = type_counts.accounts + excluded.accounts
        """;

    /// <summary>Records created and deleted resources.</summary>
    public static async Task AddResourcesAsync(
        DbTransaction transaction, string organization, IEnumerable<KeyValuePair<(string AccountService, string Type), long>> alive)
    {
        var deltas = alive.Where(d => d.Value != 0).Select(d => (Of: AccountService.Split(d.Key.AccountService), d.Key.Type, N: d.Value)).ToList();
        var ids = await OuTotals.RowsOfAsync(transaction, organization, deltas.Select(d => d.Of.AccountId));
        await transaction.ExecuteRowsAsync(
            Upsert,
            deltas
                .SelectMany(d => ids[d.Of.AccountId].Select(account => new
                {
                    organization,
                    account,
                    type = d.Type,
                    service = d.Of.Service,
                    resources = d.N,
                    unread = 0,
                    accounts = 0,
                }))
                .OrderBy(row => row.account, StringComparer.Ordinal).ThenBy(row => row.type, StringComparer.Ordinal)
                .ToList());
    }

    /// <summary>Records the end of a list; called in the transaction that stores its coverage.</summary>
    /// <param name="before">The previous outcome; null if this is the first list in its region.</param>
    public static async Task AddListAsync(DbTransaction transaction, string organization, Coverage list, ListOutcome? before)
    {
        var known = before is not null || await transaction.Connection!.ExecuteScalarAsync<long?>(
            "SELECT accounts FROM type_counts WHERE organization = @organization AND account_id = @AccountId AND type = @Type",
            new { organization, list.AccountId, list.Type }, transaction) is > 0;
        var unread = (IsUnread(list.Outcome) ? 1 : 0) - (before is { } was && IsUnread(was) ? 1 : 0);
        if (known && unread == 0)
        {
            return;
        }

        var ids = await OuTotals.RowsOfAsync(transaction, organization, [list.AccountId]);
        await transaction.ExecuteRowsAsync(
            Upsert,
            ids[list.AccountId].Order(StringComparer.Ordinal).Select(account => new
            {
                organization,
                account,
                type = list.Type,
                service = list.Service,
                resources = 0L,
                unread,
                accounts = known ? 0 : 1,
            }).ToList());
    }

    private static bool IsUnread(ListOutcome outcome) => outcome is not (ListOutcome.Complete or ListOutcome.NotAvailable);
}
