namespace Qrie.Domain.Policies.Documents;

/// <summary>
/// Condition keys by subject, in lower case
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

    /// <summary>The account id of the caller, which is also a part of <c>aws:PrincipalArn</c>.</summary>
    public static bool IsCallersAccount(string key) => key is "aws:principalaccount" or "kms:calleraccount";

    /// <summary>The owner of the requested resource: constant, but not in the document.</summary>
    public static bool IsOfResource(string key) =>
        key is "aws:resourceaccount" or "aws:resourceorgid" or "aws:resourceorgpaths" or "s3:resourceaccount";

    /// <summary>The resource or account on whose behalf an AWS service calls.</summary>
    public static bool IsSource(string key) =>
        key is "aws:sourcearn" or "aws:sourceaccount" or "aws:sourceowner" or "aws:sourceorgid" or "aws:sourceorgpaths";

    /// <summary>Names assigned by AWS: an account, an organization, an ARN or an endpoint.</summary>
    public static bool IsOwner(string key) => IsCallersAccount(key) || IsSource(key) || IsEndpoint(key)
        || key is PrincipalArn or "aws:principalorgid" or "aws:principalorgpaths" or "aws:userid" or "s3:dataaccesspointaccount" or "s3:dataaccesspointarn";

    /// <summary>Owners with lower-case names, so that case-insensitive comparisons can be done in lower case.</summary>
    public static bool IsLowerCase(string key) => IsOwner(key)
        && !(key is PrincipalArn or "aws:sourcearn" or "aws:userid" or "aws:sourcevpcarn" or "s3:dataaccesspointarn");

    /// <summary>The network origin of a request.</summary>
    public static bool IsNetwork(string key) => IsAddress(key) || IsEndpoint(key);

    /// <summary>Only in requests through a VPC endpoint, which have no <c>aws:SourceIp</c>.</summary>
    public static bool IsEndpoint(string key) =>
        key is "aws:vpcsourceip" or "aws:sourcevpc" or "aws:sourcevpce" or "aws:sourcevpcarn" or "aws:vpceaccount" or "aws:vpceorgid" or "aws:vpceorgpaths";

    /// <summary>A claim of an identity provider, whose name is a host or <c>saml</c>; names of services have no dot.</summary>
    public static bool IsClaim(string key) =>
        key.StartsWith("saml:", StringComparison.Ordinal) || (key.LastIndexOf(':') is > 0 and var colon && key.AsSpan(0, colon).Contains('.'));

    /// <summary>
    /// Whether a key is multi-valued. For keys of services, a set operator implies it. An account has one path in its organization, although the keys of paths
    /// are multi-valued.
    /// </summary>
    public static bool HasSeveralValues(string key, bool usedWithSetOperator) => s_severalValues.Contains(key)
        || (usedWithSetOperator && (IsClaim(key)
            ? key.EndsWith(":amr", StringComparison.Ordinal) || key.EndsWith(":groups", StringComparison.Ordinal)
            : !key.StartsWith("aws:", StringComparison.Ordinal)));
}
