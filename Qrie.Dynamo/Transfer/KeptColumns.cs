using System.Text.Json;
using Qrie.Domain.Transfer;
using Qrie.Dynamo.Items;

namespace Qrie.Dynamo.Transfer;

/// <summary>
/// Values of imported rows that items have no use for, so that a later export has them again: the number of a purge's step in a database, for example. They are
/// lost when the service replaces the item, as they are out of date then.
/// </summary>
internal static class KeptColumns
{
    private const string Attribute = "Kept";

    public static Item Keep(this Item item, TransferRow row, params ReadOnlySpan<string> columns)
    {
        var kept = new Dictionary<string, object?>(StringComparer.Ordinal);
        foreach (var column in columns)
        {
            kept[column] = row[column];
        }

        return item.Keep(kept);
    }

    public static Item Keep(this Item item, IReadOnlyDictionary<string, object?> values) => item.Set(Attribute, Json.Of(values));

    /// <summary>Replaces the values of the columns that were kept.</summary>
    public static TransferRow Restore(this TransferRow row, Item item)
    {
        foreach (var (column, value) in item.Kept())
        {
            _ = value.ValueKind switch
            {
                JsonValueKind.Number => row.Set(column, value.GetInt64()),
                _ => row.Set(column, value.GetString()),
            };
        }

        return row;
    }

    public static IReadOnlyDictionary<string, JsonElement> Kept(this Item item) =>
        item.Text(Attribute) is { } json ? Json.To<Dictionary<string, JsonElement>>(json) : [];
}
