using System.Data.Common;
using Dapper;
using Qrie.Domain;
using Qrie.Domain.Inventory;
using Qrie.Sql.Database;
using Qrie.Sql.Findings;

namespace Qrie.Sql.Inventory;

public sealed class SqlResourceStore(SqlDatabase database) : IResourceStore
{
    public Task<IReadOnlyList<ResourceWrite>> WriteAsync(
        string organization, IReadOnlyList<CollectedResource> resources, DateTimeOffset now, CancellationToken cancel) =>
        database.WriteAsync<IReadOnlyList<ResourceWrite>>(
            async transaction =>
            {
                var stored = await StatesAsync(transaction, organization, resources.Select(r => (AccountServiceOf(r), r.Arn)));
                var unknown = new UnknownCounts(organization);
                var writes = new ResourceWrite[resources.Count];
                for (var i = 0; i < resources.Count; i++)
                {
                    var resource = resources[i];
                    var key = (AccountServiceOf(resource), resource.Arn);
                    var before = stored.GetValueOrDefault(key);
                    writes[i] = await WriteOneAsync(transaction, organization, resource, before, Columns.Ms(now));
                    if (writes[i].Outcome is WriteOutcome.Created or WriteOutcome.Changed)
                    {
                        unknown.Replace(key.Item1, resource.Type, before?.UnknownAttributes(), resource.Unknown);
                        stored[key] = StateOf(resource); // the same resource may come twice in a batch
                    }
                }

                await unknown.SaveAsync(transaction);
                return writes;
            },
            cancel);

    private static async Task<ResourceWrite> WriteOneAsync(
        DbTransaction transaction, string organization, CollectedResource resource, ResourceRow? before, long now)
    {
        var describeTime = Columns.Ms(resource.DescribeTime);
        if (before is not null)
        {
            var order = Order(before.DescribeTime, before.Hash, describeTime, resource.Hash);
            if (order >= 0)
            {
                return new ResourceWrite(order == 0 ? WriteOutcome.Repeated : WriteOutcome.RefusedAsOlder, Columns.Time(before.DescribeTime));
            }
        }

        var same = before is not null && before.Hash == resource.Hash;
        var key = new { organization, accountService = AccountServiceOf(resource), arn = resource.Arn };
        if (same)
        {
            await transaction.Connection!.ExecuteAsync(
                """
                UPDATE resources SET describe_time = @describeTime, last_seen = @describeTime, absent_since = NULL
                WHERE organization = @organization AND account_service = @accountService AND arn = @arn
                """,
                new { key.organization, key.accountService, key.arn, describeTime }, transaction);
            if (resource.HasVolatile)
            {
                await WriteConfigurationAsync(transaction, organization, resource);
            }

            before!.DescribeTime = describeTime;
            return new ResourceWrite(WriteOutcome.Unchanged, resource.DescribeTime);
        }

        await transaction.Connection!.ExecuteAsync(
            """
            INSERT INTO resources (organization, account_service, arn, account_id, service, type, resource_id, region, listed_in, tags, unknown,
                                   hash, describe_time, first_seen, last_seen, deleted_at, absent_since)
            VALUES (@organization, @accountService, @arn, @AccountId, @Service, @Type, @Id, @Region, @ListedIn, @tags, @unknown,
                    @Hash, @describeTime, @now, @describeTime, NULL, NULL)
            ON CONFLICT (organization, account_service, arn) DO UPDATE SET
                type = excluded.type, resource_id = excluded.resource_id, region = excluded.region, listed_in = excluded.listed_in,
                tags = excluded.tags, unknown = excluded.unknown, hash = excluded.hash, describe_time = excluded.describe_time,
                last_seen = excluded.last_seen, deleted_at = NULL, absent_since = NULL
            """,
            new
            {
                key.organization,
                key.accountService,
                key.arn,
                resource.AccountId,
                resource.Service,
                resource.Type,
                resource.Id,
                resource.Region,
                resource.ListedIn,
                tags = Columns.JsonOrNull(resource.Tags),
                unknown = resource.Unknown.Count == 0 ? null : Columns.Json(resource.Unknown),
                resource.Hash,
                describeTime,
                now,
            },
            transaction);
        await WriteConfigurationAsync(transaction, organization, resource);
        return new ResourceWrite(before is null or { DeletedAt: not null } ? WriteOutcome.Created : WriteOutcome.Changed, resource.DescribeTime);
    }

