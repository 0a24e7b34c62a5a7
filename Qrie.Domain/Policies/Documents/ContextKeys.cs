namespace Qrie.Domain.Policies.Documents;

/// <summary>
/// Condition keys by what they are about, in small letters
/// (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html).
/// </summary>
internal static class ContextKeys
{
    public const string PrincipalArn = "aws:principalarn";
    public const string SourceIp = "aws:sourceip";

    private static readonly HashSet<string> s_severalValues =
    [
        "aws:calledvia", "aws:tagkeys", "aws:principalservicenameslist", "dynamodb:attributes", "dynamodb:leadingkeys", "kms:encryptioncontextkeys",
        "kms:grantoperations",
    ];

    public static bool IsAddress(string key) => key is SourceIp or "aws:vpcsourceip";

    /// <summary>The account of whoever asks, as a number; the same is a part of <c>aws:PrincipalArn</c>.</summary>
    public static bool IsCallersAccount(string key) => key is "aws:principalaccount" or "kms:calleraccount";

    /// <summary>The owner of what is asked for: always the same, and not in the document.</summary>
    public static bool IsOfResource(string key) =>
        key is "aws:resourceaccount" or "aws:resourceorgid" or "aws:resourceorgpaths" or "s3:resourceaccount";

    /// <summary>For whom an AWS service asks.</summary>
    public static bool IsSource(string key) =>
        key is "aws:sourcearn" or "aws:sourceaccount" or "aws:sourceowner" or "aws:sourceorgid" or "aws:sourceorgpaths";

    /// <summary>An account, an organization, an ARN or an endpoint: names that AWS gives.</summary>
    public static bool IsOwner(string key) => IsCallersAccount(key) || IsSource(key) || IsEndpoint(key)
        || key is PrincipalArn or "aws:principalorgid" or "aws:principalorgpaths" or "aws:userid" or "s3:dataaccesspointaccount" or "s3:dataaccesspointarn";

    /// <summary>Owners whose names have no capital letters: a comparison without case is one of small letters.</summary>
    public static bool IsLowerCase(string key) => IsOwner(key)
        && !(key is PrincipalArn or "aws:sourcearn" or "aws:userid" or "aws:sourcevpcarn" or "s3:dataaccesspointarn");

    /// <summary>From where a request comes.</summary>
    public static bool IsNetwork(string key) => IsAddress(key) || IsEndpoint(key);

    /// <summary>Only in requests that come through a VPC endpoint; those have no <c>aws:SourceIp</c>.</summary>
    public static bool IsEndpoint(string key) =>
        key is "aws:vpcsourceip" or "aws:sourcevpc" or "aws:sourcevpce" or "aws:sourcevpcarn" or "aws:vpceaccount" or "aws:vpceorgid" or "aws:vpceorgpaths";

    /// <summary>A claim of an identity provider: its name is a host or <c>saml</c>, a service's has no dot.</summary>
    public static bool IsClaim(string key) =>
        key.StartsWith("saml:", StringComparison.Ordinal) || (key.LastIndexOf(':') is > 0 and var colon && key.AsSpan(0, colon).Contains('.'));

    /// <summary>
    /// Of the keys that services define a set operator tells which have several values. An account has one path in its organization, although the keys of
    /// paths are meant for several.
    /// </summary>
    public static bool HasSeveralValues(string key, bool usedWithSetOperator) => s_severalValues.Contains(key)
        || (usedWithSetOperator && (IsClaim(key)
            ? key.EndsWith(":amr", StringComparison.Ordinal) || key.EndsWith(":groups", StringComparison.Ordinal)
            : !key.StartsWith("aws:", StringComparison.Ordinal)));
}
