using Dapper;
using Qrie.Domain;
using Qrie.Domain.Access;
using Qrie.Sql.Database;

namespace Qrie.Sql.Access;

public sealed class SqlApiKeyStore(SqlDatabase database) : IApiKeyStore
{
    public Task AddAsync(ApiKey key, CancellationToken cancel) =>
        database.WriteAsync(
            transaction => transaction.Connection!.ExecuteAsync(
                """
                INSERT INTO api_keys (key_id, organization, name, role, secret_hash, created_at, created_by, expires_at)
                VALUES (@KeyId, @Organization, @Name, @role, @SecretHash, @createdAt, @CreatedBy, @expiresAt)
                """,
                new
                {
                    key.KeyId,
                    key.Organization,
                    key.Name,
                    role = Columns.Name(key.Role),
                    key.SecretHash,
                    createdAt = Columns.Ms(key.CreatedAt),
                    key.CreatedBy,
                    expiresAt = Columns.Ms(key.ExpiresAt),
                },
                transaction),
            cancel);

    public Task<ApiKey?> FindAsync(string keyId, CancellationToken cancel) =>
        database.ReadAsync(
            async connection => (await connection.QueryFirstOrDefaultAsync<Row>("SELECT * FROM api_keys WHERE key_id = @keyId", new { keyId }))?.ToKey(),
            cancel);

    public Task<ApiKey?> FindAsync(string organization, string keyId, CancellationToken cancel) =>
        database.ReadAsync(
            organization,
            async connection => (await connection.QueryFirstOrDefaultAsync<Row>(
                "SELECT * FROM api_keys WHERE key_id = @keyId AND organization = @organization", new { organization, keyId }))?.ToKey(),
            cancel);

    public Task<Page<ApiKey>> ListAsync(string organization, PageRequest page, CancellationToken cancel) =>
        database.ReadAsync(
            organization,
            async connection =>
            {
                var rows = (await connection.QueryAsync<Row>(
                    $"""
                    SELECT * FROM api_keys WHERE organization = @organization {(page.After is null ? "" : "AND key_id > @after")}
                    ORDER BY key_id LIMIT @limit
                    """,
                    new { organization, after = page.After?[0], limit = page.Size + 1 })).AsList();
                return Paged.Of(rows, page.Size, row => row.ToKey(), row => [row.KeyId]);
            },
            cancel);

    public Task<bool> AnyActiveAsync(DateTimeOffset now, CancellationToken cancel) =>
        database.ReadAsync(
            async connection => await connection.QueryFirstOrDefaultAsync<string>(
                "SELECT key_id FROM api_keys WHERE revoked_at IS NULL AND (expires_at IS NULL OR expires_at > @now) LIMIT 1",
                new { now = Columns.Ms(now) }) is not null,
            cancel);

    public Task<ApiKey?> RevokeAsync(string organization, string keyId, DateTimeOffset now, CancellationToken cancel) =>
        database.WriteAsync(
            organization,
            async transaction => (await transaction.Connection!.QueryFirstOrDefaultAsync<Row>(
                "UPDATE api_keys SET revoked_at = coalesce(revoked_at, @now) WHERE key_id = @keyId AND organization = @organization RETURNING *",
                new { organization, keyId, now = Columns.Ms(now) }, transaction))?.ToKey(),
            cancel);

    public Task RecordUseAsync(IReadOnlyDictionary<string, DateTimeOffset> lastUse, CancellationToken cancel) =>
        database.WriteAsync(
            transaction => transaction.ExecuteRowsAsync(
                "UPDATE api_keys SET last_used_at = @at WHERE key_id = @keyId AND (last_used_at IS NULL OR last_used_at < @at)",
                lastUse.Select(use => new { keyId = use.Key, at = Columns.Ms(use.Value) }).ToList()),
            cancel);

    private sealed class Row
    {
        public string KeyId { get; set; } = "";
        public string Organization { get; set; } = "";
        public string? Name { get; set; }
        public string Role { get; set; } = "";
        public string SecretHash { get; set; } = "";
        public long CreatedAt { get; set; }
        public string CreatedBy { get; set; } = "";
        public long? ExpiresAt { get; set; }
        public long? RevokedAt { get; set; }
        public long? LastUsedAt { get; set; }

        public ApiKey ToKey() => new()
        {
            Organization = Organization,
            KeyId = KeyId,
            Name = Name,
            Role = Columns.Parse<Role>(Role),
            SecretHash = SecretHash,
            CreatedAt = Columns.Time(CreatedAt),
            CreatedBy = CreatedBy,
            ExpiresAt = Columns.Time(ExpiresAt),
            RevokedAt = Columns.Time(RevokedAt),
            LastUsedAt = Columns.Time(LastUsedAt),
        };
    }
}
