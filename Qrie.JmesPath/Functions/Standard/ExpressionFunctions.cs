using Qrie.JmesPath.Values;

namespace Qrie.JmesPath.Functions.Standard;

/// <summary>Functions that apply an expression to each element of a list.</summary>
internal static class ExpressionFunctions
{
    private const JmesTypes Orderable = JmesTypes.Number | JmesTypes.String;

    public static JmesFunction Map { get; } = new(
        "map",
        [new("expr", JmesTypes.Expression) { AppliesTo = 1 }, new("elements", JmesTypes.Array)],
        MapEach)
    {
        Result = Returns.ListOfYields,
    };

    public static JmesFunction SortBy { get; } = new(
        "sort_by",
        [new("elements", JmesTypes.Array), new("expr", JmesTypes.Expression) { AppliesTo = 0, Yields = Orderable }],
        static (in call) => Sorting.Sorted(call, KeysOf(call), Lists.Copy(call[0])))
    {
        Result = Returns.First,
    };

    public static JmesFunction MaxBy { get; } = Extreme("max_by", 1);

    public static JmesFunction MinBy { get; } = Extreme("min_by", -1);

    public static JmesFunction GroupBy { get; } = new(
        "group_by",
        [
            new("elements", JmesTypes.Array),
            new("expr", JmesTypes.Expression) { AppliesTo = 0, Yields = JmesTypes.String | JmesTypes.Null },
        ],
        Grouped)
    {
        Result = Returns.MapOfFirst,
    };

    public static IEnumerable<JmesFunction> All => [Map, SortBy, MaxBy, MinBy, GroupBy];

    private static JmesFunction Extreme(string name, int sign) => new(
        name,
        [new("elements", JmesTypes.Array), new("expr", JmesTypes.Expression) { AppliesTo = 0, Yields = Orderable }],
        (in call) =>
        {
            var keys = KeysOf(call);
            var items = Lists.Copy(call[0]);
            var best = -1;
            for (var i = 0; i < keys.Length; i++)
            {
                best = best < 0 || Sorting.Compare(keys[i], keys[best]) * sign > 0 ? i : best;
            }

            return best < 0 ? default : items[best];
        })
    {
        Result = Returns.ItemOfFirst,
    };

    private static JmesValue MapEach(in FunctionCall call)
    {
        var results = new JmesValue[call[1].Count];
        var at = 0;
        foreach (var item in call[1].EnumerateArray())
        {
            results[at++] = call.Invoke(0, item);
        }

        return JmesValue.FromItems(results);
    }

    private static JmesValue Grouped(in FunctionCall call)
    {
        var groups = new Dictionary<string, List<JmesValue>>(StringComparer.Ordinal);
        var names = new List<string>();
        foreach (var item in call[0].EnumerateArray())
        {
            var key = call.Invoke(1, item);
            if (key.IsNull)
            {
                continue;
            }

            if (key.Kind is not JmesKind.String)
            {
                throw call.InvalidType(1, $"It must give a string or null for every element, here it gives {ArgumentTypes.Describe(key)}.");
            }

            var name = key.GetString();
            if (!groups.TryGetValue(name, out var group))
            {
                groups.Add(name, group = []);
                names.Add(name);
            }

            group.Add(item);
        }

        return JmesValue.FromContainer(new JmesObject([.. names.Select(n => KeyValuePair.Create(n, JmesValue.FromItems([.. groups[n]])))], null));
    }

    /// <summary>The results of the expression for each element: all numbers or all strings.</summary>
    private static JmesValue[] KeysOf(in FunctionCall call)
    {
        var keys = new JmesValue[call[0].Count];
        var at = 0;
        foreach (var item in call[0].EnumerateArray())
        {
            var key = call.Invoke(1, item);
            if (key.Kind is not (JmesKind.Number or JmesKind.String) || (at > 0 && key.Kind != keys[0].Kind))
            {
                var wanted = at > 0 ? $"a {keys[0].Kind.Name()} as for the elements before" : "a number or a string";
                throw call.InvalidType(1, $"It must give {wanted}, here it gives {ArgumentTypes.Describe(key)}.");
            }

            keys[at++] = key;
        }

        return keys;
    }
}
