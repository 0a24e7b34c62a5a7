using System.Data.Common;
using System.Globalization;
using Dapper;
using Qrie.Domain;
using Qrie.Domain.Events;
using Qrie.Sql.Database;

namespace Qrie.Sql.Events;

public sealed class SqlEventStore(SqlDatabase database) : IEventStore
{
    public Task SaveBatchAsync(EventBatch batch, CancellationToken cancel) =>
        database.WriteAsync(transaction => EventWriter.SaveBatchAsync(transaction, batch), cancel);

    public async Task<IReadOnlyList<Recheck>> ClaimDueAsync(bool whole, DateTimeOffset now, TimeSpan lease, int limit, CancellationToken cancel)
    {
        const string Due = "whole = @whole AND due_at <= @now AND (lease_until IS NULL OR lease_until < @now)";
        var which = new { whole = whole ? 1 : 0, now = Columns.Ms(now), until = Columns.Ms(now + lease), limit };
        // Asked every second: a write that changes nothing would make all readers read again.
        if (!await database.ReadAsync(
            connection => connection.ExecuteScalarAsync<bool>($"SELECT EXISTS (SELECT 1 FROM event_rechecks WHERE {Due})", which), cancel))
        {
            return [];
        }

        return await database.WriteAsync<IReadOnlyList<Recheck>>(
            async transaction =>
            [
                .. (await transaction.Connection!.QueryAsync<RecheckRow>(
                    $"""
                    UPDATE event_rechecks SET epoch = epoch + 1, lease_until = @until
                    WHERE (organization, account_id, region, type, resource_id) IN (
                        SELECT organization, account_id, region, type, resource_id FROM event_rechecks WHERE {Due}
                        ORDER BY due_at, organization, account_id, region, type, resource_id LIMIT @limit)
                    RETURNING *
                    """,
                    which, transaction)).OrderBy(row => row.DueAt).Select(row => row.ToRecheck()),
            ],
            cancel);
    }

    public Task<bool> RenewAsync(Recheck recheck, DateTimeOffset now, TimeSpan lease, CancellationToken cancel) =>
        database.WriteAsync(transaction => EventWriter.RenewAsync(transaction, recheck, now + lease), cancel);

    public Task AdvanceAsync(IReadOnlyList<(Recheck Recheck, Recheck? Next)> rechecks, CancellationToken cancel) =>
        rechecks.Count == 0 ? Task.CompletedTask : database.WriteAsync(transaction => EventWriter.AdvanceAsync(transaction, rechecks), cancel);

    public Task<Page<DeadEvent>> ListDeadAsync(string organization, PageRequest page, CancellationToken cancel) =>
        database.ReadAsync(
            organization,
            async connection =>
            {
                var rows = (await connection.QueryAsync<DeadRow>(
                    $"""
                    SELECT * FROM dead_events WHERE organization = @organization
                    {(page.After is null ? "" : "AND (died_at < @at OR (died_at = @at AND message_id > @id))")}
                    ORDER BY died_at DESC, message_id LIMIT @limit
                    """,
                    new
                    {
                        organization,
                        at = page.After is { } after ? long.Parse(after[0], CultureInfo.InvariantCulture) : 0,
                        id = page.After?[1],
                        limit = page.Size + 1,
                    })).AsList();
                return Paged.Of(rows, page.Size, row => row.ToDead(), row => [row.DiedAt.ToString(CultureInfo.InvariantCulture), row.MessageId]);
            },
            cancel);

    public Task<IReadOnlyList<DeadEvent>> FindDeadAsync(string organization, IReadOnlyCollection<string>? messageIds, int limit, CancellationToken cancel) =>
        database.ReadAsync<IReadOnlyList<DeadEvent>>(
            organization,
            async connection =>
            [
                .. (await connection.QueryAsync<DeadRow>(
                    "SELECT * FROM dead_events WHERE organization = @organization "
                    + $"{(messageIds is null ? "" : $"AND {database.Among("message_id", "@ids")}")} ORDER BY died_at, message_id LIMIT @limit",
                    new { organization, ids = messageIds is null ? null : database.List(messageIds), limit })).Select(row => row.ToDead()),
            ],
            cancel);

    public Task<IReadOnlyDictionary<string, string>> FindOwnersOfDeadAsync(IReadOnlyCollection<string> messageIds, CancellationToken cancel) =>
        database.ReadAsync<IReadOnlyDictionary<string, string>>(
            async connection => (await connection.QueryAsync<(string MessageId, string Organization)>(
                $"SELECT message_id, organization FROM dead_events WHERE {database.Among("message_id", "@ids")}", new { ids = database.List(messageIds) }))
                .ToDictionary(d => d.MessageId, d => d.Organization),
            cancel);

