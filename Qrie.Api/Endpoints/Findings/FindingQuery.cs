using System.ComponentModel;
using System.Globalization;
using Microsoft.AspNetCore.Mvc;
using Qrie.Api.Endpoints.Compliance;
using Qrie.Api.Endpoints.Http;
using Qrie.Domain.Catalog;
using Qrie.Domain.Findings;
using Qrie.Domain.Findings.Triage;
using Qrie.Domain.Validation;

namespace Qrie.Api.Endpoints.Findings;

/// <summary>The parameters of the list. No constructor: the generator of request delegates fails on one with nullable parameters.</summary>
internal sealed record FindingQuery
{
    [FromQuery(Name = "account")]
    [Description("Exact account id.")]
    public string? Account { get; init; }

    [FromQuery(Name = "account_id")]
    [Description("An alias of account.")]
    public string? AccountId { get; init; }

    [FromQuery(Name = "service")]
    [Description("A service, s3.")]
    public string? Service { get; init; }

    [FromQuery(Name = "region")]
    [Description("A region, or global.")]
    public string? Region { get; init; }

    [FromQuery(Name = "policy")]
    [Description("Exact policy id.")]
    public string? Policy { get; init; }

    [FromQuery(Name = "framework")]
    [Description("A compliance framework, cis-5.0: findings of the policies that check it.")]
    public string? Framework { get; init; }

    [FromQuery(Name = "requirement")]
    [Description("A requirement of the framework, 1.12: findings of the policies that check it.")]
    public string? Requirement { get; init; }

    [FromQuery(Name = "state")]
    [Description("ACTIVE, RESOLVED, SUPPRESSED (held by an exception) or ALL. Default: ACTIVE and RESOLVED; all in exports.")]
    public string? State { get; init; }

    [FromQuery(Name = "severity")]
    [Description("A number, or critical, high, medium, low.")]
    public string? Severity { get; init; }

    [FromQuery(Name = "min_severity")]
    [Description("A number.")]
    public string? MinSeverity { get; init; }

    [FromQuery(Name = "resource_type")]
    [Description("A resource type, AWS::S3::Bucket.")]
    public string? ResourceType { get; init; }

    [FromQuery(Name = "arn_prefix")]
    [Description("A literal prefix of the ARN.")]
    public string? ArnPrefix { get; init; }

    [FromQuery(Name = "first_seen_from")]
    [Description("A date or an instant (ISO 8601); first seen then or later.")]
    public string? FirstSeenFrom { get; init; }

    [FromQuery(Name = "first_seen_to")]
    [Description("A date or an instant (ISO 8601); first seen before.")]
    public string? FirstSeenTo { get; init; }

    [FromQuery(Name = "include_removed")]
    [Description("true: include findings of removed accounts.")]
    public string? IncludeRemoved { get; init; }

    [FromQuery(Name = "text")]
    [Description("Is in the ARN, or in the id or title of the policy; upper and lower case are the same. At least 2 characters.")]
    public string? Text { get; init; }

    [FromQuery(Name = "workflow")]
    [Description("NEW, NOTIFIED, IN_PROGRESS, RISK_ACCEPTED, FALSE_POSITIVE or RESOLVED; not with groups.")]
    public string? Workflow { get; init; }

    [FromQuery(Name = "assignee")]
    [Description("Exactly; not with groups.")]
    public string? Assignee { get; init; }

    [FromQuery(Name = "overdue")]
    [Description("true: active findings whose due date has passed; not with groups.")]
    public string? Overdue { get; init; }

    [FromQuery(Name = "format")]
    [Description("json (a page, the default), or an export of everything that matches: csv, jsonl, html, ocsf, asff, sarif, junit, markdown.")]
    public string? Format { get; init; }

    [FromQuery(Name = "include_unknown")]
    [Description("true: an export also has what has no verdict, because it could not be read.")]
    public string? IncludeUnknown { get; init; }

