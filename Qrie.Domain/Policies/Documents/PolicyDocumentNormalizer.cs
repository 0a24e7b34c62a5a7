using System.Text.Json;
using Qrie.JmesPath;

namespace Qrie.Domain.Policies.Documents;

/// <summary>
/// Normalizes policy documents: decoded, with lists for <c>Statement</c>, actions, resources, principals and condition values, <c>{AWS: ["*"]}</c> for the
/// principal <c>"*"</c>, and condition keys in lower case (AWS ignores their case). Idempotent.
/// </summary>
public static class PolicyDocumentNormalizer
{
    private static readonly string[] _elements =
        ["Version", "Id", "Statement", "Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Resource", "NotResource", "Condition"];

    /// <summary>The normalized document; null for null.</summary>
    /// <exception cref="FormatException">The text is not a policy document.</exception>
    public static JmesValue Normalize(JmesValue document) => Decode(document) is { IsNull: false } decoded ? Document(decoded) : JmesValue.Null;

    /// <summary>The document as an object, otherwise as it was written; null for none.</summary>
    /// <exception cref="FormatException">The text is not a policy document.</exception>
    internal static JmesValue Decode(JmesValue document) => document.Kind switch
    {
        JmesKind.Null => JmesValue.Null,
        JmesKind.String when document.GetString().Length == 0 => JmesValue.Null,
        JmesKind.String => Parse(document.GetString()),
        JmesKind.Object => document,
        _ => throw new FormatException("A policy document is an object or its text."),
    };

    private static JmesValue Parse(string text)
    {
        // IAM sends URL-encoded documents; a text that begins with a brace is not encoded.
        var decoded = text.TrimStart().StartsWith('{') ? text : Uri.UnescapeDataString(text);
        try
        {
            using var document = JsonDocument.Parse(decoded);
            return document.RootElement.Clone() is { ValueKind: JsonValueKind.Object } root
                ? root
                : throw new FormatException("The document is not an object.");
        }
        catch (JsonException broken)
        {
            throw new FormatException($"The document is not JSON: {broken.Message}", broken);
        }
    }

    private static JmesValue Document(JmesValue document) => Map(document, (name, value) => name switch
    {
        "Statement" => JmesValue.FromArray(Values(value).Where(statement => statement.Kind is JmesKind.Object).Select(Statement)),
        _ => value,
    });

    internal static JmesValue Statement(JmesValue statement) => Map(statement, (name, value) => name switch
    {
        "Action" or "NotAction" or "Resource" or "NotResource" => JmesValue.FromArray(Values(value)),
        "Principal" or "NotPrincipal" => Principal(value),
        "Condition" => Condition(value),
        _ => value,
    });

    private static JmesValue Principal(JmesValue principal)
    {
        if (principal.Kind is not JmesKind.Object)
        {
            return JmesValue.FromObject(KeyValuePair.Create("AWS", JmesValue.FromArray(Values(principal))));
        }

        var kinds = new List<KeyValuePair<string, JmesValue>>();
        foreach (var (kind, value) in principal.EnumerateObject())
        {
            kinds.Add(KeyValuePair.Create(kind, JmesValue.FromArray(Values(value))));
        }

        return JmesValue.FromObject(kinds);
    }

    private static JmesValue Condition(JmesValue condition)
    {
        var operators = new List<KeyValuePair<string, JmesValue>>();
        foreach (var (name, keys) in condition.EnumerateObject())
        {
            var lower = new List<KeyValuePair<string, JmesValue>>();
            foreach (var (key, value) in keys.EnumerateObject())
            {
                lower.Add(KeyValuePair.Create(key.ToLowerInvariant(), JmesValue.FromArray(Values(value).Select(Text))));
            }

            operators.Add(KeyValuePair.Create(name, JmesValue.FromObject(lower)));
        }

        return JmesValue.FromObject(operators);
    }

    /// <summary>Booleans and numbers may be written with or without quotes in conditions.</summary>
    internal static JmesValue Text(JmesValue value) => value.Kind is JmesKind.Boolean or JmesKind.Number ? JmesValue.FromString(value.ToString()) : value;

    private static JmesValue Map(JmesValue value, Func<string, JmesValue, JmesValue> convert)
    {
        var members = new List<KeyValuePair<string, JmesValue>>();
        foreach (var (name, member) in value.EnumerateObject())
        {
            var known = Array.Find(_elements, element => element.Equals(name, StringComparison.OrdinalIgnoreCase)) ?? name;
            members.Add(KeyValuePair.Create(known, convert(known, member)));
        }

        return JmesValue.FromObject(members);
    }

    internal static List<JmesValue> Values(JmesValue value)
    {
        if (value.Kind is not JmesKind.Array)
        {
            return value.IsNull ? [] : [value];
        }

        var values = new List<JmesValue>();
        foreach (var item in value.EnumerateArray())
        {
            values.Add(item);
        }

        return values;
    }
}
