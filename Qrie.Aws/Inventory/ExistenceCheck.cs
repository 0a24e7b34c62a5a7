using Qrie.Domain.Catalog;

namespace Qrie.Aws.Inventory;

/// <summary>
/// Asks once whether a resource still exists when describing it met a "not found" that the catalog does not call absent: deleted between list and
/// describe, or only a part of it missing (catalog-format.md section 3).
/// </summary>
internal sealed class ExistenceCheck(OneReader one, SourceRunner runner, Func<ListedRow, string, bool> isAskedFor)
{
    /// <summary>When it was found to be gone; null: it exists, or nobody knows.</summary>
    public async Task<DateTimeOffset?> IsGoneAsync(ResourceTypeDefinition type, Subject subject, Trouble suspicion)
    {
        var merged = type.Describe.FirstOrDefault(attribute => attribute.IsMerged);
        if (type.One is not null)
        {
            var row = await one.ReadAsync(type, subject.Id!, candidate => isAskedFor(candidate, subject.Id!));
            if (row.Trouble is not null)
            {
                return null;
            }

            if (row.Row is null)
            {
                return row.At;
            }

            if (row.IsAnswer)
            {
                // A list may go on showing what was deleted; whoever reads it knows better when everybody says the same, twice.
                return await AskAgainAsync(type, subject);
            }
        }

        if (merged is null)
        {
            return await AskAgainAsync(type, subject);
        }

        if (subject.SuspiciousAttribute == AttributeDefinition.Merged)
        {
            return suspicion.At;
        }

        return await GoneAtAsync(merged, subject);
    }

    private async Task<DateTimeOffset?> AskAgainAsync(ResourceTypeDefinition type, Subject subject)
    {
        var suspicious = type.Describe.FirstOrDefault(attribute => attribute.Name == subject.SuspiciousAttribute);
        return subject.IsGoneByEveryRead && suspicious is not null ? await GoneAtAsync(suspicious, subject) : null;
    }

    private async Task<DateTimeOffset?> GoneAtAsync(AttributeDefinition attribute, Subject subject)
    {
        var again = (await runner.RunAsync(attribute.Source, [Cell.Of(subject, attribute)]))[0];
        return again.Trouble is { SaysGone: true } gone ? gone.At : null;
    }
}
