using System.Globalization;
using Microsoft.AspNetCore.Mvc;
using Qrie.Api.Endpoints.Http;
using Qrie.Domain.Findings;
using Qrie.Domain.Validation;

namespace Qrie.Api.Endpoints.Findings;

/// <param name="Account">Exact account id.</param>
/// <param name="AccountId">The same by another name.</param>
/// <param name="Service">A service, <c>s3</c>.</param>
/// <param name="Region">A region, or <c>global</c>.</param>
/// <param name="Policy">Exact policy id.</param>
/// <param name="State">ACTIVE or RESOLVED.</param>
/// <param name="Severity">A number, or critical, high, medium, low.</param>
/// <param name="MinSeverity">A number.</param>
/// <param name="ResourceType">A resource type, <c>AWS::S3::Bucket</c>.</param>
/// <param name="ArnPrefix">What the ARN begins with, literally.</param>
/// <param name="FirstSeenFrom">A date or an instant (ISO 8601); first seen then or later.</param>
/// <param name="FirstSeenTo">A date or an instant (ISO 8601); first seen earlier.</param>
/// <param name="IncludeRemoved">true: also findings of accounts that were removed.</param>
/// <param name="PageSize">1-100, default 50; not with CSV.</param>
/// <param name="NextToken">From the page before, with the same filter; not with CSV.</param>
internal sealed record FindingQuery(
    [FromQuery(Name = "account")] string? Account,
    [FromQuery(Name = "account_id")] string? AccountId,
    [FromQuery(Name = "service")] string? Service,
    [FromQuery(Name = "region")] string? Region,
    [FromQuery(Name = "policy")] string? Policy,
    [FromQuery(Name = "state")] string? State,
    [FromQuery(Name = "severity")] string? Severity,
    [FromQuery(Name = "min_severity")] string? MinSeverity,
    [FromQuery(Name = "resource_type")] string? ResourceType,
    [FromQuery(Name = "arn_prefix")] string? ArnPrefix,
    [FromQuery(Name = "first_seen_from")] string? FirstSeenFrom,
    [FromQuery(Name = "first_seen_to")] string? FirstSeenTo,
    [FromQuery(Name = "include_removed")] string? IncludeRemoved,
    [FromQuery(Name = "page_size")] string? PageSize,
    [FromQuery(Name = "next_token")] string? NextToken)
{
    public FindingFilter ToFilter(FieldErrors errors)
    {
        errors.Require(State is null or "ACTIVE" or "RESOLVED", "state", "state must be ACTIVE or RESOLVED");
        var (from, to) = SeverityRange(errors);
        if (MinSeverity is not null)
        {
            errors.Require(TryNumber(MinSeverity, out var min), "min_severity", "min_severity must be a whole number from 0 to 100");
            from = Math.Max(from ?? min, min);
        }

        var state = State switch { "ACTIVE" => FindingState.Active, "RESOLVED" => FindingState.Resolved, _ => (FindingState?)null };
        return new FindingFilter(
            Account ?? AccountId, Service, Policy, state, from, to, Region, ResourceType, ArnPrefix,
            QueryValues.Time(FirstSeenFrom, "first_seen_from", errors), QueryValues.Time(FirstSeenTo, "first_seen_to", errors),
            QueryValues.Flag(IncludeRemoved, "include_removed", errors));
    }

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
