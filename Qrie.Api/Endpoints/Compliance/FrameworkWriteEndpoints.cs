using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using Qrie.Api.Access;
using Qrie.Api.Endpoints.Http;
using Qrie.Domain.Access;
using Qrie.Domain.Compliance;
using Qrie.Domain.Management;

namespace Qrie.Api.Endpoints.Compliance;

/// <summary>Launching a framework, and attestations.</summary>
internal static class FrameworkWriteEndpoints
{
    public static void MapFrameworkWrites(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/frameworks/{frameworkId}").WithTags("Compliance");
        group.MapPost("/launch", Launch).Writes(Role.Operator, AuditActions.LaunchPolicy)
            .WithSummary("Launch the policies of a framework or a section with one scan; with preview, say what would be launched").ProducesProblems(400, 404)
            .WithExample(ComplianceExamples.LaunchPlan).WithRequestExample(ComplianceExamples.LaunchBody);
        group.MapGet("/attestations", ListAttestations).WithSummary("What owners stated about requirements that no policy checks").ProducesProblems(404)
            .WithExample(ComplianceExamples.Attestations);
        group.MapPut("/requirements/{requirementId}/attestation", Attest).Writes(Role.Auditor, AuditActions.Attest)
            .WithSummary("State that a requirement which no policy checks is met, or that it is not").ProducesProblems(400, 404, 409)
            .WithExample(ComplianceExamples.Attestation).WithRequestExample(ComplianceExamples.AttestationBody);
        group.MapDelete("/requirements/{requirementId}/attestation", WithdrawAttestation).Writes(Role.Auditor, AuditActions.WithdrawAttestation)
            .WithSummary("Withdraw an attestation").ProducesProblems(404);
    }

    private static async Task<Results<Ok<LaunchPlanView>, Created<LaunchPlanView>>> Launch(
        string frameworkId, OptionalJsonBody<LaunchBody> body, FrameworkLaunch launch, RequestAudit audit, Caller caller, CancellationToken cancel)
    {
        var asked = body.Value ?? new LaunchBody(null, null, null, null);
        var request = new FrameworkLaunchRequest(
            caller.Organization, frameworkId, asked.Section, asked.Scope?.ToScope(), asked.IncludeSuspended ?? false);
        var plan = await launch.PlanAsync(request, cancel);
        if (asked.Preview == true)
        {
            return TypedResults.Ok(LaunchPlanView.From(plan, result: null));
        }

        if (plan.Launch.Count == 0)
        {
            return TypedResults.Ok(LaunchPlanView.From(plan, new BulkLaunchResult([], [], null)));
        }

        var (done, result) = await audit.MakeAsync(
            frameworkId, () => launch.LaunchAsync(request, cancel),
            made => made.Result.Launched.Select(p => (p.PolicyId, (object?)PolicyEndpoints.PolicyState.Of(p))), cancel);
        return TypedResults.Created($"/frameworks/{Uri.EscapeDataString(frameworkId)}", LaunchPlanView.From(done, result));
    }

    private static async Task<Ok<AttestationListView>> ListAttestations(
        string frameworkId, Attestations attestations, TimeProvider clock, Caller caller, CancellationToken cancel)
    {
        var now = clock.GetUtcNow();
        return TypedResults.Ok(new AttestationListView(
            (await attestations.ListAsync(caller.Organization, frameworkId, cancel)).Select(a => AttestationView.From(a, now))));
    }

    private static async Task<Ok<AttestationView>> Attest(
        string frameworkId, string requirementId, JsonBody<AttestationBody> body, Attestations attestations, RequestAudit audit, TimeProvider clock,
        Caller caller, CancellationToken cancel)
    {
        var stated = body.Value;
        var request = new AttestationRequest(
            caller.Organization, frameworkId, requirementId, stated.Status, stated.Text, stated.Link, stated.ExpiresAt, caller.Actor.Id);
        return TypedResults.Ok(AttestationView.From(
            await audit.ChangeAsync(
                SubjectOf(frameworkId, requirementId), Read(attestations, clock, caller, frameworkId, requirementId),
                () => attestations.SetAsync(request, cancel), cancel),
            clock.GetUtcNow()));
    }

