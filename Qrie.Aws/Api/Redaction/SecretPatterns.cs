using System.Text;
using System.Text.RegularExpressions;

namespace Qrie.Aws.Api.Redaction;

/// <summary>Patterns of secrets. Their ids are part of responses (<c>matches</c>) and read by policies, so they must not be renamed.</summary>
public static partial class SecretPatterns
{
    /// <summary>Specific enough to redact any string that contains a match, anywhere in a response.</summary>
    private static readonly (string Id, Regex Pattern)[] _certain =
    [
        ("aws_access_key_id", AccessKeyId()),
        ("aws_secret_access_key", SecretAccessKey()),
        ("private_key", PrivateKey()),
        ("github_token", GitHubToken()),
        ("slack_token", SlackToken()),
        ("json_web_token", JsonWebToken()),
        ("google_api_key", GoogleApiKey()),
        ("stripe_key", StripeKey()),
        ("url_credentials", UrlCredentials()),
    ];

    /// <summary>Reported for values that are secret anyway; too common in descriptions to cause redaction.</summary>
    private static readonly (string Id, Regex Pattern)[] _likely = [("assigned_secret", AssignedSecret())];

    /// <summary>Every match of a specific pattern contains one of these bytes; strings without them need no search.</summary>
    private static readonly byte[][] _hints =
        [.. new[] { "AKIA", "ASIA", "PRIVATE KEY", "ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_", "xox", "eyJ", "AIza", "sk_live_", "rk_live_", "://" }
            .Select(Encoding.ASCII.GetBytes)];

    [GeneratedRegex("^(AKIA|ASIA|AIDA|AROA)[A-Z0-9]{16}$", RegexOptions.CultureInvariant)]
    public static partial Regex KeyIdAlone();

    /// <summary>A fast check whether a full search is necessary.</summary>
    public static bool MayMatch(ReadOnlySpan<byte> utf8)
    {
        foreach (var hint in _hints)
        {
            if (utf8.IndexOf(hint) >= 0)
            {
                return true;
            }
        }

        // A secret access key has no prefix of its own; it is recognized by the words before it.
        return utf8.IndexOf("ecret"u8) >= 0 || utf8.IndexOf("SECRET"u8) >= 0;
    }

    /// <summary>The ids of the specific patterns in a text.</summary>
    public static List<string> FindCertain(string text) => Find(_certain, text);

    /// <summary>The ids of all patterns in a value that is secret anyway; base64 is decoded.</summary>
    public static List<string> FindAll(string text)
    {
        var found = Find([.. _certain, .. _likely], text);
        if (Decode(text) is { } decoded)
        {
            found.AddRange(Find([.. _certain, .. _likely], decoded).Except(found));
        }

        return found;
    }

    /// <summary>The text with every match of a specific pattern replaced.</summary>
    public static string Strike(string text)
    {
        foreach (var (_, pattern) in _certain)
        {
            text = pattern.Replace(text, "***");
        }

        return text;
    }

    private static List<string> Find((string Id, Regex Pattern)[] patterns, string text) =>
        [.. patterns.Where(p => p.Pattern.IsMatch(text)).Select(p => p.Id)];

    private static string? Decode(string text)
    {
        var bytes = new byte[text.Length];
        return text.Length >= 16 && Convert.TryFromBase64String(text, bytes, out var length) ? Encoding.UTF8.GetString(bytes, 0, length) : null;
    }

    [GeneratedRegex("(?<![A-Za-z0-9])(AKIA|ASIA)[A-Z0-9]{16}(?![A-Za-z0-9])", RegexOptions.CultureInvariant)]
    private static partial Regex AccessKeyId();

    [GeneratedRegex(
        "secret.{0,30}?(?<![A-Za-z0-9/+])[A-Za-z0-9/+]{40}(?![A-Za-z0-9/+=])",
        RegexOptions.CultureInvariant | RegexOptions.IgnoreCase | RegexOptions.Singleline)]
    private static partial Regex SecretAccessKey();

    [GeneratedRegex("-----BEGIN ([A-Z0-9]+ )*PRIVATE KEY", RegexOptions.CultureInvariant)]
    private static partial Regex PrivateKey();

    [GeneratedRegex("(gh[pousr]_[A-Za-z0-9]{36}|github_pat_[A-Za-z0-9_]{22})", RegexOptions.CultureInvariant)]
    private static partial Regex GitHubToken();

    [GeneratedRegex("xox[abeprs]-[A-Za-z0-9-]{10}|hooks\\.slack\\.com/services/T[A-Za-z0-9]+/B[A-Za-z0-9]+/[A-Za-z0-9]{20}", RegexOptions.CultureInvariant)]
    private static partial Regex SlackToken();

    [GeneratedRegex("eyJ[A-Za-z0-9_-]{10,}\\.eyJ[A-Za-z0-9_-]{10,}\\.[A-Za-z0-9_-]{5,}", RegexOptions.CultureInvariant)]
    private static partial Regex JsonWebToken();

    [GeneratedRegex("AIza[0-9A-Za-z_-]{35}", RegexOptions.CultureInvariant)]
    private static partial Regex GoogleApiKey();

    [GeneratedRegex("[sr]k_live_[0-9A-Za-z]{20}", RegexOptions.CultureInvariant)]
    private static partial Regex StripeKey();

    [GeneratedRegex("[A-Za-z][A-Za-z0-9+.-]*://[^/\\s:@\"'{}$]+:[^/\\s:@\"'{}$]{3,}@", RegexOptions.CultureInvariant)]
    private static partial Regex UrlCredentials();

    [GeneratedRegex(
        "(password|passwd|pwd|secret|token|api_?key)[\"']?\\s*[=:]\\s*[\"']?[^\\s\"']{6,}", RegexOptions.CultureInvariant | RegexOptions.IgnoreCase)]
    private static partial Regex AssignedSecret();
}
