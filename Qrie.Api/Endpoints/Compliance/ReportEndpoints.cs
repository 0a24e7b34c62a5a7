using System.ComponentModel;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Net.Http.Headers;
using Qrie.Api.Access;
using Qrie.Api.Endpoints.Http;
using Qrie.Api.Hosting;
using Qrie.Domain.Compliance;
using Qrie.Domain.Validation;

namespace Qrie.Api.Endpoints.Compliance;

/// <summary>The report about a framework, to print or to process.</summary>
internal static class ReportEndpoints
{
    private const string Html = "text/html";

    public static void MapFrameworkReport(this IEndpointRouteBuilder routes) =>
        routes.MapGet("/frameworks/{frameworkId}/report", GetReport).WithTags("Compliance").WithMetadata(new StyledPage(ReportPage.StyleHash))
            .WithSummary("A report about a framework: HTML that prints on A4, or JSON")
            .Produces<ReportView>(200, "application/json", Html).ProducesProblems(400, 404).WithExample(ComplianceExamples.Report);

    private static async Task<IResult> GetReport(
        string frameworkId, [AsParameters] ComplianceQuery query,
        [FromQuery, Description("html or json; if missing, the Accept header decides, and html is the default.")] string? format,
        ComplianceReports reports, Caller caller, HttpContext context)
    {
        var errors = new FieldErrors();
        var scope = query.ToScope(errors);
        errors.Require(format is null or "html" or "json", "format", "format must be html or json");
        errors.ThrowIfAny();
        var report = await reports.ReadAsync(caller.Organization, frameworkId, scope, context.RequestAborted);
        context.Response.Headers.Append(HeaderNames.Vary, HeaderNames.Accept);
        return format == "json" || (format is null && WantsJson(context.Request))
            ? TypedResults.Ok(ReportView.From(report, caller.Organization))
            : TypedResults.Content(ReportPage.Write(report, caller.Organization, QrieVersion.Current), $"{Html}; charset=utf-8");
    }

    private static bool WantsJson(HttpRequest request)
    {
        var accepted = request.GetTypedHeaders().Accept;
        return accepted.Any(a => a.MediaType.Equals("application/json", StringComparison.OrdinalIgnoreCase))
            && !accepted.Any(a => a.MediaType.Equals(Html, StringComparison.OrdinalIgnoreCase));
    }

    /// <param name="QrieVersion">The version of Qrie that made it.</param>
    /// <param name="FrameworkDefinition">Changes with the requirements and what checks them.</param>
    /// <param name="PolicyDefinitions">Changes with the definitions of the policies.</param>
    internal sealed record ReportView(
        FrameworkDetailView Framework, string Organization, DateTimeOffset CreatedAt, int Accounts, string QrieVersion, string FrameworkDefinition,
        string PolicyDefinitions, IEnumerable<FailedPolicyView> FailedPolicies, IEnumerable<UnknownReasonView> UnknownReasons,
        IEnumerable<UnreadListView> UnreadLists, IEnumerable<ReportScanView> Scans)
    {
        public static ReportView From(ComplianceReport report, string organization) => new(
            FrameworkDetailView.From(
                report.Assessment, report.Scope, report.Assessment.Requirements,
                report.Attestations.ToDictionary(a => a.Key, a => AttestationView.From(a.Value, report.At))),
            organization, report.At, report.Accounts, Hosting.QrieVersion.Current, report.Assessment.Framework.DefinitionHash, report.PolicyDefinitions,
            report.Failed.Select(FailedPolicyView.From), report.Unknown.Select(UnknownReasonView.From), report.Unread.Select(UnreadListView.From),
            report.Scans.Select(s => new ReportScanView(
                s.ScanId, ApiEnumNames.Of(s.Kind), ApiEnumNames.Of(s.ScanType), ApiEnumNames.Of(s.Status), s.FinishedAt)));
    }

    /// <param name="Remediation">Markdown.</param>
    /// <param name="Fix">A command line with placeholders in braces; null if there is none.</param>
    /// <param name="Failed">All failing pairs; <c>Pairs</c> has the first.</param>
    internal sealed record FailedPolicyView(
        string PolicyId, string Title, int Severity, IReadOnlyList<string> Requirements, string Remediation, string? Fix, long Failed,
        IEnumerable<PairView> Pairs)
    {
        public static FailedPolicyView From(FailedPolicy policy) => new(
            policy.Definition.Id, policy.Definition.Title, policy.Severity, policy.Requirements, policy.Remediation, policy.Definition.Fix, policy.Failed,
            policy.Pairs.Select(PairView.From));
    }

    internal sealed record ReportScanView(string ScanId, string Kind, string ScanType, string Status, DateTimeOffset? FinishedAt);
}
