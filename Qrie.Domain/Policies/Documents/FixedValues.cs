namespace Qrie.Domain.Policies.Documents;

/// <summary>
/// Determines whether a value identifies an owner completely: an account, an organization, a network, a source. Based on S3's definition of public
/// (https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html) and the global condition keys.
/// </summary>
internal static class FixedValues
{
    /// <param name="key">The key in lower case.</param>
    /// <param name="value">The value with its wildcards.</param>
    public static bool IsFixed(string key, string value) => PolicyVariables.IsResourceOwner(value) || key switch
    {
        "aws:sourcevpc" or "aws:sourcevpce" or "aws:sourcevpcarn" or "aws:ec2instancesourcevpc" or "aws:federatedprovider" => IsWhole(value),
        "aws:sourceaccount" or "aws:sourceowner" or "aws:principalaccount" or "aws:vpceaccount" or "kms:calleraccount" or "s3:dataaccesspointaccount" =>
            IsAccount(value),
        "aws:principalorgid" or "aws:sourceorgid" or "aws:vpceorgid" => IsWhole(value) && value.StartsWith("o-", StringComparison.Ordinal),
        "aws:principalorgpaths" or "aws:sourceorgpaths" or "aws:vpceorgpaths" =>
            value.StartsWith("o-", StringComparison.Ordinal) && value.Contains('/', StringComparison.Ordinal) && IsWhole(value.Split('/')[0]),
        "aws:sourcearn" or ContextKeys.PrincipalArn or "s3:dataaccesspointarn" or "ec2:sourceinstancearn" or "ssm:sourceinstancearn"
            or "lambda:sourcefunctionarn" => IsFixedArn(value),
        "aws:userid" or "aws:principalid" => IsWhole(value.Split(':')[0]),
        "s3:x-amz-server-side-encryption-aws-kms-key-id" => IsWhole(value),
        _ => IdentityProviders.Names(key, value) is Answer.Yes,
    };

    public static bool IsAccount(string value) => value.Length == 12 && value.All(char.IsAsciiDigit);

    /// <summary>Without wildcards and variables.</summary>
    public static bool IsWhole(string value) =>
        value.Length > 0 && !value.Contains('*') && !value.Contains('?') && !value.Contains("${", StringComparison.Ordinal);

    /// <summary>
    /// An ARN is fixed if its account is, or if it has no wildcards. A bucket's ARN has neither account nor region, so its name identifies the owner.
    /// </summary>
    private static bool IsFixedArn(string value)
    {
        var parts = value.Split(':', 6);
        return parts.Length == 6 && (IsAccount(parts[4]) || (parts[4].Length == 0 && IsWhole(value))
            || (parts[2] == "s3" && parts[4] is "" or "*" && IsWhole(parts[5])));
    }
}