    private static async Task<NoContent> WithdrawAttestation(
        string frameworkId, string requirementId, Attestations attestations, RequestAudit audit, TimeProvider clock, Caller caller, CancellationToken cancel)
    {
        await audit.ChangeAsync(
            SubjectOf(frameworkId, requirementId), Read(attestations, clock, caller, frameworkId, requirementId),
            async () =>
            {
                await attestations.DeleteAsync(caller.Organization, frameworkId, requirementId, cancel);
                return true;
            },
            cancel);
        return TypedResults.NoContent();
    }

    private static string SubjectOf(string frameworkId, string requirementId) => $"{frameworkId} {requirementId}";

    private static Func<CancellationToken, Task<object?>> Read(
        Attestations attestations, TimeProvider clock, Caller caller, string frameworkId, string requirementId) => async token =>
        await attestations.FindAsync(caller.Organization, frameworkId, requirementId, token) is { } found
            ? AttestationView.From(found, clock.GetUtcNow())
            : null;

    /// <param name="Section">Only this section; else the whole framework.</param>
    /// <param name="Scope">The scope of the policies; everything if it is missing.</param>
    /// <param name="Preview">true: nothing is launched.</param>
    /// <param name="IncludeSuspended">true: suspended policies are launched again, with new settings.</param>
    internal sealed record LaunchBody(string? Section, PolicyEndpoints.ScopeView? Scope, bool? Preview, bool? IncludeSuspended);

    /// <param name="Preview">True if nothing was launched.</param>
    /// <param name="Launch">Policies that were or would be launched.</param>
    /// <param name="Active">Policies that are active already and stay as they are.</param>
    /// <param name="Suspended">Policies that stay suspended.</param>
    /// <param name="Skipped">Policies that were launched by somebody else meanwhile.</param>
    /// <param name="Resources">Stored resources of the policies' types, each counted once for each policy.</param>
    /// <param name="ScanId">The single scan of all of them; null if none was launched.</param>
    internal sealed record LaunchPlanView(
        bool Preview, string Message, string Framework, string? Section, IEnumerable<PlannedPolicyView> Launch, IEnumerable<ActivePolicyView> Active,
        IReadOnlyList<string> Suspended, IEnumerable<PolicyEndpoints.SkippedView> Skipped, long Resources, string? ScanId)
    {
        public static LaunchPlanView From(LaunchPlan plan, BulkLaunchResult? result) => new(
            result is null,
            result is null
                ? $"{plan.Launch.Count} policies would be launched, {plan.Active.Count} are active already, {plan.Suspended.Count} are suspended"
                : $"{result.Launched.Count} policies launched, {plan.Active.Count} are active already, {plan.Suspended.Count} are suspended",
            plan.Framework.Id, plan.Section,
            plan.Launch.Select(p => new PlannedPolicyView(p.PolicyId, p.Severity, p.Requirements, p.Params, p.Resources)),
            plan.Active.Select(p => new ActivePolicyView(p.PolicyId, p.Requirements, p.Differences)), plan.Suspended,
            (result?.Skipped ?? []).Select(s => new PolicyEndpoints.SkippedView(s.PolicyId, s.Message)), plan.Launch.Sum(p => p.Resources), result?.ScanId);
    }

    /// <param name="Requirements">Those that it checks.</param>
    /// <param name="Params">Demanded values that differ from the policy's defaults.</param>
    internal sealed record PlannedPolicyView(
        string PolicyId, int Severity, IReadOnlyList<string> Requirements, IReadOnlyDictionary<string, JsonElement> Params, long Resources);

    /// <param name="Differences">Values that it runs with and that are not the demanded ones; change them with PUT /policies/{policy_id}.</param>
    internal sealed record ActivePolicyView(string PolicyId, IReadOnlyList<string> Requirements, IReadOnlyList<string> Differences);

    /// <param name="Status">pass or fail.</param>
    /// <param name="Text">What the statement is based on.</param>
    /// <param name="Link">An http or https address of the evidence.</param>
    /// <param name="ExpiresAt">At most two years from now.</param>
    internal sealed record AttestationBody(string? Status, string? Text, string? Link, DateTimeOffset? ExpiresAt);

    internal sealed record AttestationListView(IEnumerable<AttestationView> Attestations);
}
