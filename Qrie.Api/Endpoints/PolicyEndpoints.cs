using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Qrie.Api.Access;
using Qrie.Api.Endpoints.Compliance;
using Qrie.Api.Endpoints.Http;
using Qrie.Domain.Access;
using Qrie.Domain.Catalog;
using Qrie.Domain.Dashboard;
using Qrie.Domain.Findings;
using Qrie.Domain.Management;
using Qrie.Domain.Policies;
using Qrie.Domain.Validation;

namespace Qrie.Api.Endpoints;

internal static class PolicyEndpoints
{
    public static void MapPolicies(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/policies").WithTags("Policies");
        group.MapGet("", ListPolicies).Limits(AccountLimit.ByEndpoint).WithSummary("Active policies, then available ones").ProducesProblems(400, 404);
        group.MapGet("/active", ListActive).Limits(AccountLimit.ByEndpoint).WithSummary("An older alias of ?status=active");
        group.MapGet("/available", ListAvailable).Limits(AccountLimit.ByEndpoint).WithSummary("An older alias of ?status=available");
        routes.MapGet("/policy", GetPolicy)
            .Limits(AccountLimit.ByEndpoint).WithTags("Policies").WithSummary("An older alias of /policies?policy_id=").ProducesProblems(400, 404);
        group.MapGet("/{policyId}/definition", GetDefinition)
            .Limits(AccountLimit.WithoutAccounts).WithSummary("What the catalog defines: expressions, lookups, test cases").ProducesProblems(404);
        group.MapPost("", LaunchPolicy).Writes(Role.Operator, AuditActions.LaunchPolicy).WithSummary("Launch a policy").ProducesProblems(400, 404, 409);
        group.MapPost("/launch", LaunchPolicy).Writes(Role.Operator, AuditActions.LaunchPolicy)
            .WithSummary("Launch a policy, or several with one scan").ProducesProblems(400, 404, 409);
        group.MapPut("/update", UpdateNamed).Writes(Role.Operator, AuditActions.UpdatePolicy)
            .WithSummary("Change a launched policy, suspend it, or activate it again").ProducesProblems(400, 404);
        group.MapPut("/{policyId}", Update).Writes(Role.Operator, AuditActions.UpdatePolicy)
            .WithSummary("Change a launched policy, suspend it, or activate it again").ProducesProblems(400, 404);
        group.MapDelete("/{policyId}", Delete).Writes(Role.Operator, AuditActions.DeletePolicy)
            .WithSummary("Delete a launched policy; its findings are resolved").ProducesProblems(404);
    }

    private static async Task<Ok<IEnumerable<PolicyView>>> ListPolicies(
        [AsParameters] PolicyQuery query, ICatalog catalog, IPolicyStore policies, IFindingStore findings,
        ISummaryStore summaries, Caller caller, CancellationToken cancel)
    {
        var snapshot = catalog.Current;
        var launched = (await policies.ListAsync(caller.Organization, cancel)).ToDictionary(p => p.PolicyId);
        var open = await CountOpenAsync(findings, summaries, caller, cancel);
        PolicyView View(PolicyDefinition d, bool showSuspended) =>
            PolicyView.From(d, launched.GetValueOrDefault(d.Id), open.GetValueOrDefault(d.Id), showSuspended).For(caller);
        PolicyView Missing(LaunchedPolicy row) => PolicyView.Missing(row, open.GetValueOrDefault(row.PolicyId)).For(caller);

        if (query.PolicyId is { } id)
        {
            return snapshot.FindPolicy(id) is { } one ? TypedResults.Ok<IEnumerable<PolicyView>>([View(one, showSuspended: true)])
                : launched.GetValueOrDefault(id) is { } row ? TypedResults.Ok<IEnumerable<PolicyView>>([Missing(row)])
                : throw new NotFoundException($"Policy {id} not found");
        }

        var errors = new FieldErrors();
        var ofFramework = FrameworkFilter.PolicyIds(query.Framework, query.Requirement, errors, snapshot);
        errors.ThrowIfAny();
        var services = query.Services?.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        // Launched, but no longer in the catalog: not evaluated, but not hidden either.
        var missing = launched.Values
            .Where(p => snapshot.FindPolicy(p.PolicyId) is null && services is null && ofFramework is null)
            .Where(p => p.Status == PolicyStatus.Active || query.Status == "suspended")
            .Select(Missing);
        var views = snapshot.Policies
            .Where(d => services is null || services.Contains(d.Service))
            .Where(d => ofFramework is null || ofFramework.Contains(d.Id))
            .Select(d => View(d, showSuspended: query.Status == "suspended"))
            .Concat(missing)
            .Where(v => query.Status is null or "all" || v.Status == query.Status)
            .OrderBy(v => v.Status == "active" ? 0 : 1)
            .ThenBy(v => v.PolicyId, StringComparer.Ordinal);
        return TypedResults.Ok<IEnumerable<PolicyView>>(views);
    }

