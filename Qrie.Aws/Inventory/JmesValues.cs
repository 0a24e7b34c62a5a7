using Qrie.JmesPath;

namespace Qrie.Aws.Inventory;

/// <summary>Lists and objects of expressions as sequences.</summary>
internal static class JmesValues
{
    /// <summary>The elements of an array; nothing for any other kind.</summary>
    public static IEnumerable<JmesValue> Items(this JmesValue value)
    {
        foreach (var item in value.EnumerateArray())
        {
            yield return item;
        }
    }

    /// <summary>The members of an object; nothing for any other kind.</summary>
    public static IEnumerable<KeyValuePair<string, JmesValue>> Members(this JmesValue value)
    {
        foreach (var member in value.EnumerateObject())
        {
            yield return member;
        }
    }
}
