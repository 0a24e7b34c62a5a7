using Qrie.Domain.Catalog;

namespace Qrie.Aws.Inventory;

/// <summary>
/// Checks whether a resource still exists when describing it failed with a "not found" that the catalog does not declare as absent: it was deleted between list
/// and describe, or only a part of it is missing (catalog-format.md section 3).
/// </summary>
internal sealed class ExistenceCheck(SingleResourceReader one, SourceRunner runner, Func<ListedRow, string, bool> isRequested)
{
    /// <summary>When it was found to be deleted; null if it exists or that is unknown.</summary>
    public async Task<DateTimeOffset?> IsGoneAsync(ResourceTypeDefinition type, ResourceContext context, CollectionError suspicion)
    {
        var merged = type.Describe.FirstOrDefault(attribute => attribute.IsMerged);
        if (type.One is not null)
        {
            var row = await one.ReadAsync(type, context.Id!, candidate => isRequested(candidate, context.Id!));
            if (row.Error is not null)
            {
                return null;
            }

            if (row.Row is null)
            {
                return row.At;
            }

            if (row.IsResponse)
            {
                // A list may still contain a deleted resource. It is considered deleted if every read of it says so, twice.
                return await RetryAsync(type, context);
            }
        }

        if (merged is null)
        {
            return await RetryAsync(type, context);
        }

        if (context.SuspiciousAttribute == AttributeDefinition.Merged)
        {
            return suspicion.At;
        }

        return await GoneAtAsync(merged, context);
    }

    private async Task<DateTimeOffset?> RetryAsync(ResourceTypeDefinition type, ResourceContext context)
    {
        var suspicious = type.Describe.FirstOrDefault(attribute => attribute.Name == context.SuspiciousAttribute);
        return context.IsGoneByEveryRead && suspicious is not null ? await GoneAtAsync(suspicious, context) : null;
    }

    private async Task<DateTimeOffset?> GoneAtAsync(AttributeDefinition attribute, ResourceContext context)
    {
        var again = (await runner.RunAsync(attribute.Source, [StepInput.Of(context, attribute)]))[0];
        return again.Error is { SaysGone: true } gone ? gone.At : null;
    }
}
