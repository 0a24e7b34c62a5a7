using Qrie.JmesPath.Values;

namespace Qrie.JmesPath.Tracing;

/// <summary>
/// Removes the origins from a result, because it may become a variable or the root of another evaluation, whose reads must not be recorded in the trace of
/// this one.
/// </summary>
internal static class JmesValueCopier
{
    public static JmesValue Copy(in JmesValue value) =>
        value.IsElement ? new(value.Element) : value.Container is null ? value : Copy(value, new(ReferenceEqualityComparer.Instance));

    private static JmesValue Copy(in JmesValue value, Dictionary<object, JmesValue> copies)
    {
        if (value.Container is not { } container)
        {
            return value.IsElement ? new(value.Element) : value;
        }

        if (!copies.TryGetValue(container, out var copy))
        {
            copy = container is JmesArray array ? CopyArray(array, copies) : CopyObject((JmesObject)container, copies);
            copies.Add(container, copy); // a part that is shared stays shared
        }

        return copy;
    }

    private static JmesValue CopyArray(JmesArray array, Dictionary<object, JmesValue> copies)
    {
        var items = new JmesValue[array.Count];
        for (var i = 0; i < items.Length; i++)
        {
            items[i] = Copy(array.Items[i], copies);
        }

        return JmesValue.FromItems(items);
    }

    private static JmesValue CopyObject(JmesObject source, Dictionary<object, JmesValue> copies)
    {
        var members = new KeyValuePair<string, JmesValue>[source.Count];
        for (var i = 0; i < members.Length; i++)
        {
            var (name, value) = source.Members[i];
            members[i] = new(name, Copy(value, copies));
        }

        return JmesValue.FromContainer(new JmesObject(members, null));
    }
}
