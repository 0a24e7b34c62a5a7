using System.Data.Common;
using Dapper;
using Qrie.Domain;
using Qrie.Domain.Alerts;
using Qrie.Sql.Database;

namespace Qrie.Sql.Alerts;

public sealed class SqlAlertStore(SqlDatabase database) : IAlertStore
{
    private const string OfRule = "organization = @organization AND alert_id = @alertId";
    private const string OfMessage = $"{OfRule} AND delivery_id = @deliveryId";

    private const string InsertMessage =
        """
        INSERT INTO alert_deliveries (organization, alert_id, delivery_id, created_at, status, due_at, attempts, finished_at, result, is_test, content,
                                      revision)
        VALUES (@Organization, @AlertId, @DeliveryId, @CreatedAt, @Status, @DueAt, @Attempts, @FinishedAt, @Result, @IsTest, @Content, @Revision)
        """;

    public Task<bool> AddAsync(AlertRule rule, CancellationToken cancel) =>
        database.WriteAsync(
            async transaction => await transaction.Connection!.ExecuteAsync(
                $"""
                INSERT INTO alert_rules (organization, alert_id, name, enabled, kinds, min_severity, selection, quiet_hours, group_seconds, target,
                                         created_at, updated_at, failing_since)
                SELECT @Organization, @AlertId, @Name, @Enabled, @Kinds, @MinSeverity, @Selection, @QuietHours, @GroupSeconds, @Target,
                       @CreatedAt, @UpdatedAt, @FailingSince
                WHERE (SELECT count(*) FROM alert_rules WHERE organization = @Organization) < {AlertLimits.Rules}
                """,
                AlertRuleRow.Of(rule), transaction) > 0,
            cancel);

    public Task<AlertRule?> ChangeAsync(
        string organization, string alertId, Func<AlertRule, AlertRule> change, DateTimeOffset now, CancellationToken cancel) =>
        database.WriteAsync(
            organization,
            async transaction =>
            {
                var key = new { organization, alertId, now = Columns.Ms(now) };
                if ((await RuleAsync(transaction.Connection!, key, transaction))?.ToRule() is not { } before)
                {
                    return null;
                }

                var after = change(before);
                await transaction.Connection!.ExecuteAsync(
                    """
                    UPDATE alert_rules SET name = @Name, enabled = @Enabled, kinds = @Kinds, min_severity = @MinSeverity, selection = @Selection,
                                           quiet_hours = @QuietHours, group_seconds = @GroupSeconds, target = @Target, updated_at = @UpdatedAt,
                                           failing_since = @FailingSince
                    WHERE organization = @Organization AND alert_id = @AlertId
                    """,
                    AlertRuleRow.Of(after), transaction);
                if (!after.Enabled)
                {
                    await transaction.Connection!.ExecuteAsync(
                        $"UPDATE alert_deliveries SET status = 'dropped', finished_at = @now WHERE {OfRule} AND finished_at IS NULL AND status <> 'sending'",
                        key, transaction);
                }

                return after;
            },
            cancel);

    public Task<bool> DeleteAsync(string organization, string alertId, CancellationToken cancel) =>
        database.WriteAsync(
            organization,
            async transaction =>
            {
                await transaction.Connection!.ExecuteAsync($"DELETE FROM alert_deliveries WHERE {OfRule}", new { organization, alertId }, transaction);
                return await transaction.Connection!.ExecuteAsync($"DELETE FROM alert_rules WHERE {OfRule}", new { organization, alertId }, transaction) > 0;
            },
            cancel);

    public Task<AlertRule?> FindAsync(string organization, string alertId, CancellationToken cancel) =>
        database.ReadAsync(organization, async connection => (await RuleAsync(connection, new { organization, alertId }, null))?.ToRule(), cancel);

