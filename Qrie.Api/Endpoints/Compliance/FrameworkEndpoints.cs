using System.ComponentModel;
using System.Globalization;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Qrie.Api.Access;
using Qrie.Api.Endpoints.Http;
using Qrie.Domain;
using Qrie.Domain.Compliance;
using Qrie.Domain.Validation;

namespace Qrie.Api.Endpoints.Compliance;

/// <summary>The state of frameworks and requirements, from totals that are maintained with every verdict.</summary>
internal static class FrameworkEndpoints
{
    private const int CsvRowsAtOnce = 500;
    private const int DaysDefault = 90;
    private const int DaysMax = 1100;

    private static readonly CsvTable<PolicyPair> s_pairs = new(
        CsvRowsAtOnce,
        ("policy_id", p => p.PolicyId),
        ("arn", p => p.Arn),
        ("account_id", p => AccountService.Split(p.AccountService).AccountId),
        ("service", p => AccountService.Split(p.AccountService).Service),
        ("resource_type", p => p.ResourceType),
        ("region", p => p.Region),
        ("verdict", p => ApiEnumNames.Of(p.Verdict)),
        ("attribute", p => p.Reason?.Attribute),
        ("error_code", p => p.Reason?.Code),
        ("evaluated_at", p => p.EvaluatedAt));

    public static void MapFrameworks(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/frameworks").WithTags("Compliance");
        group.MapGet("", ListFrameworks).Limits(AccountLimit.ByParameter).WithSummary("All compliance frameworks with their scores").ProducesProblems(400)
            .WithExample(ComplianceExamples.Frameworks);
        group.MapGet("/{frameworkId}", GetFramework)
            .Limits(AccountLimit.ByParameter).WithSummary("One framework: scores by section, and the state of every requirement; JSON or CSV")
            .ProducesList<FrameworkDetailView>().ProducesProblems(400, 404).WithExample(ComplianceExamples.Framework);
        group.MapGet("/{frameworkId}/requirements/{requirementId}", GetRequirement).Limits(AccountLimit.ByParameter)
            .WithSummary("One requirement: its policies, what is not known, and the (resource, policy) pairs behind it; JSON or CSV")
            .ProducesList<RequirementDetailView>().ProducesProblems(400, 404).WithExample(ComplianceExamples.Requirement);
        group.MapGet("/{frameworkId}/trend", GetTrend)
            .Limits(AccountLimit.ByParameter).WithSummary("The scores of a framework or a section by day").ProducesProblems(400, 404)
            .WithExample(ComplianceExamples.Trend);
    }

    private static async Task<Ok<FrameworkListView>> ListFrameworks(
        [AsParameters] ComplianceQuery query, ComplianceReader reader, Caller caller, CancellationToken cancel)
    {
        var scope = query.ToScope();
        var frameworks = await reader.ListAsync(caller.Organization, scope, cancel);
        return TypedResults.Ok(new FrameworkListView(scope.AccountId, scope.Ou, frameworks.Select(FrameworkView.From)));
    }

    private static async Task<IResult> GetFramework(
        string frameworkId, [AsParameters] ComplianceQuery query,
        [FromQuery, Description("Only requirements of this section.")] string? section,
        [FromQuery, Description("Only requirements in this state: passed, failed, unknown, not_applicable, not_assessed or manual.")] string? state,
        ComplianceReader reader, Attestations attestations, FilteredLists lists, TimeProvider clock, Caller caller, HttpContext context)
    {
        var errors = new FieldErrors();
        var scope = query.ToScope(errors);
        var wanted = ApiEnumNames.Find<RequirementState>(state);
        errors.Require(
            state is null || wanted is not null, "state", $"state must be one of {string.Join(", ", ApiEnumNames.All<RequirementState>())}");
        errors.ThrowIfAny();
        var assessment = await reader.ReadAsync(caller.Organization, frameworkId, scope, context.RequestAborted);
        errors.Require(
            section is null || assessment.Framework.FindSection(section) is not null, "section",
            $"section must be one of {string.Join(", ", assessment.Framework.Sections.Select(s => s.Id))}");
        errors.ThrowIfAny();
        var now = clock.GetUtcNow();
        // An attestation is about the whole organization.
        var stated = (caller.Accounts is null ? await attestations.ListAsync(caller.Organization, frameworkId, context.RequestAborted) : [])
            .ToDictionary(a => a.Requirement, a => AttestationView.From(a, now));
        List<RequirementAssessment> shown =
        [
            .. assessment.Requirements.Where(r => (section is null || r.Requirement.Section == section) && (wanted is null || r.State == wanted)),
        ];
        // Everything is one page: a framework has a few hundred requirements.
        return await lists.AnswerAsync(
            context,
            new FilteredList<RequirementAssessment>(
                $"framework-{frameworkId}", new { scope, section, state }, (_, _) => Task.FromResult(new Page<RequirementAssessment>(shown, null))),
            Table(stated), pageSize: null, nextToken: null, errors, (_, _) => FrameworkDetailView.From(assessment, scope, shown, stated));
    }