    private static async Task<IReadOnlyDictionary<string, long>> CountOpenAsync(
        IFindingStore findings, ISummaryStore summaries, Caller caller, CancellationToken cancel)
    {
        if (caller.Accounts is null)
        {
            return await findings.CountActiveByPolicyAsync(caller.Organization, cancel);
        }

        var open = new Dictionary<string, long>(StringComparer.Ordinal);
        foreach (var account in caller.Accounts)
        {
            foreach (var count in (await summaries.CountFindingsAsync(caller.Organization, account, cancel)).Where(c => c.State == FindingState.Active))
            {
                open[count.PolicyId] = open.GetValueOrDefault(count.PolicyId) + count.N;
            }
        }

        return open;
    }

    private static Task<Ok<IEnumerable<PolicyView>>> ListActive(
        [FromQuery(Name = "services")] string? services, ICatalog catalog, IPolicyStore policies, IFindingStore findings,
        ISummaryStore summaries, Caller caller,
        CancellationToken cancel) =>
        ListPolicies(new PolicyQuery { Status = "active", Services = services }, catalog, policies, findings, summaries, caller, cancel);

    private static Task<Ok<IEnumerable<PolicyView>>> ListAvailable(
        [FromQuery(Name = "services")] string? services, ICatalog catalog, IPolicyStore policies, IFindingStore findings,
        ISummaryStore summaries, Caller caller,
        CancellationToken cancel) =>
        ListPolicies(new PolicyQuery { Status = "available", Services = services }, catalog, policies, findings, summaries, caller, cancel);

    private static Task<Ok<IEnumerable<PolicyView>>> GetPolicy(
        [FromQuery(Name = "id")] string? id, ICatalog catalog, IPolicyStore policies, IFindingStore findings,
        ISummaryStore summaries, Caller caller, CancellationToken cancel) =>
        ListPolicies(
            new PolicyQuery
            {
                PolicyId = string.IsNullOrEmpty(id) ? throw InvalidInputException.Of("id", "id must name a policy: /policy?id=S3BucketPublic.") : id,
            },
            catalog, policies, findings, summaries, caller, cancel);

    private static Ok<PolicyDefinitionView> GetDefinition(string policyId, ICatalog catalog) =>
        TypedResults.Ok(PolicyDefinitionView.From(
            catalog.Current.FindPolicy(policyId) ?? throw new NotFoundException($"Policy {policyId} not found in the catalog; GET /policies lists it.")));

