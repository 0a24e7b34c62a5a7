using System.Data.Common;
using Dapper;
using Qrie.Domain;
using Qrie.Domain.Inventory;
using Qrie.Sql.Dashboard;
using Qrie.Sql.Database;
using Qrie.Sql.Findings;

namespace Qrie.Sql.Inventory;

public sealed class SqlResourceStore(SqlDatabase database) : IResourceStore
{
    public Task<IReadOnlyList<ResourceWrite>> WriteAsync(
        string organization, IReadOnlyList<CollectedResource> resources, DateTimeOffset now, string? driftOf, CancellationToken cancel) =>
        database.WriteAsync<IReadOnlyList<ResourceWrite>>(
            organization,
            async transaction =>
            {
                var stored = await StatesAsync(
                    transaction, organization, resources.Select(r => (AccountService.Of(r.AccountId, r.Service), r.Arn)));
                var batch = new ResourceBatch(organization, now, stored, DriftWriter.For(database, organization, driftOf, now));
                ResourceWrite[] writes = [.. resources.Select(batch.Add)];
                await batch.SaveAsync(transaction, database);
                return writes;
            },
            cancel);

    public Task<IReadOnlyList<string>> DeleteAsync(
        string organization, IReadOnlyList<ResourceDeletion> deletions, DateTimeOffset now, string? driftOf, CancellationToken cancel) =>
        database.WriteAsync<IReadOnlyList<string>>(
            organization,
            async transaction =>
            {
                var stored = await StatesAsync(transaction, organization, deletions.Select(d => (d.AccountService, d.Arn)));
                var counts = new InventoryCounts(organization);
                var gone = new List<ResourceDeletion>();
                foreach (var deletion in deletions)
                {
                    var key = (deletion.AccountService, deletion.Arn);
                    var before = stored.GetValueOrDefault(key);
                    if (before is not null && before.DescribeTime >= Columns.Ms(deletion.At))
                    {
                        continue;
                    }

                    await WriteTombstoneAsync(transaction, organization, deletion);
                    counts.Know(deletion.AccountService, deletion.Type);
                    if (before is { DeletedAt: null })
                    {
                        counts.Replace(before, TombstoneOf(deletion));
                        gone.Add(deletion);
                    }

                    stored[key] = TombstoneOf(deletion); // the same resource may occur twice in a batch
                }

                if (DriftWriter.For(database, organization, driftOf, now) is { } drift)
                {
                    gone.ForEach(drift.Add);
                    await drift.SaveAsync(transaction);
                }

                await counts.SaveAsync(transaction);
                await LookupWriter.DeleteAsync(transaction, organization, [.. gone.Select(d => (d.AccountService, d.Arn))]);
                foreach (var group in gone.GroupBy(d => d.AccountService))
                {
                    await VerdictWriter.DeleteAsync(transaction, database, organization, group.Key, [.. group.Select(d => d.Arn)], now);
                }

                return [.. gone.Select(d => d.Arn)];
            },
            cancel);

    /// <summary>A deleted resource has the empty hash: a configuration of the same time takes precedence.</summary>
    private static Task<int> WriteTombstoneAsync(DbTransaction transaction, string organization, ResourceDeletion deletion)
    {
        var (accountId, service) = AccountService.Split(deletion.AccountService);
        return transaction.Connection!.ExecuteAsync(
            """
            INSERT INTO resources (organization, account_service, arn, account_id, service, type, resource_id, region, listed_in, tags, unknown,
                                   hash, describe_time, first_seen, last_seen, deleted_at, absent_since, change_seq, size)
            VALUES (@organization, @AccountService, @Arn, @accountId, @service, @Type, @Id, @Region, @ListedIn, NULL, NULL,
                    '', @at, @at, @at, @at, NULL, 0, 0)
            ON CONFLICT (organization, account_service, arn) DO UPDATE SET
                hash = '', unknown = NULL, describe_time = excluded.describe_time, deleted_at = excluded.deleted_at, absent_since = NULL
            """,
            new
            {
                organization,
                deletion.AccountService,
                deletion.Arn,
                accountId,
                service,
                deletion.Type,
                deletion.Id,
                deletion.Region,
                deletion.ListedIn,
                at = Columns.Ms(deletion.At),
            },
            transaction);
    }

    public Task<IReadOnlyList<AbsentResource>> FindAbsentAsync(
        string organization, ListScope scope, DateTimeOffset listBegan, string? afterArn, int limit, CancellationToken cancel) =>
        database.ReadAsync<IReadOnlyList<AbsentResource>>(
            organization,
            async connection =>
            [
                .. (await connection.QueryAsync<ResourceRow>(
                    $"""
                    SELECT {ResourceRow.Columns} FROM resources r
                    WHERE r.organization = @organization AND r.account_service = @accountService AND r.type = @Type AND r.listed_in = @ListedIn
                      AND r.deleted_at IS NULL AND r.arn > @after AND r.describe_time < @began AND r.last_seen < @began
                    ORDER BY r.arn LIMIT @limit
                    """,
                    new
                    {
                        organization,
                        accountService = AccountServiceOf(scope),
                        scope.Type,
                        scope.ListedIn,
                        after = afterArn ?? "",
                        began = Columns.Ms(listBegan),
                        limit,
                    })).Select(row => new AbsentResource(row.ToResource(), Columns.Time(row.AbsentSince))),
            ],
            cancel);

