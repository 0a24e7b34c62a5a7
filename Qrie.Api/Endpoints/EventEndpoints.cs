using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Options;
using Qrie.Api.Access;
using Qrie.Api.Endpoints.Http;
using Qrie.Api.Hosting;
using Qrie.Domain;
using Qrie.Domain.Access;
using Qrie.Domain.Accounts;
using Qrie.Domain.Dashboard;
using Qrie.Domain.Events;
using Qrie.Domain.Scans;
using Qrie.Domain.Validation;

namespace Qrie.Api.Endpoints;

internal static class EventEndpoints
{
    private const int StandardDays = 7;
    private const int MostDays = 90;

    public static void MapEvents(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/events").WithTags("Events");
        group.MapGet("/health", GetHealth).WithSummary("The health of event processing: outcomes and latencies").ProducesProblems(400);
        group.MapGet("/dead", ListDead).WithSummary("Messages that could not be processed, newest first").ProducesProblems(400);
        group.MapPost("/dead/redrive", Redrive).Writes(Role.Operator, AuditActions.RedriveEvents)
            .WithSummary("Send dead-lettered messages back to the queue: the named ones, or all").ProducesProblems(400, 409);
    }

    private static async Task<Ok<EventHealthView>> GetHealth(
        [FromQuery(Name = "days")] string? days, EventChannel channel, IEventStore store,
        IAccountStore accounts, IScanStore scans, IDriftStore drift, DriftAttribution attribution,
        IOptions<EventOptions> options, EventBudget budget, EventSettings settings, TimeProvider clock, Caller caller, CancellationToken cancel)
    {
        var errors = new FieldErrors();
        var count = StandardDays;
        errors.Require(
            days is null || (int.TryParse(days, out count) && count is >= 1 and <= MostDays), "days", $"days must be a whole number from 1 to {MostDays}");
        errors.ThrowIfAny();
        var since = clock.GetUtcNow().AddDays(1 - count);
        var health = await store.ReadHealthAsync(caller.Organization, since, cancel);
        var heard = health.Places.Where(p => p.LastReceivedAt >= since).Select(p => p.AccountId).ToHashSet(StringComparer.Ordinal);
        var silent = (await accounts.ListAsync(caller.Organization, includeRemoved: false, cancel))
            .Select(a => a.AccountId).Where(id => !heard.Contains(id)).ToList();
        var last = await scans.FindLastFullAsync(caller.Organization, ScanKind.Inventory, cancel);
        var unreported = last is null ? [] : await drift.CountByAccountAsync(caller.Organization, last.ScanId, cancel);
        var missing = last is null ? [] : await attribution.FindMissingAsync(caller.Organization, last.ScanId, unreported, cancel);
        return TypedResults.Ok(EventHealthView.Of(
            health, caller.Organization == Organizations.Default ? await QueueView.ReadAsync(channel, options.Value.Pollers, cancel) : null,
            channel, caller.Organization, count, silent,
            [.. unreported.Select(a => a.AccountId).Where(silent.Contains)], missing, EventBudgetView.Of(budget, settings, caller.Organization)));
    }

    private static async Task<Ok<DeadPage>> ListDead(
        [FromQuery(Name = "page_size")] string? pageSize, [FromQuery(Name = "next_token")] string? nextToken, IEventStore store, PageTokens tokens,
        Caller caller, CancellationToken cancel)
    {
        var errors = new FieldErrors();
        var page = await tokens.ReadAsync(caller.Organization, "dead events", pageSize, nextToken, errors);
        errors.ThrowIfAny();
        var found = await store.ListDeadAsync(caller.Organization, page, cancel);
        return TypedResults.Ok(new DeadPage(found.Items.Select(DeadView.From), await tokens.WriteAsync(caller.Organization, "dead events", found.Next)));
    }

    private static async Task<Ok<RedriveView>> Redrive(
        OptionalJsonBody<RedriveBody> body, EventRedrive redrive, RequestAudit audit, Caller caller, CancellationToken cancel)
    {
        var result = await audit.MakeAsync(
            "", () => RedriveAsync(redrive, caller.Organization, body.Value?.MessageIds, cancel),
            sent => sent.Redriven == 0 ? [] : [("", new RedriveState(body.Value?.MessageIds, sent.Redriven, sent.Left.Count))], cancel);
        return TypedResults.Ok(new RedriveView(result.Redriven, result.Left, result.Unknown));
    }

    private static async Task<RedriveResult> RedriveAsync(
        EventRedrive redrive, string organization, IReadOnlyList<string>? messageIds, CancellationToken cancel)
    {
        try
        {
            return await redrive.RedriveAsync(organization, messageIds, cancel);
        }
        catch (EventQueueException e)
        {
            throw new ConflictException(e.Message);
        }
    }

    /// <summary>A redrive as recorded in the audit log.</summary>
    /// <param name="MessageIds">The requested messages; null for all.</param>
    internal sealed record RedriveState(IReadOnlyList<string>? MessageIds, int Redriven, int Left);

    /// <param name="MessageIds">Null for all.</param>
    internal sealed record RedriveBody(IReadOnlyList<string>? MessageIds);

    /// <param name="Left">Messages that could not be sent because the queue has not moved them to its dead-letter queue yet. Try again later.</param>
    /// <param name="Unknown">Requested ids that are not dead-lettered.</param>
    internal sealed record RedriveView(int Redriven, IReadOnlyList<string> Left, IReadOnlyList<string> Unknown);

    internal sealed record DeadPage(
        IEnumerable<DeadView> Dead, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? NextToken);

    /// <param name="HeldBy">queue: the queue's own dead-letter queue has it or will get it; store: only Qrie's store has it.</param>
    internal sealed record DeadView(
        string MessageId, string AccountId, string Region, string EventName, string Reason, int Receives, DateTimeOffset DiedAt, string HeldBy, string Body)
    {
        public static DeadView From(DeadEvent d) =>
            new(d.MessageId, d.AccountId, d.Region, d.EventName, d.Reason, d.Receives, d.At, d.InQueue ? "queue" : "store", d.Body);
    }
}
