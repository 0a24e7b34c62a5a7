using System.Text.Json;
using Qrie.Domain.Catalog;
using Qrie.Domain.Inventory;

namespace Qrie.Domain.Policies.Lookups;

/// <summary>Reindexes stored resources after the catalog changed the lookup keys of their type; called at startup.</summary>
public sealed class LookupIndex(ICatalog catalog, LookupKeys keys, IResourceStore resources, IInstallation installation)
{
    private const string Setting = "lookup_keys";
    private const int PageSize = 500;

    /// <summary>Returns the number of indexed resources.</summary>
    public async Task<int> UpdateAsync(string organization, CancellationToken cancel)
    {
        var declared = catalog.Current.LookupKeys.Select(k => $"{k.Type} {k.Key}").ToList();
        var name = $"{Setting}.{organization}";
        var known = JsonSerializer.Deserialize<List<string>>(await installation.SettingAsync(name, cancel) ?? "[]")!;
        var indexed = 0;
        foreach (var type in declared.Except(known).Select(k => k.Split(' ')[0]).Distinct())
        {
            IReadOnlyList<string>? after = null;
            do
            {
                var page = await resources.ListAsync(organization, new ResourceFilter(Type: type), new PageRequest(PageSize, after), cancel);
                await resources.WriteKeysAsync(organization, [.. page.Items.Select(r => (r, keys.Of(r)))], cancel);
                indexed += page.Items.Count;
                after = page.Next;
            }
            while (after is not null);
        }

        if (!declared.SequenceEqual(known))
        {
            await installation.SetSettingAsync(name, JsonSerializer.Serialize(declared), cancel);
        }

        return indexed;
    }
}
