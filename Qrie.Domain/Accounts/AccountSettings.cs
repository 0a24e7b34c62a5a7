using System.Text.RegularExpressions;
using Qrie.Domain.Catalog;
using Qrie.Domain.Validation;

namespace Qrie.Domain.Accounts;

/// <summary>The settings of an account that users control; null if not given.</summary>
public sealed partial record AccountSettings
{
    private const int MostTags = 50; // https://docs.aws.amazon.com/organizations/latest/userguide/orgs_reference_limits.html

    public string? Name { get; init; }

    public string? Ou { get; init; }

    public IReadOnlyDictionary<string, string>? Tags { get; init; }

    /// <summary>An ARN; <c>{account}</c> in it is replaced by the account id.</summary>
    public string? RoleArn { get; init; }

    public string? ExternalId { get; init; }

    public IReadOnlyList<string>? Regions { get; init; }

    /// <summary>Service keys of the catalog.</summary>
    public IReadOnlyList<string>? Services { get; init; }

    public static AccountSettings Of(Account account) => new()
    {
        Name = account.Name,
        Ou = account.Ou,
        Tags = account.Tags,
        RoleArn = account.RoleArn,
        ExternalId = account.ExternalId,
        Regions = account.Regions,
        Services = account.Services,
    };

    /// <summary>These settings, completed from the given ones.</summary>
    public AccountSettings Over(AccountSettings before) => new()
    {
        Name = Name ?? before.Name,
        Ou = Ou ?? before.Ou,
        Tags = Tags ?? before.Tags,
        RoleArn = RoleArn ?? before.RoleArn,
        ExternalId = ExternalId ?? before.ExternalId,
        Regions = Regions ?? before.Regions,
        Services = Services ?? before.Services,
    };

    /// <summary>The account with these settings.</summary>
    public Account ApplyTo(Account account) => account with
    {
        Name = Name,
        Ou = Ou,
        Tags = Tags,
        RoleArn = RoleArn?.Replace("{account}", account.AccountId, StringComparison.Ordinal),
        ExternalId = ExternalId,
        Regions = Regions,
        Services = Services,
    };

    /// <summary>Adds an error for each invalid setting.</summary>
    public void Check(string? accountId, ResourceCatalog catalog, FieldErrors errors)
    {
        errors.Require(accountId is not null && AccountIdForm().IsMatch(accountId), "account_id", WhatIsWrong(accountId));
        errors.Require(Name is not { Length: > 200 }, "name", "name must have at most 200 characters.");
        errors.RequireSafe(Name, "name");
        errors.Require(Ou is null || OuForm().IsMatch(Ou), "ou", "ou must be the name or the path of an organizational unit, at most 500 characters.");
        errors.RequireSafe(Ou is { } ou && OuForm().IsMatch(ou) ? ou : null, "ou");
        CheckRole(accountId, errors);
        errors.Require(
            ExternalId is null || ExternalIdForm().IsMatch(ExternalId), "external_id", "external_id must have 2 to 1224 letters, digits or + = , . @ : / - _.");
        foreach (var region in Regions ?? [])
        {
            errors.Require(
                region is not null && RegionForm().IsMatch(region), "regions", $"regions: '{region}' is not the name of a region such as eu-west-1.");
        }

        errors.Require(Regions is not { Count: 0 }, "regions", "regions must name at least one region; leave it out to read every enabled one.");
        foreach (var service in Services ?? [])
        {
            errors.Require(
                service is not null && catalog.FindService(service) is not null, "services",
                $"services: '{service}' is not known; it must be one of {string.Join(", ", catalog.Services.Select(s => s.Key))}.");
        }

        errors.Require(Services is not { Count: 0 }, "services", "services must name at least one service; leave it out to watch all.");
        errors.Require(Tags is not { Count: > MostTags }, "tags", $"tags must have at most {MostTags} entries.");
        errors.Require(
            (Tags ?? new Dictionary<string, string>()).All(t => t.Key.Length is > 0 and <= 128 && t.Value is { Length: <= 256 }), "tags",
            "tags must have keys of 1 to 128 characters and values of at most 256 characters.");
        errors.RequireSafe((Tags ?? new Dictionary<string, string>()).Select(t => t.Key + t.Value).FirstOrDefault(t => !SafeText.IsSafe(t)), "tags");
    }

    /// <summary>Whether the change may affect the scopes of policies.</summary>
    public static bool ScopeDiffers(Account before, Account after) =>
        before.Ou != after.Ou || !SameTags(before.Tags, after.Tags) || !SameServices(before.Services, after.Services);

    /// <summary>Whether the settings of two states of an account are the same.</summary>
    public static bool Same(Account before, Account after) =>
        !ScopeDiffers(before, after) && (before.Name, before.RoleArn, before.ExternalId) == (after.Name, after.RoleArn, after.ExternalId)
        && (before.Regions ?? []).SequenceEqual(after.Regions ?? []);

    private void CheckRole(string? accountId, FieldErrors errors)
    {
        if (RoleArn is not null)
        {
            var match = RoleArnForm().Match(RoleArn.Replace("{account}", accountId, StringComparison.Ordinal));
            errors.Require(
                match.Success, "role_arn",
                "role_arn must be the ARN of an IAM role, arn:aws:iam::123456789012:role/QrieReadOnly; {account} in it is replaced by the account id.");
            errors.Require(!match.Success || match.Groups["account"].Value == accountId, "role_arn", "role_arn must name a role in the account itself.");
        }
    }

    private static string WhatIsWrong(string? accountId) => accountId is { Length: >= 8 and < 12 } && accountId.All(char.IsAsciiDigit)
        ? $"account_id must be the 12 digits of an AWS account; '{accountId}' has {accountId.Length} (spreadsheets drop leading zeros)."
        : "account_id must be the 12 digits of an AWS account.";

    private static bool SameServices(IReadOnlyList<string>? one, IReadOnlyList<string>? other) =>
        one is null || other is null ? one is null && other is null : one.ToHashSet().SetEquals(other);

    private static bool SameTags(IReadOnlyDictionary<string, string>? one, IReadOnlyDictionary<string, string>? other) =>
        (one is null) == (other is null) && (one?.Count ?? 0) == (other?.Count ?? 0)
        && (one ?? new Dictionary<string, string>()).All(t => other!.TryGetValue(t.Key, out var value) && value == t.Value);

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
