using System.ComponentModel;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Qrie.Api.Access;
using Qrie.Api.Endpoints.Http;
using Qrie.Domain.Access;
using Qrie.Domain.Access.Audit;
using Qrie.Domain.Validation;

namespace Qrie.Api.Endpoints.Access;

internal static class AuditEndpoints
{
    private const int CsvRowsAtOnce = 500;
    private const int DaysShown = 30;

    private static readonly CsvTable<AuditEntry> s_table = new(
        CsvRowsAtOnce,
        ("audit_id", e => e.AuditId),
        ("at", e => e.At),
        ("actor", e => e.Actor.Id),
        ("actor_name", e => e.Actor.Name),
        ("role", e => e.Actor.Role is { } role ? ApiEnumNames.Of(role) : null),
        ("address", e => e.Actor.Address),
        ("request_id", e => e.Actor.RequestId),
        ("action", e => e.Action),
        ("subject", e => e.Subject),
        ("status", e => ApiEnumNames.Of(e.Status)),
        ("before", e => e.Before),
        ("after", e => e.After));

    public static void MapAudit(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/audit").WithTags("Access");
        group.MapGet("", ListAudit).Needs(Role.Admin).WithSummary("All writes: who, what, before, after; newest first, JSON or CSV")
            .ProducesList<AuditPage>().ProducesProblems(400);
        group.MapGet("/refused-logins", ListRefusedLogins).NeedsInstallation().WithSummary("Refused keys by day and reason, for the last 30 days");
    }

    private static Task<IResult> ListAudit([AsParameters] AuditQuery query, IAuditStore audit, FilteredLists lists, Caller caller, HttpContext context)
    {
        var errors = new FieldErrors();
        var filter = query.ToFilter(errors);
        return lists.AnswerAsync(
            context,
            new FilteredList<AuditEntry>("audit", filter, (page, cancel) => audit.ListAsync(caller.Organization, filter, page, cancel)), s_table,
            query.PageSize, query.NextToken, errors,
            (found, next) => new AuditPage(found.Select(AuditView.From), next));
    }

    private static async Task<Ok<RefusedLoginsView>> ListRefusedLogins(IRefusedLoginStore refused, TimeProvider clock, CancellationToken cancel) =>
        TypedResults.Ok(new RefusedLoginsView(
            (await refused.ListAsync(DateOnly.FromDateTime(clock.GetUtcNow().UtcDateTime).AddDays(1 - DaysShown), cancel))
            .Select(c => new RefusedLoginView(c.Day, ApiEnumNames.Of(c.Reason), c.N))));

    internal sealed record AuditQuery
    {
        [FromQuery(Name = "actor")]
        [Description("Exactly: a key_id, anonymous, or cli:name.")]
        public string? Actor { get; init; }

        [FromQuery(Name = "action")]
        [Description("Exactly: policy.launch.")]
        public string? Action { get; init; }

        [FromQuery(Name = "subject")]
        [Description("Exact match: the id of the changed object.")]
        public string? Subject { get; init; }

        [FromQuery(Name = "from")]
        [Description("A date or an instant (ISO 8601), inclusive.")]
        public string? From { get; init; }

        [FromQuery(Name = "to")]
        [Description("A date or an instant (ISO 8601), exclusive.")]
        public string? To { get; init; }

        [FromQuery(Name = "page_size")]
        [Description("1-100, default 50; not with CSV.")]
        public string? PageSize { get; init; }

        [FromQuery(Name = "next_token")]
        [Description("From the previous page, with the same filter; not with CSV.")]
        public string? NextToken { get; init; }

        public AuditFilter ToFilter(FieldErrors errors) =>
            new(Actor, Action, Subject, QueryValues.Time(From, "from", errors), QueryValues.Time(To, "to", errors));
    }

    internal sealed record AuditPage(
        IEnumerable<AuditView> Audit, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? NextToken);

    /// <param name="Actor">A key_id, anonymous, or cli: and the operating system user.</param>
    /// <param name="Role">Null for a command on the machine itself.</param>
    /// <param name="Status">done, or begun: the write may have happened, but its completion was not recorded.</param>
    /// <param name="Before">Null if it did not exist.</param>
    /// <param name="After">Null if it no longer exists.</param>
    internal sealed record AuditView(
        string AuditId, DateTimeOffset At, string Actor, string? ActorName, string? Role,
        string? Address, string? RequestId, string Action, string Subject, string Status,
        JsonElement? Before, JsonElement? After)
    {
        public static AuditView From(AuditEntry e) => new(
            e.AuditId, e.At, e.Actor.Id, e.Actor.Name, e.Actor.Role is { } role ? ApiEnumNames.Of(role) : null,
            e.Actor.Address, e.Actor.RequestId, e.Action, e.Subject,
            ApiEnumNames.Of(e.Status), e.Before, e.After);
    }

    internal sealed record RefusedLoginsView(IEnumerable<RefusedLoginView> RefusedLogins);

    /// <param name="Reason">malformed, unknown, expired or revoked.</param>
    internal sealed record RefusedLoginView(DateOnly Day, string Reason, long Count);
}
