using Qrie.Domain.Validation;

namespace Qrie.Domain.Accounts;

/// <summary>
/// Which accounts an organization other than <c>default</c> may register, and with what. Qrie's own credentials, <c>Aws:RoleName</c> and <c>Aws:ExternalId</c>
/// serve <c>default</c> only: by them one tenant would read the accounts of another that trusts Qrie.
/// </summary>
public sealed class AccountClaims(ExternalIds externalIds, IAwsAccess access)
{
    private const string OwnAccount =
        $"is the account of Qrie's own credentials and belongs to the organization {Organizations.Default}; no other one can register it.";

    /// <summary>Notes what an organization must not leave out or choose itself.</summary>
    /// <param name="externalId">What the caller says it is; null: nothing.</param>
    /// <param name="roleArn">As it would be stored.</param>
    public static void Check(string organization, string? externalId, string? roleArn, FieldErrors errors)
    {
        if (organization == Organizations.Default)
        {
            return;
        }

        errors.Require(
            externalId is null, "external_id",
            $"external_id is issued by Qrie for accounts of organizations other than {Organizations.Default} and cannot be chosen; leave it out. "
            + "POST /accounts/<account id>/onboarding returns it.");
        errors.Require(
            roleArn is not null, "role_arn",
            $"role_arn is needed in organizations other than {Organizations.Default}: the ARN of a role in the account that requires the issued external id, "
            + "such as arn:aws:iam::{account}:role/QrieReadOnly-{account}. POST /accounts/<account id>/onboarding returns the template that creates it.");
    }

    /// <summary>The account that no other organization can register; null: not known, or this is the organization <c>default</c>.</summary>
    public async Task<string?> ForbiddenAsync(string organization, CancellationToken cancel) =>
        organization == Organizations.Default ? null : (await access.FindAmbientAccountAsync(cancel)).AccountId;

    /// <exception cref="ConflictException">It is the account of Qrie's own credentials.</exception>
    public async Task RequireClaimableAsync(string organization, string accountId, CancellationToken cancel)
    {
        if (await ForbiddenAsync(organization, cancel) == accountId)
        {
            throw new ConflictException($"Account {accountId} {OwnAccount}");
        }
    }

    public static void RequireClaimable(string? accountId, string? forbidden, FieldErrors errors) =>
        errors.Require(accountId is null || accountId != forbidden, "account_id", $"account_id {accountId} {OwnAccount}");

    /// <summary>What to store as the external ids of accounts: in <c>default</c> what callers say, elsewhere what Qrie issued.</summary>
    public async Task<Func<string, AccountSettings, AccountSettings>> IssueAsync(
        string organization, IReadOnlyCollection<string> accountIds, CancellationToken cancel)
    {
        if (organization == Organizations.Default)
        {
            return (_, settings) => settings;
        }

        var issued = await externalIds.IssueAsync(organization, accountIds, cancel);
        return (accountId, settings) => settings with { ExternalId = issued[accountId] };
    }
}
