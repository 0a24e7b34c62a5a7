using Qrie.Domain.Catalog;

namespace Qrie.Aws.Inventory;

/// <summary>
/// Checks whether a resource still exists when describing it failed with a "not found" that the catalog does not declare as absent: it was deleted between list
/// and describe, or only a part of it is missing (catalog-format.md section 3).
/// </summary>
internal sealed class ExistenceCheck(SingleResourceReader one, SourceRunner runner, Func<ListedRow, string, bool> isAskedFor)
{
    /// <summary>When it was found to be deleted; null if it exists or that is unknown.</summary>
    public async Task<DateTimeOffset?> IsGoneAsync(ResourceTypeDefinition type, ResourceContext context, CollectionError suspicion)
    {
        var merged = type.Describe.FirstOrDefault(attribute => attribute.IsMerged);
        if (type.One is null && merged is null)
        {
            return null;
        }

        if (type.One is not null)
        {
            var row = await one.ReadAsync(type, context.Id!, candidate => isAskedFor(candidate, context.Id!));
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
                return null;
            }
        }

        if (merged is null)
        {
            return null;
        }

        if (context.SuspiciousAttribute == AttributeDefinition.Merged)
        {
            return suspicion.At;
        }

        var again = (await runner.RunAsync(merged.Source, [StepInput.Of(context)]))[0];
        return again.Error is { SaysGone: true } gone ? gone.At : null;
    }
}