    private static async Task<IResult> GetRequirement(
        string frameworkId, string requirementId, [AsParameters] ComplianceQuery query,
        [FromQuery, Description("Only pairs with this verdict: pass, fail, not_applicable, unknown, out_of_scope, excepted or not_evaluated.")] string? verdict,
        [FromQuery(Name = "page_size"), Description("1-100, default 50; not with CSV.")] string? pageSize,
        [FromQuery(Name = "next_token"), Description("From the previous page, with the same filter; not with CSV.")] string? nextToken,
        ComplianceReader reader, FilteredLists lists, TimeProvider clock, Caller caller, HttpContext context)
    {
        var errors = new FieldErrors();
        var scope = query.ToScope(errors);
        var wanted = ApiEnumNames.Find<PairVerdict>(verdict);
        errors.Require(verdict is null || wanted is not null, "verdict", $"verdict must be one of {string.Join(", ", ApiEnumNames.All<PairVerdict>())}");
        errors.ThrowIfAny();
        var detail = await reader.ReadRequirementAsync(caller.Organization, frameworkId, requirementId, scope, context.RequestAborted);
        var attestation = caller.Accounts is null && detail.Attestation is { } stated ? AttestationView.From(stated, clock.GetUtcNow()) : null;
        var framework = detail.Framework;
        return await lists.AnswerAsync(
            context,
            new FilteredList<PolicyPair>(
                $"requirement-{frameworkId}-{requirementId}", new { scope, verdict },
                (page, cancel) => reader.ListPairsAsync(caller.Organization, frameworkId, requirementId, scope, wanted, page, cancel)),
            s_pairs, pageSize, nextToken, errors,
            (pairs, next) => new RequirementDetailView(
                new RequirementFrameworkView(framework.Id, framework.Title, framework.Version), scope.AccountId, scope.Ou,
                RequirementView.From(detail.Assessment, attestation), detail.Unknown.Select(UnknownReasonView.From),
                detail.Unread.Select(UnreadListView.From), pairs.Select(PairView.From), next));
    }

    private static async Task<Ok<TrendView>> GetTrend(
        string frameworkId, [AsParameters] ComplianceQuery query, [FromQuery, Description("One section; else the whole framework.")] string? section,
        [FromQuery, Description("How many days, today included; 1-1100, default 90.")] string? days,
        ComplianceReader reader, ComplianceHistory history, Caller caller, CancellationToken cancel)
    {
        var errors = new FieldErrors();
        var scope = query.ToScope(errors);
        var count = DaysDefault;
        errors.Require(
            days is null || (int.TryParse(days, NumberStyles.None, CultureInfo.InvariantCulture, out count) && count is >= 1 and <= DaysMax), "days",
            $"days must be a whole number from 1 to {DaysMax}");
        var framework = (await reader.ReadAsync(caller.Organization, frameworkId, scope, cancel)).Framework;
        errors.Require(
            section is null || framework.FindSection(section) is not null, "section",
            $"section must be one of {string.Join(", ", framework.Sections.Select(s => s.Id))}");
        errors.ThrowIfAny();
        return TypedResults.Ok(TrendView.From(await history.ReadAsync(caller.Organization, frameworkId, scope, section, count, cancel), scope));
    }

    /// <summary>Attestations are read before: a table has no state of its own.</summary>
    private static CsvTable<RequirementAssessment> Table(Dictionary<string, AttestationView> attestations) => new(
        CsvRowsAtOnce,
        ("requirement", r => r.Requirement.Id),
        ("title", r => r.Requirement.Title),
        ("section", r => r.Requirement.Section),
        ("state", r => ApiEnumNames.Of(r.State)),
        ("passed_pairs", r => r.Pairs.Passed),
        ("failed_pairs", r => r.Pairs.Failed),
        ("unknown_pairs", r => r.Pairs.Unknown),
        ("not_applicable_pairs", r => r.Pairs.NotApplicable),
        ("excepted_pairs", r => r.Pairs.Excepted),
        ("policies", r => string.Join(' ', r.Requirement.Policies.Select(p => p.PolicyId))),
        ("causes", r => string.Join(' ', r.Causes.Select(c => c.Message))),
        ("manual", r => r.Requirement.Manual),
        ("not_checked", r => r.Requirement.NotChecked),
        ("attestation", r => attestations.GetValueOrDefault(r.Requirement.Id)?.Status),
        ("attestation_text", r => attestations.GetValueOrDefault(r.Requirement.Id)?.Text),
        ("attested_by", r => attestations.GetValueOrDefault(r.Requirement.Id)?.AttestedBy),
        ("attestation_expires_at", r => attestations.GetValueOrDefault(r.Requirement.Id)?.ExpiresAt));

    /// <param name="Points">Oldest first; past days as they ended, today as it is. Days before the first record are missing.</param>
    /// <param name="Marks">Where a change of the framework or of policies may have moved the score.</param>
    internal sealed record TrendView(
        string Framework, string? Section, string? Account, string? Ou, IEnumerable<TrendPointView> Points, IEnumerable<TrendMarkView> Marks)
    {
        public static TrendView From(ComplianceTrend trend, ComplianceScope scope) => new(
            trend.Framework.Id, trend.Section, scope.AccountId, scope.Ou,
            trend.Points.Select(p => new TrendPointView(p.Day, ScoreView.From(p.Score))),
            trend.Marks.Select(m => new TrendMarkView(m.Day, ApiEnumNames.Of(m.Kind), m.Message)));
    }

    internal sealed record TrendPointView(DateOnly Date, ScoreView Score);

    /// <param name="Kind">framework_version, mapping (other policies or parameters) or catalog (other definitions of policies).</param>
    internal sealed record TrendMarkView(DateOnly Date, string Kind, string Message);
}
