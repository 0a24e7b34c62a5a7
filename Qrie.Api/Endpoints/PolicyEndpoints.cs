using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Qrie.Api.Endpoints.Http;
using Qrie.Domain;
using Qrie.Domain.Catalog;
using Qrie.Domain.Findings;
using Qrie.Domain.Policies;
using Qrie.Domain.Validation;

namespace Qrie.Api.Endpoints;

internal static class PolicyEndpoints
{
    public static void MapPolicies(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/policies").WithTags("Policies");
        group.MapGet("", ListPolicies).WithSummary("Active policies, then those that can be launched").ProducesProblems(404);
        group.MapPost("", LaunchPolicy).WithSummary("Launch a policy").ProducesProblems(400, 404, 409);
        group.MapPost("/launch", LaunchPolicy).WithSummary("Launch a policy").ProducesProblems(400, 404, 409);
    }

    private static async Task<Ok<IEnumerable<PolicyView>>> ListPolicies(
        [AsParameters] PolicyQuery query, ICatalog catalog, IPolicyStore policies, IFindingStore findings, CancellationToken cancel)
    {
        var snapshot = catalog.Current;
        var launched = (await policies.ListAsync(Organizations.Default, cancel)).ToDictionary(p => p.PolicyId);
        var open = await findings.CountActiveByPolicyAsync(Organizations.Default, cancel);
        PolicyView View(PolicyDefinition d, bool showSuspended) =>
            PolicyView.From(d, launched.GetValueOrDefault(d.Id), open.GetValueOrDefault(d.Id), showSuspended);

        if (query.PolicyId is { } id)
        {
            return snapshot.FindPolicy(id) is { } one
                ? TypedResults.Ok<IEnumerable<PolicyView>>([View(one, showSuspended: true)])
                : throw new NotFoundException($"Policy {id} not found");
        }

        var services = query.Services?.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        var views = snapshot.Policies
            .Where(d => services is null || services.Contains(d.Service))
            .Select(d => View(d, showSuspended: query.Status == "suspended"))
            .Where(v => query.Status is null or "all" || v.Status == query.Status)
            .OrderBy(v => v.Status == "active" ? 0 : 1)
            .ThenBy(v => v.PolicyId, StringComparer.Ordinal);
        return TypedResults.Ok<IEnumerable<PolicyView>>(views);
    }

    private static async Task<Created<LaunchedView>> LaunchPolicy(JsonBody<LaunchBody> body, PolicyLifeCycle lifeCycle, CancellationToken cancel)
    {
        var launch = body.Value;
        var result = await lifeCycle.LaunchAsync(
            new LaunchRequest(Organizations.Default, launch.PolicyId, launch.Scope?.ToScope(), launch.Severity, launch.Params, launch.Remediation), cancel);
        return TypedResults.Created(
            $"/policies?policy_id={Uri.EscapeDataString(result.Policy.PolicyId)}",
            new LaunchedView($"Policy {result.Policy.PolicyId} launched successfully", true, result.ScanId));
    }

    /// <param name="Status">active, available, suspended or all; anything else has no policies.</param>
    /// <param name="Services">A comma list of services.</param>
    /// <param name="PolicyId">One policy; the other parameters are then ignored.</param>
    internal sealed record PolicyQuery(
        [FromQuery(Name = "status")] string? Status,
        [FromQuery(Name = "services")] string? Services,
        [FromQuery(Name = "policy_id")] string? PolicyId);

    internal sealed record LaunchBody(
        string? PolicyId, ScopeView? Scope, int? Severity, Dictionary<string, JsonElement>? Params, string? Remediation);

    internal sealed record LaunchedView(string Message, bool BootstrapScanTriggered, string ScanId);

    /// <summary>All six keys, empty where they do not restrict, never null: the web client counts on it.</summary>
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

    internal sealed record PolicyView(
        string PolicyId, string Title, string Description, string Service, string ResourceType, string Category, int Severity, string Remediation,
        ScopeView? Scope, string Status, long OpenFindings, string? CreatedAt, string? UpdatedAt, IReadOnlyDictionary<string, JsonElement> Params,
        IReadOnlyList<string> References, IReadOnlyDictionary<string, string> Equivalents, bool Recommended)
    {
        /// <summary>A suspended policy can be launched again, so it is shown as available, except to those who ask for suspended ones.</summary>
        public static PolicyView From(PolicyDefinition definition, LaunchedPolicy? launched, long open, bool showSuspended)
        {
            var row = launched is { Status: PolicyStatus.Active } || showSuspended ? launched : null;
            return new PolicyView(
                definition.Id, definition.Title, definition.Description, definition.Service, definition.ResourceType, definition.Category,
                row?.Severity ?? definition.Severity, row?.Remediation ?? definition.Remediation, row is null ? null : ScopeView.From(row.Scope),
                row is null ? "available" : Words.Of(row.Status), row is { Status: PolicyStatus.Active } ? open : 0, Day(row?.CreatedAt), Day(row?.UpdatedAt),
                row is null ? definition.Params : new ActivePolicy(row, definition).Params, definition.References, definition.Equivalents,
                definition.Recommended);
        }

        private static string? Day(DateTimeOffset? time) => time?.UtcDateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
    }
}
