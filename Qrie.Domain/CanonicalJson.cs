using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Qrie.Domain;

/// <summary>
/// A canonical text: keys and list items sorted, null members omitted, numbers by value. AWS does not guarantee the order of lists, so responses that differ
/// only in order are equal.
/// </summary>
public static class CanonicalJson
{
    /// <summary>The canonical text of a value.</summary>
    public static string Write(JsonElement value) => Write(value, null);

    internal static string Write(JsonElement value, PathTree? leftOut)
    {
        var text = new StringBuilder();
        Write(value, leftOut, text);
        return text.ToString();
    }

    private static void Write(JsonElement value, PathTree? leftOut, StringBuilder text)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                WriteObject(value, leftOut, text);
                break;
            case JsonValueKind.Array:
                text.Append('[').AppendJoin(',', value.EnumerateArray().Select(item => Write(item, leftOut)).Order(StringComparer.Ordinal)).Append(']');
                break;
            case JsonValueKind.Number:
                text.Append(Number(value));
                break;
            case JsonValueKind.String:
                text.Append(JsonSerializer.Serialize(value.GetString()));
                break;
            case JsonValueKind.True:
            case JsonValueKind.False:
                text.Append(value.GetRawText());
                break;
            default:
                text.Append("null");
                break;
        }
    }

    private static void WriteObject(JsonElement value, PathTree? leftOut, StringBuilder text)
    {
        text.Append('{');
        var first = true;
        foreach (var member in value.EnumerateObject().OrderBy(member => member.Name, StringComparer.Ordinal))
        {
            var below = leftOut?.Below(member.Name);
            if (member.Value.ValueKind is JsonValueKind.Null || below is { IsEnd: true })
            {
                continue;
            }

            text.Append(first ? "" : ",").Append(JsonSerializer.Serialize(member.Name)).Append(':');
            Write(member.Value, below, text);
            first = false;
        }

        text.Append('}');
    }

    private static string Number(JsonElement value) =>
        value.TryGetDecimal(out var number)
            ? number.ToString("0.#############################", CultureInfo.InvariantCulture)
            : value.GetDouble().ToString("R", CultureInfo.InvariantCulture);
}

/// <summary>Paths such as <c>AccessKeys[].LastUsed</c>, by their first name; lists are traversed.</summary>
internal sealed class PathTree
{
    private readonly Dictionary<string, PathTree> _below = [];

    public PathTree(IEnumerable<string> paths)
    {
        foreach (var path in paths)
        {
            var node = this;
            foreach (var name in path.Replace("[]", "", StringComparison.Ordinal).Split('.'))
            {
                node = node._below.TryGetValue(name, out var next) ? next : node._below[name] = new PathTree([]);
            }

            node.IsEnd = true;
        }
    }

    /// <summary>A path ends here and includes everything below.</summary>
    public bool IsEnd { get; private set; }

    public PathTree? Below(string name) => _below.GetValueOrDefault(name);
}
