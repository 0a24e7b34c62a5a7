using System.Data.Common;
using Dapper;

namespace Qrie.Sql.Dashboard;

/// <summary>Totals of the count tables (with columns organization and account_id), for one account or for all active ones.</summary>
internal sealed class AccountSums
{
    private readonly bool _lessRemoved;

    private AccountSums(string? accountId, bool lessRemoved)
    {
        AccountId = accountId;
        _lessRemoved = lessRemoved;
    }

    /// <summary>Null for all.</summary>
    public string? AccountId { get; }

    /// <param name="accountId">Null for all.</param>
    public static async Task<AccountSums> OfAsync(DbConnection connection, string organization, string? accountId) =>
        new(accountId, accountId is null && await connection.ExecuteScalarAsync<long?>(
            "SELECT 1 FROM accounts WHERE organization = @organization AND status <> 'active' LIMIT 1", new { organization }) is not null);

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

        var all = $"FROM {table} c WHERE c.organization = @organization AND c.account_id = '{AllAccounts.Id}' AND {condition}";
        // CROSS JOIN makes SQLite start with the few removed accounts; otherwise it reads the counts of every account first.
        return !_lessRemoved
            ? $"SELECT {columns}, {sums} {all} GROUP BY {columns}"
            : $"""
              SELECT {columns}, {sums} FROM (
                  SELECT {columns}, {string.Join(", ", numbers)} {all}
                  UNION ALL
                  SELECT {columns}, {string.Join(", ", numbers.Select(n => $"-c.{n} AS {n}"))} FROM accounts a
                  CROSS JOIN {table} c
                  WHERE a.organization = @organization AND a.status <> 'active'
                    AND c.organization = a.organization AND c.account_id = a.account_id AND {condition}) AS counted
              GROUP BY {columns}
              """;
    }
}
