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
    private static readonly string[] _negative = ["StringNotEquals", "StringNotEqualsIgnoreCase", "StringNotLike", "ArnNotEquals", "ArnNotLike", "NotIpAddress"];

    /// <summary>Requests that an AWS service makes of its own are not the public.</summary>
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
            return condition.Is("Bool") && condition.Values.All(value => value.Equals("false", StringComparison.OrdinalIgnoreCase));
        }

        return condition.Is(_negative) && !condition.ForAll && condition.Values.Count > 0 && condition.Values.All(value => IsFixed(condition.Key, value));
    }

    /// <summary>In an Allow: only callers from this account get through.</summary>
    public static bool RestrictsTo(StatementCondition condition, string account) =>
        condition.Is(_positive) && !condition.IfExists && !condition.ForAll && condition.Values.Count > 0
        && condition.Values.All(value => AccountOf(condition.Key, value) == account);

    private static bool IsFixed(string key, string value) => key switch
    {
        "aws:sourceip" or "aws:vpcsourceip" => IsNarrow(value),
        "aws:sourcevpc" or "aws:sourcevpce" => HasNoWildcard(value),
        "aws:sourceaccount" or "aws:sourceowner" or "aws:principalaccount" or "aws:resourceaccount" or "kms:calleraccount" or "s3:dataaccesspointaccount" =>
            IsAccount(value),
        "aws:principalorgid" or "aws:sourceorgid" => HasNoWildcard(value) && value.StartsWith("o-", StringComparison.Ordinal),
        "aws:principalorgpaths" or "aws:sourceorgpaths" => value.StartsWith("o-", StringComparison.Ordinal) && HasNoWildcard(value.Split('/')[0]),
        "aws:sourcearn" or "aws:principalarn" or "s3:dataaccesspointarn" => IsFixedArn(value),
        "aws:userid" or "aws:principalid" => HasNoWildcard(value.Split(':')[0]) && value.Length > 0,
        "s3:x-amz-server-side-encryption-aws-kms-key-id" => HasNoWildcard(value),
        "elasticfilesystem:accessedviamounttarget" => value.Equals("true", StringComparison.OrdinalIgnoreCase),
        _ => false,
    };

    private static string? AccountOf(string key, string value) => key switch
    {
        "aws:sourceaccount" or "aws:sourceowner" or "aws:principalaccount" or "kms:calleraccount" or "s3:dataaccesspointaccount" => value,
        "aws:sourcearn" or "aws:principalarn" or "s3:dataaccesspointarn" => value.Split(':') is [_, _, _, _, var account, ..] ? account : null,
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
