using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Qrie.Api.Access;
using Qrie.Api.Endpoints.Http;
using Qrie.Domain.Access;
using Qrie.Domain.Catalog;
using Qrie.Domain.Findings.Preview;

namespace Qrie.Api.Endpoints;

internal static class PolicyPreviewEndpoints
{
    public static void MapPolicyPreview(this IEndpointRouteBuilder routes) =>
        routes.MapPost("/policies/{policyId}/preview", Preview).Needs(Role.Reader)
            .WithTags("Policies").WithMetadata(new RequestSizeLimitAttribute(JsonBody.Small), EvaluationWork.Marker)
            .WithSummary("The effect of launching or changing a policy now; nothing is written").ProducesProblems(400, 404, 409, 413, 429);

    private static async Task<Ok<PreviewView>> Preview(
        string policyId, OptionalJsonBody<PreviewBody> body, PolicyPreview preview, Caller caller, CancellationToken cancel)
    {
        var tried = body.Value;
        return TypedResults.Ok(PreviewView.From(await preview.PreviewAsync(
            new PreviewRequest(caller.Organization, policyId, tried?.Scope?.ToScope(), tried?.Severity, tried?.Params), cancel)));
    }

    /// <summary>Omitted settings are those of the launched policy, or else of its definition.</summary>
    internal sealed record PreviewBody(PolicyEndpoints.ScopeView? Scope, int? Severity, Dictionary<string, JsonElement>? Params);

    /// <param name="Status">The current status: active, suspended or available.</param>
    /// <param name="EvaluatedAt">The evaluation time.</param>
    /// <param name="Settings">The previewed settings.</param>
    /// <param name="Resources">Resources of the policy's type that are not deleted, in accounts that are not removed.</param>
    /// <param name="BySeverity">Verdicts by band of the previewed severity.</param>
    /// <param name="UnknownReasons">Why verdicts are unknown, the most frequent first.</param>
    /// <param name="WouldResolve">ACTIVE findings that would be resolved, by reason.</param>
    /// <param name="WouldStay">ACTIVE findings that stay open, including those whose verdict would be unknown.</param>
    /// <param name="SeverityChanges">Findings that stay open with another severity.</param>
    /// <param name="OpenFindings">ACTIVE findings by band, before and after.</param>
    /// <param name="Samples">Up to 20 findings, with every kind of change.</param>
    internal sealed record PreviewView(
        string PolicyId, string Status, DateTimeOffset EvaluatedAt, SettingsView Settings, long Resources, VerdictsView Verdicts,
        IEnumerable<AccountVerdictsView> ByAccount, IEnumerable<RegionVerdictsView> ByRegion, IEnumerable<SeverityVerdictsView> BySeverity,
        IEnumerable<UnknownReasonView> UnknownReasons, long WouldOpen, long WouldReopen, IReadOnlyDictionary<string, long> WouldResolve, long WouldStay,
        IEnumerable<SeverityChangeView> SeverityChanges, OpenFindingsView OpenFindings, IEnumerable<SampleView> Samples)
    {
        public static PreviewView From(PreviewResult r) => new(
            r.Policy.PolicyId, r.Status is { } status ? ApiEnumNames.Of(status) : "available", r.At,
            new SettingsView(PolicyEndpoints.ScopeView.From(r.Policy.Launched.Scope), r.Policy.Severity, r.Policy.Params),
            r.Verdicts.Resources, VerdictsView.From(r.Verdicts),
            r.ByAccount.OrderBy(a => a.Key, StringComparer.Ordinal).Select(a => new AccountVerdictsView(a.Key, VerdictsView.From(a.Value))),
            r.ByRegion.OrderBy(a => a.Key, StringComparer.Ordinal).Select(a => new RegionVerdictsView(a.Key, VerdictsView.From(a.Value))),
            [new SeverityVerdictsView(ApiEnumNames.Of(Severities.BandOf(r.Policy.Severity)), VerdictsView.From(r.Verdicts))],
            r.UnknownReasons.OrderByDescending(u => u.Value).ThenBy(u => u.Key.Attribute, StringComparer.Ordinal)
                .ThenBy(u => u.Key.Code, StringComparer.Ordinal)
                .Select(u => new UnknownReasonView(u.Key.Attribute, u.Key.Code, u.Value)),
            r.WouldOpen, r.WouldReopen, r.WouldResolve.OrderBy(w => w.Key).ToDictionary(w => ApiEnumNames.Of(w.Key), w => w.Value), r.WouldStay,
            r.SeverityChanges.OrderBy(c => c.Key).Select(c => new SeverityChangeView(c.Key.From, c.Key.To, c.Value)),
            new OpenFindingsView(BandsView.From(r.OpenNow), BandsView.From(r.OpenThen)), r.Samples.Select(SampleView.From));
    }

    internal sealed record SettingsView(PolicyEndpoints.ScopeView Scope, int Severity, IReadOnlyDictionary<string, JsonElement> Params);

    internal sealed record VerdictsView(long Pass, long Fail, long NotApplicable, long Unknown, long OutOfScope)
    {
        public static VerdictsView From(VerdictCounts c) => new(c.Pass, c.Fail, c.NotApplicable, c.Unknown, c.OutOfScope);
    }

    internal sealed record AccountVerdictsView(string AccountId, VerdictsView Verdicts);

    internal sealed record RegionVerdictsView(string Region, VerdictsView Verdicts);

    internal sealed record SeverityVerdictsView(string Severity, VerdictsView Verdicts);

    /// <param name="Attribute">Null if the expression itself failed, or the scope depends on an unknown OU.</param>
    internal sealed record UnknownReasonView(string? Attribute, string Code, long Resources);

    internal sealed record SeverityChangeView(int From, int To, long Findings);

    internal sealed record OpenFindingsView(BandsView Now, BandsView Then);

    internal sealed record BandsView(long Critical, long High, long Medium, long Low)
    {
        public static BandsView From(IReadOnlyDictionary<SeverityBand, long> bands) => new(
            bands.GetValueOrDefault(SeverityBand.Critical), bands.GetValueOrDefault(SeverityBand.High), bands.GetValueOrDefault(SeverityBand.Medium),
            bands.GetValueOrDefault(SeverityBand.Low));
    }

    /// <param name="Change">open, reopen, resolve, severity or stay.</param>
    /// <param name="ResolvedReason">Only for findings that would be resolved.</param>
    /// <param name="Evidence">For a finding that would be resolved, its current evidence.</param>
    internal sealed record SampleView(
        string Arn, string AccountService, string Region, string Change,
        [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? ResolvedReason, int Severity, JsonElement Evidence)
    {
        public static SampleView From(PreviewSample s) => new(
            s.Arn, s.AccountService, s.Region, ApiEnumNames.Of(s.Change), s.Reason is { } reason ? ApiEnumNames.Of(reason) : null, s.Severity, s.Evidence);
    }
}
