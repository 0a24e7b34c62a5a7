using Dapper;
using Qrie.Domain.Accounts;
using Qrie.Sql.Database;

namespace Qrie.Sql.Accounts;

public sealed class SqlAccountStore(SqlDatabase database) : IAccountStore
{
    public Task<AddAccountOutcome> AddAsync(Account account, CancellationToken cancel) =>
        database.WriteAsync(
            async transaction =>
            {
                var connection = transaction.Connection!;
                var holder = await connection.ExecuteScalarAsync<string?>(
                    "SELECT organization FROM accounts WHERE account_id = @AccountId AND status = 'active'", account, transaction);
                if (holder is not null)
                {
                    return holder == account.Organization ? AddAccountOutcome.AlreadyActive : AddAccountOutcome.ActiveElsewhere;
                }

                // A removed account comes back with its data; created_at stays.
                await connection.ExecuteAsync(
                    """
                    INSERT INTO accounts (organization, account_id, name, ou, tags, role_arn, external_id, regions, status, created_at, updated_at)
                    VALUES (@Organization, @AccountId, @Name, @Ou, @Tags, @RoleArn, @ExternalId, @Regions, 'active', @CreatedAt, @UpdatedAt)
                    ON CONFLICT (organization, account_id) DO UPDATE SET
                        name = excluded.name, ou = excluded.ou, tags = excluded.tags, role_arn = excluded.role_arn,
                        external_id = excluded.external_id, regions = excluded.regions, status = 'active', updated_at = excluded.updated_at
                    """,
                    new
                    {
                        account.Organization,
                        account.AccountId,
                        account.Name,
                        account.Ou,
                        Tags = Columns.JsonOrNull(account.Tags),
                        account.RoleArn,
                        account.ExternalId,
                        Regions = Columns.JsonOrNull(account.Regions),
                        CreatedAt = Columns.Ms(account.CreatedAt),
                        UpdatedAt = Columns.Ms(account.UpdatedAt),
                    },
                    transaction);
                return AddAccountOutcome.Added;
            },
            cancel);

    public Task<Account?> FindAsync(string organization, string accountId, CancellationToken cancel) =>
        database.ReadAsync(
            async connection => (await connection.QueryFirstOrDefaultAsync<Row>(
                "SELECT * FROM accounts WHERE organization = @organization AND account_id = @accountId", new { organization, accountId }))?.ToAccount(),
            cancel);

    public Task<Account?> FindActiveAsync(string accountId, CancellationToken cancel) =>
        database.ReadAsync(
            async connection => (await connection.QueryFirstOrDefaultAsync<Row>(
                "SELECT * FROM accounts WHERE account_id = @accountId AND status = 'active'", new { accountId }))?.ToAccount(),
            cancel);

    public Task<IReadOnlyList<Account>> ListAsync(string organization, bool includeRemoved, CancellationToken cancel) =>
        database.ReadAsync<IReadOnlyList<Account>>(
            async connection =>
            [
                .. (await connection.QueryAsync<Row>(
                    """
                    SELECT * FROM accounts
                    WHERE organization = @organization AND (status = 'active' OR @includeRemoved)
                    ORDER BY account_id
                    """,
                    new { organization, includeRemoved })).Select(row => row.ToAccount()),
            ],
            cancel);

    public Task RecordRegionsAsync(string organization, IReadOnlyDictionary<string, IReadOnlyList<string>> regionsByAccount, CancellationToken cancel) =>
        database.WriteAsync(
            transaction => transaction.Connection!.ExecuteAsync(
                "UPDATE accounts SET known_regions = @regions WHERE organization = @organization AND account_id = @accountId",
                regionsByAccount.Select(r => new { organization, accountId = r.Key, regions = Columns.Json(r.Value) }).ToList(), transaction),
            cancel);

    public Task RecordInventoryAsync(string organization, string accountId, DateTimeOffset at, CancellationToken cancel) =>
        database.WriteAsync(
            transaction => transaction.Connection!.ExecuteAsync(
                """
                UPDATE accounts SET last_inventory_at = @at
                WHERE organization = @organization AND account_id = @accountId AND (last_inventory_at IS NULL OR last_inventory_at < @at)
                """,
                new { organization, accountId, at = Columns.Ms(at) }, transaction),
            cancel);

    private sealed class Row
    {
        public string Organization { get; set; } = "";
        public string AccountId { get; set; } = "";
        public string? Name { get; set; }
        public string? Ou { get; set; }
        public string? Tags { get; set; }
        public string? RoleArn { get; set; }
        public string? ExternalId { get; set; }
        public string? Regions { get; set; }
        public string Status { get; set; } = "";
        public long CreatedAt { get; set; }
        public long UpdatedAt { get; set; }
        public long? LastInventoryAt { get; set; }
        public string? KnownRegions { get; set; }

        public Account ToAccount() => new()
        {
            Organization = Organization,
            AccountId = AccountId,
            Name = Name,
            Ou = Ou,
            Tags = Columns.FromJsonOrNull<Dictionary<string, string>>(Tags),
            RoleArn = RoleArn,
            ExternalId = ExternalId,
            Regions = Columns.FromJsonOrNull<List<string>>(Regions),
            Status = Columns.Parse<AccountStatus>(Status),
            CreatedAt = Columns.Time(CreatedAt),
            UpdatedAt = Columns.Time(UpdatedAt),
            LastInventoryAt = Columns.Time(LastInventoryAt),
            KnownRegions = Columns.FromJsonOrNull<List<string>>(KnownRegions),
        };
    }
}
