using System.Data.Common;
using Dapper;
using Qrie.Domain.Events;
using Qrie.Sql.Alerts;
using Qrie.Sql.Database;

namespace Qrie.Sql.Events;

/// <summary>Stores the effects of a batch of messages, in the caller's transaction.</summary>
internal static class EventWriter
{
    private const string Claimed =
        "organization = @Organization AND account_id = @AccountId AND region = @Region AND type = @Type AND resource_id = @Id AND epoch = @Epoch";

    public static async Task SaveBatchAsync(DbTransaction transaction, EventBatch batch)
    {
        List<MessageResult> results = [.. batch.Results];
        foreach (var (dead, result) in batch.Dead)
        {
            // A message that is already recorded as dead, and was redelivered before its queue moved it, has been counted.
            if (await DeadLetterAsync(transaction, dead))
            {
                results.Add(result);
                await AlertOutbox.DeadLetterAsync(transaction, dead);
            }
        }

        await CountAsync(transaction, results, Columns.Day(batch.At));
        await MeasureAsync(transaction, results, Columns.Day(batch.At));
        await RecordRegionsAsync(transaction, results, Columns.Ms(batch.At));
        await ScheduleRechecksAsync(transaction, batch.Rechecks);
    }

    public static async Task AdvanceAsync(DbTransaction transaction, IReadOnlyList<(Recheck Recheck, Recheck? Next)> rechecks)
    {
        const string Unrenewed = $"{Claimed} AND renewals = @Renewals";
        await transaction.ExecuteRowsAsync(
            $"DELETE FROM event_rechecks WHERE {Unrenewed}", rechecks.Where(l => l.Next is null).Select(l => l.Recheck).ToList());
        await transaction.ExecuteRowsAsync(
            $"UPDATE event_rechecks SET attempt = @Attempt, due_at = @due WHERE {Unrenewed}",
            rechecks.Where(l => l.Next is not null)
                .Select(l => new
                {
                    l.Recheck.Organization,
                    l.Recheck.AccountId,
                    l.Recheck.Region,
                    l.Recheck.Type,
                    l.Recheck.Id,
                    l.Recheck.Renewals,
                    l.Recheck.Epoch,
                    l.Next!.Attempt,
                    due = Columns.Ms(l.Next.DueAt),
                })
                .ToList());
        await transaction.ExecuteRowsAsync(
            $"UPDATE event_rechecks SET lease_until = NULL WHERE {Claimed}", rechecks.Select(l => l.Recheck).ToList());
    }

    /// <summary>Returns false if somebody else has claimed it meanwhile, or it is gone.</summary>
    public static async Task<bool> RenewAsync(DbTransaction transaction, Recheck recheck, DateTimeOffset until) =>
        await transaction.Connection!.ExecuteAsync(
            $"UPDATE event_rechecks SET lease_until = @until, due_at = @due WHERE {Claimed}",
            new
            {
                recheck.Organization,
                recheck.AccountId,
                recheck.Region,
                recheck.Type,
                recheck.Id,
                recheck.Epoch,
                until = Columns.Ms(until),
                due = Columns.Ms(recheck.DueAt),
            },
            transaction) > 0;

    /// <summary>Ends the claims that a process left behind: all, if no other process can use the store, otherwise those that expired.</summary>
    public static Task FreeAsync(DbTransaction transaction, SqlDatabase database, DateTimeOffset now) => transaction.Connection!.ExecuteAsync(
        $"UPDATE event_rechecks SET lease_until = NULL, epoch = epoch + 1 WHERE lease_until {(database.IsShared ? "< @now" : "IS NOT NULL")}",
        new { now = Columns.Ms(now) }, transaction);

    /// <summary>Returns false if it was already recorded as dead.</summary>
    private static async Task<bool> DeadLetterAsync(DbTransaction transaction, DeadEvent dead) => await transaction.Connection!.ExecuteAsync(
        """
        INSERT INTO dead_events (message_id, organization, account_id, region, event_name, reason, receives, died_at, in_queue, body)
        VALUES (@MessageId, @Organization, @AccountId, @Region, @EventName, @Reason, @Receives, @at, @inQueue, @Body)
        ON CONFLICT (message_id) DO NOTHING
        """,
        new
        {
            dead.MessageId,
            dead.Organization,
            dead.AccountId,
            dead.Region,
            dead.EventName,
            dead.Reason,
            dead.Receives,
            at = Columns.Ms(dead.At),
            inQueue = dead.InQueue ? 1 : 0,
            dead.Body,
        },
        transaction) > 0;

