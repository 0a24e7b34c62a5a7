using Qrie.JmesPath.Values;

namespace Qrie.JmesPath.Functions.Standard;

/// <summary>Order among numbers and among strings.</summary>
internal static class Sorting
{
    /// <summary>Both are numbers or both are strings.</summary>
    public static int Compare(in JmesValue left, in JmesValue right) => left.Kind is JmesKind.Number
        ? ValueEquality.CompareNumbers(left, right)
        : ValueEquality.CompareCodePoints(left.GetString(), right.GetString());

    /// <summary>The items ordered by their keys (stable).</summary>
    public static JmesValue Sorted(in FunctionCall call, JmesValue[] keys, JmesValue[] items)
    {
        if (items.Length == 0)
        {
            return JmesValue.EmptyArray;
        }

        call.Charge(items.Length * (long)Math.Log2(items.Length + 1));
        var order = new int[items.Length];
        for (var i = 0; i < order.Length; i++)
        {
            order[i] = i;
        }

        if (keys[0].Kind is JmesKind.Number)
        {
            var numbers = Array.ConvertAll(keys, k => k.GetNumber());
            Array.Sort(order, (a, b) => numbers[a].CompareTo(numbers[b]) is not 0 and var o ? o : Tie(keys, a, b));
        }
        else
        {
            var texts = Array.ConvertAll(keys, k => k.GetString());
            Array.Sort(order, (a, b) => ValueEquality.CompareCodePoints(texts[a], texts[b]) is not 0 and var o ? o : a.CompareTo(b));
        }

        return JmesValue.FromItems(Array.ConvertAll(order, i => items[i]));
    }

    /// <summary>Whole numbers beyond 2^53 may be equal as doubles although they differ.</summary>
    private static int Tie(JmesValue[] keys, int a, int b) =>
        ValueEquality.CompareNumbers(keys[a], keys[b]) is not 0 and var order ? order : a.CompareTo(b);
}