    public Task DeleteDeadAsync(string organization, IReadOnlyCollection<string> messageIds, CancellationToken cancel) =>
        database.WriteAsync(
            organization,
            transaction => transaction.Connection!.ExecuteAsync(
                $"DELETE FROM dead_events WHERE organization = @organization AND {database.Among("message_id", "@ids")}",
                new { organization, ids = database.List(messageIds) }, transaction),
            cancel);

    public Task<long> CountDeadAsync(string organization, CancellationToken cancel) =>
        database.ReadAsync(organization, connection => CountDeadAsync(connection, organization), cancel);

    public Task<EventHealth> ReadHealthAsync(string organization, DateTimeOffset since, CancellationToken cancel) =>
        database.ReadAsync(
            organization,
            async connection =>
            {
                var key = new { organization, day = Columns.Day(since) };
                var places = await connection.QueryAsync<(string AccountId, string Region, long? Event, long Received)>(
                    """
                    SELECT account_id, region, last_event_at, last_received_at FROM event_regions
                    WHERE organization = @organization ORDER BY account_id, region
                    """,
                    key);
                var outcomes = await connection.QueryAsync<(string AccountId, string Region, string Outcome, long N)>(
                    """
                    SELECT account_id, region, outcome, sum(n) FROM event_counts WHERE organization = @organization AND day >= @day
                    GROUP BY account_id, region, outcome ORDER BY account_id, region, outcome
                    """,
                    key);
                var lags = await connection.QueryAsync<(string AccountId, string Region, long Evaluated, long Bucket, long N)>(
                    """
                    SELECT account_id, region, evaluated, bucket, sum(n) FROM event_lags WHERE organization = @organization AND day >= @day
                    GROUP BY account_id, region, evaluated, bucket ORDER BY account_id, region, evaluated, bucket
                    """,
                    key);
                return new EventHealth(
                    [.. places.Select(p => new EventRegion(p.AccountId, p.Region, Columns.Time(p.Event), Columns.Time(p.Received)))],
                    [.. outcomes.Select(o => (o.AccountId, o.Region, Columns.Parse<MessageOutcome>(o.Outcome), o.N))],
                    [.. lags.Select(l => new EventLag(l.AccountId, l.Region, l.Evaluated != 0, (int)l.Bucket, l.N))],
                    await connection.ExecuteScalarAsync<long>("SELECT count(*) FROM event_rechecks WHERE organization = @organization", key),
                    await CountDeadAsync(connection, organization));
            },
            cancel);

    private static Task<long> CountDeadAsync(DbConnection connection, string organization) =>
        connection.ExecuteScalarAsync<long>("SELECT count(*) FROM dead_events WHERE organization = @organization", new { organization });

    public Task<IReadOnlyList<EventRegion>> ListRegionsAsync(string organization, string? accountId, CancellationToken cancel) =>
        database.ReadAsync<IReadOnlyList<EventRegion>>(
            organization,
            async connection =>
            [
                .. (await connection.QueryAsync<(string AccountId, string Region, long? Event, long Received)>(
                    $"""
                    SELECT account_id, region, last_event_at, last_received_at FROM event_regions
                    WHERE organization = @organization {(accountId is null ? "" : "AND account_id = @accountId")} ORDER BY account_id, region
                    """,
                    new { organization, accountId })).Select(p => new EventRegion(p.AccountId, p.Region, Columns.Time(p.Event), Columns.Time(p.Received))),
            ],
            cancel);

    private sealed class RecheckRow
    {
        public string Organization { get; set; } = "";
        public string AccountId { get; set; } = "";
        public string Region { get; set; } = "";
        public string Service { get; set; } = "";
        public string Type { get; set; } = "";
        public string ResourceId { get; set; } = "";
        public long Attempt { get; set; }
        public long EventTime { get; set; }
        public long DueAt { get; set; }
        public long Renewals { get; set; }
        public long Epoch { get; set; }

        public Recheck ToRecheck() =>
            new(Organization, AccountId, Region, Service, Type, ResourceId, (int)Attempt, Columns.Time(EventTime), Columns.Time(DueAt), Renewals, Epoch);
    }

    private sealed class DeadRow
    {
        public string MessageId { get; set; } = "";
        public string Organization { get; set; } = "";
        public string AccountId { get; set; } = "";
        public string Region { get; set; } = "";
        public string EventName { get; set; } = "";
        public string Reason { get; set; } = "";
        public long Receives { get; set; }
        public long DiedAt { get; set; }
        public long InQueue { get; set; }
        public string Body { get; set; } = "";

        public DeadEvent ToDead() =>
            new(MessageId, Organization, AccountId, Region, EventName, Reason, (int)Receives, Columns.Time(DiedAt), InQueue != 0, Body);
    }
}
