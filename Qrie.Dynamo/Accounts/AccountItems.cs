using Qrie.Domain.Accounts;
using Qrie.Dynamo.Client;
using Qrie.Dynamo.Items;
using Qrie.Dynamo.Tables;
using Qrie.Dynamo.Writes;

namespace Qrie.Dynamo.Accounts;

/// <summary>
/// The items of accounts: a partition with those of an organization, an item by the account's id alone that says which organizations have it, a copy in the
/// table of the original system, and the purges.
/// </summary>
internal static class AccountItems
{
    /// <summary>An account, its organizations, its copy and its purge.</summary>
    public const int ItemsOfAccount = 4;

    public static string PartitionOf(string organization) => KeyText.Join("accounts", organization);

    public static ItemKey KeyOf(string organization, string accountId) => Documents.Key(PartitionOf(organization), accountId);

    /// <summary>Which organizations have an account, and how.</summary>
    public static ItemKey OwnersKey(string accountId) => Documents.Key(KeyText.Join("account", accountId), "organizations");

    public static string PurgesOf(string organization) => KeyText.Join("purges", organization);

    public static ItemKey PurgeKey(string organization, string accountId) => Documents.Key(PurgesOf(organization), accountId);

    /// <summary>Stores an account that was read in the session.</summary>
    public static async Task SaveAsync(WriteSession session, Account account)
    {
        await session.PutAsync(KeyOf(account.Organization, account.AccountId), account);
        session.Overwrite(ItemKey.Of(StoreTables.Accounts, KeyText.Scoped(account.Organization, account.AccountId)), CopyOf(account));
        var owners = await session.FindAsync<AccountOwners>(OwnersKey(account.AccountId)) ?? new AccountOwners([]);
        await session.PutAsync(OwnersKey(account.AccountId), owners.With(account));
    }

    public static Task<List<Account>> ListAsync(DynamoStore store, string organization, CancellationToken cancel) =>
        store.ListAsync<Account>(new ItemQuery(StoreTables.State, PartitionOf(organization)) { Strong = true }, cancel);

    /// <summary>The ids of accounts that are not active.</summary>
    public static async Task<List<string>> ListInactiveAsync(DynamoStore store, string organization, CancellationToken cancel) =>
        [.. (await ListAsync(store, organization, cancel)).Where(a => a.Status != AccountStatus.Active).Select(a => a.AccountId)];

    private static Item CopyOf(Account account) => new Item()
        .Set("AccountName", account.Name)
        .Set("ou", account.Ou)
        .Set("Status", Json.Name(account.Status))
        .Set("CreatedAt", Iso(account.CreatedAt))
        .Set("UpdatedAt", Iso(account.UpdatedAt))
        .Set("LastInventoryScan", account.LastInventoryAt is { } at ? Iso(at) : null);

    private static string Iso(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.fffZ", System.Globalization.CultureInfo.InvariantCulture);
}

/// <summary>The organizations that have an account.</summary>
internal sealed record AccountOwners(IReadOnlyList<AccountOwner> Owners)
{
    public AccountOwners With(Account account) =>
        new([.. Owners.Where(o => o.Organization != account.Organization), new AccountOwner(account.Organization, account.Status, account.UpdatedAt)]);

    public AccountOwners Without(string organization) => new([.. Owners.Where(o => o.Organization != organization)]);

    /// <summary>Whether another organization has it active or pending.</summary>
    public bool IsElsewhere(string organization) => Owners.Any(o => o.Organization != organization && o.Status != AccountStatus.Removed);

    /// <summary>Where it is active, else pending, else changed last; null if there is none.</summary>
    public string? First => Owners.OrderBy(o => o.Status switch { AccountStatus.Active => 0, AccountStatus.Pending => 1, _ => 2 })
        .ThenByDescending(o => o.UpdatedAt).ThenBy(o => o.Organization, StringComparer.Ordinal).FirstOrDefault()?.Organization;
}

internal sealed record AccountOwner(string Organization, AccountStatus Status, DateTimeOffset UpdatedAt);
