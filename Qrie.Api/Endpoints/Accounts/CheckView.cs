using Qrie.Api.Endpoints.Http;
using Qrie.Aws.Onboarding;
using Qrie.Aws.Permissions;
using Qrie.Domain;
using Qrie.Domain.Accounts;
using Qrie.Domain.Catalog;

namespace Qrie.Api.Endpoints.Accounts;

/// <summary>The result of checking an account.</summary>
/// <param name="Ok">All calls succeeded, or are not offered there.</param>
/// <param name="RoleArn">Null for the account of Qrie's own credentials.</param>
/// <param name="CallerArn">The identity in the account; null if access failed.</param>
/// <param name="Problem">Why access failed; null if it succeeded.</param>
/// <param name="Region">The region in which regional services were tried.</param>
/// <param name="Services">The result by service.</param>
/// <param name="Missing">Actions that AWS denied.</param>
/// <param name="Failed">Calls that failed for other reasons: try again, then see the message.</param>
/// <param name="NotTried">Actions that need an existing resource: see the first inventory.</param>
/// <param name="ManagedPolicies">What a role that only has one of AWS's managed policies for auditors, instead of Qrie's template, could not read.</param>
internal sealed record CheckView(
    string AccountId, bool Ok, string? RoleArn, string? CallerArn, CheckProblemView? Problem, string? Region, IReadOnlyList<CheckedServiceView> Services,
    IReadOnlyList<MissingActionView> Missing, IReadOnlyList<FailedCallView> Failed, IReadOnlyList<string> NotTried,
    IReadOnlyList<ManagedPolicyView> ManagedPolicies)
{
    public static CheckView From(
        Account account, AccountCheckResult result, ResourceCatalog catalog, CatalogPermissions permissions, IReadOnlyList<PolicyDefinition> active)
    {
        var missing = result.Calls.Where(c => c.Outcome == CallOutcome.Denied)
            .GroupBy(c => permissions.ActionOf(c.Operation))
            .Select(g => MissingActionView.Of(g.Key, [.. g], permissions.PoliciesLostBy(catalog, g.Key, active)))
            .OrderByDescending(m => m.PoliciesLost.Count).ThenBy(m => m.Action, StringComparer.Ordinal)
            .ToList();
        var tried = result.Calls.Select(c => permissions.ActionOf(c.Operation)).ToHashSet();
        var problem = result.Code is { } code ? new CheckProblemView(code, result.Message ?? "", Remedy(account, result)) : null;
        return new CheckView(
            account.AccountId, problem is null && result.Calls.All(c => c.Outcome is CallOutcome.Ok or CallOutcome.NotAvailable),
            result.RoleArn, result.CallerArn, problem, result.Region,
            [.. result.Calls.GroupBy(c => c.Service).Select(g => CheckedServiceView.Of(g.Key, [.. g]))], missing,
            [.. result.Calls.Where(c => c.Outcome == CallOutcome.Failed)
                .Select(c => new FailedCallView(c.Operation.ToString(), c.Region, c.Code ?? "", c.Message ?? ""))],
            problem is null ? [.. permissions.For(catalog).Where(a => !tried.Contains(a))] : [],
            [.. permissions.GapsOfManagedPolicies(catalog, [.. catalog.Services.Select(s => s.Key).Where(account.Watches)], active)
                .Select(ManagedPolicyView.Of)]);
    }

    /// <summary>The remedy if access to an account failed.</summary>
    public static string Remedy(Account account, AccountCheckResult result) => result switch
    {
        { Code: "NoCredentials" } =>
            "Give Qrie AWS credentials of its own: AWS_PROFILE, AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or a task or instance role.",
        { Code: "WrongAccount" } => $"Set role_arn of account {account.AccountId} to a role in it.",
        { Code: AccountCheck.LateCode } =>
            "Check that the network between Qrie and AWS's endpoints is open, and that no proxy or firewall blocks the calls.",
        { Code: "NoRole" } => $"POST /accounts/{account.AccountId}/onboarding returns the template of the role; register the account with role_arn.",
        { RoleArn: null } => "Check that Qrie's own credentials are valid and that the network is open.",
        _ =>
            $"Deploy the template of GET /accounts/onboarding in account {account.AccountId}: {result.RoleArn} must exist, trust Qrie's principal, "
            + "and ask for the external id that the account is registered with "
            + $"({(account.Organization != Organizations.Default ? "POST /accounts/<account id>/onboarding returns it"
                : account.ExternalId is null ? "it has none of its own: Aws:ExternalId counts" : "it has one of its own")}); "
            + "and Qrie's principal must be allowed sts:AssumeRole on it.",
    };
}

internal sealed record FailedCallView(string Operation, string Region, string Code, string Message);

internal sealed record CheckProblemView(string Code, string Message, string Remedy);

/// <param name="Outcome">ok, denied, failed or not_available: the worst outcome of its calls.</param>
internal sealed record CheckedServiceView(string Service, string Outcome, int Tried, int Denied, string? Code, string? Message)
{
    public static CheckedServiceView Of(string service, IReadOnlyList<CheckedCall> calls)
    {
        var worst = calls.MaxBy(c => c.Outcome switch { CallOutcome.Denied => 3, CallOutcome.Failed => 2, CallOutcome.NotAvailable => 1, _ => 0 })!;
        return new CheckedServiceView(
            service, ApiEnumNames.Of(worst.Outcome), calls.Count, calls.Count(c => c.Outcome == CallOutcome.Denied), worst.Code, worst.Message);
    }
}

/// <param name="PoliciesLost">Active policies whose verdicts become unknown without it.</param>
internal sealed record MissingActionView(
    string Action, IReadOnlyList<string> Operations, string Region, string Code, string Message, IReadOnlyList<string> PoliciesLost, string Remedy)
{
    public static MissingActionView Of(string action, IReadOnlyList<CheckedCall> calls, IReadOnlyList<string> lost)
    {
        var first = calls[0];
        return new MissingActionView(
            action, [.. calls.Select(c => c.Operation.ToString()).Distinct()], first.Region, first.Code ?? "", first.Message ?? "", lost,
            $"Allow {action} in the role: update its stack with the template of GET /accounts/onboarding. If it is already allowed, "
            + "a service control policy or a permissions boundary denies it.");
    }
}

/// <param name="Version">The version of AWS's policy that was compared.</param>
/// <param name="MissingActions">The actions of an inventory that it does not allow.</param>
/// <param name="PoliciesLost">Active policies whose verdicts become unknown with this managed policy alone.</param>
internal sealed record ManagedPolicyView(string Name, string Version, IReadOnlyList<string> MissingActions, IReadOnlyList<string> PoliciesLost)
{
    public static ManagedPolicyView Of(ManagedPolicyGap gap) =>
        new(gap.Policy.Name, gap.Policy.Version, [.. gap.Missing.Select(m => m.Action)], gap.PoliciesLost);
}
