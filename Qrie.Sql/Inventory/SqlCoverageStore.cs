using System.Data.Common;
using Dapper;
using Qrie.Domain;
using Qrie.Domain.Inventory;
using Qrie.Sql.Accounts;
using Qrie.Sql.Compliance;
using Qrie.Sql.Database;

namespace Qrie.Sql.Inventory;

public sealed class SqlCoverageStore(SqlDatabase database) : ICoverageStore
{
    public Task RecordAsync(string organization, Coverage coverage, CancellationToken cancel) =>
        database.WriteProgressAsync(
            organization,
            async transaction =>
            {
                var key = new { organization, coverage.AccountId, coverage.Region, coverage.Type };
                var (before, checkedAt) = await transaction.Connection!.QueryFirstOrDefaultAsync<(string? Outcome, long CheckedAt)>(
                    $"""
                    SELECT outcome, checked_at FROM coverage
                    WHERE organization = @organization AND account_id = @AccountId AND region = @Region AND type = @Type
                    """,
                    key, transaction);
                await SaveAsync(transaction, organization, coverage);
                if (before is null || Columns.Ms(coverage.CheckedAt) >= checkedAt)
                {
                    await AccountServices.CountAsync(transaction, organization, coverage, Columns.ParseOrNull<ListOutcome>(before));
                    await TypeCounts.AddListAsync(transaction, organization, coverage, Columns.ParseOrNull<ListOutcome>(before));
                }
            },
            cancel);

    public Task<IReadOnlyList<Coverage>> ListAsync(string organization, string? accountId, CancellationToken cancel) =>
        database.ReadAsync<IReadOnlyList<Coverage>>(
            organization,
            async connection =>
            [
                .. (await connection.QueryAsync<Row>(
                    """
                    SELECT c.* FROM coverage c
                    JOIN accounts a ON a.organization = c.organization AND a.account_id = c.account_id AND a.status = 'active'
                    WHERE c.organization = @organization AND (@accountId IS NULL OR c.account_id = @accountId)
                    ORDER BY c.account_id, c.service, c.type, c.region
                    """,
                    new { organization, accountId })).Select(row => row.ToCoverage()),
            ],
            cancel);

    public Task<Coverage?> FindAsync(string organization, string accountId, string region, string type, CancellationToken cancel) =>
        database.ReadAsync(
            organization,
            async connection => (await connection.QueryFirstOrDefaultAsync<Row>(
                "SELECT * FROM coverage WHERE organization = @organization AND account_id = @accountId AND region = @region AND type = @type",
                new { organization, accountId, region, type }))?.ToCoverage(),
            cancel);

    public Task<IReadOnlyList<UnknownAttributeCount>> CountUnknownAttributesAsync(
        string organization, string? accountId, CancellationToken cancel) =>
        database.ReadAsync<IReadOnlyList<UnknownAttributeCount>>(
            organization,
            async connection =>
            [
                .. (await connection.QueryAsync<(string AccountService, string Type, string Attribute, string Code, long N)>(
                    """
                    SELECT c.account_service, c.type, c.attribute, c.error_code, c.n FROM unknown_attribute_counts c
                    JOIN accounts a ON a.organization = c.organization AND a.account_id = substr(c.account_service, 1, 12) AND a.status = 'active'
                    WHERE c.organization = @organization AND c.n > 0 AND (@accountId IS NULL OR a.account_id = @accountId)
                    ORDER BY c.n DESC, c.account_service, c.type, c.attribute, c.error_code
                    """,
                    new { organization, accountId })).Select(row =>
                    {
                        var (account, service) = AccountService.Split(row.AccountService);
                        return new UnknownAttributeCount(account, service, row.Type, row.Attribute, row.Code, row.N);
                    }),
            ],
            cancel);

    private static Task<int> SaveAsync(DbTransaction transaction, string organization, Coverage coverage) => transaction.Connection!.ExecuteAsync(
        """
        INSERT INTO coverage (organization, account_id, region, service, type, outcome, error_code, message, checked_at, last_success_at, suspicious, scan_id)
        VALUES (@organization, @AccountId, @Region, @Service, @Type, @outcome, @ErrorCode, @Message, @checkedAt, @lastSuccessAt, @suspicious, @ScanId)
        ON CONFLICT (organization, account_id, region, type) DO UPDATE SET
            outcome = excluded.outcome, error_code = excluded.error_code, message = excluded.message, checked_at = excluded.checked_at,
            suspicious = excluded.suspicious, scan_id = excluded.scan_id
        WHERE excluded.checked_at >= coverage.checked_at;

        UPDATE coverage SET last_success_at = @lastSuccessAt
        WHERE organization = @organization AND account_id = @AccountId AND region = @Region AND type = @Type
          AND (last_success_at IS NULL OR last_success_at < @lastSuccessAt);
        """,
        new
        {
            organization,
            coverage.AccountId,
            coverage.Region,
            coverage.Service,
            coverage.Type,
            outcome = Columns.Name(coverage.Outcome),
            coverage.ErrorCode,
            coverage.Message,
            checkedAt = Columns.Ms(coverage.CheckedAt),
            lastSuccessAt = Columns.Ms(coverage.LastSuccessAt),
            suspicious = coverage.Suspicious ? 1 : 0,
            coverage.ScanId,
        },
        transaction);

    private sealed class Row
    {
        public string AccountId { get; set; } = "";
        public string Region { get; set; } = "";
        public string Service { get; set; } = "";
        public string Type { get; set; } = "";
        public string Outcome { get; set; } = "";
        public string? ErrorCode { get; set; }
        public string? Message { get; set; }
        public long CheckedAt { get; set; }
        public long? LastSuccessAt { get; set; }
        public long Suspicious { get; set; }
        public string? ScanId { get; set; }

        public Coverage ToCoverage() => new()
        {
            AccountId = AccountId,
            Region = Region,
            Service = Service,
            Type = Type,
            Outcome = Columns.Parse<ListOutcome>(Outcome),
            ErrorCode = ErrorCode,
            Message = Message,
            CheckedAt = Columns.Time(CheckedAt),
            LastSuccessAt = Columns.Time(LastSuccessAt),
            Suspicious = Suspicious != 0,
            ScanId = ScanId,
        };
    }
}
