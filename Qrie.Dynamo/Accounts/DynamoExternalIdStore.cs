using Qrie.Domain.Accounts;
using Qrie.Dynamo.Client;
using Qrie.Dynamo.Items;
using Qrie.Dynamo.Writes;

namespace Qrie.Dynamo.Accounts;

internal sealed class DynamoExternalIdStore(DynamoStore store) : IExternalIdStore
{
    private const string ExternalId = "ExternalId";
    private const string IssuedAt = "IssuedAt";

    public async Task<IReadOnlyDictionary<string, string>> FindOrAddAsync(
        string organization, IReadOnlyDictionary<string, string> fresh, DateTimeOffset at, CancellationToken cancel)
    {
        var ids = new Dictionary<string, string>();
        foreach (var some in fresh.Chunk(Limits.Transaction))
        {
            var found = await store.WriteAsync(
                async session =>
                {
                    await session.LoadAsync(some.Select(f => KeyOf(organization, f.Key)));
                    var results = new List<(string AccountId, string ExternalId)>();
                    foreach (var (accountId, externalId) in some)
                    {
                        var key = KeyOf(organization, accountId);
                        if (await session.GetAsync(key) is { } stored)
                        {
                            results.Add((accountId, stored.RequiredText(ExternalId)));
                        }
                        else
                        {
                            session.Put(key, ItemOf(externalId, at));
                            results.Add((accountId, externalId));
                        }
                    }

                    return results;
                },
                cancel);
            found.ForEach(f => ids[f.AccountId] = f.ExternalId);
        }

        return ids;
    }

    internal static string PartitionOf(string organization) => KeyText.Join("external-ids", organization);

    internal static Item ItemOf(string externalId, DateTimeOffset issuedAt) => new Item().Set(ExternalId, externalId).Set(IssuedAt, issuedAt);

    internal static (string ExternalId, DateTimeOffset IssuedAt) IdOf(Item item) => (item.RequiredText(ExternalId), item.RequiredTime(IssuedAt));

    internal static ItemKey KeyOf(string organization, string accountId) => Documents.Key(PartitionOf(organization), accountId);
}
