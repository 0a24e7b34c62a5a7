using Qrie.Domain.Accounts;
using Qrie.Sql.Database;

namespace Qrie.Sql.Accounts;

public sealed class SqlExternalIdStore(SqlDatabase database) : IExternalIdStore
{
    public Task<IReadOnlyDictionary<string, string>> FindOrAddAsync(
        string organization, IReadOnlyDictionary<string, string> fresh, DateTimeOffset at, CancellationToken cancel) =>
        database.WriteAsync<IReadOnlyDictionary<string, string>>(
            organization,
            async transaction =>
            {
                var connection = transaction.Connection!;
                await transaction.ExecuteRowsAsync(
                    """
                    INSERT INTO external_ids (organization, account_id, external_id, issued_at) VALUES (@organization, @accountId, @externalId, @at)
                    ON CONFLICT (organization, account_id) DO NOTHING
                    """,
                    fresh.Select(f => new { organization, accountId = f.Key, externalId = f.Value, at = Columns.Ms(at) }).ToList());
                return (await connection.QueryAsync<Row>(
                    $"SELECT account_id, external_id FROM external_ids WHERE organization = @organization AND {database.Among("account_id", "@ids")}",
                    new { organization, ids = database.List(fresh.Keys) }, transaction)).ToDictionary(row => row.AccountId, row => row.ExternalId);
            },
            cancel);

    private sealed class Row
    {
        public string AccountId { get; set; } = "";
        public string ExternalId { get; set; } = "";
    }
}
