using System.Text.Json;
using Qrie.Domain.Inventory;
using Qrie.Dynamo.Items;
using Qrie.Dynamo.Writes;

namespace Qrie.Dynamo.Inventory;

/// <summary>Reads resources with their configurations, which are apart when they are not small.</summary>
internal sealed class ResourceReader(DynamoStore store)
{
    public async Task<ResourceItem?> FindAsync(string organization, string accountService, string arn, CancellationToken cancel) =>
        await store.GetAsync(ResourceItem.KeyOf(organization, accountService, arn), cancel) is { } item ? new ResourceItem(organization, item) : null;

    /// <summary>The state rows of those that are stored, in no order.</summary>
    public async Task<List<ResourceItem>> FindAllAsync(
        string organization, IEnumerable<(string AccountService, string Arn)> resources, CancellationToken cancel)
    {
        var keys = resources.Select(r => ResourceItem.KeyOf(organization, r.AccountService, r.Arn)).Distinct().ToList();
        return keys.Count == 0
            ? []
            : [.. (await store.Calls.BatchGetAsync(keys, strong: true, cancel)).Values.Select(item => new ResourceItem(organization, item))];
    }

    /// <summary>The configuration; null if there is none.</summary>
    public async Task<JsonElement?> ConfigurationAsync(ResourceItem resource, CancellationToken cancel) =>
        await TextAsync(store, resource, cancel) is { } json ? JsonElement.Parse(json) : null;

    /// <summary>The configuration as it is stored; null if there is none.</summary>
    public static Task<string?> TextAsync(DynamoStore store, ResourceItem resource, CancellationToken cancel)
    {
        var key = ItemKey.Of(Tables.StoreTables.Resources, resource.Item);
        return LargeText.ReadAsync(
            store.Calls, key, resource.Item, ResourceItem.Configuration, () => store.GetAsync(key, cancel), cancel);
    }

    public async Task<StoredResource> WithConfigurationAsync(ResourceItem resource, CancellationToken cancel) =>
        resource.ToResource(await ConfigurationAsync(resource, cancel));

    /// <summary>Resources with their configurations, in the given order.</summary>
    public async Task<List<StoredResource>> WithConfigurationsAsync(IReadOnlyList<ResourceItem> resources, CancellationToken cancel)
    {
        var texts = await LargeText.ReadAllAsync(
            store.Calls, [.. resources.Select(r => (ItemKey.Of(Tables.StoreTables.Resources, r.Item), r.Item))], ResourceItem.Configuration, cancel);
        return [.. resources.Select((r, i) => r.ToResource(texts[i] is { } json ? JsonElement.Parse(json) : null))];
    }
}
