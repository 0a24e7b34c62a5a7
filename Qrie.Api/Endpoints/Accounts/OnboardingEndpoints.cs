using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Options;
using Qrie.Api.Access;
using Qrie.Api.Endpoints.Http;
using Qrie.Api.Hosting;
using Qrie.Aws.Api;
using Qrie.Aws.Onboarding;
using Qrie.Aws.Permissions;
using Qrie.Domain;
using Qrie.Domain.Access;
using Qrie.Domain.Accounts;
using Qrie.Domain.Catalog;
using Qrie.Domain.Policies;
using Qrie.Domain.Validation;

namespace Qrie.Api.Endpoints.Accounts;

internal static class OnboardingEndpoints
{
    private const string RegisterWithIt = "Register each account with this external_id: POST /accounts, or POST /accounts/import.";
    private const string RegisterWithRole = "Register the account with role_arn and without an external_id, which Qrie has stored: POST /accounts.";
    private const string AskForIt =
        "Every account has an external id of its own: POST /accounts/<account id>/onboarding returns it, with the completed template.";

    public static void MapOnboarding(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/accounts").WithTags("Accounts");
        group.MapGet("/onboarding", GetOnboarding).WithSummary(
            "What to deploy in accounts to be watched: principal, a new external id, the completed template, the commands").ProducesProblems(400);
        group.MapPost("/{accountId}/onboarding", Onboard).Writes(Role.Admin, AuditActions.OnboardAccount)
            .WithSummary("What to deploy in one account, with the external id that Qrie issued for it: the same at every call").ProducesProblems(400, 409);
        group.MapPost("/{accountId}/check", Check).Needs(Role.Operator)
            .WithSummary("Check access to an account: missing permissions, their consequences and the remedy").ProducesProblems(404);
    }

    private static async Task<Ok<OnboardingView>> GetOnboarding(
        [FromQuery] string? services, OnboardingBundleFactory factory, CatalogPermissions permissions,
        ICatalog catalog, IOptions<EventOptions> events, AwsRegion region, Caller caller, CancellationToken cancel)
    {
        var own = caller.Organization == Organizations.Default;
        var bundle = await MakeAsync(services, own ? ExternalIds.New() : null, factory, permissions, catalog, events, cancel);
        return TypedResults.Ok(OnboardingView.From(bundle, region.Name, own ? RegisterWithIt : AskForIt));
    }

    private static async Task<Ok<OnboardingView>> Onboard(
        string accountId, [FromQuery] string? services, ExternalIds externalIds, AccountClaims claims, OnboardingBundleFactory factory,
        CatalogPermissions permissions, ICatalog catalog, IOptions<EventOptions> events, AwsRegion region, RequestAudit audit, Caller caller,
        CancellationToken cancel)
    {
        var errors = new FieldErrors();
        new AccountSettings().Check(accountId, catalog.Current, errors);
        errors.ThrowIfAny();
        await claims.RequireClaimableAsync(caller.Organization, accountId, cancel);
        var issued = await audit.MakeAsync(
            accountId, () => externalIds.IssueAsync(caller.Organization, [accountId], cancel), _ => [(accountId, new { has_external_id = true })], cancel);
        var bundle = await MakeAsync(services, issued[accountId], factory, permissions, catalog, events, cancel);
        return TypedResults.Ok(OnboardingView.From(bundle, region.Name, caller.Organization == Organizations.Default ? RegisterWithIt : RegisterWithRole));
    }

    private static Task<OnboardingBundle> MakeAsync(
        string? services, string? externalId, OnboardingBundleFactory factory, CatalogPermissions permissions, ICatalog catalog, IOptions<EventOptions> events,
        CancellationToken cancel)
    {
        var snapshot = catalog.Current;
        var choice = Permissions.PermissionChoice.Read(null, services, [], snapshot);
        List<string> actions = [.. choice.Of(permissions, snapshot).Select(a => a.Action)];
        return factory.CreateAsync(snapshot, actions, externalId, events.Value.QueueUrl, cancel);
    }

    private static async Task<Ok<CheckView>> Check(
        string accountId, IAccountStore accounts, AccountCheck check, CatalogPermissions permissions, ICatalog catalog, IPolicyStore policies, Caller caller,
        CancellationToken cancel)
    {
        var account = await accounts.FindAsync(caller.Organization, accountId, cancel)
            ?? throw new NotFoundException($"Account {accountId} not found; register it with POST /accounts.");
        var snapshot = catalog.Current;
        var active = (await policies.ListAsync(caller.Organization, cancel)).Where(p => p.Status == PolicyStatus.Active)
            .Select(p => snapshot.FindPolicy(p.PolicyId)).OfType<PolicyDefinition>().ToList();
        return TypedResults.Ok(CheckView.From(account, await check.RunAsync(account, snapshot, cancel), snapshot, permissions, active));
    }

    /// <param name="PrincipalArn">The principal that the role must trust; null for the reason in <paramref name="Problem"/>.</param>
    /// <param name="ExternalId">
    /// For an account the one that was issued for it; else a new one for each request, and in organizations other than default null.
    /// </param>
    /// <param name="EventQueueArn">Null if Events:QueueUrl is not set.</param>
    /// <param name="Template">The completed CloudFormation template; save it as qrie.yaml.</param>
    /// <param name="Stack">For one account: run it in that account.</param>
    /// <param name="StackSet">For a whole organization: run it in its management account.</param>
    internal sealed record OnboardingView(
        string? PrincipalArn, string? Problem, string? ExternalId, string? EventQueueArn,
        string Template, string Stack, IReadOnlyList<string> StackSet, IReadOnlyList<string> Notes)
    {
        public static OnboardingView From(OnboardingBundle bundle, string region, string register)
        {
            List<string> notes =
            [
                register,
                "The role is created in us-east-1 (MainRegion); add every region whose events are to be processed, including us-east-1 for IAM.",
            ];
            if (bundle.PrincipalArn?.Contains(":role/", StringComparison.Ordinal) is true)
            {
                notes.Add("If Qrie's own role has a path, add it to QriePrincipalArn: AWS does not reveal it to a session.");
            }

            return new OnboardingView(
                bundle.PrincipalArn, bundle.Problem, bundle.ExternalId, bundle.QueueArn, bundle.Template,
                "aws cloudformation deploy --stack-name qrie --template-file qrie.yaml --capabilities CAPABILITY_NAMED_IAM --region us-east-1",
                [
                    "aws cloudformation create-stack-set --stack-set-name qrie --template-body file://qrie.yaml --capabilities CAPABILITY_NAMED_IAM "
                    + "--permission-model SERVICE_MANAGED --auto-deployment Enabled=true,RetainStacksOnAccountRemoval=false --region us-east-1",
                    "aws cloudformation create-stack-instances --stack-set-name qrie --deployment-targets OrganizationalUnitIds=<root or unit id> "
                    + $"--regions {string.Join(' ', new[] { "us-east-1", region }.Distinct())} --region us-east-1",
                ],
                notes);
        }
    }
}
