using System.Data.Common;
using Dapper;
using Qrie.Domain;
using Qrie.Domain.Findings;
using Qrie.Domain.Findings.Exceptions;
using Qrie.Sql.Dashboard;
using Qrie.Sql.Database;

namespace Qrie.Sql.Findings.Exceptions;

public sealed class SqlExceptionStore(SqlDatabase database) : IExceptionStore
{
    private readonly ExceptionSets _sets = new();

    public Task<bool> AddAsync(IReadOnlyList<FindingException> exceptions, int most, CancellationToken cancel) =>
        database.WriteAsync(
            async transaction =>
            {
                foreach (var group in exceptions.GroupBy(e => e.Organization))
                {
                    var inForce = await transaction.Connection!.ExecuteScalarAsync<long>(
                        "SELECT count(*) FROM exceptions WHERE organization = @organization AND status = 'active'",
                        new { organization = group.Key }, transaction);
                    if (inForce + group.Count() > most)
                    {
                        return false;
                    }

                    await transaction.ExecuteRowsAsync(
                        """
                        INSERT INTO exceptions (organization, exception_id, policy_id, arn, tag_key, tag_value, account_ids, regions, owner, reason, ticket,
                                                until_changed, created_at, created_by, expires_at, status, ended_at, pending, warned)
                        VALUES (@Organization, @ExceptionId, @PolicyId, @Arn, @TagKey, @TagValue, @AccountIds, @Regions, @Owner, @Reason, @Ticket,
                                @UntilChanged, @CreatedAt, @CreatedBy, @ExpiresAt, @Status, @EndedAt, 1, 0)
                        """,
                        group.Select(ExceptionRow.Of).ToList());
                    await ExceptionSets.AdvanceAsync(transaction, group.Key);
                }

                return true;
            },
            cancel);

    public Task<FindingException?> ChangeAsync(string organization, string exceptionId, ExceptionChange change, CancellationToken cancel) =>
        database.WriteAsync(
            organization,
            async transaction => (await transaction.Connection!.QueryFirstOrDefaultAsync<ExceptionRow>(
                // A later expiry is warned of again. What is in force stays the same.
                """
                UPDATE exceptions SET owner = coalesce(@Owner, owner), reason = coalesce(@Reason, reason),
                                      ticket = CASE WHEN @Ticket IS NULL THEN ticket ELSE nullif(@Ticket, '') END,
                                      expires_at = coalesce(@expires, expires_at), warned = CASE WHEN @expires IS NULL THEN warned ELSE 0 END
                WHERE organization = @organization AND exception_id = @exceptionId AND status = 'active'
                RETURNING *
                """,
                new { organization, exceptionId, change.Owner, change.Reason, change.Ticket, expires = Columns.Ms(change.ExpiresAt) }, transaction))
                ?.ToException(),
            cancel);

    public Task<FindingException?> RemoveAsync(string organization, string exceptionId, DateTimeOffset now, CancellationToken cancel) =>
        database.WriteAsync(
            organization,
            async transaction =>
            {
                var row = await transaction.Connection!.QueryFirstOrDefaultAsync<ExceptionRow>(
                    """
                    UPDATE exceptions SET status = 'removed', ended_at = @now, pending = 1
                    WHERE organization = @organization AND exception_id = @exceptionId AND status = 'active'
                    RETURNING *
                    """,
                    new { organization, exceptionId, now = Columns.Ms(now) }, transaction);
                if (row is not null)
                {
                    await ExceptionSets.AdvanceAsync(transaction, organization);
                }

                return row?.ToException();
            },
            cancel);

    public Task<FindingException?> FindAsync(string organization, string exceptionId, CancellationToken cancel) =>
        database.ReadAsync(
            organization,
            async connection => (await connection.QueryFirstOrDefaultAsync<ExceptionRow>(
                "SELECT * FROM exceptions WHERE organization = @organization AND exception_id = @exceptionId",
                new { organization, exceptionId }))?.ToException(),
            cancel);

    public Task<Page<FindingException>> ListAsync(string organization, ExceptionFilter filter, PageRequest page, CancellationToken cancel) =>
        database.ReadAsync(
            organization,
            async connection => Paged.Of(
                (await connection.QueryAsync<ExceptionRow>(
                    $"""
                    SELECT * FROM exceptions e
                    WHERE e.organization = @organization AND (@after IS NULL OR e.exception_id < @after)
                      AND (@PolicyId IS NULL OR e.policy_id = @PolicyId) AND (@status IS NULL OR e.status = @status)
                      AND (@before IS NULL OR (e.status = 'active' AND e.expires_at < @before))
                      AND (@AccountId IS NULL OR e.account_ids = '[]' OR {database.Position("e.account_ids", "'\"' || @AccountId || '\"'")} > 0)
                    ORDER BY e.exception_id DESC LIMIT @limit
                    """,
                    new
                    {
                        organization,
                        after = page.After?[0],
                        filter.PolicyId,
                        filter.AccountId,
                        status = filter.Status is { } status ? Columns.Name(status) : null,
                        before = Columns.Ms(filter.ExpiresBefore),
                        limit = page.Size + 1,
                    })).AsList(),
                page.Size, row => row.ToException(), row => [row.ExceptionId]),
            cancel);