    [FromQuery(Name = "page_size")]
    [Description("1-100, default 50; not with exports.")]
    public string? PageSize { get; init; }

    [FromQuery(Name = "next_token")]
    [Description("From the previous page, with the same filter; not with exports.")]
    public string? NextToken { get; init; }

    private const int MinText = 2;
    private const int MaxText = 200;

    /// <summary>Without a state, suppressed findings are left out: clients that know only ACTIVE and RESOLVED would show them as open.</summary>
    /// <param name="catalog">Has the frameworks, and the titles of policies.</param>
    /// <param name="triage">Says which findings are overdue.</param>
    public FindingFilter ToFilter(FieldErrors errors, ResourceCatalog catalog, TriageSettings triage, DateTimeOffset now)
    {
        var text = string.IsNullOrWhiteSpace(Text) ? null : Text.Trim();
        errors.Require(text is null or { Length: >= MinText and <= MaxText }, "text", $"text must have {MinText} to {MaxText} characters");
        errors.Require(
            State is null or "ACTIVE" or "RESOLVED" or "SUPPRESSED" or "ALL", "state", "state must be ACTIVE or RESOLVED, or SUPPRESSED or ALL");
        var (from, to) = SeverityRange(errors);
        if (MinSeverity is not null)
        {
            errors.Require(TryNumber(MinSeverity, out var min), "min_severity", "min_severity must be a whole number from 0 to 100");
            from = Math.Max(from ?? min, min);
        }

        var workflow = ApiEnumNames.FindUpper<Workflow>(Workflow);
        errors.Require(
            Workflow is null || workflow is not null, "workflow",
            "workflow must be NEW, NOTIFIED, IN_PROGRESS, RISK_ACCEPTED, FALSE_POSITIVE or RESOLVED");
        FindingState? state = State switch
        {
            "ACTIVE" => FindingState.Active,
            "RESOLVED" => FindingState.Resolved,
            "SUPPRESSED" => FindingState.Suppressed,
            _ => null,
        };
        return new FindingFilter(
            Account ?? AccountId, Service, Policy, state, from, to, Region, ResourceType, ArnPrefix,
            QueryValues.Time(FirstSeenFrom, "first_seen_from", errors), QueryValues.Time(FirstSeenTo, "first_seen_to", errors),
            QueryValues.Flag(IncludeRemoved, "include_removed", errors), FrameworkFilter.PolicyIds(Framework, Requirement, errors, catalog),
            text, text is null ? null : PoliciesNamed(text, catalog), WithoutSuppressed: State is null, workflow,
            string.IsNullOrEmpty(Assignee) ? null : Assignee,
            QueryValues.Flag(Overdue, "overdue", errors) ? new OverdueFilter(triage, DateOnly.FromDateTime(now.UtcDateTime)) : null);
    }

    private static List<string>? PoliciesNamed(string text, ResourceCatalog catalog) =>
        catalog.Policies.Where(p => p.Id.Contains(text, StringComparison.OrdinalIgnoreCase) || p.Title.Contains(text, StringComparison.OrdinalIgnoreCase))
            .Select(p => p.Id).ToList() is { Count: > 0 } named ? named : null;

    private (int? From, int? To) SeverityRange(FieldErrors errors)
    {
        if (Severity is null)
        {
            return (null, null);
        }

        if (TryNumber(Severity, out var exact))
        {
            return (exact, exact);
        }

        if (!char.IsAsciiDigit(Severity.FirstOrDefault('0')) && Enum.TryParse<SeverityBand>(Severity, ignoreCase: true, out var band) && Enum.IsDefined(band))
        {
            return Severities.RangeOf(band);
        }

        errors.Add("severity", "severity must be a whole number from 0 to 100, or critical, high, medium or low");
        return (null, null);
    }

    private static bool TryNumber(string text, out int number) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number) && number is >= Severities.Min and <= Severities.Max;
}