    private static async Task<Results<Created<LaunchedView>, Created<BulkLaunchedView>>> LaunchPolicy(
        JsonBody<LaunchBody> body, PolicyLifeCycle lifeCycle, ICatalog catalog, RequestAudit audit, Caller caller, CancellationToken cancel)
    {
        var launch = body.Value;
        if (launch.PolicyIds is not null || launch.Recommended is not null)
        {
            return await LaunchSeveralAsync(launch, lifeCycle, catalog, audit, caller, cancel);
        }

        var request = new LaunchRequest(caller.Organization, launch.PolicyId, launch.Scope?.ToScope(), launch.Severity, launch.Params, launch.Remediation);
        var result = await audit.MakeAsync(
            launch.PolicyId ?? "", () => lifeCycle.LaunchAsync(request, cancel),
            launched => [(launched.Policy.PolicyId, PolicyState.Of(launched.Policy))], cancel);
        return TypedResults.Created(
            $"/policies?policy_id={Uri.EscapeDataString(result.Policy.PolicyId)}",
            new LaunchedView($"Policy {result.Policy.PolicyId} launched successfully", true, result.ScanId));
    }

    private static async Task<Created<BulkLaunchedView>> LaunchSeveralAsync(
        LaunchBody launch, PolicyLifeCycle lifeCycle, ICatalog catalog, RequestAudit audit, Caller caller, CancellationToken cancel)
    {
        var errors = new FieldErrors();
        errors.Require(launch.PolicyId is null, "policy_id", "policy_id launches one policy; give either it, policy_ids or recommended.");
        errors.Require(launch.PolicyIds is null || launch.Recommended is null, "recommended", "Give either policy_ids or recommended.");
        errors.Require(launch.Recommended is null or true, "recommended", "recommended must be true or omitted.");
        errors.Require(
            launch is { Severity: null, Params: null, Remediation: null }, "severity",
                "severity, params and remediation can be set for one policy at a time only.");
        errors.ThrowIfAny();
        IReadOnlyList<string?> ids = launch.PolicyIds
            ?? [.. catalog.Current.Policies.Where(p => p is { Recommended: true, Deprecated: false }).Select(p => p.Id)];
        var result = await audit.MakeAsync(
            string.Join(',', ids), () => lifeCycle.LaunchAllAsync(new BulkLaunchRequest(caller.Organization, ids, launch.Scope?.ToScope()), cancel),
            several => several.Launched.Select(p => (p.PolicyId, (object?)PolicyState.Of(p))), cancel);
        return TypedResults.Created(
            "/policies?status=active",
            new BulkLaunchedView(
                $"{result.Launched.Count} policies launched, {result.Skipped.Count} skipped", result.Launched.Select(p => p.PolicyId),
                result.Skipped.Select(s => new SkippedView(s.PolicyId, s.Message)), result.ScanId));
    }

    private static Task<Ok<UpdatedView>> UpdateNamed(
        JsonBody<UpdateBody> body, PolicyUpdates updates, IPolicyStore policies,
        ICatalog catalog, RequestAudit audit, Caller caller, CancellationToken cancel) =>
        UpdateAsync(body.Value.PolicyId, body.Value, updates, policies, catalog, audit, caller, cancel);

    private static Task<Ok<UpdatedView>> Update(
        string policyId, JsonBody<UpdateBody> body, PolicyUpdates updates, IPolicyStore policies,
        ICatalog catalog, RequestAudit audit, Caller caller, CancellationToken cancel) =>
        UpdateAsync(policyId, body.Value, updates, policies, catalog, audit, caller, cancel);

    private static async Task<Ok<UpdatedView>> UpdateAsync(
        string? policyId, UpdateBody body, PolicyUpdates updates, IPolicyStore policies,
        ICatalog catalog, RequestAudit audit, Caller caller, CancellationToken cancel)
    {
        PolicyStatus? status = body.Status switch
        {
            null => null,
            "active" => PolicyStatus.Active,
            "suspended" => PolicyStatus.Suspended,
            _ => throw InvalidInputException.Of("status", "status must be active or suspended"),
        };
        var update = new PolicyUpdate(
            caller.Organization, policyId, status, new PolicyChange(body.Scope?.ToScope(), body.Severity, body.Params, body.Remediation));
        var id = IdOf(policyId ?? "", catalog);
        var result = await audit.ChangeAsync(
            id, async token => PolicyState.Of(await policies.FindAsync(caller.Organization, id, token)), () => updates.UpdateAsync(update, cancel), cancel);
        return TypedResults.Ok(new UpdatedView($"Policy {result.PolicyId} updated successfully", result.FindingsResolved, result.ScanId));
    }

