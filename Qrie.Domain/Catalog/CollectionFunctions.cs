using System.Text;
using System.Text.Json;
using Qrie.Domain.Policies.Functions;
using Qrie.JmesPath;
using Qrie.JmesPath.Functions;

namespace Qrie.Domain.Catalog;

/// <summary>The functions of service files beyond those of JMESPath Community (catalog-format.md section 2); all return null for null.</summary>
public static class CollectionFunctions
{
    private const JmesTypes Text = JmesTypes.String | JmesTypes.Null;

    public static FunctionLibrary Library { get; } = FunctionLibrary.Standard.With(
        new JmesFunction("from_json", [new JmesParameter("text", Text)], FromJson),
        new JmesFunction("from_base64", [new JmesParameter("text", Text)], FromBase64),
        new JmesFunction("from_csv", [new JmesParameter("text", Text)], FromCsv),
        new JmesFunction("parse_strings", [new JmesParameter("map", JmesTypes.Object | JmesTypes.Null)], ParseStrings),
        DocumentFunctions.PolicyDocument,
        ToList.Function);

    public static JmesPathOptions Options { get; } = new() { Functions = Library };

    private static JmesValue FromJson(in FunctionCall call)
    {
        if (call[0].IsNull)
        {
            return JmesValue.Null;
        }

        return TryParse(call[0].GetString(), out var value) ? value : throw call.InvalidValue(0, "the text is not JSON");
    }

    private static JmesValue FromBase64(in FunctionCall call)
    {
        if (call[0].IsNull)
        {
            return JmesValue.Null;
        }

        try
        {
            return JmesValue.FromString(Encoding.UTF8.GetString(Convert.FromBase64String(call[0].GetString())));
        }
        catch (FormatException)
        {
            throw call.InvalidValue(0, "the text is not base64");
        }
    }

    /// <summary>The first line names the members; values stay strings.</summary>
    private static JmesValue FromCsv(in FunctionCall call)
    {
        if (call[0].IsNull)
        {
            return JmesValue.Null;
        }

        var records = Csv.Read(call[0].GetString());
        if (records.Count == 0)
        {
            return JmesValue.EmptyArray;
        }

        var names = records[0];
        return JmesValue.FromArray(records.Skip(1).Select(record => JmesValue.FromObject(
            names.Zip(record, (name, value) => KeyValuePair.Create(name, JmesValue.FromString(value))))));
    }

    /// <summary>
    /// In a map of strings, parses those that are JSON objects, arrays or booleans; numbers stay strings, because account ids look like them.
    /// </summary>
    private static JmesValue ParseStrings(in FunctionCall call)
    {
        if (call[0].IsNull)
        {
            return JmesValue.Null;
        }

        var members = new List<KeyValuePair<string, JmesValue>>();
        foreach (var (name, value) in call[0].EnumerateObject())
        {
            members.Add(KeyValuePair.Create(name, value.Kind is JmesKind.String ? ParseString(value) : value));
        }

        return JmesValue.FromObject(members);
    }

    private static JmesValue ParseString(JmesValue value)
    {
        var text = value.GetString().Trim();
        return text switch
        {
            "true" => JmesValue.True,
            "false" => JmesValue.False,
            ['{', ..] or ['[', ..] when TryParse(text, out var parsed) => parsed,
            _ => value,
        };
    }

    private static bool TryParse(string text, out JmesValue value)
    {
        try
        {
            using var document = JsonDocument.Parse(text);
            value = document.RootElement.Clone();
            return true;
        }
        catch (JsonException)
        {
            value = default;
            return false;
        }
    }
}
