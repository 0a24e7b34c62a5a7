using Qrie.JmesPath.Typing;
using Qrie.JmesPath.Values;

namespace Qrie.JmesPath.Functions.Standard;

/// <summary>Functions of lists that need no expression.</summary>
internal static class ListFunctions
{
    public static JmesFunction Contains { get; } = new(
        "contains",
        [new("subject", JmesTypes.Array | JmesTypes.String), new("search", JmesTypes.Any)],
        IsContained)
    {
        Result = Returns.Boolean,
        Objection = static types => types[0].Inner is ListType { Item: var item } ? TypeRelations.NeverEqual(item, types[1]) : null,
    };

    public static JmesFunction Length { get; } = new(
        "length",
        [new("subject", JmesTypes.String | JmesTypes.Array | JmesTypes.Object)],
        static (in call) => JmesValue.FromNumber(call[0].Kind is JmesKind.String ? CodePoints.CountOf(call[0].GetString()) : call[0].Count))
    {
        Result = Returns.Number,
    };

    public static JmesFunction Reverse { get; } = new(
        "reverse",
        [new("subject", JmesTypes.String | JmesTypes.Array)],
        static (in call) => call[0].Kind is JmesKind.String ? Reversed(call[0].GetString()) : Reversed(call[0]))
    {
        Result = Returns.First,
    };

    public static JmesFunction Max { get; } = Extreme("max", 1);

    public static JmesFunction Min { get; } = Extreme("min", -1);

    public static JmesFunction Sort { get; } = new(
        "sort",
        [new("list", JmesTypes.NumberArray | JmesTypes.StringArray)],
        static (in call) => Sorting.Sorted(call, Lists.Copy(call[0]), Lists.Copy(call[0])))
    {
        Result = Returns.First,
    };

    public static JmesFunction ToArray { get; } = new(
        "to_array",
        [new("arg", JmesTypes.Any)],
        static (in call) => call[0].Kind is JmesKind.Array ? call[0] : JmesValue.FromItems([call[0]]))
    {
        Result = Returns.ListOfFirst,
    };

    public static JmesFunction Zip { get; } = new(
        "zip",
        [new("arg", JmesTypes.Array, Variadic: true)],
        Zipped)
    {
        Result = Returns.ListOfLists,
    };

    public static IEnumerable<JmesFunction> All => [Contains, Length, Reverse, Max, Min, Sort, ToArray, Zip];

    private static JmesFunction Extreme(string name, int sign) => new(
        name,
        [new("collection", JmesTypes.NumberArray | JmesTypes.StringArray)],
        (in call) =>
        {
            JmesValue best = default;
            foreach (var item in call[0].EnumerateArray())
            {
                if (best.IsNull || Sorting.Compare(item, best) * sign > 0)
                {
                    best = item;
                }
            }

            return best;
        })
    {
        Result = Returns.ItemOfFirst,
    };

    private static JmesValue IsContained(in FunctionCall call)
    {
        var (subject, search) = (call[0], call[1]);
        if (subject.Kind is JmesKind.String)
        {
            return JmesValue.FromBoolean(
                search.Kind is JmesKind.String && subject.GetString().Contains(search.GetString(), StringComparison.Ordinal));
        }

        foreach (var item in subject.EnumerateArray())
        {
            if (ValueEquality.AreEqual(item, search, call.State, call.State.MaxDepth))
            {
                return JmesValue.True;
            }
        }

        return JmesValue.False;
    }

    private static JmesValue Reversed(string text)
    {
        var points = CodePoints.Of(text);
        var reversed = new System.Text.StringBuilder(text.Length);
        for (var i = points.Count - 1; i >= 0; i--)
        {
            reversed.Append(points[i]);
        }

        return JmesValue.FromString(reversed.ToString());
    }

    private static JmesValue Reversed(in JmesValue array)
    {
        var items = Lists.Copy(array);
        Array.Reverse(items);
        return JmesValue.FromItems(items);
    }

    private static JmesValue Zipped(in FunctionCall call)
    {
        var lists = new JmesValue[call.Count][];
        var length = int.MaxValue;
        for (var i = 0; i < lists.Length; i++)
        {
            lists[i] = Lists.Copy(call[i]);
            length = Math.Min(length, lists[i].Length);
        }

        call.Charge((long)length * lists.Length);
        var rows = new JmesValue[length];
        for (var row = 0; row < length; row++)
        {
            rows[row] = JmesValue.FromItems([.. lists.Select(l => l[row])]);
        }

        return JmesValue.FromItems(rows);
    }
}
