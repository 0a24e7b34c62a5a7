using System.Buffers.Text;
using System.Text;

namespace Qrie.Domain.Findings;

/// <summary>
/// The id of a finding encodes its identity, so it is found by its primary key. A hash would need a randomly ordered index, the most expensive write of a scan.
/// The longest possible ARN (2 KB) gives an id of less than 3 KB.
/// </summary>
public sealed record FindingIdentity(string AccountService, string Arn, string PolicyId)
{
    /// <summary>No valid id is longer.</summary>
    private const int MaxIdLength = 4096;

    /// <summary>ARNs may contain nearly any character, so the ARN comes last.</summary>
    private const char Separator = '\n';

    private static readonly UTF8Encoding s_strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public string ToId() => Base64Url.EncodeToString(Encoding.UTF8.GetBytes($"{AccountService}{Separator}{PolicyId}{Separator}{Arn}"));

    /// <summary>Null if this cannot be the id of a finding.</summary>
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
            // Several texts decode to the same bytes; only the canonical one is an id.
            return identity?.ToId() == id ? identity : null;
        }
        catch (DecoderFallbackException)
        {
            return null;
        }
    }
}
