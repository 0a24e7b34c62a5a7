using Qrie.Domain;

namespace Qrie.Sql.Dashboard;

/// <summary>
/// Every count is maintained by account and once more for all accounts together, because there may be hundreds of thousands by account and policy. The total
/// includes accounts that are not active: removing an account writes nothing, and readers subtract it.
/// </summary>
internal static class AllAccounts
{
    /// <summary>Takes the place of the account id; no account has it.</summary>
    public const string Id = "*";

    /// <summary>Converts deltas by account_service to deltas by account, each once more for all accounts. Zeros are omitted.</summary>
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
