using Qrie.Domain.Catalog;

namespace Qrie.Aws.Inventory;

/// <summary>
/// Asks once whether a resource still exists when describing it met a "not found" that the catalog does not call absent: deleted between list and
/// describe, or only a part of it missing (catalog-format.md section 3).
/// </summary>
internal sealed class ExistenceCheck(SingleResourceReader one, SourceRunner runner, Func<ListedRow, string, bool> isAskedFor)
{
    /// <summary>When it was found to be gone; null: it exists, or nobody knows.</summary>
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