    private static Task<int> CountAsync(DbTransaction transaction, IReadOnlyList<MessageResult> results, string day) => transaction.ExecuteRowsAsync(
        """
        INSERT INTO event_counts (organization, account_id, region, day, outcome, n) VALUES (@Organization, @AccountId, @Region, @day, @outcome, @n)
        ON CONFLICT (organization, account_id, region, day, outcome) DO UPDATE SET n = event_counts.n + excluded.n
        """,
        results.GroupBy(t => (t.Organization, t.AccountId, t.Region, t.Outcome))
            .Select(g => new { g.Key.Organization, g.Key.AccountId, g.Key.Region, day, outcome = Columns.Name(g.Key.Outcome), n = g.Count() })
            .ToList());

    private static Task<int> MeasureAsync(DbTransaction transaction, IReadOnlyList<MessageResult> results, string day) => transaction.ExecuteRowsAsync(
        """
        INSERT INTO event_lags (organization, account_id, region, day, evaluated, bucket, n)
        VALUES (@Organization, @AccountId, @Region, @day, @evaluated, @bucket, @n)
        ON CONFLICT (organization, account_id, region, day, evaluated, bucket) DO UPDATE SET n = event_lags.n + excluded.n
        """,
        results.SelectMany(t => new[] { (Result: t, Evaluated: 0, Lag: t.ReceivedAfter), (Result: t, Evaluated: 1, Lag: t.EvaluatedAfter) })
            .Where(l => l.Lag is not null && !(l.Result.IsFromFuture && l.Evaluated == 1))
            .Select(l => (l.Result, l.Evaluated, Bucket: l.Result.IsFromFuture ? LagBuckets.FromFuture : LagBuckets.Of(l.Lag!.Value)))
            .GroupBy(l => (l.Result.Organization, l.Result.AccountId, l.Result.Region, l.Evaluated, l.Bucket))
            .Select(g => new { g.Key.Organization, g.Key.AccountId, g.Key.Region, day, evaluated = g.Key.Evaluated, bucket = g.Key.Bucket, n = g.Count() })
            .ToList());

    private static Task<int> RecordRegionsAsync(DbTransaction transaction, IReadOnlyList<MessageResult> results, long now) =>
        transaction.ExecuteRowsAsync(
        """
        INSERT INTO event_regions (organization, account_id, region, last_event_at, last_received_at) VALUES (@Organization, @AccountId, @Region, @last, @now)
        ON CONFLICT (organization, account_id, region) DO UPDATE SET
            last_event_at = CASE WHEN excluded.last_event_at IS NULL OR event_regions.last_event_at > excluded.last_event_at
                                 THEN event_regions.last_event_at ELSE excluded.last_event_at END,
            last_received_at = excluded.last_received_at
        """,
        results.Where(t => t.AccountId.Length > 0)
            .GroupBy(t => (t.Organization, t.AccountId, t.Region))
            .Select(g => new { g.Key.Organization, g.Key.AccountId, g.Key.Region, last = Columns.Ms(g.Max(t => t.EventTime)), now })
            .ToList());

    /// <summary>
    /// The rechecks of a resource start with its last event, unless an earlier recheck is pending, which is followed by the others. A later final recheck keeps
    /// its time. The recheck of a unit keeps its time too, so that further events do not postpone it.
    /// </summary>
    private static Task<int> ScheduleRechecksAsync(DbTransaction transaction, IReadOnlyList<Recheck> rechecks) => transaction.ExecuteRowsAsync(
        """
        INSERT INTO event_rechecks (organization, account_id, region, type, resource_id, service, attempt, event_time, due_at, renewals, whole)
        VALUES (@Organization, @AccountId, @Region, @Type, @Id, @Service, @Attempt, @eventTime, @due, 0, @whole)
        ON CONFLICT (organization, account_id, region, type, resource_id) DO UPDATE SET
            attempt = CASE WHEN event_rechecks.attempt < excluded.attempt THEN event_rechecks.attempt ELSE excluded.attempt END,
                renewals = event_rechecks.renewals + 1,
            event_time = CASE WHEN event_rechecks.event_time > excluded.event_time THEN event_rechecks.event_time ELSE excluded.event_time END,
            due_at = CASE WHEN event_rechecks.attempt < excluded.attempt OR (
                event_rechecks.attempt = excluded.attempt AND event_rechecks.due_at > excluded.due_at)
                               OR event_rechecks.whole = 1
                          THEN event_rechecks.due_at ELSE excluded.due_at END
        """,
        rechecks.Select(l => new
        {
            l.Organization,
            l.AccountId,
            l.Region,
            l.Type,
            l.Id,
            l.Service,
            l.Attempt,
            eventTime = Columns.Ms(l.EventTime),
            due = Columns.Ms(l.DueAt),
            whole = l.IsWhole ? 1 : 0,
        }).ToList());
}
