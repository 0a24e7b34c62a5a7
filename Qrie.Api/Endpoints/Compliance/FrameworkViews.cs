using System.Text.Json;
using System.Text.Json.Serialization;
using Qrie.Api.Endpoints.Http;
using Qrie.Domain;
using Qrie.Domain.Catalog;
using Qrie.Domain.Compliance;
using Qrie.Domain.Findings;

namespace Qrie.Api.Endpoints.Compliance;

/// <param name="Account">The account that was asked for; null for more than one.</param>
/// <param name="Ou">The unit that was asked for; null for all.</param>
internal sealed record FrameworkListView(string? Account, string? Ou, IEnumerable<FrameworkView> Frameworks);

/// <param name="Version">As its publisher writes it.</param>
/// <param name="About">What the mapping covers and whose it is.</param>
internal record FrameworkView(
    string Id, string Title, string Version, string Publisher, string About, IReadOnlyList<string> References, ScoreView Score)
{
    public static FrameworkView From(FrameworkAssessment assessment)
    {
        var framework = assessment.Framework;
        return new FrameworkView(
            framework.Id, framework.Title, framework.Version, framework.Publisher, framework.About, framework.References, ScoreView.From(assessment.Score));
    }
}

/// <param name="Sections">In the order of the framework.</param>
/// <param name="Requirements">In the order of the framework, as far as section and state match. The scores are of all.</param>
internal sealed record FrameworkDetailView(
    [property: JsonIgnore] FrameworkView Of, string? Account, string? Ou, IEnumerable<SectionView> Sections, IEnumerable<RequirementView> Requirements)
    : FrameworkView(Of)
{
    public static FrameworkDetailView From(
        FrameworkAssessment assessment, ComplianceScope scope, IEnumerable<RequirementAssessment> shown,
        IReadOnlyDictionary<string, AttestationView> attestations) =>
        new(
            FrameworkView.From(assessment), scope.AccountId, scope.Ou,
            assessment.Sections.Select(s => new SectionView(s.Section.Id, s.Section.Title, ScoreView.From(s.Score))),
            shown.Select(r => RequirementView.From(r, attestations.GetValueOrDefault(r.Requirement.Id))));
}

internal sealed record SectionView(string Id, string Title, ScoreView Score);

/// <summary>Requirements by state, and pairs by verdict.</summary>
/// <param name="NotAssessed">Includes those that no policy checks.</param>
/// <param name="NotChecked">Those of them that no policy checks.</param>
/// <param name="Total">All requirements.</param>
/// <param name="Denominator">passed + failed + unknown.</param>
/// <param name="Percent">passed of the denominator; null if it is 0.</param>
/// <param name="Pairs">Each (resource, policy) pair once.</param>
internal sealed record ScoreView(
    int Passed, int Failed, int Unknown, int NotApplicable, int NotAssessed, int NotChecked, int Manual, int Total, int Denominator, double? Percent,
    PairScoreView Pairs)
{
    public static ScoreView From(Score s) => new(
        s.Passed, s.Failed, s.Unknown, s.NotApplicable, s.NotAssessed, s.NotChecked, s.Manual, s.Total, s.Decided, s.Percent,
        new PairScoreView(
            s.Pairs.Passed, s.Pairs.Failed, s.Pairs.Unknown, s.Pairs.NotApplicable, s.Pairs.OutOfScope, s.Pairs.Excepted, s.DecidedPairs,
            s.PairPercent));
}

/// <param name="Excepted">Violations that exceptions hold: neither passed nor failed.</param>
/// <param name="Denominator">passed + failed + unknown.</param>
/// <param name="Percent">passed of the denominator; null if it is 0.</param>
internal sealed record PairScoreView(
    long Passed, long Failed, long Unknown, long NotApplicable, long OutOfScope, long Excepted, long Denominator, double? Percent);

/// <param name="Excepted">Violations that exceptions hold: neither passed nor failed.</param>
internal sealed record PairCountsView(long Passed, long Failed, long Unknown, long NotApplicable, long OutOfScope, long Excepted)
{
    public static PairCountsView From(PairCounts p) => new(p.Passed, p.Failed, p.Unknown, p.NotApplicable, p.OutOfScope, p.Excepted);
}

/// <param name="State">passed, failed, unknown, not_applicable, not_assessed or manual.</param>
/// <param name="Causes">Why it is unknown or not assessed, or what else is not known of a failed one.</param>
/// <param name="Manual">Why no configuration shows it; null if one does.</param>
/// <param name="NotChecked">Why no policy checks it; null if one does.</param>
/// <param name="Note">Where the policies check more or less than is demanded.</param>
/// <param name="Attestation">What an owner stated; null if there is nothing.</param>
internal sealed record RequirementView(
    string Id, string Title, string Section, string State, PairCountsView Pairs, IEnumerable<CauseView> Causes, IEnumerable<RequiredPolicyView> Policies,
    string? Manual, string? NotChecked, string? Note, AttestationView? Attestation)
{
    public static RequirementView From(RequirementAssessment assessment, AttestationView? attestation)
    {
        var requirement = assessment.Requirement;
        return new RequirementView(
            requirement.Id, requirement.Title, requirement.Section, ApiEnumNames.Of(assessment.State), PairCountsView.From(assessment.Pairs),
            assessment.Causes.Select(CauseView.From), requirement.Policies.Select((p, i) => RequiredPolicyView.From(p, assessment.Policies[i])),
            requirement.Manual, requirement.NotChecked, requirement.Note, attestation);
    }
}

