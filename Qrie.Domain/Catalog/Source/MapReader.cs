using System.Globalization;
using System.Text.Json;

namespace Qrie.Domain.Catalog.Source;

/// <summary>Reads the keys of a map one by one; keys that were not read are errors.</summary>
internal sealed class MapReader(SourceMap map, string what, CatalogErrors errors)
{
    private readonly HashSet<string> _known = [];

    public SourceMap Map { get; } = map;

    /// <summary>A reader for the node; null if it is not a map (which is then among the errors).</summary>
    public static MapReader? From(SourceNode? node, string what, CatalogErrors errors)
    {
        switch (node)
        {
            case SourceMap map:
                return new MapReader(map, what, errors);
            case null:
                return null;
            default:
                errors.Add(node, $"{Capital(what)} must be a map, not {node.Kind}.", "Write its keys one per line.");
                return null;
        }
    }

    /// <summary>Null if the key is missing.</summary>
    public SourceNode? Node(string key)
    {
        _known.Add(key);
        return Map.Find(key)?.Value;
    }

    public SourceNode? Required(string key)
    {
        var node = Node(key);
        if (node is null)
        {
            errors.Add(Map, $"{Capital(what)} has no '{key}'.", $"Add '{key}:'.");
        }

        return node;
    }

    public string? Text(string key) => Text(Node(key), key);

    public string? RequiredText(string key) => Text(Required(key), key);

    public bool Flag(string key)
    {
        var node = Node(key);
        if (node is null or SourceScalar { Form: ScalarForm.Plain, Value: "false" })
        {
            return false;
        }

        if (node is SourceScalar { Form: ScalarForm.Plain, Value: "true" })
        {
            return true;
        }

        errors.Add(node, $"'{key}' must be true or false.", $"Write '{key}: true' or leave it out.");
        return false;
    }

    public int? Number(string key, int least, int most)
    {
        var node = Node(key);
        if (node is null)
        {
            return null;
        }

        if (node is SourceScalar { Form: ScalarForm.Plain } scalar
            && int.TryParse(scalar.Value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
            && number >= least && number <= most)
        {
            return number;
        }

        errors.Add(node, $"'{key}' must be a whole number from {least} to {most}.", $"Write for example '{key}: {least}'.");
        return null;
    }

    /// <summary>A string or a list of strings; empty if the key is missing.</summary>
    public IReadOnlyList<string> Texts(string key)
    {
        switch (Node(key))
        {
            case null:
                return [];
            case SourceList list:
                return [.. list.Items.Select(item => Text(item, key)).OfType<string>()];
            case var single:
                return Text(single, key) is { } text ? [text] : [];
        }
    }

    /// <summary>Names to strings; empty if the key is missing.</summary>
    public IReadOnlyDictionary<string, string> TextMap(string key) =>
        Entries(key).Select(entry => (entry.Key.Value, Text: Text(entry.Value, key)))
            .Where(entry => entry.Text is not null)
            .ToDictionary(entry => entry.Value, entry => entry.Text!);

    /// <summary>Names to values of any kind; empty if the key is missing.</summary>
    public IReadOnlyDictionary<string, JsonElement> JsonMap(string key) =>
        Entries(key).ToDictionary(entry => entry.Key.Value, entry => SourceJson.Convert(entry.Value, errors));

    /// <summary>The entries of a map under a key; none if the key is missing.</summary>
    public IReadOnlyList<SourceEntry> Entries(string key)
    {
        switch (Node(key))
        {
            case null:
                return [];
            case SourceMap map:
                return map.Entries;
            case var other:
                errors.Add(other, $"'{key}' must be a map, not {other.Kind}.", $"Write '{key}: {{ name: value }}'.");
                return [];
        }
    }

    /// <summary>Must be called after every known key was read.</summary>
    public void RefuseOthers()
    {
        foreach (var (key, _) in Map.Entries)
        {
            if (!_known.Contains(key.Value))
            {
                var near = Nearest.To(key.Value, _known);
                errors.Add(key, $"{Capital(what)} has no key '{key.Value}'.",
                    near is null ? $"Known keys: {string.Join(' ', _known.Order(StringComparer.Ordinal))}." : $"Did you mean '{near}'?");
            }
        }
    }

    /// <summary>The text of the node of a key; null if it is missing or another kind of node (which is then among the errors).</summary>
    public string? Text(SourceNode? node, string key)
    {
        switch (node)
        {
            case null:
                return null;
            case SourceScalar { Form: ScalarForm.Plain, Value: "" }:
                errors.Add(node, $"'{key}' is empty.", "Write a text or leave the key out.");
                return null;
            case SourceScalar scalar:
                return scalar.Value;
            default:
                errors.Add(node, $"'{key}' must be a text, not {node.Kind}.", "Quote a text that begins with { or [.");
                return null;
        }
    }

    private static string Capital(string text) => char.ToUpperInvariant(text[0]) + text[1..];
}