    private static Task<int> WriteConfigurationAsync(DbTransaction transaction, string organization, CollectedResource resource) =>
        transaction.Connection!.ExecuteAsync(
            """
            INSERT INTO configurations (organization, account_service, arn, configuration)
            VALUES (@organization, @accountService, @arn, @configuration)
            ON CONFLICT (organization, account_service, arn) DO UPDATE SET configuration = excluded.configuration
            """,
            new
            {
                organization,
                accountService = AccountServiceOf(resource),
                arn = resource.Arn,
                configuration = Columns.Compress(resource.Configuration),
            },
            transaction);

    public Task<IReadOnlyList<string>> DeleteAsync(
        string organization, IReadOnlyList<ResourceDeletion> deletions, DateTimeOffset now, CancellationToken cancel) =>
        database.WriteAsync<IReadOnlyList<string>>(
            async transaction =>
            {
                var stored = await StatesAsync(transaction, organization, deletions.Select(d => (d.AccountService, d.Arn)));
                var unknown = new UnknownCounts(organization);
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
                    if (before is { DeletedAt: null })
                    {
                        unknown.Replace(deletion.AccountService, before.Type, before.UnknownAttributes(), null);
                        gone.Add(deletion);
                    }

                    stored[key] = TombstoneOf(deletion); // the same resource may come twice in a batch
                }

                await unknown.SaveAsync(transaction);
                foreach (var group in gone.GroupBy(d => d.AccountService))
                {
                    await VerdictWriter.ForgetAsync(transaction, organization, group.Key, [.. group.Select(d => d.Arn)], now);
                }

                return [.. gone.Select(d => d.Arn)];
            },
            cancel);

    /// <summary>A tombstone has the empty hash: at the same time, a configuration comes after it.</summary>
    private static Task<int> WriteTombstoneAsync(DbTransaction transaction, string organization, ResourceDeletion deletion)
    {
        var (accountId, service) = AccountService.Split(deletion.AccountService);
        return transaction.Connection!.ExecuteAsync(
            """
            INSERT INTO resources (organization, account_service, arn, account_id, service, type, resource_id, region, listed_in, tags, unknown,
                                   hash, describe_time, first_seen, last_seen, deleted_at, absent_since)
            VALUES (@organization, @AccountService, @Arn, @accountId, @service, @Type, @Id, @Region, @ListedIn, NULL, NULL,
                    '', @at, @at, @at, @at, NULL)
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
                transaction => transaction.Connection!.ExecuteAsync(
                    """
                    UPDATE resources SET absent_since = @began
                    WHERE organization = @organization AND account_service = @accountService AND arn IN @arns
                      AND absent_since IS NULL AND deleted_at IS NULL AND describe_time < @began
                    """,
                    new { organization, accountService, arns, began = Columns.Ms(listBegan) }, transaction),
                cancel);

    public Task<long> CountAsync(string organization, ListScope scope, CancellationToken cancel) =>
        database.ReadAsync(
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
            async connection => (await connection.QueryFirstOrDefaultAsync<ResourceRow>(
                $"""
                SELECT {ResourceRow.Columns}, c.configuration FROM resources r
                LEFT JOIN configurations c
                  ON c.organization = r.organization AND c.account_service = r.account_service AND c.arn = r.arn
                WHERE r.organization = @organization AND r.account_service = @accountService AND r.arn = @arn
                """,
                new { organization, accountService, arn }))?.ToResource(),
            cancel);

    public Task<StoredResource?> FindByIdAsync(string organization, ListScope scope, string id, CancellationToken cancel) =>
        database.ReadAsync(
            async connection => (await connection.QueryFirstOrDefaultAsync<ResourceRow>(
                $"""
                SELECT {ResourceRow.Columns} FROM resources r
                WHERE r.organization = @organization AND r.account_service = @accountService AND r.type = @Type AND r.resource_id = @id
                  AND r.listed_in = @ListedIn AND r.deleted_at IS NULL
                """,
                new { organization, accountService = AccountServiceOf(scope), scope.Type, scope.ListedIn, id }))?.ToResource(),
            cancel);

    public Task<Page<StoredResource>> ListAsync(string organization, ResourceFilter filter, PageRequest page, CancellationToken cancel) =>
        database.ReadAsync(
            async connection =>
            {
                var rows = (await connection.QueryAsync<ResourceRow>(
                    $"""
                    SELECT {ResourceRow.Columns}, c.configuration FROM resources r
                    LEFT JOIN configurations c
                      ON c.organization = r.organization AND c.account_service = r.account_service AND c.arn = r.arn
                    WHERE r.organization = @organization AND r.deleted_at IS NULL
                      AND (r.account_service, r.arn) > (@afterService, @afterArn)
                      {(filter.AccountId is null ? "" : "AND r.account_id = @AccountId")}
                      {(filter.Service is null ? "" : "AND r.service = @Service")}
                      {(filter.Type is null ? "" : "AND r.type = @Type")}
                      AND EXISTS (SELECT 1 FROM accounts a
                                  WHERE a.organization = r.organization AND a.account_id = r.account_id AND a.status = 'active')
                    ORDER BY r.account_service, r.arn LIMIT @limit
                    """,
                    new
                    {
                        organization,
                        filter.AccountId,
                        filter.Service,
                        filter.Type,
                        afterService = page.After?[0] ?? "",
                        afterArn = page.After?[1] ?? "",
                        limit = page.Size + 1,
                    })).AsList();
                return Paged.Of(rows, page.Size, row => row.ToResource(), row => [row.AccountService, row.Arn]);
            },
            cancel);

    /// <summary>The state rows as they are now, held until the transaction ends.</summary>
    private async Task<Dictionary<(string AccountService, string Arn), ResourceRow>> StatesAsync(
        DbTransaction transaction, string organization, IEnumerable<(string AccountService, string Arn)> keys)
    {
        var states = new Dictionary<(string, string), ResourceRow>();
        foreach (var group in keys.Distinct().GroupBy(k => k.AccountService, k => k.Arn))
        {
            var rows = await transaction.Connection!.QueryAsync<ResourceRow>(
                $"""
                SELECT {ResourceRow.Columns} FROM resources r
                WHERE r.organization = @organization AND r.account_service = @accountService AND r.arn IN @arns{database.ForUpdate}
                """,
                new { organization, accountService = group.Key, arns = group }, transaction);
            foreach (var row in rows)
            {
                states[(row.AccountService, row.Arn)] = row;
            }
        }

        return states;
    }

    private static ResourceRow StateOf(CollectedResource resource) => new()
    {
        AccountService = AccountServiceOf(resource),
        Arn = resource.Arn,
        Type = resource.Type,
        Hash = resource.Hash,
        DescribeTime = Columns.Ms(resource.DescribeTime),
        Unknown = resource.Unknown.Count == 0 ? null : Columns.Json(resource.Unknown),
    };

    private static ResourceRow TombstoneOf(ResourceDeletion deletion) => new()
    {
        AccountService = deletion.AccountService,
        Arn = deletion.Arn,
        Type = deletion.Type,
        DescribeTime = Columns.Ms(deletion.At),
        DeletedAt = Columns.Ms(deletion.At),
    };

    private static int Order(long time, string hash, long otherTime, string otherHash) =>
        time != otherTime ? time.CompareTo(otherTime) : string.CompareOrdinal(hash, otherHash);

    private static string AccountServiceOf(CollectedResource resource) => AccountService.Of(resource.AccountId, resource.Service);

    private static string AccountServiceOf(ListScope scope) => AccountService.Of(scope.AccountId, scope.Service);
}
