using Dapper;
using Qrie.Domain.Accounts;
using Qrie.Sql.Compliance;
using Qrie.Sql.Database;

namespace Qrie.Sql.Accounts;

public sealed class SqlAccountStore(SqlDatabase database) : IAccountStore
{
    public async Task<AddAccountOutcome> AddAsync(Account account, CancellationToken cancel)
    {
        // Keeps everything that is known beyond the settings.
        var change = new AccountChange(account.AccountId, stored => stored is { Status: AccountStatus.Active } ? null : account);
        return (await ChangeAsync(account.Organization, [change], allOrNothing: true, cancel))[0].Outcome switch
        {
            AccountChangeOutcome.Unchanged => AddAccountOutcome.AlreadyActive,
            AccountChangeOutcome.ActiveElsewhere => AddAccountOutcome.ActiveElsewhere,
            AccountChangeOutcome.BeingPurged => AddAccountOutcome.BeingPurged,
            _ => AddAccountOutcome.Added,
        };
    }

    public Task<IReadOnlyList<AccountChangeResult>> ChangeAsync(
        string organization, IReadOnlyList<AccountChange> changes, bool allOrNothing, CancellationToken cancel) =>
        database.WriteAsync(transaction => AccountWriter.ChangeAsync(transaction, database, organization, changes, allOrNothing), cancel);

    public Task<Account?> FindAsync(string organization, string accountId, CancellationToken cancel) =>
        database.ReadAsync(
            organization,
            async connection => (await connection.QueryFirstOrDefaultAsync<AccountRow>(
                "SELECT * FROM accounts WHERE organization = @organization AND account_id = @accountId", new { organization, accountId }))?.ToAccount(),
            cancel);

    public Task<Account?> FindAnywhereAsync(string accountId, CancellationToken cancel) =>
        database.ReadAsync(
            async connection => (await connection.QueryFirstOrDefaultAsync<AccountRow>(
                """
                SELECT * FROM accounts WHERE account_id = @accountId
                ORDER BY CASE status WHEN 'active' THEN 0 WHEN 'pending' THEN 1 ELSE 2 END, updated_at DESC, organization LIMIT 1
                """,
                new { accountId }))?.ToAccount(),
            cancel);

    public Task<IReadOnlyList<Account>> ListAsync(string organization, bool includeRemoved, CancellationToken cancel) =>
        database.ReadAsync<IReadOnlyList<Account>>(
            organization,
            async connection =>
            [
                .. (await connection.QueryAsync<AccountRow>(
                    """
                    SELECT * FROM accounts
                    WHERE organization = @organization AND (status = 'active' OR @includeRemoved)
                    ORDER BY account_id
                    """,
                    new { organization, includeRemoved })).Select(row => row.ToAccount()),
            ],
            cancel);

    public Task<bool> HasAnyInAsync(string organization, string ou, CancellationToken cancel) =>
        database.ReadAsync(
            organization,
            async connection => await connection.ExecuteScalarAsync<long?>(
                $"SELECT 1 FROM accounts a WHERE a.organization = @organization AND a.status = 'active' AND {OuTotals.Condition("a.ou")} LIMIT 1",
                new { organization, ou = OuTotals.Prefix(ou) }) is not null,
            cancel);

    public Task<IReadOnlyList<AccountHealth>> ListHealthAsync(string organization, string? accountId, CancellationToken cancel) =>
        database.ReadAsync<IReadOnlyList<AccountHealth>>(
            organization,
            async connection =>
            [
                .. (await connection.QueryAsync<HealthRow>(
                    $"""
                    SELECT * FROM account_services WHERE organization = @organization {(accountId is null ? "" : "AND account_id = @accountId")}
                    ORDER BY account_id, service
                    """,
                    new { organization, accountId })).Select(row => row.ToHealth()),
            ],
            cancel);

    public Task RecordRegionsAsync(string organization, IReadOnlyDictionary<string, IReadOnlyList<string>> regionsByAccount, CancellationToken cancel) =>
        database.WriteAsync(
            organization,
            async transaction =>
            {
                await transaction.ExecuteRowsAsync(
                    "UPDATE accounts SET known_regions = @regions WHERE organization = @organization AND account_id = @accountId",
                    regionsByAccount.Select(r => new { organization, accountId = r.Key, regions = Columns.Json(r.Value) }).ToList());
                await transaction.ExecuteRowsAsync(
                    "DELETE FROM account_services WHERE organization = @organization AND account_id = @accountId AND service = @whole",
                    regionsByAccount.Keys.Select(accountId => new { organization, accountId, whole = AccountHealth.Whole }).ToList());
            },
            cancel);

    public Task RecordInventoryAsync(string organization, string accountId, string service, DateTimeOffset at, CancellationToken cancel) =>
        database.WriteProgressAsync(
            organization,
            transaction => transaction.Connection!.ExecuteAsync(
                """
                UPDATE accounts SET last_inventory_at = @at
                WHERE organization = @organization AND account_id = @accountId AND (last_inventory_at IS NULL OR last_inventory_at < @at);

                INSERT INTO account_services (organization, account_id, service, last_inventory_at, complete, not_available, broken)
                VALUES (@organization, @accountId, @service, @at, 0, 0, 0)
                ON CONFLICT (organization, account_id, service) DO UPDATE SET
                    last_inventory_at = CASE WHEN account_services.last_inventory_at > excluded.last_inventory_at
                                             THEN account_services.last_inventory_at ELSE excluded.last_inventory_at END,
                    error_code = CASE WHEN account_services.broken > 0 THEN account_services.error_code END;
                """,
                new { organization, accountId, service, at = Columns.Ms(at) }, transaction),
            cancel);

    public Task RecordErrorAsync(string organization, string accountId, string service, AccountError error, CancellationToken cancel) =>
        database.WriteAsync(organization, transaction => AccountServices.NoteErrorAsync(transaction, organization, accountId, service, error), cancel);

    private sealed class HealthRow
    {
        public string AccountId { get; set; } = "";
        public string Service { get; set; } = "";
        public long? LastInventoryAt { get; set; }
        public long Complete { get; set; }
        public long NotAvailable { get; set; }
        public long Broken { get; set; }
        public string? ErrorRegion { get; set; }
        public string? ErrorType { get; set; }
        public string? ErrorCode { get; set; }
        public string? ErrorMessage { get; set; }
        public long? ErrorAt { get; set; }

        public AccountHealth ToHealth() => new(
            AccountId, Service, Columns.Time(LastInventoryAt), (int)Complete, (int)NotAvailable, (int)Broken,
            ErrorCode is null ? null : new AccountError(ErrorRegion, ErrorType, ErrorCode, ErrorMessage ?? "", Columns.Time(ErrorAt!.Value)));
    }
}
