using System.Text.Json.Nodes;

namespace Qrie.Aws.Api.Recording;

/// <summary>
/// Replacements in the names, values and file paths of recordings: account ids (including those in ARNs) and any other text. An account id is replaced only if
/// no digit precedes or follows it. Longer texts are replaced first.
/// </summary>
public sealed class RecordingRewrite
{
    private readonly List<(string Old, string New)> _replacements;

    public RecordingRewrite(IEnumerable<KeyValuePair<string, string>> replacements) =>
        _replacements = [.. replacements.OrderByDescending(r => r.Key.Length).ThenBy(r => r.Key, StringComparer.Ordinal).Select(r => (r.Key, r.Value))];

    /// <summary>The text after all replacements.</summary>
    public string Apply(string text)
    {
        foreach (var (old, replacement) in _replacements)
        {
            for (var at = text.IndexOf(old, StringComparison.Ordinal); at >= 0; at = text.IndexOf(old, at, StringComparison.Ordinal))
            {
                if (IsWholeWord(text, at, old))
                {
                    text = string.Concat(text.AsSpan(0, at), replacement, text.AsSpan(at + old.Length));
                    at += replacement.Length;
                }
                else
                {
                    at += old.Length;
                }
            }
        }

        return text;
    }

    internal AwsCall Apply(AwsCall call) => call with { Principal = new AwsPrincipal(Apply(call.Principal.AccountId)) };

    internal JsonNode Apply(JsonNode value)
    {
        switch (value)
        {
            case JsonObject o:
                return new JsonObject(o.Select(p => KeyValuePair.Create(Apply(p.Key), p.Value is null ? null : Apply(p.Value))));
            case JsonArray a:
                return new JsonArray([.. a.Select(i => i is null ? null : Apply(i))]);
            case JsonValue v when v.TryGetValue<string>(out var text):
                return Apply(text);
            default:
                return value.DeepClone();
        }
    }

    private static bool IsWholeWord(string text, int at, string found)
    {
        var isNumber = found.All(char.IsAsciiDigit);
        var end = at + found.Length;
        return !isNumber || ((at == 0 || !char.IsAsciiDigit(text[at - 1])) && (end == text.Length || !char.IsAsciiDigit(text[end])));
    }
}
