using Qrie.JmesPath;

namespace Qrie.Aws.Inventory;

/// <summary>The rows of a value: the items of a list; anything else is one row, null none.</summary>
internal static class Rows
{
    public static IReadOnlyList<JmesValue> Of(JmesValue value) => value.Kind switch
    {
        JmesKind.Null => [],
        JmesKind.Array => [.. value.Items().Where(row => !row.IsNull)],
        _ => [value],
    };

    /// <summary>Concatenates the values returned for several rows; lists are flattened.</summary>
    public static JmesValue Flatten(IEnumerable<JmesValue> values) => JmesValue.FromArray(values.SelectMany(value => Of(value)));
}
