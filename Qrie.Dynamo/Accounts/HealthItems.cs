using Qrie.Domain.Accounts;
using Qrie.Domain.Inventory;
using Qrie.Dynamo.Items;
using Qrie.Dynamo.Writes;

namespace Qrie.Dynamo.Accounts;

/// <summary>The state of inventories by account and service, kept with every list that ends.</summary>
internal static class HealthItems
{
    public static string PartitionOf(string organization) => KeyText.Join("health", organization);

    public static ItemKey KeyOf(string organization, string accountId, string service) =>
        Documents.Key(PartitionOf(organization), KeyText.Join(accountId, service));

    /// <summary>Records the end of a list, in the transaction that stores its coverage.</summary>
    /// <param name="before">The previous outcome; null if this is the first.</param>
    public static async Task CountAsync(WriteSession session, string organization, Coverage list, ListOutcome? before)
    {
        int Delta(Func<ListOutcome, bool> counts) => (counts(list.Outcome) ? 1 : 0) - (before is { } was && counts(was) ? 1 : 0);
        await ChangeAsync(session, organization, list.AccountId, list.Service, health =>
        {
            var broken = health.Broken + Delta(IsBroken);
            return health with
            {
                Complete = health.Complete + Delta(o => o == ListOutcome.Complete),
                NotAvailable = health.NotAvailable + Delta(o => o == ListOutcome.NotAvailable),
                Broken = broken,
                Error = IsBroken(list.Outcome)
                    ? new AccountError(list.Region, list.Type, list.ErrorCode ?? list.Outcome.ToString(), list.Message ?? "", list.CheckedAt)
                    : broken > 0 ? health.Error : null,
            };
        });
    }

    public static async Task ChangeAsync(
        WriteSession session, string organization, string accountId, string service, Func<AccountHealth, AccountHealth> change)
    {
        var key = KeyOf(organization, accountId, service);
        var stored = await session.FindAsync<AccountHealth>(key);
        await session.PutAsync(key, change(stored ?? new AccountHealth(accountId, service, null, 0, 0, 0, null)));
    }

    private static bool IsBroken(ListOutcome outcome) => outcome is not (ListOutcome.Complete or ListOutcome.NotAvailable);
}
