using System.Buffers.Text;
using System.Text;

namespace Qrie.Domain.Findings;

/// <summary>
/// What makes a finding this one, and its name in links: the identity itself, so that it is found by its key. A hash would need an index in random order, which
/// costs a scan more than anything else that it writes. An ARN of 2 KB, the longest there is, makes a name of less than 3 KB.
/// </summary>
public sealed record FindingIdentity(string AccountService, string Arn, string PolicyId)
{
    /// <summary>No identity is longer; anything that is was made up.</summary>
    private const int MaxIdLength = 4096;

    /// <summary>ARNs may hold nearly anything, so it comes last.</summary>
    private const char Separator = '\n';

    private static readonly UTF8Encoding s_strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public string ToId() => Base64Url.EncodeToString(Encoding.UTF8.GetBytes($"{AccountService}{Separator}{PolicyId}{Separator}{Arn}"));

    /// <summary>Null: no finding can have this name.</summary>
    public static FindingIdentity? Parse(string id)
    {
        if (id.Length > MaxIdLength || !Base64Url.IsValid(id))
        {
            return null;
        }

        try
        {
            var parts = s_strict.GetString(Base64Url.DecodeFromChars(id)).Split(Separator, 3);
            var identity = parts.Length == 3 ? new FindingIdentity(parts[0], parts[2], parts[1]) : null;
            // Several texts decode to the same bytes; only one of them is the name.
            return identity?.ToId() == id ? identity : null;
        }
        catch (DecoderFallbackException)
        {
            return null;
        }
    }
}