    private static async Task<Ok<DeletedView>> Delete(
        string policyId, PolicyUpdates updates, IPolicyStore policies, ICatalog catalog, RequestAudit audit, Caller caller, CancellationToken cancel)
    {
        var id = IdOf(policyId, catalog);
        var resolved = await audit.ChangeAsync(
            id, async token => PolicyState.Of(await policies.FindAsync(caller.Organization, id, token)),
            () => updates.DeleteAsync(caller.Organization, policyId, cancel), cancel);
        return TypedResults.Ok(new DeletedView($"Policy {policyId} deleted successfully", resolved));
    }

    /// <summary>A former id refers to the current policy; a policy that is no longer in the catalog keeps its id.</summary>
    private static string IdOf(string policyId, ICatalog catalog) => catalog.Current.FindPolicy(policyId)?.Id ?? policyId;

    internal sealed record PolicyQuery
    {
        /// <summary>active, available, suspended or all; any other value matches nothing.</summary>
        [FromQuery(Name = "status")]
        public string? Status { get; init; }

        /// <summary>A comma-separated list of services.</summary>
        [FromQuery(Name = "services")]
        public string? Services { get; init; }

        /// <summary>One policy; the other parameters are ignored then.</summary>
        [FromQuery(Name = "policy_id")]
        public string? PolicyId { get; init; }

        /// <summary>A compliance framework: policies that check it.</summary>
        [FromQuery(Name = "framework")]
        public string? Framework { get; init; }

        /// <summary>A requirement of the framework: policies that check it.</summary>
        [FromQuery(Name = "requirement")]
        public string? Requirement { get; init; }
    }

    /// <param name="PolicyIds">Several policies instead of one.</param>
    /// <param name="Recommended">true: the policies that the catalog recommends.</param>
    internal sealed record LaunchBody(
        string? PolicyId, ScopeView? Scope, int? Severity, Dictionary<string, JsonElement>? Params,
        string? Remediation, List<string?>? PolicyIds, bool? Recommended);

    internal sealed record LaunchedView(string Message, bool BootstrapScanTriggered, string ScanId);

    /// <param name="ScanId">The single scan of all of them; null if none was launched.</param>
    internal sealed record BulkLaunchedView(string Message, IEnumerable<string> Launched, IEnumerable<SkippedView> Skipped, string? ScanId);

    internal sealed record SkippedView(string PolicyId, string Reason);

    /// <param name="PolicyId">Only if the path does not name it.</param>
    /// <param name="Status">active or suspended.</param>
    internal sealed record UpdateBody(
        string? PolicyId, string? Status, ScopeView? Scope, int? Severity, Dictionary<string, JsonElement>? Params, string? Remediation);

