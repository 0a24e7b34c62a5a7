using Qrie.Domain;
using Qrie.Domain.Inventory;
using Qrie.Domain.Validation;
using Qrie.Dynamo.Client;
using Qrie.Dynamo.Items;
using Qrie.Dynamo.Tables;
using Qrie.Dynamo.Writes;

namespace Qrie.Dynamo.Inventory;

/// <summary>Lists resources: the account_services that can contain matches, then one after the other, each by one query.</summary>
internal sealed class ResourceList(DynamoStore store, ResourceReader reader)
{
    private const int ReadAtOnce = 500;

    /// <summary>No index finds a text: so many resources are looked at for one page.</summary>
    private const int LookedAtForText = 8000;

    /// <summary>The same for other filters that no index has.</summary>
    private const int LookedAt = 50_000;

    /// <param name="active">The accounts that are in use.</param>
    public async Task<Page<StoredResource>> ReadAsync(
        string organization, ResourceFilter filter, IReadOnlySet<string> active, PageRequest page, CancellationToken cancel)
    {
        var (from, afterArn) = page.After is { } key ? (key[0], key[1]) : ("", null);
        var found = new List<ResourceItem>();
        var looked = 0;
        foreach (var accountService in await PlacesAsync(organization, filter, active, from, cancel))
        {
            var after = accountService == from ? afterArn : null;
            await foreach (var row in RowsAsync(organization, accountService, filter, after, cancel))
            {
                looked++;
                if (Matches(row, filter))
                {
                    found.Add(row);
                }

                if (found.Count > page.Size)
                {
                    var last = found[page.Size - 1];
                    return new Page<StoredResource>(
                        await reader.WithConfigurationsAsync([.. found.Take(page.Size)], cancel), [last.AccountServiceName, last.ArnText]);
                }

                if (filter.Text is not null && looked == LookedAtForText)
                {
                    return new Page<StoredResource>(await reader.WithConfigurationsAsync(found, cancel), [accountService, row.ArnText]);
                }

                if (looked == LookedAt)
                {
                    throw InvalidInputException.Of(
                        "account_id", "Too many resources have to be looked at: add account_id, service, a tag, or a longer ARN prefix.");
                }
            }
        }

        return new Page<StoredResource>(await reader.WithConfigurationsAsync(found, cancel), null);
    }

    /// <summary>The account_services that have, or had, resources of the filter's type.</summary>
    private async Task<List<string>> PlacesAsync(
        string organization, ResourceFilter filter, IReadOnlySet<string> active, string from, CancellationToken cancel)
    {
        var query = new ItemQuery(StoreTables.State, ResourceWriter.PlacesOf(organization))
        {
            Prefix = filter.AccountId is { } account ? AccountService.Of(account, filter.Service is { } service ? service + KeyText.Separator : "") : null,
            Strong = true,
        };
        var places = new List<string>();
        await foreach (var item in store.Calls.QueryAllAsync(query, cancel))
        {
            var parts = item.RequiredText(StoreTables.State.Range!).Split(KeyText.Separator, 2);
            var (accountId, serviceOf) = AccountService.Split(parts[0]);
            if ((filter.Type is null || parts[1] == filter.Type) && (filter.Service is null || serviceOf == filter.Service)
                && (filter.IncludeRemoved || active.Contains(accountId)) && string.CompareOrdinal(parts[0], from) >= 0
                && (places.Count == 0 || places[^1] != parts[0]))
            {
                places.Add(parts[0]);
            }
        }

        places.Sort(StringComparer.Ordinal);
        return [.. places.Distinct()];
    }

    private async IAsyncEnumerable<ResourceItem> RowsAsync(
        string organization, string accountService, ResourceFilter filter, string? afterArn,
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancel)
    {
        if (filter.Tags is { Count: > 0 } tags)
        {
            var tagged = await store.ListAsync(
                LookupItems.Query(LookupItems.TaggedIn(organization, accountService, tags[0].Key, tags[0].Value)), cancel);
            var rows = await reader.FindAllAsync(organization, tagged.Select(LookupItems.ResourceOf), cancel);
            foreach (var row in rows.OrderBy(r => r.ArnText, CodePoints.Order).Where(r => CodePoints.CompareTexts(r.ArnText, afterArn) > 0))
            {
                yield return row;
            }

            yield break;
        }

        var query = new ItemQuery(StoreTables.Resources, ResourceItem.HashKey(organization, accountService))
        {
            Prefix = filter.ArnPrefix,
            Strong = true,
            Limit = ReadAtOnce,
            After = afterArn is null ? null : ResourceItem.KeyOf(organization, accountService, afterArn).ToAttributes(),
        };
        await foreach (var item in store.Calls.QueryAllAsync(query, cancel))
        {
            yield return new ResourceItem(organization, item);
        }
    }

    private static bool Matches(ResourceItem row, ResourceFilter filter) =>
        (filter.IncludeDeleted || row.IsAlive)
        && (filter.Type is null || row.TypeText == filter.Type)
        && (filter.Region is null || row.RegionText == filter.Region)
        && (filter.ArnPrefix is null || row.ArnText.StartsWith(filter.ArnPrefix, StringComparison.Ordinal))
        && (filter.Tags is not { Count: > 0 } tags || (row.TagsOrNull is { } own && tags.All(t => own.TryGetValue(t.Key, out var value) && value == t.Value)))
        && (filter.Text is not { } text || HasText(row.ArnText, text) || HasText(row.IdText, text) || HasText(row.TagsText, text));

    private static bool HasText(string value, string text) => Lower(value).Contains(Lower(text), StringComparison.Ordinal);

    /// <summary>ASCII letters only.</summary>
    private static string Lower(string text) => string.Create(text.Length, text, static (span, from) => System.Text.Ascii.ToLower(from, span, out _));
}
