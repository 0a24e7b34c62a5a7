using Qrie.Domain;

namespace Qrie.Sql.Dashboard;

/// <summary>
/// Every count is kept by account and once more for all accounts together, because there may be hundreds of thousands by account and policy. Those of accounts
/// that are not active are in the sum too: so a removal writes nothing, and a reader takes them off.
/// </summary>
internal static class AllAccounts
{
    /// <summary>Stands where otherwise the account id is; no account has it.</summary>
    public const string Id = "*";

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