/// <param name="Kind">
/// read_refused, list_refused, regions_refused, stricter_params: unknown. not_launched, suspended, other_params, not_inventoried, not_evaluated, out_of_scope,
/// excepted, not_checked: not assessed.
/// </param>
/// <param name="Count">Of pairs, lists, accounts or resources, as the message says.</param>
internal sealed record CauseView(string Kind, string? PolicyId, long Count, string Message)
{
    public static CauseView From(AssessmentCause cause) => new(ApiEnumNames.Of(cause.Kind), cause.PolicyId, cause.Count, cause.Message);
}

/// <param name="Params">Demanded values: <c>{"max_age_days": {"at_most": 90}}</c>, or a value that must be equal.</param>
/// <param name="Fit">exact, stricter or none: whether the policy runs with the demanded values.</param>
/// <param name="Pairs">As they count for this requirement.</param>
internal sealed record RequiredPolicyView(string PolicyId, IReadOnlyDictionary<string, JsonElement> Params, string Fit, PairCountsView Pairs)
{
    public static RequiredPolicyView From(RequiredPolicy required, PolicyAssessment assessment) => new(
        required.PolicyId, required.Params.ToDictionary(p => p.Name, Demand), ApiEnumNames.Of(assessment.Fit), PairCountsView.From(assessment.Pairs));

    private static JsonElement Demand(RequiredParam param) => param.Bound == ParamBound.Exactly
        ? param.Value
        : JsonSerializer.SerializeToElement(new Dictionary<string, JsonElement> { [ApiEnumNames.Of(param.Bound)] = param.Value });
}

/// <param name="UnknownReasons">Why pairs are unknown, most pairs first.</param>
/// <param name="UnreadLists">The first lists of the policies' resource types that were refused or incomplete.</param>
/// <param name="Pairs">As far as verdict matches; policy by policy, by account_service, region of the list and ARN.</param>
internal sealed record RequirementDetailView(
    RequirementFrameworkView Framework, string? Account, string? Ou, RequirementView Requirement, IEnumerable<UnknownReasonView> UnknownReasons,
    IEnumerable<UnreadListView> UnreadLists, IEnumerable<PairView> Pairs,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? NextToken);

internal sealed record RequirementFrameworkView(string Id, string Title, string Version);

internal sealed record UnknownReasonView(string PolicyId, string? Attribute, string ErrorCode, long Pairs, int Accounts)
{
    public static UnknownReasonView From(UnknownPairs u) => new(u.PolicyId, u.Attribute, u.ErrorCode, u.Pairs, u.Accounts);
}

internal sealed record UnreadListView(string ResourceType, string AccountId, string Region, string? ErrorCode, string? Message, DateTimeOffset CheckedAt)
{
    public static UnreadListView From(UnreadList l) => new(l.ResourceType, l.AccountId, l.Region, l.ErrorCode, l.Message, l.CheckedAt);
}

/// <param name="Verdict">pass, fail, not_applicable, unknown, out_of_scope, excepted (it fails, but an exception holds it) or not_evaluated.</param>
/// <param name="Attribute">Of an unknown verdict: what could not be read; null if the reason is another one.</param>
/// <param name="ErrorCode">Of an unknown verdict.</param>
/// <param name="FindingId">Of a failing or excepted pair, for GET /findings/{finding_id}.</param>
internal sealed record PairView(
    string PolicyId, string Arn, string AccountId, string Service, string ResourceType, string Region, string Verdict, string? Attribute, string? ErrorCode,
    DateTimeOffset? EvaluatedAt, string? FindingId)
{
    public static PairView From(PolicyPair pair)
    {
        var (account, service) = AccountService.Split(pair.AccountService);
        return new PairView(
            pair.PolicyId, pair.Arn, account, service, pair.ResourceType, pair.Region, ApiEnumNames.Of(pair.Verdict), pair.Reason?.Attribute,
            pair.Reason?.Code, pair.EvaluatedAt,
            pair.Verdict is PairVerdict.Fail or PairVerdict.Excepted ? new FindingIdentity(pair.AccountService, pair.Arn, pair.PolicyId).ToId() : null);
    }
}

/// <param name="Status">pass or fail.</param>
/// <param name="Expired">True: it no longer counts.</param>
internal sealed record AttestationView(
    string Framework, string Requirement, string Status, string Text, string? Link, string AttestedBy, DateTimeOffset AttestedAt, DateTimeOffset ExpiresAt,
    bool Expired)
{
    public static AttestationView From(Attestation a, DateTimeOffset now) => new(
        a.Framework, a.Requirement, a.IsMet ? AttestationRequest.Pass : AttestationRequest.Fail, a.Text, a.Link, a.AttestedBy, a.AttestedAt, a.ExpiresAt,
        a.IsExpired(now));
}
