using Qrie.Dynamo.Items;
using Qrie.Dynamo.Tables;

namespace Qrie.Dynamo.Transfer;

/// <summary>How far an import is that is not complete.</summary>
/// <param name="ExportId">Of the export that is imported.</param>
/// <param name="Step">The step that is being done; empty before the first.</param>
/// <param name="Groups">How many groups of it are stored.</param>
internal sealed record ImportProgress(string ExportId, string Step, long Groups)
{
    /// <summary>Deleted when the import is complete.</summary>
    public static readonly ItemKey Key = ItemKey.Of(StoreTables.Summary, "installation/import");

    public static ImportProgress? Of(Item? item) => item is null
        ? null
        : new ImportProgress(item.RequiredText(nameof(ExportId)), item.Text(nameof(Step)) ?? "", item.RequiredNumber(nameof(Groups)));

    public Item ToItem() => new Item().Set(nameof(ExportId), ExportId).Set(nameof(Step), Step.Length == 0 ? null : Step).Set(nameof(Groups), Groups);
}