    public Task<Page<AlertRule>> ListAsync(string organization, PageRequest page, CancellationToken cancel) =>
        database.ReadAsync(
            organization,
            async connection => Paged.Of(
                (await connection.QueryAsync<AlertRuleRow>(
                    $"""
                    SELECT * FROM alert_rules WHERE organization = @organization {(page.After is null ? "" : "AND alert_id > @after")}
                    ORDER BY alert_id LIMIT @limit
                    """,
                    new { organization, after = page.After?[0], limit = page.Size + 1 })).AsList(),
                page.Size, row => row.ToRule(), row => [row.AlertId]),
            cancel);

    public Task<IReadOnlyList<AlertRule>> ListEnabledAsync(string organization, CancellationToken cancel) =>
        ListRulesAsync("organization = @organization AND enabled = 1", organization, cancel);

    public Task<IReadOnlyList<AlertRule>> ListFailingAsync(string organization, CancellationToken cancel) =>
        ListRulesAsync("organization = @organization AND enabled = 1 AND failing_since IS NOT NULL", organization, cancel);

    public Task<IReadOnlyList<AlertEvent>> ReadOutboxAsync(int limit, CancellationToken cancel) =>
        database.ReadAsync<IReadOnlyList<AlertEvent>>(
            async connection =>
            {
                var rows = (await connection.QueryAsync<AlertEventRow>("SELECT * FROM alert_outbox ORDER BY seq LIMIT @limit", new { limit })).AsList();
                return [.. rows.TakeWhile(row => row.Organization == rows[0].Organization).Select(row => row.ToEvent())];
            },
            cancel);

    public Task<IReadOnlyDictionary<(string AccountService, string Arn), IReadOnlyDictionary<string, string>?>> ReadTagsAsync(
        string organization, IReadOnlyCollection<(string AccountService, string Arn)> resources, CancellationToken cancel) =>
        database.ReadAsync<IReadOnlyDictionary<(string, string), IReadOnlyDictionary<string, string>?>>(
            organization,
            async connection =>
            {
                var read = new Dictionary<(string, string), IReadOnlyDictionary<string, string>?>();
                foreach (var group in resources.GroupBy(r => r.AccountService, r => r.Arn))
                {
                    foreach (var (arn, tags) in await connection.QueryAsync<(string Arn, string? Tags)>(
                        $"""
                        SELECT arn, tags FROM resources
                        WHERE organization = @organization AND account_service = @accountService AND {database.Among("arn", "@arns")}
                        """,
                        new { organization, accountService = group.Key, arns = database.List(group) }))
                    {
                        read[(group.Key, arn)] = Columns.FromJsonOrNull<Dictionary<string, string>>(tags);
                    }
                }

                return read;
            },
            cancel);

    public Task<IReadOnlyList<AlertDelivery>> ListCollectingAsync(string organization, CancellationToken cancel) =>
        database.ReadAsync<IReadOnlyList<AlertDelivery>>(
            organization,
            async connection =>
            [
                .. (await connection.QueryAsync<AlertDeliveryRow>(
                    "SELECT * FROM alert_deliveries WHERE organization = @organization AND status IN ('collecting', 'held')", new { organization }))
                .Select(row => row.ToDelivery()),
            ],
            cancel);

    public async Task<bool> SaveMatchedAsync(
        string organization, IReadOnlyList<long> events, IReadOnlyList<AlertDelivery> messages, CancellationToken cancel)
    {
        try
        {
            await database.WriteAsync(
                organization,
                async transaction =>
                {
                    if (await transaction.Connection!.ExecuteAsync(
                        $"DELETE FROM alert_outbox WHERE {database.AmongNumbers("seq", "@events")} AND organization = @organization",
                        new { organization, events = SqlDatabase.List(events) }, transaction) < events.Count)
                    {
                        throw new MessageClosedException(); // another replica has matched some of them
                    }

                    foreach (var message in messages)
                    {
                        await SaveContentAsync(transaction, message);
                    }
                },
                cancel);
            return true;
        }
        catch (MessageClosedException)
        {
            return false; // rolled back: the events are matched again
        }
    }

