using System.Text;

namespace Qrie.Domain.Policies.Documents;

/// <summary>
/// Policy variables, <c>${aws:username}</c> or <c>${aws:username, 'nobody'}</c>; <c>${*}</c>, <c>${?}</c> and <c>${$}</c> are characters
/// (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html).
/// </summary>
internal static class PolicyVariables
{
    public static bool IsIn(string value) => KeysIn(value).Any(key => !ContextKeys.IsOfResource(key));

    /// <summary>The keys, in lower case.</summary>
    public static IEnumerable<string> KeysIn(string value)
    {
        for (var start = value.IndexOf("${", StringComparison.Ordinal); start >= 0;)
        {
            var end = value.IndexOf('}', start);
            if (end < 0)
            {
                yield break;
            }

            var (key, _) = Split(value[(start + 2)..end]);
            if (key is not ("*" or "?" or "$"))
            {
                yield return key;
            }

            start = value.IndexOf("${", end, StringComparison.Ordinal);
        }
    }

    /// <summary>The value is the owner of the resource.</summary>
    public static bool IsResourceOwner(string value) =>
        value.StartsWith("${", StringComparison.Ordinal) && KeysIn(value).Take(2).ToList() is [var key] && ContextKeys.IsOfResource(key);

    /// <summary>The value with each variable replaced; null if one has no value.</summary>
    /// <param name="value">The value in the document.</param>
    /// <param name="replace">Receives the key and the default (null for none); returns a pattern, or null.</param>
    public static string? Replace(string value, Func<string, string?, string?> replace)
    {
        var result = new StringBuilder();
        var from = 0;
        for (var start = value.IndexOf("${", StringComparison.Ordinal); start >= 0; start = value.IndexOf("${", from, StringComparison.Ordinal))
        {
            var end = value.IndexOf('}', start);
            if (end < 0)
            {
                break;
            }

            var (key, standard) = Split(value[(start + 2)..end]);
            var text = key is "*" or "?" or "$" || ContextKeys.IsOfResource(key) ? value[start..(end + 1)] : replace(key, standard);
            if (text is null)
            {
                return null;
            }

            result.Append(value, from, start - from).Append(text);
            from = end + 1;
        }

        return result.Append(value, from, value.Length - from).ToString();
    }

    /// <summary>
    /// A condition that compares the resource's owner with the caller's, such as <c>aws:ResourceOrgID</c> with <c>${aws:PrincipalOrgID}</c>, with both sides
    /// swapped so that it applies to the caller; null for other conditions.
    /// </summary>
    public static (string Key, string Value)? SwapForResource(string key, IReadOnlyList<string> values) =>
        ContextKeys.IsOfResource(key) && values is [var value] && value.StartsWith("${", StringComparison.Ordinal) && KeysIn(value).ToList() is [var callers]
        && value.EndsWith('}') && callers is "aws:principalorgid" or "aws:principalorgpaths" or "aws:principalaccount"
            ? (callers, $"${{{key}}}")
            : null;

    private static (string Key, string? Default) Split(string inside)
    {
        var comma = inside.IndexOf(',', StringComparison.Ordinal);
        return comma < 0 ? (inside.Trim().ToLowerInvariant(), null) : (inside[..comma].Trim().ToLowerInvariant(), inside[(comma + 1)..].Trim().Trim('\''));
    }
}
