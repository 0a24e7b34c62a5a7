using System.Data.Common;
using Dapper;
using Qrie.Sql.Compliance;

namespace Qrie.Sql.Dashboard;

/// <summary>Totals of the count tables (with columns organization and account_id), for one account, for all active ones, or for those of a unit.</summary>
internal sealed class AccountSums
{
    private const string NotActive = "a.organization = @organization AND a.status <> 'active'";

    private readonly string _total;

    /// <summary>The condition of the accounts to subtract; null if there are none.</summary>
    private readonly string? _removed;

    private AccountSums(string? accountId, string total, string? removed)
    {
        AccountId = accountId;
        _total = total;
        _removed = removed;
    }

    /// <summary>Null for all.</summary>
    public string? AccountId { get; }

    /// <param name="accountId">Null for all.</param>
    public static async Task<AccountSums> OfAsync(DbConnection connection, string organization, string? accountId) =>
        new(accountId, $"'{AllAccounts.Id}'", accountId is null ? await RemovedAsync(connection, NotActive, new { organization }) : null);

    /// <summary>Of an organizational unit; only for the tables of <see cref="OuTotals"/>. The statement needs <c>@unit</c> and <c>@ou</c>.</summary>
    public static async Task<AccountSums> OfUnitAsync(DbConnection connection, string organization, string path) =>
        new(accountId: null, "@unit", await RemovedAsync(
            connection, $"{NotActive} AND {OuTotals.Condition("a.ou")}", new { organization, ou = OuTotals.Prefix(path) }));

    /// <summary>The statement that totals a table. Removed accounts are added as negative rows, if there are any.</summary>
    /// <param name="columns">Further columns to select.</param>
    /// <param name="numbers">The columns to total.</param>
    /// <param name="condition">A condition on <c>c</c>; the caller supplies its parameters other than <c>@organization</c> and <c>@accountId</c>.</param>
    public string Select(string table, string columns, string[] numbers, string condition = "1 = 1")
    {
        var sums = string.Join(", ", numbers.Select(n => $"sum({n}) AS {n}"));
        if (AccountId is not null)
        {
            return $"""
                SELECT {columns}, {sums} FROM {table} c
                WHERE c.organization = @organization AND c.account_id = @accountId AND {condition}
                  AND EXISTS (SELECT 1 FROM accounts a WHERE a.organization = @organization AND a.account_id = @accountId AND a.status = 'active')
                GROUP BY {columns}
                """;
        }

        var all = $"FROM {table} c WHERE c.organization = @organization AND c.account_id = {_total} AND {condition}";
        // CROSS JOIN makes SQLite start with the few removed accounts; otherwise it reads the counts of every account first.
        return _removed is null
            ? $"SELECT {columns}, {sums} {all} GROUP BY {columns}"
            : $"""
              SELECT {columns}, {sums} FROM (
                  SELECT {columns}, {string.Join(", ", numbers)} {all}
                  UNION ALL
                  SELECT {columns}, {string.Join(", ", numbers.Select(n => $"-c.{n} AS {n}"))} FROM accounts a
                  CROSS JOIN {table} c
                  WHERE {_removed}
                    AND c.organization = a.organization AND c.account_id = a.account_id AND {condition}) AS counted
              GROUP BY {columns}
              """;
    }

    private static async Task<string?> RemovedAsync(DbConnection connection, string condition, object parameters) =>
        await connection.ExecuteScalarAsync<long?>($"SELECT 1 FROM accounts a WHERE {condition} LIMIT 1", parameters) is null ? null : condition;
}
