using Qrie.Aws.Api;
using Qrie.Domain;
using Qrie.Domain.Accounts;

namespace Qrie.Aws.Accounts;

/// <summary>Determines the role to assume for an account.</summary>
public static class AwsRoles
{
    /// <summary>
    /// In the organization <c>default</c> the account's own <see cref="Account.RoleArn"/>; none for the account of the ambient credentials; else the role of
    /// <see cref="AwsApiOptions.RoleName"/>. In every other organization the account's own role with the external id that Qrie issued, otherwise no access.
    /// </summary>
    /// <param name="account">The account to read.</param>
    /// <param name="ambient">The identity of the ambient credentials; null if unknown.</param>
    /// <param name="options">The pattern and the external id.</param>
    public static AwsPrincipal PrincipalFor(Account account, AmbientIdentity? ambient, AwsApiOptions options)
    {
        if (account.Organization != Organizations.Default)
        {
            return account is { RoleArn: { Length: > 0 } own, ExternalId: { Length: > 0 } issued }
                ? new AwsPrincipal(account.AccountId, own, issued)
                : AwsPrincipal.WithoutAccess(account.AccountId);
        }

        var externalId = account.ExternalId ?? options.ExternalId;
        if (account.RoleArn is { Length: > 0 } arn)
        {
            return new AwsPrincipal(account.AccountId, arn, externalId);
        }

        if (account.AccountId == ambient?.AccountId)
        {
            return new AwsPrincipal(account.AccountId);
        }

        var role = options.RoleName.Replace("{account}", account.AccountId, StringComparison.Ordinal).TrimStart('/');
        return new AwsPrincipal(account.AccountId, $"arn:{ambient?.Partition ?? "aws"}:iam::{account.AccountId}:role/{role}", externalId);
    }
}
