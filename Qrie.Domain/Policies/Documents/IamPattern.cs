namespace Qrie.Domain.Policies.Documents;

/// <summary>Patterns of IAM: <c>*</c> any text, <c>?</c> one character.</summary>
internal static class IamPattern
{
    public static bool Matches(string pattern, string text) => Wildcard.Matches(pattern.ToLowerInvariant(), text.ToLowerInvariant(), '?');
}
