using Qrie.Domain;

namespace Qrie.Sql.Dashboard;

/// <summary>
/// Every count is kept by account and once more for all accounts together, because there may be hundreds of thousands by account and policy. Those of accounts that are not
/// active are in the sum too: so a removal writes nothing, and a reader takes them off.
/// </summary>
internal static class AllAccounts
{
    /// <summary>Stands where otherwise the account id is; no account has it.</summary>
    public const string Id = "*";

    /// <summary>
    /// Sums of a count table for one account or for all, with those that are not active as negative rows. CROSS JOIN, because SQLite then begins with the accounts, of which few are; left
    /// to itself it reads the counts of every account first.
    /// </summary>
    /// <param name="table">With the columns organization and account_id.</param>
    /// <param name="columns">What to select besides the numbers.</param>
    /// <param name="numbers">The columns to sum up.</param>
    /// <param name="condition">Of <c>c</c>; parameters besides <c>@organization</c> and <c>@accountId</c> are the caller's.</param>
    public static string Sum(string? accountId, string table, string columns, string[] numbers, string condition = "1 = 1") => accountId is null
        ? $"""
          SELECT {columns}, {string.Join(", ", numbers.Select(n => $"sum({n}) AS {n}"))} FROM (
              SELECT {columns}, {string.Join(", ", numbers)} FROM {table} c WHERE c.organization = @organization AND c.account_id = '{Id}' AND {condition}
              UNION ALL
              SELECT {columns}, {string.Join(", ", numbers.Select(n => $"-c.{n} AS {n}"))} FROM accounts a
              CROSS JOIN {table} c
              WHERE a.organization = @organization AND a.status <> 'active' AND c.organization = a.organization AND c.account_id = a.account_id AND {condition}) AS counted
          GROUP BY {columns}
          """
        : $"""
          SELECT {columns}, {string.Join(", ", numbers.Select(n => $"sum({n}) AS {n}"))} FROM {table} c
          WHERE c.organization = @organization AND c.account_id = @accountId AND {condition}
            AND EXISTS (SELECT 1 FROM accounts a WHERE a.organization = @organization AND a.account_id = @accountId AND a.status = 'active')
          GROUP BY {columns}
          """;

    /// <summary>Deltas by account_service as deltas by account, and each once more for all accounts. Zeros are left out.</summary>
    public static IEnumerable<(string AccountId, TKey Key, long N)> Include<TKey>(Dictionary<TKey, long> deltas, Func<TKey, string> accountService)
        where TKey : notnull
    {
        foreach (var (key, n) in deltas.Where(d => d.Value != 0))
        {
            yield return (AccountService.Split(accountService(key)).AccountId, key, n);
            yield return (Id, key, n);
        }
    }
}
