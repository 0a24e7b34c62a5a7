using Qrie.JmesPath.Values;

namespace Qrie.JmesPath.Functions.Standard;

/// <summary>Functions of objects.</summary>
internal static class ObjectFunctions
{
    public static JmesFunction Keys { get; } = new("keys", [new("obj", JmesTypes.Object)], KeysOf) { Result = Returns.ListOfStrings };

    public static JmesFunction Values { get; } = new("values", [new("obj", JmesTypes.Object)], ValuesOf) { Result = Returns.ListOfMembers };

    public static JmesFunction Items { get; } = new("items", [new("obj", JmesTypes.Object)], ItemsOf) { Result = Returns.ListOfLists };

    public static JmesFunction FromItems { get; } = new("from_items", [new("arg", JmesTypes.ArrayArray)], ObjectOf) { Result = Returns.Object };

    public static JmesFunction Merge { get; } = new("merge", [new("object", JmesTypes.Object, Variadic: true)], Merged) { Result = Returns.Merged };

    public static IEnumerable<JmesFunction> All => [Keys, Values, Items, FromItems, Merge];

    private static JmesValue KeysOf(in FunctionCall call)
    {
        var names = new ArrayBuilder();
        foreach (var (name, _) in call[0].EnumerateObject())
        {
            names.Add(JmesValue.FromString(name));
        }

        return names.ToValue();
    }

    private static JmesValue ValuesOf(in FunctionCall call)
    {
        var values = new ArrayBuilder();
        foreach (var (_, value) in call[0].EnumerateObject())
        {
            values.Add(value);
        }

        return values.ToValue();
    }

    private static JmesValue ItemsOf(in FunctionCall call)
    {
        var items = new ArrayBuilder();
        foreach (var (name, value) in call[0].EnumerateObject())
        {
            items.Add(JmesValue.FromItems([JmesValue.FromString(name), value]));
        }

        return items.ToValue();
    }

    private static JmesValue ObjectOf(in FunctionCall call)
    {
        var result = new ObjectBuilder();
        foreach (var pair in call[0].EnumerateArray())
        {
            var parts = pair.EnumerateArray();
            if (pair.Count != 2 || !parts.MoveNext() || parts.Current.Kind is not JmesKind.String)
            {
                throw call.InvalidValue(0, "Every element must be a pair [name, value] with a string for a name.");
            }

            var name = parts.Current.GetString();
            parts.MoveNext();
            result.Set(name, parts.Current);
        }

        return result.ToValue();
    }

    private static JmesValue Merged(in FunctionCall call)
    {
        if (call.Count == 1)
        {
            return call[0];
        }

        var result = new ObjectBuilder();
        for (var i = 0; i < call.Count; i++)
        {
            foreach (var (name, value) in call[i].EnumerateObject())
            {
                result.Set(name, value);
            }
        }

        return result.ToValue();
    }
}
