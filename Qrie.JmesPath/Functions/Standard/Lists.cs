namespace Qrie.JmesPath.Functions.Standard;

internal static class Lists
{
    /// <summary>The elements of an array, to be filtered or reordered.</summary>
    public static JmesValue[] Copy(in JmesValue array)
    {
        var items = new JmesValue[array.Count];
        var at = 0;
        foreach (var item in array.EnumerateArray())
        {
            items[at++] = item;
        }

        return items;
    }
}
