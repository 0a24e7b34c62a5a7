using Qrie.Domain;
using Qrie.Domain.Access;
using Qrie.Dynamo.Client;
using Qrie.Dynamo.Items;
using Qrie.Dynamo.Tables;
using Qrie.Dynamo.Writes;

namespace Qrie.Dynamo.Access;

/// <summary>Keys are in one partition by organization; an item by the key's id alone names the organization and never changes.</summary>
internal sealed class DynamoApiKeyStore(DynamoStore store) : IApiKeyStore
{
    internal const string Partition = "keys";
    private const string Organization = "Organization";

    public Task AddAsync(ApiKey key, CancellationToken cancel) => store.WriteAsync(session => AddAsync(session, key), cancel);

    public async Task<ApiKey?> FindAsync(string keyId, CancellationToken cancel) =>
        (await store.GetAsync(OwnerKey(keyId), cancel))?.Text(Organization) is { } organization ? await FindAsync(organization, keyId, cancel) : null;

    public Task<ApiKey?> FindAsync(string organization, string keyId, CancellationToken cancel) =>
        store.FindAsync<ApiKey>(KeyOf(organization, keyId), cancel);

    public Task<Page<ApiKey>> ListAsync(string organization, PageRequest page, CancellationToken cancel) =>
        store.PageAsync<ApiKey>(
            new ItemQuery(StoreTables.State, Partition) { Prefix = SortOf(organization, ""), Strong = true }, page.Size,
            page.After is { } after ? SortOf(organization, after[0]) : null, key => [key.KeyId], null, cancel);

    public async Task<bool> AnyActiveAsync(DateTimeOffset now, CancellationToken cancel)
    {
        await foreach (var item in store.Calls.QueryAllAsync(new ItemQuery(StoreTables.State, Partition) { Strong = true }, cancel))
        {
            if ((await Documents.ReadAsync<ApiKey>(store.Calls, ItemKey.Of(StoreTables.State, item), item, cancel))?.StatusAt(now) == KeyStatus.Active)
            {
                return true;
            }
        }

        return false;
    }

    public Task<ApiKey?> RevokeAsync(string organization, string keyId, DateTimeOffset now, CancellationToken cancel) =>
        ChangeAsync(organization, keyId, key => key with { RevokedAt = key.RevokedAt ?? now }, cancel);

    public async Task RecordUseAsync(IReadOnlyDictionary<string, DateTimeOffset> lastUse, CancellationToken cancel)
    {
        foreach (var (keyId, at) in lastUse)
        {
            if ((await store.GetAsync(OwnerKey(keyId), cancel))?.Text(Organization) is { } organization)
            {
                await ChangeAsync(organization, keyId, key => key.LastUsedAt >= at ? key : key with { LastUsedAt = at }, cancel);
            }
        }
    }

    internal static async Task AddAsync(WriteSession session, ApiKey key)
    {
        session.Add(OwnerKey(key.KeyId), new Item().Set(Organization, key.Organization));
        await session.PutAsync(KeyOf(key.Organization, key.KeyId), key);
    }

    private Task<ApiKey?> ChangeAsync(string organization, string keyId, Func<ApiKey, ApiKey> change, CancellationToken cancel) =>
        store.WriteAsync(
            async session =>
            {
                if (await session.FindAsync<ApiKey>(KeyOf(organization, keyId)) is not { } key)
                {
                    return null;
                }

                var changed = change(key);
                if (changed != key)
                {
                    await session.PutAsync(KeyOf(organization, keyId), changed);
                }

                return changed;
            },
            cancel);

    private static ItemKey OwnerKey(string keyId) => Documents.Key(KeyText.Join("key", keyId), "owner");

    private static ItemKey KeyOf(string organization, string keyId) => Documents.Key(Partition, SortOf(organization, keyId));

    private static string SortOf(string organization, string keyId) => KeyText.Join(organization, keyId);
}
