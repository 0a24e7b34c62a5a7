using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Qrie.Api.Endpoints.Http;
using Qrie.Domain;
using Qrie.Domain.Findings;
using Qrie.Domain.Validation;

namespace Qrie.Api.Endpoints;

internal static class FindingEndpoints
{
    public static void MapFindings(this IEndpointRouteBuilder routes) =>
        routes.MapGet("/findings", ListFindings).WithTags("Findings")
            .WithSummary("Findings, by first_seen (newest first), ARN, policy, account_service").ProducesProblems(400);

    private static async Task<Ok<FindingPage>> ListFindings(
        [AsParameters] FindingQuery query, IFindingStore findings, PageTokens tokens, CancellationToken cancel)
    {
        var errors = new FieldErrors();
        var filter = query.ToFilter(errors);
        var list = $"findings {filter}";
        var page = await tokens.ReadAsync(list, query.PageSize, query.NextToken, errors);
        errors.ThrowIfAny();
        var found = await findings.ListAsync(Organizations.Default, filter, page, cancel);
        return TypedResults.Ok(new FindingPage(
            found.Items.Select(FindingView.From), found.Items.Count, await tokens.WriteAsync(list, found.Next)));
    }

    /// <param name="Account">Exact account id.</param>
    /// <param name="AccountId">The same by another name.</param>
    /// <param name="Service">A service, <c>s3</c>.</param>
    /// <param name="Policy">Exact policy id.</param>
    /// <param name="State">ACTIVE or RESOLVED.</param>
    /// <param name="Severity">A number, or critical, high, medium, low.</param>
    /// <param name="MinSeverity">A number.</param>
    /// <param name="PageSize">1-100, default 50.</param>
    /// <param name="NextToken">From the page before.</param>
    internal sealed record FindingQuery(
        [FromQuery(Name = "account")] string? Account,
        [FromQuery(Name = "account_id")] string? AccountId,
        [FromQuery(Name = "service")] string? Service,
        [FromQuery(Name = "policy")] string? Policy,
        [FromQuery(Name = "state")] string? State,
        [FromQuery(Name = "severity")] string? Severity,
        [FromQuery(Name = "min_severity")] string? MinSeverity,
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
            return new FindingFilter(Account ?? AccountId, Service, Policy, state, from, to);
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

        private static bool TryNumber(string text, out int number) => int.TryParse(text, out number) && number is >= Severities.Min and <= Severities.Max;
    }

    internal sealed record FindingPage(
        IEnumerable<FindingView> Findings, int Count, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? NextToken);

    internal sealed record FindingView(
        string FindingId, string Arn, string Policy, string AccountService, string ResourceType, string Region, int Severity, string State,
        DateTimeOffset FirstSeen, DateTimeOffset LastEvaluated, JsonElement Evidence, DateTimeOffset DescribeTime, DateTimeOffset? ResolvedAt,
        string? ResolvedReason, string? ScanId)
    {
        public static FindingView From(Finding f) => new(
            f.FindingId, f.Arn, f.PolicyId, f.AccountService, f.Type, f.Region, f.Severity, Words.Of(f.State), f.FirstSeen, f.LastEvaluated,
            f.Evidence, f.DescribeTime, f.ResolvedAt, f.ResolvedReason is { } reason ? Words.Of(reason) : null, f.ScanId);
    }
}