    public Task<IReadOnlyList<AlertDelivery>> ListDueAsync(DateTimeOffset now, int limit, CancellationToken cancel) =>
        database.ReadAsync<IReadOnlyList<AlertDelivery>>(
            async connection =>
            [
                // The limit counts rules: many messages of one whose target does not answer must not hide those of others.
                .. (await connection.QueryAsync<AlertDeliveryRow>(
                    """
                    SELECT d.* FROM (
                        SELECT organization, alert_id, min(due_at) AS due_at FROM alert_deliveries WHERE finished_at IS NULL AND due_at <= @now
                        GROUP BY organization, alert_id ORDER BY min(due_at) LIMIT @limit) first
                    JOIN alert_deliveries d ON d.organization = first.organization AND d.alert_id = first.alert_id AND d.due_at = first.due_at
                      AND d.finished_at IS NULL
                    ORDER BY d.due_at, d.delivery_id
                    """,
                    new { now = Columns.Ms(now), limit })).DistinctBy(row => (row.Organization, row.AlertId)).Select(row => row.ToDelivery()),
            ],
            cancel);

    public Task HoldAsync(AlertDelivery message, DateTimeOffset until, CancellationToken cancel) =>
        database.WriteAsync(
            transaction => transaction.Connection!.ExecuteAsync(
                $"""
                UPDATE alert_deliveries SET due_at = @until, status = CASE WHEN status = 'retrying' THEN status ELSE 'held' END
                WHERE {OfMessage} AND status = @status AND due_at = @dueAt
                """,
                KeyOf(message, Columns.Ms(until)), transaction),
            cancel);

    public Task<AlertDelivery?> BeginAsync(AlertDelivery message, DateTimeOffset now, DateTimeOffset until, CancellationToken cancel) =>
        database.WriteAsync(
            async transaction => (await transaction.Connection!.QueryFirstOrDefaultAsync<AlertDeliveryRow>(
                $"""
                UPDATE alert_deliveries SET status = 'sending', attempts = attempts + 1, due_at = @until
                WHERE {OfMessage} AND status = @status AND due_at = @dueAt AND finished_at IS NULL RETURNING *
                """,
                KeyOf(message, Columns.Ms(until)), transaction))?.ToDelivery(),
            cancel);

    public Task EndAsync(AlertDelivery message, CancellationToken cancel) =>
        database.WriteAsync(
            async transaction =>
            {
                var row = AlertDeliveryRow.Of(message);
                var ended = await transaction.Connection!.ExecuteAsync(
                    """
                    UPDATE alert_deliveries SET status = @Status, due_at = @DueAt, finished_at = @FinishedAt, result = @Result, content = @Content
                    WHERE organization = @Organization AND alert_id = @AlertId AND delivery_id = @DeliveryId AND attempts = @Attempts
                    """,
                    row, transaction);
                if (ended > 0 && message.FinishedAt is not null)
                {
                    await transaction.Connection!.ExecuteAsync(
                        """
                        UPDATE alert_rules
                        SET failing_since = CASE @Status WHEN 'failed' THEN coalesce(failing_since, @FinishedAt) WHEN 'dropped' THEN failing_since END
                        WHERE organization = @Organization AND alert_id = @AlertId
                        """,
                        row, transaction);
                }
            },
            cancel);

    public Task AddTestAsync(AlertDelivery message, CancellationToken cancel) =>
        database.WriteAsync(
            async transaction =>
            {
                var row = AlertDeliveryRow.Of(message);
                if (await RuleAsync(transaction.Connection!, new { organization = row.Organization, alertId = row.AlertId }, transaction) is null)
                {
                    return; // it was deleted meanwhile
                }

                await transaction.Connection!.ExecuteAsync(InsertMessage, row, transaction);
                await transaction.Connection!.ExecuteAsync(
                    "UPDATE alert_rules SET failing_since = NULL WHERE organization = @Organization AND alert_id = @AlertId AND @Status = 'delivered'",
                    row, transaction);
            },
            cancel);

