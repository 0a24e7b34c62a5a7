using Qrie.JmesPath;

namespace Qrie.Aws.Inventory;

/// <summary>What is a row: the items of a list; anything else is one row, null none.</summary>
internal static class Rows
{
    public static IReadOnlyList<JmesValue> Of(JmesValue value) => value.Kind switch
    {
        JmesKind.Null => [],
        JmesKind.Array => [.. value.Items().Where(row => !row.IsNull)],
        _ => [value],
    };

    /// <summary>Puts the values that rows of a list gave into one list; lists are opened.</summary>
    public static JmesValue Flatten(IEnumerable<JmesValue> values) => JmesValue.FromArray(values.SelectMany(value => Of(value)));
}
