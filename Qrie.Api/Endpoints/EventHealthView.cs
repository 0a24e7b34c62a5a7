using Qrie.Api.Endpoints.Http;
using Qrie.Domain;
using Qrie.Domain.Dashboard;
using Qrie.Domain.Events;

namespace Qrie.Api.Endpoints;

/// <param name="Enabled">Whether a queue is configured.</param>
/// <param name="Queue">Null if none is configured, or if the caller is not of the default organization, because its counts cover all organizations.</param>
/// <param name="LastReceivedAt">By this process; for organizations other than default, their last event. Null if there was none.</param>
/// <param name="Days">The number of days covered, including today.</param>
/// <param name="Received">Completed messages: processed, ignored and dead-lettered.</param>
/// <param name="Outcomes">Completed messages by outcome.</param>
/// <param name="FromFuture">Completed messages whose event time is after their receipt: a wrong clock or a forged event.</param>
/// <param name="RechecksPending">Scheduled rechecks of resources and units.</param>
/// <param name="DeadNow">Dead-lettered messages that were not sent back.</param>
/// <param name="Places">By account and region.</param>
/// <param name="AccountsWithoutEvents">Registered accounts without events in these days.</param>
/// <param name="RuleMissing">Those of them in which the last anti-entropy inventory found changes: their EventBridge rule may be missing.</param>
/// <param name="LikelyMissing">The events that could have reported most of the unreported changes of that inventory, by account and region, largest
/// first.</param>
/// <param name="Budget">What events made Qrie read in this clock hour.</param>
internal sealed record EventHealthView(
    bool Enabled, QueueView? Queue, DateTimeOffset? LastReceivedAt, int Days, long Received,
    long Processed, long Ignored, long Dead, IReadOnlyDictionary<string, long> Outcomes,
    long FromFuture, LagView Lag, long RechecksPending, long DeadNow, IEnumerable<EventRegionView> Places, IReadOnlyList<string> AccountsWithoutEvents,
    IReadOnlyList<string> RuleMissing, IReadOnlyList<MissingEvent> LikelyMissing, EventBudgetView Budget)
{
    public static EventHealthView Of(
        EventHealth health, QueueView? queue, EventChannel channel, string organization,
        int days, IReadOnlyList<string> silent, IReadOnlyList<string> ruleMissing,
        IReadOnlyList<MissingEvent> likelyMissing, EventBudgetView budget)
    {
        var processed = health.Outcomes.Where(o => o.Outcome == MessageOutcome.Processed).Sum(o => o.N);
        var dead = health.Outcomes.Where(o => IsDead(o.Outcome)).Sum(o => o.N);
        var received = health.Outcomes.Sum(o => o.N);
        return new EventHealthView(
            channel.Queue is not null, queue,
            organization == Organizations.Default ? channel.LastReceivedAt : health.Places.Max(p => (DateTimeOffset?)p.LastReceivedAt),
            days, received, processed, received - processed - dead, dead,
            Sums(health.Outcomes.Select(o => (o.Outcome, o.N))), health.Lags.Where(l => l.Bucket == LagBuckets.FromFuture).Sum(l => l.N),
            LagView.Of(health.Lags), health.Rechecks, health.Dead,
            health.Places.Select(p => EventRegionView.Of(p, health)), silent, ruleMissing, likelyMissing, budget);
    }

    internal static SortedDictionary<string, long> Sums(IEnumerable<(MessageOutcome Outcome, long N)> outcomes) =>
        new(outcomes.GroupBy(o => o.Outcome).ToDictionary(g => ApiEnumNames.Of(g.Key), g => g.Sum(o => o.N)), StringComparer.Ordinal);

    private static bool IsDead(MessageOutcome outcome) => outcome is MessageOutcome.Malformed or MessageOutcome.Failed;
}

/// <summary>What events made Qrie read in this clock hour, and may.</summary>
/// <param name="ReadsPerHour">Resources of one account (Events:ReadsPerHour).</param>
/// <param name="UnitReadsPerHour">Units of one account (Events:UnitReadsPerHour).</param>
/// <param name="Accounts">Those of which something was read.</param>
internal sealed record EventBudgetView(int ReadsPerHour, int UnitReadsPerHour, IEnumerable<AccountReadsView> Accounts)
{
    public static EventBudgetView Of(EventBudget budget, EventSettings settings, string organization) => new(
        settings.ReadsPerHour, settings.UnitReadsPerHour,
        budget.Used(organization).Select(u => new AccountReadsView(u.AccountId, u.Reads.Resources, u.Reads.Units, u.Reads.IsExhausted)));
}

/// <param name="Exhausted">Whether the limit was exceeded; further messages are counted as over_budget.</param>
internal sealed record AccountReadsView(string AccountId, int Reads, int UnitReads, bool Exhausted);

/// <summary>The event queue.</summary>
/// <param name="MaxReceives">The receive count after which the queue itself moves a message away; null if it does not, in which case Qrie does after
/// three.</param>
/// <param name="Dead">In its own dead-letter queue; null if it has none.</param>
/// <param name="Problem">Why it cannot be read; null if it can.</param>
internal sealed record QueueView(string Name, int Pollers, long? Waiting, long? InFlight, int? MaxReceives, long? Dead, string? Problem)
{
    /// <summary>Null if none is configured.</summary>
    public static async Task<QueueView?> ReadAsync(EventChannel channel, int pollers, CancellationToken cancel)
    {
        if (channel.Queue is not { } queue)
        {
            return null;
        }

        try
        {
            var state = await queue.ReadStateAsync(cancel);
            return new QueueView(queue.Name, pollers, state.Waiting, state.InFlight, state.MaxReceives, state.Dead, channel.Problem);
        }
        catch (EventQueueException e)
        {
            return new QueueView(queue.Name, pollers, null, null, null, null, e.Message);
        }
    }
}

/// <summary>Milliseconds from an event to its receipt and to its verdicts, accurate to 25 %; null if there were none.</summary>
internal sealed record LagView(double? ReceivedP50, double? ReceivedP99, double? EvaluatedP50, double? EvaluatedP99)
{
    public static LagView Of(IEnumerable<EventLag> lags)
    {
        var all = lags.ToList();
        return new LagView(At(false, 0.5), At(false, 0.99), At(true, 0.5), At(true, 0.99));

        double? At(bool evaluated, double share) =>
            LagBuckets.Percentile(all.Where(l => l.Evaluated == evaluated).Select(l => (l.Bucket, l.N)), share) is { } lag ? Math.Round(lag.TotalMilliseconds)
                : null;
    }
}

/// <summary>The events of one account and region.</summary>
internal sealed record EventRegionView(
    string AccountId, string Region, DateTimeOffset? LastEventAt, DateTimeOffset LastReceivedAt, IReadOnlyDictionary<string, long> Outcomes, LagView Lag)
{
    public static EventRegionView Of(EventRegion place, EventHealth health) => new(
        place.AccountId, place.Region, place.LastEventAt, place.LastReceivedAt,
        EventHealthView.Sums(health.Outcomes.Where(o => (o.AccountId, o.Region) == (place.AccountId, place.Region)).Select(o => (o.Outcome, o.N))),
        LagView.Of(health.Lags.Where(l => (l.AccountId, l.Region) == (place.AccountId, place.Region))));
}
