using Qrie.Domain.Policies.Network;

namespace Qrie.Domain.Policies.Documents;

/// <summary>
/// Which conditions keep the public out: those that pin the caller to a fixed account, organization, network or source. The list follows what S3 calls
/// public (https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html) and the global condition keys.
/// </summary>
internal static class Restriction
{
    /// <summary>AWS takes a range for fixed up to these lengths.</summary>
    private const int WidestIpv4 = 8;
    private const int WidestIpv6 = 32;

    private static readonly string[] _positive = ["StringEquals", "StringEqualsIgnoreCase", "StringLike", "ArnEquals", "ArnLike", "IpAddress", "Bool"];
    private static readonly string[] _negative =
        ["StringNotEquals", "StringNotEqualsIgnoreCase", "StringNotLike", "ArnNotEquals", "ArnNotLike", "NotIpAddress"];

    /// <summary>
    /// Requests that an AWS service makes of its own are not the public. Anonymous requests do not have the first key: without IfExists they are not refused.
    /// </summary>
    private static readonly string[] _serviceCarveOuts = ["aws:principalisawsservice", "aws:viaawsservice"];

    /// <summary>In an Allow: only callers with one of these fixed values get through.</summary>
    public static bool Restricts(StatementCondition condition) =>
        condition.Is(_positive) && !condition.IfExists && !condition.ForAll && condition.Values.Count > 0
        && condition.Values.All(value => IsFixed(condition.Key, value));

    /// <summary>In a Deny: everyone but callers with one of these fixed values is refused; a request without the key is refused too.</summary>
    public static bool RefusesOthers(StatementCondition condition)
    {
        if (_serviceCarveOuts.Contains(condition.Key))
        {
            return condition.Is("Bool") && condition.IfExists && condition.Values.All(value => value.Equals("false", StringComparison.OrdinalIgnoreCase));
        }

        return condition.Is(_negative) && !condition.ForAll && condition.Values.Count > 0 && condition.Values.All(value => IsFixed(condition.Key, value));
    }

    /// <summary>In an Allow: only callers from this account get through.</summary>
    public static bool RestrictsTo(StatementCondition condition, string account) =>
        AccountsOf(condition) is { Count: > 0 } accounts && accounts.All(value => value == account);

    /// <summary>In an Allow: the accounts whose callers alone get through; empty: the condition pins the caller to something else, or to nothing.</summary>
    public static IReadOnlyList<string> AccountsOf(StatementCondition condition)
    {
        if (!Restricts(condition))
        {
            return [];
        }

        var accounts = condition.Values.Select(value => AccountOf(condition.Key, value)).ToList();
        return accounts.TrueForAll(account => account is not null && IsAccount(account)) ? [.. accounts.Select(account => account!)] : [];
    }

    /// <summary>
    /// In an Allow for an identity provider that serves everyone: only tokens made for one of these tenants get through. Claims that say the same in everyone's
    /// tokens, the audience of GitHub's for instance, are none of <paramref name="claims"/>.
    /// </summary>
    public static bool PinsTenant(StatementCondition condition, string provider, IReadOnlyList<string> claims) =>
        condition.Is(_positive) && !condition.IfExists && !condition.ForAll && condition.Values.Count > 0
        && claims.Any(claim => condition.Key == $"{provider}:{claim}") && condition.Values.All(IsOneTenant);

    /// <summary>
    /// Before the first wildcard the tenant must be named in full: <c>repo:owner/*</c>, not <c>repo:own*</c>, which somebody else may register.
    /// </summary>
    private static bool IsOneTenant(string value)
    {
        var wildcard = value.IndexOfAny(['*', '?']);
        if (wildcard < 0)
        {
            return HasNoWildcard(value) && value.Length > 0;
        }

        var fixedPart = value[..wildcard];
        var colon = fixedPart.IndexOf(':', StringComparison.Ordinal);
        var end = colon < 0 ? -1 : fixedPart.IndexOfAny([':', '/'], colon + 1);
        return end > colon + 1 && HasNoWildcard(fixedPart);
    }

    private static bool IsFixed(string key, string value) => key switch
    {
        // aws:VpcSourceIp is an address in whatever VPC the caller has, and aws:ResourceAccount is the owner of what is asked for: neither says who asks.
        "aws:sourceip" => IsNarrow(value),
        "aws:sourcevpc" or "aws:sourcevpce" or "aws:sourcevpcarn" => value.Length > 0 && HasNoWildcard(value),
        "aws:sourceaccount" or "aws:sourceowner" or "aws:principalaccount" or "aws:vpceaccount" or "kms:calleraccount" or "s3:dataaccesspointaccount" =>
            IsAccount(value),
        "aws:principalorgid" or "aws:sourceorgid" or "aws:vpceorgid" => HasNoWildcard(value) && value.StartsWith("o-", StringComparison.Ordinal),
        "aws:principalorgpaths" or "aws:sourceorgpaths" or "aws:vpceorgpaths" =>
            value.StartsWith("o-", StringComparison.Ordinal) && HasNoWildcard(value.Split('/')[0]),
        "aws:sourcearn" or "aws:principalarn" or "s3:dataaccesspointarn" => IsFixedArn(value),
        "aws:userid" or "aws:principalid" => HasNoWildcard(value.Split(':')[0]) && value.Length > 0,
        "s3:x-amz-server-side-encryption-aws-kms-key-id" => HasNoWildcard(value),
        "elasticfilesystem:accessedviamounttarget" => value.Equals("true", StringComparison.OrdinalIgnoreCase),
        _ => false,
    };

    private static string? AccountOf(string key, string value) => key switch
    {
        "aws:sourceaccount" or "aws:sourceowner" or "aws:principalaccount" or "kms:calleraccount" or "s3:dataaccesspointaccount" => value,
        "aws:sourcearn" or "aws:principalarn" or "s3:dataaccesspointarn" => ArnAccount.Of(value),
        _ => null,
    };

    private static bool HasNoWildcard(string value) => !value.Contains('*') && !value.Contains('?') && !value.Contains("${", StringComparison.Ordinal);

    private static bool IsAccount(string value) => value.Length == 12 && value.All(char.IsAsciiDigit);

    /// <summary>An ARN is fixed when its account is, or when nothing in it is open (a bucket's ARN has no account).</summary>
    private static bool IsFixedArn(string value)
    {
        var parts = value.Split(':');
        return parts.Length >= 6 && (IsAccount(parts[4]) || (parts[4].Length == 0 && HasNoWildcard(value)));
    }

    private static bool IsNarrow(string value) =>
        CidrBlock.TryParse(value, out var block) && (IsPrivate(block) || block.PrefixLength >= (block.IsIpv6 ? WidestIpv6 : WidestIpv4));

    private static bool IsPrivate(CidrBlock block) => CidrBlock.Private.Any(known => known.Contains(block));
}