    /// <param name="FindingsPurged">Findings resolved by suspending it.</param>
    /// <param name="ScanId">The scan of the new settings.</param>
    internal sealed record UpdatedView(
        string Message,
        [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] int? FindingsPurged,
        [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? ScanId);

    /// <param name="FindingsDeleted">Findings that were resolved; no data is deleted.</param>
    internal sealed record DeletedView(string Message, int FindingsDeleted);

    /// <summary>All six keys, empty if they do not restrict, never null: the web client relies on it.</summary>
    internal sealed record ScopeView(
        IReadOnlyList<string>? IncludeAccounts, IReadOnlyList<string>? ExcludeAccounts,
        IReadOnlyDictionary<string, IReadOnlyList<string>>? IncludeTags, IReadOnlyDictionary<string, IReadOnlyList<string>>? ExcludeTags,
        IReadOnlyList<string>? IncludeOuPaths, IReadOnlyList<string>? ExcludeOuPaths)
    {
        public static ScopeView From(PolicyScope scope) => new(
            scope.IncludeAccounts, scope.ExcludeAccounts, scope.IncludeTags, scope.ExcludeTags, scope.IncludeOuPaths, scope.ExcludeOuPaths);

        public PolicyScope ToScope() => new()
        {
            IncludeAccounts = IncludeAccounts ?? [],
            ExcludeAccounts = ExcludeAccounts ?? [],
            IncludeTags = IncludeTags ?? PolicyScope.Everything.IncludeTags,
            ExcludeTags = ExcludeTags ?? PolicyScope.Everything.ExcludeTags,
            IncludeOuPaths = IncludeOuPaths ?? [],
            ExcludeOuPaths = ExcludeOuPaths ?? [],
        };
    }

    /// <summary>A launched policy as recorded in the audit log.</summary>
    internal sealed record PolicyState(
        string Status, ScopeView Scope, int? Severity, IReadOnlyDictionary<string, JsonElement> Params, string? Remediation, long Revision)
    {
        public static PolicyState? Of(LaunchedPolicy? p) =>
            p is null ? null : new PolicyState(ApiEnumNames.Of(p.Status), ScopeView.From(p.Scope), p.Severity, p.Params, p.Remediation, p.Revision);
    }

    internal sealed record PolicyView(
        string PolicyId, string Title, string Description, string Service, string ResourceType, string Category, int Severity, string Remediation,
        ScopeView? Scope, string Status, long OpenFindings, string? CreatedAt, string? UpdatedAt, IReadOnlyDictionary<string, JsonElement> Params,
        IReadOnlyList<string> References, IReadOnlyDictionary<string, IReadOnlyList<EquivalentView>> Equivalents, bool Recommended,
        [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] bool DefinitionMissing = false)
    {
        /// <summary>Without the scope for those who are limited to accounts: it names others.</summary>
        public PolicyView For(Caller caller) => caller.Accounts is null ? this : this with { Scope = null };

        /// <summary>Launched, but no longer in the catalog: only the launch settings are known.</summary>
        public static PolicyView Missing(LaunchedPolicy row, long open) => new(
            row.PolicyId, row.PolicyId, "This policy is no longer in the catalog; it is not evaluated.", "", "", "", row.Severity ?? 0,
            row.Remediation ?? "", ScopeView.From(row.Scope), ApiEnumNames.Of(row.Status),
            row.Status == PolicyStatus.Active ? open : 0, Day(row.CreatedAt), Day(row.UpdatedAt),
            row.Params, [], EquivalentView.From(null), Recommended: false, DefinitionMissing: true);

        /// <summary>A suspended policy can be launched again, so it is listed as available unless suspended ones are requested.</summary>
        public static PolicyView From(PolicyDefinition definition, LaunchedPolicy? launched, long open, bool showSuspended)
        {
            var row = launched is { Status: PolicyStatus.Active } || showSuspended ? launched : null;
            return new PolicyView(
                definition.Id, definition.Title, definition.Description, definition.Service, definition.ResourceType, definition.Category,
                row?.Severity ?? definition.Severity, row?.Remediation ?? definition.Remediation, row is null ? null : ScopeView.From(row.Scope),
                row is null ? "available" : ApiEnumNames.Of(row.Status), row is { Status: PolicyStatus.Active } ? open
                    : 0, Day(row?.CreatedAt), Day(row?.UpdatedAt),
                row is null ? definition.Params : new ActivePolicy(row, definition).Params, definition.References, EquivalentView.From(definition),
                definition.Recommended);
        }

        private static string? Day(DateTimeOffset? time) => time?.UtcDateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
    }
}