    public Task<Page<AlertDelivery>> ListDeliveriesAsync(string organization, string alertId, PageRequest page, CancellationToken cancel) =>
        database.ReadAsync(
            organization,
            async connection => Paged.Of(
                (await connection.QueryAsync<AlertDeliveryRow>(
                    $"""
                    SELECT * FROM alert_deliveries WHERE {OfRule} {(page.After is null ? "" : "AND delivery_id < @after")}
                    ORDER BY delivery_id DESC LIMIT @limit
                    """,
                    new { organization, alertId, after = page.After?[0], limit = page.Size + 1 })).AsList(),
                page.Size, row => row.ToDelivery(), row => [row.DeliveryId]),
            cancel);

    public Task<int> DeleteEndedAsync(DateTimeOffset before, int limit, CancellationToken cancel) =>
        database.WriteAsync(
            transaction => transaction.Connection!.ExecuteAsync(
                """
                DELETE FROM alert_deliveries WHERE (organization, alert_id, delivery_id) IN (
                    SELECT organization, alert_id, delivery_id FROM alert_deliveries WHERE finished_at < @before ORDER BY finished_at LIMIT @limit)
                """,
                new { before = Columns.Ms(before), limit }, transaction),
            cancel);

    private Task<IReadOnlyList<AlertRule>> ListRulesAsync(string where, string organization, CancellationToken cancel) =>
        database.ReadAsync<IReadOnlyList<AlertRule>>(
            organization,
            async connection =>
            [
                .. (await connection.QueryAsync<AlertRuleRow>($"SELECT * FROM alert_rules WHERE {where} ORDER BY alert_id", new { organization }))
                .Select(row => row.ToRule()),
            ],
            cancel);

    private static Task<AlertRuleRow?> RuleAsync(DbConnection connection, object key, DbTransaction? transaction) =>
        connection.QueryFirstOrDefaultAsync<AlertRuleRow>($"SELECT * FROM alert_rules WHERE {OfRule}", key, transaction);

    /// <summary>Adds a message, or replaces the content of one that still collects.</summary>
    private static async Task SaveContentAsync(DbTransaction transaction, AlertDelivery message)
    {
        var row = AlertDeliveryRow.Of(message);
        if (!await transaction.Connection!.ExecuteScalarAsync<bool>(
            "SELECT EXISTS (SELECT 1 FROM alert_rules WHERE organization = @Organization AND alert_id = @AlertId AND enabled = 1)", row, transaction))
        {
            return;
        }

        var isNew = !await transaction.Connection!.ExecuteScalarAsync<bool>(
            "SELECT EXISTS (SELECT 1 FROM alert_deliveries WHERE organization = @Organization AND alert_id = @AlertId AND delivery_id = @DeliveryId)",
            row, transaction);
        var saved = isNew && message.Revision == 0
            ? await transaction.Connection!.ExecuteAsync(InsertMessage, With(row, revision: 1), transaction)
            : await transaction.Connection!.ExecuteAsync(
                """
                UPDATE alert_deliveries SET content = @Content, revision = revision + 1
                WHERE organization = @Organization AND alert_id = @AlertId AND delivery_id = @DeliveryId AND revision = @Revision
                  AND status IN ('collecting', 'held')
                """,
                row, transaction);
        if (saved == 0)
        {
            throw new MessageClosedException();
        }
    }

    private static AlertDeliveryRow With(AlertDeliveryRow row, int revision)
    {
        row.Revision = revision;
        return row;
    }

    private static object KeyOf(AlertDelivery message, long until) => new
    {
        organization = message.Organization,
        alertId = message.AlertId,
        deliveryId = message.DeliveryId,
        status = Columns.Name(message.Status),
        dueAt = Columns.Ms(message.DueAt),
        until,
    };

    private sealed class MessageClosedException : Exception;
}
