using Dapper;
using Qrie.Domain;
using Qrie.Domain.Archiving;
using Qrie.Domain.Findings;
using Qrie.Sql.Database;
using Qrie.Sql.Findings;

namespace Qrie.Sql.Archiving;

public sealed class SqlArchiveStore(SqlDatabase database) : IArchiveStore
{
    public Task<bool> AddAsync(Archive archive, CancellationToken cancel) =>
        database.WriteAsync(
            async transaction => await transaction.Connection!.ExecuteAsync(
                """
                INSERT INTO archives (organization, archive_id, reason, account_id, status, created_at, finished_at, findings, parts, bytes, error)
                VALUES (@Organization, @ArchiveId, @Reason, @AccountId, @Status, @CreatedAt, @FinishedAt, @Findings, @Parts, @Bytes, @Error)
                ON CONFLICT DO NOTHING
                """,
                Row.Of(archive), transaction) > 0,
            cancel);

    public Task SaveAsync(Archive archive, CancellationToken cancel) =>
        database.WriteAsync(
            transaction => transaction.Connection!.ExecuteAsync(
                """
                UPDATE archives SET status = @Status, finished_at = @FinishedAt, findings = @Findings, parts = @Parts, bytes = @Bytes, error = @Error
                WHERE organization = @Organization AND archive_id = @ArchiveId
                """,
                Row.Of(archive), transaction),
            cancel);

    public Task<Archive?> FindAsync(string organization, string archiveId, CancellationToken cancel) =>
        database.ReadAsync(
            organization,
            async connection => (await connection.QueryFirstOrDefaultAsync<Row>(
                "SELECT * FROM archives WHERE organization = @organization AND archive_id = @archiveId", new { organization, archiveId }))?.ToArchive(),
            cancel);

    public Task<Page<Archive>> ListAsync(string organization, PageRequest page, CancellationToken cancel) =>
        database.ReadAsync(
            organization,
            async connection => Paged.Of(
                (await connection.QueryAsync<Row>(
                    $"""
                    SELECT * FROM archives WHERE organization = @organization {(page.After is null ? "" : "AND archive_id < @after")}
                    ORDER BY archive_id DESC LIMIT @limit
                    """,
                    new { organization, after = page.After?[0], limit = page.Size + 1 })).AsList(),
                page.Size, row => row.ToArchive(), row => [row.ArchiveId]),
            cancel);

    public Task<IReadOnlyList<Archive>> ListPendingAsync(CancellationToken cancel) =>
        database.ReadAsync<IReadOnlyList<Archive>>(
            async connection =>
            [
                .. (await connection.QueryAsync<Row>("SELECT * FROM archives WHERE status = 'pending' ORDER BY created_at, archive_id"))
                .Select(row => row.ToArchive()),
            ],
            cancel);

    public Task<Archive?> FindLastAsync(string organization, ArchiveReason reason, string? accountId, DateTimeOffset since, CancellationToken cancel) =>
        database.ReadAsync(
            organization,
            async connection => (await connection.QueryFirstOrDefaultAsync<Row>(
                """
                SELECT * FROM archives
                WHERE organization = @organization AND reason = @reason AND account_id = @accountId AND created_at >= @since
                ORDER BY archive_id DESC LIMIT 1
                """,
                new { organization, reason = Columns.Name(reason), accountId = accountId ?? "", since = Columns.Ms(since) }))?.ToArchive(),
            cancel);

    public Task<IReadOnlyList<Archive>> ListFailingAsync(string organization, CancellationToken cancel) =>
        database.ReadAsync<IReadOnlyList<Archive>>(
            organization,
            async connection =>
            [
                .. (await connection.QueryAsync<Row>(
                    """
                    SELECT * FROM archives a WHERE a.organization = @organization AND a.status = 'failed' AND NOT EXISTS (
                        SELECT 1 FROM archives later
                        WHERE later.organization = a.organization AND later.reason = a.reason AND later.account_id = a.account_id
                          AND later.archive_id > a.archive_id)
                    ORDER BY a.archive_id
                    """,
                    new { organization })).Select(row => row.ToArchive()),
            ],
            cancel);

    public Task<IReadOnlyList<Finding>> ReadFindingsAsync(string organization, string? accountId, Finding? after, int limit, CancellationToken cancel) =>
        database.ReadAsync<IReadOnlyList<Finding>>(
            organization,
            async connection =>
            [
                .. (await connection.QueryAsync<FindingRow>(
                    $"""
                    SELECT * FROM findings WHERE organization = @organization
                      {(accountId is null ? "" : "AND account_service >= @services AND account_service < @servicesEnd")}
                      {(after is null ? "" : "AND (account_service, arn, policy_id) > (@accountService, @arn, @policyId)")}
                    ORDER BY account_service, arn, policy_id LIMIT @limit
                    """,
                    new
                    {
                        organization,
                        services = $"{accountId}_",
                        servicesEnd = TextPrefix.End($"{accountId}_"),
                        accountService = after?.AccountService,
                        arn = after?.Arn,
                        policyId = after?.PolicyId,
                        limit,
                    })).Select(row => row.ToFinding()),
            ],
            cancel);

    private sealed class Row
    {
        public string Organization { get; set; } = "";
        public string ArchiveId { get; set; } = "";
        public string Reason { get; set; } = "";
        public string AccountId { get; set; } = "";
        public string Status { get; set; } = "";
        public long CreatedAt { get; set; }
        public long? FinishedAt { get; set; }
        public long Findings { get; set; }
        public long Parts { get; set; }
        public long Bytes { get; set; }
        public string? Error { get; set; }

        public static Row Of(Archive archive) => new()
        {
            Organization = archive.Organization,
            ArchiveId = archive.ArchiveId,
            Reason = Columns.Name(archive.Reason),
            AccountId = archive.AccountId ?? "",
            Status = Columns.Name(archive.Status),
            CreatedAt = Columns.Ms(archive.CreatedAt),
            FinishedAt = Columns.Ms(archive.FinishedAt),
            Findings = archive.Findings,
            Parts = archive.Parts,
            Bytes = archive.Bytes,
            Error = archive.Error,
        };

        public Archive ToArchive() => new()
        {
            Organization = Organization,
            ArchiveId = ArchiveId,
            Reason = Columns.Parse<ArchiveReason>(Reason),
            AccountId = AccountId.Length == 0 ? null : AccountId,
            Status = Columns.Parse<ArchiveStatus>(Status),
            CreatedAt = Columns.Time(CreatedAt),
            FinishedAt = Columns.Time(FinishedAt),
            Findings = Findings,
            Parts = (int)Parts,
            Bytes = Bytes,
            Error = Error,
        };
    }
}
