using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Qrie.Aws.Api.Redaction;

/// <summary>
/// Recognizes secrets by user-defined names: a tag or option whose key ends in "password", "token" and the like. It applies only to user-defined keys (pairs
/// and tags), not to AWS's member names.
/// </summary>
public static partial class SecretNames
{
    /// <summary>The id under <c>matches</c>.</summary>
    public const string Id = "named_secret";

    private static readonly string[] _keys = ["Key", "key", "TagKey", "OptionName", "ParameterKey"];
    private static readonly string[] _values = ["Value", "value", "TagValue", "ParameterValue"];

    /// <summary>Elastic Beanstalk returns environment variables among its options; the second one repeats them with the database's password.</summary>
    private static readonly string[] _secretNamespaces = ["aws:elasticbeanstalk:application:environment", "aws:cloudformation:template:parameter"];

    private static readonly string[] _parts =
        ["assw", "ASSW", "assphrase", "ASSPHRASE", "pwd", "Pwd", "PWD", "ecret", "ECRET", "oken", "OKEN", "redential",
            "REDENTIAL", "pi_key", "PI_KEY", "piKey", "PIKey", "pikey", "PIKEY", "pi-key", "rivate", "RIVATE"];

    private static readonly byte[][] _hints = [.. _parts.Concat(_secretNamespaces).Select(Encoding.ASCII.GetBytes)];

    /// <summary>A fast check whether a full search is necessary.</summary>
    public static bool MayName(ReadOnlySpan<byte> utf8)
    {
        foreach (var hint in _hints)
        {
            if (utf8.IndexOf(hint) >= 0)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Whether the name marks a member of the owner as a secret.</summary>
    /// <param name="owner">The object that the value is a member of.</param>
    /// <param name="ownerName">The owner's own name; null for an item of a list.</param>
    /// <param name="name">The value's name.</param>
    public static bool Name(JsonElement owner, string? ownerName, string name)
    {
        if (ownerName is "Tags" or "tags")
        {
            return IsSecret(name);
        }

        if (!_values.Contains(name))
        {
            return false;
        }

        return Find(owner, _keys) is { } key
            && (IsSecret(key) || (owner.TryGetProperty("Namespace", out var space)
                && space.ValueKind is JsonValueKind.String && _secretNamespaces.Contains(space.GetString())));
    }

    /// <summary>Whether a name, or what it ends with, is that of a secret.</summary>
    public static bool IsSecret(string name) => SecretName().IsMatch(name);

    private static string? Find(JsonElement owner, string[] names)
    {
        foreach (var name in names)
        {
            if (owner.TryGetProperty(name, out var value) && value.ValueKind is JsonValueKind.String)
            {
                return value.GetString();
            }
        }

        return null;
    }

    [GeneratedRegex(
        @"(passw(or)?d|passphrase|pwd|secret|token|credential|api[_-]?key|private[_-]?key|secret[_-]?(access[_-]?)?key)s?[_-]?\d*$",
        RegexOptions.CultureInvariant | RegexOptions.IgnoreCase)]
    private static partial Regex SecretName();
}
