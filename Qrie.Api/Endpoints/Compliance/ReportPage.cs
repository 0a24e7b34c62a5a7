using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using Qrie.Api.Endpoints.Http;
using Qrie.Domain;
using Qrie.Domain.Catalog;
using Qrie.Domain.Compliance;

namespace Qrie.Api.Endpoints.Compliance;

/// <summary>The report as one HTML page without scripts and without anything from elsewhere, for A4.</summary>
internal static class ReportPage
{
    private const double Radius = 54;

    private static readonly (RequirementState State, string Name, string Class)[] s_states =
    [
        (RequirementState.Passed, "Passed", "passed"), (RequirementState.Failed, "Failed", "failed"), (RequirementState.Unknown, "Unknown", "unknown"),
        (RequirementState.NotAssessed, "Not assessed", "open"), (RequirementState.NotApplicable, "Not applicable", "none"),
        (RequirementState.Manual, "Manual", "manual"),
    ];

    /// <summary>For the content security policy.</summary>
    public static string StyleHash { get; } = Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(ReportStyle.Css)));

    public static string Write(ComplianceReport report, string organization, string version)
    {
        var page = new StringBuilder();
        var framework = report.Assessment.Framework;
        page.Append(CultureInfo.InvariantCulture, $"<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>{H(framework.Title)}</title>")
            .Append("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">").Append("<style>").Append(ReportStyle.Css)
            .Append("</style></head><body>");
        Cover(page, report, organization, version);
        Sections(page, report);
        Requirements(page, report);
        Failed(page, report);
        Unknown(page, report);
        Stated(page, report);
        Basis(page, report, version);
        return page.Append("</body></html>").ToString();
    }

    private static void Cover(StringBuilder page, ComplianceReport report, string organization, string version)
    {
        var (framework, score) = (report.Assessment.Framework, report.Assessment.Score);
        page.Append(CultureInfo.InvariantCulture, $"""
            <header class="cover"><p class="mark">Qrie</p><p class="kind">Compliance report</p><h1>{H(framework.Title)}</h1>
            <p class="sub">{H(framework.Publisher)} · version {H(framework.Version)}</p>
            <div class="scores"><div>{Ring(score.Percent)}</div><div class="figures">
            <p class="big">{score.Passed} of {score.Decided}</p><p>requirements passed, of those that policies decide</p>
            <p class="big">{Percent(score.PairPercent)}</p><p>of {N(score.DecidedPairs)} checks of resources passed</p></div></div>
            <table class="tiles"><tr>
            """);
        foreach (var (state, name, css) in s_states)
        {
            page.Append(CultureInfo.InvariantCulture, $"<td class=\"{css}\"><b>{CountOf(score, state)}</b><span>{name}</span></td>");
        }

        var about = report.Scope.AccountId is { } account ? $"Account {account}" : report.Scope.Ou is { } ou ? $"Unit {ou}" : "All accounts";
        page.Append(CultureInfo.InvariantCulture, $"""
            </tr></table><dl class="facts"><dt>Scope</dt><dd>{H(about)} ({report.Accounts})</dd><dt>Organization</dt><dd>{H(organization)}</dd>
            <dt>Created</dt><dd>{Time(report.At)}</dd><dt>Made by</dt><dd>Qrie {H(version)}</dd></dl>
            <p class="about">{H(framework.About)}</p></header>
            """);
    }

    private static string Ring(double? percent)
    {
        var around = 2 * Math.PI * Radius;
        var part = around * (percent ?? 0) / 100;
        return string.Create(CultureInfo.InvariantCulture, $"""
            <svg viewBox="0 0 140 140" width="150" height="150" role="img" aria-label="{Percent(percent)}">
            <circle cx="70" cy="70" r="{Radius}" fill="none" stroke="#e4e7ec" stroke-width="14"/>
            <circle cx="70" cy="70" r="{Radius}" fill="none" stroke="#1a7f4b" stroke-width="14" stroke-linecap="butt"
            stroke-dasharray="{part:0.##} {around - part:0.##}" transform="rotate(-90 70 70)"/>
            <text x="70" y="78" text-anchor="middle" font-size="26" font-weight="600" fill="#101828">{Percent(percent)}</text></svg>
            """);
    }

    private static void Sections(StringBuilder page, ComplianceReport report)
    {
        page.Append("<section><h2>Scores by section</h2><table><thead><tr><th>Section</th><th class=\"wide\"></th>");
        foreach (var (_, name, _) in s_states)
        {
            page.Append(CultureInfo.InvariantCulture, $"<th class=\"n\">{name}</th>");
        }

        page.Append("<th class=\"n\">Score</th></tr></thead><tbody>");
        foreach (var (section, score) in report.Assessment.Sections.Select(s => (s.Section, s.Score)))
        {
            var name = section.Id == section.Title ? section.Id : $"{section.Id} {section.Title}";
            page.Append(CultureInfo.InvariantCulture, $"<tr><td>{H(name)}</td><td>{Bar(score)}</td>");
            foreach (var (state, _, _) in s_states)
            {
                page.Append(CultureInfo.InvariantCulture, $"<td class=\"n\">{CountOf(score, state)}</td>");
            }

            page.Append(CultureInfo.InvariantCulture, $"<td class=\"n\"><b>{Percent(score.Percent)}</b></td></tr>");
        }

        page.Append("</tbody></table><p class=\"hint\">Score: passed of passed, failed and unknown. Unknown counts like failed: what could not be read is not ")
            .Append("taken for good.</p></section>");
    }

    /// <summary>Passed, failed and unknown requirements side by side.</summary>
    private static string Bar(Score score)
    {
        if (score.Decided == 0)
        {
            return "";
        }

        var bar = new StringBuilder("<svg class=\"bar\" viewBox=\"0 0 100 8\" preserveAspectRatio=\"none\" aria-hidden=\"true\">");
        var x = 0.0;
        foreach (var (n, color) in ((int, string)[])[(score.Passed, "#1a7f4b"), (score.Failed, "#c4320a"), (score.Unknown, "#d9a406")])
        {
            var width = 100.0 * n / score.Decided;
            bar.Append(CultureInfo.InvariantCulture, $"<rect x=\"{x:0.##}\" y=\"0\" width=\"{width:0.##}\" height=\"8\" fill=\"{color}\"/>");
            x += width;
        }

        return bar.Append("</svg>").ToString();
    }

    private static void Requirements(StringBuilder page, ComplianceReport report)
    {
        page.Append("<section><h2>Requirements</h2><table class=\"long\"><thead><tr><th>Id</th><th>Requirement</th><th>State</th>")
            .Append("<th class=\"n\">Passed</th><th class=\"n\">Failed</th><th class=\"n\">Unknown</th></tr></thead>");
        foreach (var section in report.Assessment.Framework.Sections)
        {
            var own = report.Assessment.Requirements.Where(r => r.Requirement.Section == section.Id).ToList();
            if (own.Count == 0)
            {
                continue;
            }

            var name = section.Id == section.Title ? section.Id : $"{section.Id} {section.Title}";
            page.Append(CultureInfo.InvariantCulture, $"<tbody><tr class=\"head\"><td colspan=\"6\">{H(name)}</td></tr>");
            foreach (var requirement in own)
            {
                Requirement(page, requirement, report);
            }

            page.Append("</tbody>");
        }

        page.Append("</table></section>");
    }

    private static void Requirement(StringBuilder page, RequirementAssessment assessment, ComplianceReport report)
    {
        var (requirement, pairs) = (assessment.Requirement, assessment.Pairs);
        var why = requirement.Manual ?? (assessment.State is RequirementState.Passed ? null : string.Join(' ', assessment.Causes.Select(c => c.Message)));
        var (_, name, css) = s_states.First(s => s.State == assessment.State);
        page.Append(CultureInfo.InvariantCulture, $"<tr><td class=\"id\">{H(requirement.Id)}</td><td>{H(requirement.Title)}");
        Small(page, why);
        Small(page, pairs.Excepted == 0 ? null : $"Failing but accepted by exceptions, and not counted: {N(pairs.Excepted)}.");
        Small(page, requirement.Note);
        if (report.Attestations.GetValueOrDefault(requirement.Id) is { } stated)
        {
            var until = stated.IsExpired(report.At) ? "expired" : "valid until";
            Small(page, $"Attested: {(stated.IsMet ? "met" : "not met")}, {until} {Day(stated.ExpiresAt)}.");
        }

        page.Append(CultureInfo.InvariantCulture, $"</td><td><span class=\"state {css}\">{name}</span></td>");
        foreach (var n in (long[])[pairs.Passed, pairs.Failed, pairs.Unknown])
        {
            page.Append(CultureInfo.InvariantCulture, $"<td class=\"n\">{(requirement.IsAutomated ? N(n) : "")}</td>");
        }

        page.Append("</tr>");
    }

    private static void Failed(StringBuilder page, ComplianceReport report)
    {
        page.Append("<section><h2>What fails, and what to do</h2>");
        if (report.Failed.Count == 0)
        {
            page.Append("<p>Nothing fails.</p>");
        }

        foreach (var policy in report.Failed)
        {
            var band = ApiEnumNames.Of(Severities.BandOf(policy.Severity));
            page.Append(CultureInfo.InvariantCulture, $"""
                <article><h3><span class="sev {band}">{band}</span> {H(policy.Definition.Title)}</h3>
                <p class="small">{H(policy.Definition.Id)} · requirements {H(string.Join(", ", policy.Requirements))} · {N(policy.Failed)} failing</p>
                <pre class="do">{H(policy.Remediation.Trim())}</pre>
                """);
            if (policy.Definition.Fix is { } fix)
            {
                page.Append(CultureInfo.InvariantCulture, $"<pre class=\"fix\">{H(fix.Trim())}</pre>");
            }

            page.Append("<table class=\"long\"><thead><tr><th>Resource</th><th>Account</th><th>Region</th></tr></thead><tbody>");
            foreach (var pair in policy.Pairs)
            {
                page.Append(CultureInfo.InvariantCulture, $"<tr><td class=\"arn\">{H(pair.Arn)}</td><td class=\"id\">")
                    .Append(CultureInfo.InvariantCulture, $"{H(AccountService.Split(pair.AccountService).AccountId)}</td><td>{H(pair.Region)}</td></tr>");
            }

            page.Append("</tbody></table>");
            var more = policy.Failed - policy.Pairs.Count;
            Small(page, more > 0 ? $"And {N(more)} more; see GET /findings?policy={policy.Definition.Id}." : null);
            page.Append("</article>");
        }

        page.Append("</section>");
    }

    private static void Unknown(StringBuilder page, ComplianceReport report)
    {
        page.Append("<section><h2>What is not known</h2>");
        if (report.Unknown.Count + report.Unread.Count == 0)
        {
            page.Append("<p>Everything that the policies needed was read.</p></section>");
            return;
        }

        if (report.Unknown.Count > 0)
        {
            page.Append("<table class=\"long\"><thead><tr><th>Policy</th><th>Not read</th><th>Reason</th><th class=\"n\">Checks</th>")
                .Append("<th class=\"n\">Accounts</th></tr></thead><tbody>");
            foreach (var u in report.Unknown)
            {
                page.Append(CultureInfo.InvariantCulture, $"<tr><td>{H(u.PolicyId)}</td><td>{H(u.Attribute ?? "")}</td><td>{H(u.ErrorCode)}</td>")
                    .Append(CultureInfo.InvariantCulture, $"<td class=\"n\">{N(u.Pairs)}</td><td class=\"n\">{u.Accounts}</td></tr>");
            }

            page.Append("</tbody></table>");
        }

        if (report.Unread.Count > 0)
        {
            page.Append("<table class=\"long\"><thead><tr><th>List that was refused</th><th>Account</th><th>Region</th><th>Reason</th></tr></thead><tbody>");
            foreach (var l in report.Unread)
            {
                page.Append(CultureInfo.InvariantCulture, $"<tr><td>{H(l.ResourceType)}</td><td class=\"id\">{H(l.AccountId)}</td><td>{H(l.Region)}</td>")
                    .Append(CultureInfo.InvariantCulture, $"<td>{H(l.ErrorCode ?? "")}</td></tr>");
            }

            page.Append("</tbody></table>");
        }

        page.Append("</section>");
    }

    private static void Stated(StringBuilder page, ComplianceReport report)
    {
        page.Append("<section><h2>Attestations</h2>");
        if (report.Attestations.Count == 0)
        {
            page.Append("<p>Nothing was attested.</p>");
        }

        foreach (var a in report.Attestations.Values.OrderBy(a => a.Requirement, StringComparer.Ordinal))
        {
            page.Append(CultureInfo.InvariantCulture, $"""
                <article><h3>{H(a.Requirement)}: {(a.IsMet ? "met" : "not met")}{(a.IsExpired(report.At) ? " (expired)" : "")}</h3>
                <pre class="do">{H(a.Text)}</pre>
                <p class="small">{H(a.Link ?? "")} By {H(a.AttestedBy)} on {Day(a.AttestedAt)}, until {Day(a.ExpiresAt)}.</p></article>
                """);
        }

        page.Append("</section>");
    }

    private static void Basis(StringBuilder page, ComplianceReport report, string version)
    {
        page.Append("<section><h2>What this report rests on</h2><table><thead><tr><th>Scan</th><th>Kind</th><th>Ended</th></tr></thead><tbody>");
        foreach (var scan in report.Scans)
        {
            page.Append(CultureInfo.InvariantCulture, $"<tr><td class=\"id\">{H(scan.ScanId)}</td><td>{ApiEnumNames.Of(scan.Kind)}, ")
                .Append(CultureInfo.InvariantCulture, $"{ApiEnumNames.Of(scan.ScanType)}</td><td>{(scan.FinishedAt is { } at ? Time(at) : "")}</td></tr>");
        }

        page.Append(CultureInfo.InvariantCulture, $"""
            </tbody></table><dl class="facts"><dt>Qrie</dt><dd>{H(version)}</dd><dt>Framework</dt><dd>{H(report.Assessment.Framework.Id)}
            {H(report.Assessment.Framework.Version)}, definition {H(report.Assessment.Framework.DefinitionHash)}</dd>
            <dt>Policies</dt><dd>definitions {H(report.PolicyDefinitions)}</dd></dl></section>
            """);
    }

    private static void Small(StringBuilder page, string? text)
    {
        if (!string.IsNullOrEmpty(text))
        {
            page.Append(CultureInfo.InvariantCulture, $"<p class=\"small\">{H(text)}</p>");
        }
    }

    private static int CountOf(Score score, RequirementState state) => state switch
    {
        RequirementState.Passed => score.Passed,
        RequirementState.Failed => score.Failed,
        RequirementState.Unknown => score.Unknown,
        RequirementState.NotApplicable => score.NotApplicable,
        RequirementState.NotAssessed => score.NotAssessed,
        _ => score.Manual,
    };

    /// <summary>Names of resources and texts of users are foreign text.</summary>
    private static string H(string text) => HtmlEncoder.Default.Encode(text);

    private static string Percent(double? percent) => percent is { } p ? p.ToString("0.#", CultureInfo.InvariantCulture) + " %" : "–";

    private static string N(long n) => n.ToString("N0", CultureInfo.InvariantCulture);

    private static string Time(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture);

    private static string Day(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
}
