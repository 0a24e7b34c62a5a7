using Qrie.Aws.Api.Models;
using Qrie.JmesPath;

namespace Qrie.Aws.Inventory;

/// <summary>Merges pages into one response: the lists of all pages, everything else from the first.</summary>
internal static class PageMerger
{
    public static JmesValue Merge(IReadOnlyList<JmesValue> pages, Pagination? pagination)
    {
        if (pages.Count == 1)
        {
            return pages[0];
        }

        var keys = pagination?.ResultKeys ?? [];
        var merged = keys.Count == 0
            ? MergeLists(pages)
            : keys.Aggregate(pages[0], (whole, key) => MergePath(whole, [.. pages.Select(page => page)], key.Split('.'), 0));
        return WithoutTokens(merged, pagination);
    }

    /// <summary>If the model does not name the items, every top-level list is merged.</summary>
    private static JmesValue MergeLists(IReadOnlyList<JmesValue> pages)
    {
        var names = pages.SelectMany(page => page.Members().Select(member => member.Key)).Distinct();
        return JmesValue.FromObject(names.Select(name => KeyValuePair.Create(name, MergeMember(pages, name))));
    }

    private static JmesValue MergeMember(IReadOnlyList<JmesValue> pages, string name)
    {
        var values = pages.Select(page => page.TryGetMember(name, out var value) ? value : default).Where(value => !value.IsNull).ToList();
        return values switch
        {
            [] => JmesValue.Null,
            [{ Kind: JmesKind.Array }, ..] => JmesValue.FromArray(values.SelectMany(value => value.Items())),
            [{ Kind: JmesKind.Object }, ..] => JmesValue.FromObject(values.SelectMany(value => value.Members())),
            [var first, ..] => first,
        };
    }

    private static JmesValue MergePath(JmesValue whole, IReadOnlyList<JmesValue> pages, string[] path, int depth)
    {
        var name = path[depth];
        if (depth == path.Length - 1)
        {
            return With(whole, name, MergeMember(pages, name));
        }

        var below = pages.Select(page => page.TryGetMember(name, out var value) ? value : default).ToList();
        return whole.TryGetMember(name, out var inner) ? With(whole, name, MergePath(inner, below, path, depth + 1)) : whole;
    }

    private static JmesValue With(JmesValue whole, string name, JmesValue value) =>
        value.IsNull ? whole : JmesValue.FromObject(whole.Members().Append(KeyValuePair.Create(name, value)));

    private static JmesValue WithoutTokens(JmesValue merged, Pagination? pagination)
    {
        var tokens = pagination?.OutputTokens ?? [];
        return JmesValue.FromObject(merged.Members().Where(member => !tokens.Contains(member.Key)));
    }
}
