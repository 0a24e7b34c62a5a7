using System.Text.RegularExpressions;
using Qrie.Domain.Validation;

namespace Qrie.Domain.Accounts;

/// <summary>Registers accounts.</summary>
public sealed partial class AccountRegistry(IAccountStore accounts, TimeProvider clock)
{
    /// <summary>Registers an account.</summary>
    /// <exception cref="InvalidInputException">Something about it cannot be right.</exception>
    /// <exception cref="ConflictException">It is registered already.</exception>
    public async Task<Account> AddAsync(NewAccount input, CancellationToken cancel)
    {
        Validate(input);
        var now = clock.GetUtcNow();
        var account = new Account
        {
            Organization = input.Organization,
            AccountId = input.AccountId!,
            Name = input.Name,
            Ou = input.Ou,
            RoleArn = input.RoleArn,
            ExternalId = input.ExternalId,
            Regions = input.Regions,
            CreatedAt = now,
            UpdatedAt = now,
        };
        return await accounts.AddAsync(account, cancel) switch
        {
            AddAccountOutcome.Added => account,
            AddAccountOutcome.AlreadyActive => throw new ConflictException($"Account {account.AccountId} is registered already."),
            _ => throw new ConflictException($"Account {account.AccountId} is active in another organization; remove it there first."),
        };
    }

    /// <summary>Registers the account of the ambient credentials, if it is not known yet. True: it was added now.</summary>
    public async Task<bool> EnsureAsync(string organization, string accountId, CancellationToken cancel)
    {
        var now = clock.GetUtcNow();
        var account = new Account { Organization = organization, AccountId = accountId, CreatedAt = now, UpdatedAt = now };
        return await accounts.FindAsync(organization, accountId, cancel) is null
            && await accounts.AddAsync(account, cancel) == AddAccountOutcome.Added;
    }

    private static void Validate(NewAccount input)
    {
        var errors = new FieldErrors();
        errors.Require(input.AccountId is { } id && AccountIdForm().IsMatch(id), "account_id", "account_id must be the 12 digits of an AWS account.");
        errors.Require(input.Name is not { Length: > 200 }, "name", "name must have at most 200 characters.");
        errors.Require(input.Ou is null || OuForm().IsMatch(input.Ou), "ou", "ou must be the name or the path of an organizational unit, at most 500 characters.");
        if (input.RoleArn is { } role)
        {
            var match = RoleArnForm().Match(role);
            errors.Require(match.Success, "role_arn", "role_arn must be the ARN of an IAM role, arn:aws:iam::123456789012:role/QrieReadOnly.");
            errors.Require(!match.Success || match.Groups["account"].Value == input.AccountId, "role_arn", "role_arn must name a role in the account itself.");
        }

        errors.Require(
            input.ExternalId is null || ExternalIdForm().IsMatch(input.ExternalId),
            "external_id", "external_id must have 2 to 1224 letters, digits or + = , . @ : / - _.");
        foreach (var region in input.Regions ?? [])
        {
            errors.Require(region is not null && RegionForm().IsMatch(region), "regions", $"regions: '{region}' is not the name of a region such as eu-west-1.");
        }

        errors.Require(input.Regions is not { Count: 0 }, "regions", "regions must name at least one region; leave it out to read every enabled one.");
        errors.ThrowIfAny();
    }

    [GeneratedRegex(@"^[0-9]{12}\z")]
    private static partial Regex AccountIdForm();

    [GeneratedRegex(@"^[^\p{Cc}]{1,500}\z")]
    private static partial Regex OuForm();

    [GeneratedRegex(@"^arn:aws[a-z-]*:iam::(?<account>[0-9]{12}):role/[A-Za-z0-9_+=,.@/-]{1,512}\z")]
    private static partial Regex RoleArnForm();

    // https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html (ExternalId)
    [GeneratedRegex(@"^[A-Za-z0-9_+=,.@:/-]{2,1224}\z")]
    private static partial Regex ExternalIdForm();

    [GeneratedRegex(@"^[a-z]{2,5}(-[a-z]+)+-[0-9]+\z")]
    private static partial Regex RegionForm();
}

/// <summary>What a caller says of a new account; null: not said.</summary>
public sealed record NewAccount(
    string Organization, string? AccountId, string? Name, string? Ou, string? RoleArn, string? ExternalId, IReadOnlyList<string>? Regions);