    public Task<IReadOnlyDictionary<string, long>> CountFindingsAsync(
        string organization, IReadOnlyCollection<string> exceptionIds, CancellationToken cancel) =>
        database.ReadAsync<IReadOnlyDictionary<string, long>>(
            organization,
            async connection => (await connection.QueryAsync<(string ExceptionId, long N)>(
                (await AccountSums.OfAsync(connection, organization, accountId: null))
                    .Select("exception_counts", "exception_id", ["n"], database.Among("c.exception_id", "@ids")),
                new { organization, ids = database.List(exceptionIds) })).Where(c => c.N != 0).ToDictionary(c => c.ExceptionId, c => c.N),
            cancel);

    public async Task<int> ExpireAsync(DateTimeOffset now, CancellationToken cancel)
    {
        const string Expired = "status = 'active' AND expires_at <= @now";
        var at = new { now = Columns.Ms(now) };
        if (!await AnyAsync(Expired, at, cancel))
        {
            return 0;
        }

        return await database.WriteAsync(
            async transaction =>
            {
                var organizations = (await transaction.Connection!.QueryAsync<string>(
                    $"UPDATE exceptions SET status = 'expired', ended_at = expires_at, pending = 1 WHERE {Expired} RETURNING organization", at, transaction))
                    .AsList();
                foreach (var organization in organizations.Distinct())
                {
                    await ExceptionSets.AdvanceAsync(transaction, organization);
                }

                return organizations.Count;
            },
            cancel);
    }

    public async Task<IReadOnlyList<FindingException>> TakeExpiringAsync(DateTimeOffset before, CancellationToken cancel)
    {
        const string Expiring = "status = 'active' AND warned = 0 AND expires_at <= @before";
        var at = new { before = Columns.Ms(before) };
        if (!await AnyAsync(Expiring, at, cancel))
        {
            return [];
        }

        return await database.WriteAsync<IReadOnlyList<FindingException>>(
            async transaction =>
            [
                .. (await transaction.Connection!.QueryAsync<ExceptionRow>(
                    $"UPDATE exceptions SET warned = 1 WHERE {Expiring} RETURNING *", at, transaction)).Select(row => row.ToException()),
            ],
            cancel);
    }

    public Task<IReadOnlyList<FindingException>> ListPendingAsync(CancellationToken cancel) =>
        database.ReadAsync<IReadOnlyList<FindingException>>(
            async connection =>
            [
                .. (await connection.QueryAsync<ExceptionRow>("SELECT * FROM exceptions WHERE pending = 1 ORDER BY organization, exception_id"))
                    .Select(row => row.ToException()),
            ],
            cancel);

    public Task<int> ReconsiderAsync(string organization, IReadOnlyList<FindingIdentity> findings, DateTimeOffset now, CancellationToken cancel) =>
        database.WriteAsync(organization, transaction => ReconsiderAsync(transaction, organization, findings, now), cancel);

    public Task<int> ReleaseAsync(string organization, string exceptionId, DateTimeOffset now, int limit, CancellationToken cancel) =>
        database.WriteAsync(
            organization,
            async transaction =>
            {
                var held = (await transaction.Connection!.QueryAsync<(string AccountService, string Arn, string PolicyId)>(
                    """
                    SELECT f.account_service, f.arn, f.policy_id FROM findings f
                    WHERE f.organization = @organization AND f.exception_id = @exceptionId
                      AND EXISTS (SELECT 1 FROM exceptions e WHERE e.organization = @organization AND e.exception_id = @exceptionId AND e.status <> 'active')
                    ORDER BY f.account_service, f.arn, f.policy_id LIMIT @limit
                    """,
                    new { organization, exceptionId, limit }, transaction)).Select(f => new FindingIdentity(f.AccountService, f.Arn, f.PolicyId)).ToList();
                await ReconsiderAsync(transaction, organization, held, now);
                return held.Count;
            },
            cancel);

    public Task SettleAsync(FindingException exception, CancellationToken cancel) =>
        database.WriteAsync(
            transaction => transaction.Connection!.ExecuteAsync(
                """
                DELETE FROM exception_evidence
                WHERE organization = @Organization AND exception_id = @ExceptionId AND @status <> 'active';

                UPDATE exceptions SET pending = 0 WHERE organization = @Organization AND exception_id = @ExceptionId AND status = @status
                """,
                new { exception.Organization, exception.ExceptionId, status = Columns.Name(exception.Status) }, transaction),
            cancel);

    /// <summary>Asked before a write: one that changes nothing would still make all readers read again.</summary>
    private Task<bool> AnyAsync(string condition, object parameters, CancellationToken cancel) => database.ReadAsync(
        connection => connection.ExecuteScalarAsync<bool>($"SELECT EXISTS (SELECT 1 FROM exceptions WHERE {condition})", parameters), cancel);

    private async Task<int> ReconsiderAsync(DbTransaction transaction, string organization, IReadOnlyList<FindingIdentity> findings, DateTimeOffset now)
    {
        var gate = await ExceptionGate.OpenAsync(transaction, database, _sets, organization);
        return await VerdictWriter.ReconsiderAsync(transaction, database, gate, organization, findings, now);
    }
}