    public Task MarkAbsentAsync(
        string organization, string accountService, IReadOnlyList<string> arns, DateTimeOffset listBegan, CancellationToken cancel) =>
        arns.Count == 0
            ? Task.CompletedTask
            : database.WriteAsync(
                organization,
                transaction => transaction.Connection!.ExecuteAsync(
                    $"""
                    UPDATE resources SET absent_since = @began
                    WHERE organization = @organization AND account_service = @accountService AND {database.Among("arn", "@arns")}
                      AND absent_since IS NULL AND deleted_at IS NULL AND describe_time < @began
                    """,
                    new { organization, accountService, arns = database.List(arns), began = Columns.Ms(listBegan) }, transaction),
                cancel);

    public Task<long> CountAsync(string organization, ListScope scope, CancellationToken cancel) =>
        database.ReadAsync(
            organization,
            connection => connection.ExecuteScalarAsync<long>(
                """
                SELECT count(*) FROM resources
                WHERE organization = @organization AND account_service = @accountService AND type = @Type AND listed_in = @ListedIn
                  AND deleted_at IS NULL
                """,
                new { organization, accountService = AccountServiceOf(scope), scope.Type, scope.ListedIn }),
            cancel);

    public Task<StoredResource?> FindAsync(string organization, string accountService, string arn, CancellationToken cancel) =>
        database.ReadAsync(
            organization,
            async connection => (await connection.QueryFirstOrDefaultAsync<ResourceRow>(
                $"""
                SELECT {ResourceRow.Columns}, c.configuration FROM resources r
                LEFT JOIN configurations c
                  ON c.organization = r.organization AND c.account_service = r.account_service AND c.arn = r.arn
                WHERE r.organization = @organization AND r.account_service = @accountService AND r.arn = @arn
                """,
                new { organization, accountService, arn }))?.ToResource(),
            cancel);

    public Task<IReadOnlyList<StoredResource>> FindByArnAsync(string organization, string arn, CancellationToken cancel) =>
        database.ReadAsync<IReadOnlyList<StoredResource>>(
            organization,
            async connection =>
            [
                .. (await connection.QueryAsync<ResourceRow>(
                    $"""
                    SELECT {ResourceRow.Columns}, c.configuration
                    FROM (SELECT account_service FROM resources WHERE organization = @organization AND arn = @arn) s CROSS JOIN resources r
                    LEFT JOIN configurations c
                      ON c.organization = r.organization AND c.account_service = r.account_service AND c.arn = r.arn
                    WHERE r.organization = @organization AND r.account_service = s.account_service AND r.arn = @arn
                    ORDER BY r.account_service
                    """,
                    new { organization, arn })).Select(row => row.ToResource()),
            ],
            cancel);

    public Task<StoredResource?> FindByIdAsync(string organization, ListScope scope, string id, CancellationToken cancel) =>
        database.ReadAsync(
            organization,
            async connection => (await connection.QueryFirstOrDefaultAsync<ResourceRow>(
                $"""
                SELECT {ResourceRow.Columns} FROM resources r
                WHERE r.organization = @organization AND r.account_service = @accountService AND r.type = @Type AND r.resource_id = @id
                  AND r.listed_in = @ListedIn AND r.deleted_at IS NULL
                """,
                new { organization, accountService = AccountServiceOf(scope), scope.Type, scope.ListedIn, id }))?.ToResource(),
            cancel);

    public Task<LookupResult> LookUpAsync(string organization, Lookup lookup, CancellationToken cancel) =>
        database.ReadAsync(organization, connection => LookupReader.AnswerAsync(connection, null, organization, lookup), cancel);

    public Task WriteKeysAsync(string organization, IReadOnlyList<(StoredResource Resource, IReadOnlyList<LookupKey> Keys)> keys, CancellationToken cancel) =>
        database.WriteAsync(
            organization,
            transaction => LookupWriter.ReplaceAsync(
                transaction, organization, [.. keys.Select(k => new KeyedResource(k.Resource.AccountService, k.Resource.Arn, k.Resource.Type, k.Keys))]),
            cancel);

    public Task<Page<StoredResource>> ListAsync(string organization, ResourceFilter filter, PageRequest page, CancellationToken cancel) =>
        database.ReadAsync(organization, connection => new ResourceList(database, connection, organization, filter).ReadAsync(page, cancel), cancel);

    /// <summary>The current state rows, locked until the transaction ends.</summary>
    private async Task<Dictionary<(string AccountService, string Arn), ResourceRow>> StatesAsync(
        DbTransaction transaction, string organization, IEnumerable<(string AccountService, string Arn)> keys)
    {
        var states = new Dictionary<(string, string), ResourceRow>();
        foreach (var group in keys.Distinct().GroupBy(k => k.AccountService, k => k.Arn))
        {
            var rows = await transaction.Connection!.QueryAsync<ResourceRow>(
                $"""
                SELECT {ResourceRow.Columns} FROM resources r
                WHERE r.organization = @organization AND r.account_service = @accountService AND {database.Among("r.arn", "@arns")}
                """,
                new { organization, accountService = group.Key, arns = database.List(group) }, transaction);
            foreach (var row in rows)
            {
                states[(row.AccountService, row.Arn)] = row;
            }
        }

        return states;
    }

    private static ResourceRow TombstoneOf(ResourceDeletion deletion) => new()
    {
        AccountService = deletion.AccountService,
        Arn = deletion.Arn,
        Type = deletion.Type,
        DescribeTime = Columns.Ms(deletion.At),
        DeletedAt = Columns.Ms(deletion.At),
    };

    private static string AccountServiceOf(ListScope scope) => AccountService.Of(scope.AccountId, scope.Service);
}
