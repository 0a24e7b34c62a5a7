using System.Data.Common;
using Qrie.Domain;
using Qrie.Domain.Inventory;
using Qrie.Sql.Dashboard;
using Qrie.Sql.Database;

namespace Qrie.Sql.Inventory;

/// <summary>
/// Decides for each resource of a batch what to write, then writes all of them with one prepared statement of each kind, which costs a third of one statement
/// per resource.
/// </summary>
/// <param name="drift">Records drift; null if the writes are not drift.</param>
internal sealed class ResourceBatch(
    string organization, DateTimeOffset now, Dictionary<(string AccountService, string Arn), ResourceRow> stored, DriftWriter? drift)
{
    private readonly InventoryCounts _counts = new(organization);
    private readonly TagWriter _tags = new(organization);
    private readonly List<ResourceRow> _changed = [];
    private readonly List<object> _seen = [];
    private readonly List<CollectedResource> _configurations = [];
    private readonly List<KeyedResource> _keys = [];

    public ResourceWrite Add(CollectedResource resource)
    {
        var after = RowOf(resource, Columns.Ms(now));
        var key = (after.AccountService, after.Arn);
        var before = stored.GetValueOrDefault(key);
        var order = before is null ? -1 : Order(before, after);
        if (order >= 0)
        {
            return new ResourceWrite(order == 0 ? WriteOutcome.Repeated : WriteOutcome.RefusedAsOlder, Columns.Time(before!.DescribeTime));
        }

        if (before is not null && before.Hash == after.Hash)
        {
            before.DescribeTime = after.DescribeTime;
            before.Size = resource.Volatile.Count > 0 ? after.Size : before.Size;
            _seen.Add(new { organization, after.AccountService, after.Arn, after.DescribeTime, before.Size });
            if (resource.Volatile.Count > 0)
            {
                _configurations.Add(resource);
            }

            return new ResourceWrite(WriteOutcome.Unchanged, resource.DescribeTime);
        }

        var outcome = before is null or { DeletedAt: not null } ? WriteOutcome.Created : WriteOutcome.Changed;
        drift?.Add(before, resource, outcome);
        _counts.Replace(before, after);
        _tags.Replace(before, after);
        _changed.Add(after);
        _configurations.Add(resource);
        _keys.Add(new KeyedResource(after.AccountService, after.Arn, after.Type, resource.Keys));
        stored[key] = after; // the same resource may occur twice in a batch
        return new ResourceWrite(outcome, resource.DescribeTime);
    }

    public async Task SaveAsync(DbTransaction transaction, SqlDatabase database)
    {
        var connection = transaction.Connection!;
        if (drift is not null)
        {
            await drift.SaveAsync(transaction); // before the configurations that it compares are replaced
        }

        var sequences = new Dictionary<string, long>();
        foreach (var accountService in _changed.Select(row => row.AccountService).Distinct())
        {
            sequences[accountService] = await ChangeSequence.NextAsync(transaction, organization, accountService);
        }

        await transaction.ExecuteRowsAsync(
            """
            INSERT INTO resources (organization, account_service, arn, account_id, service, type, resource_id, region, listed_in, tags, unknown,
                                   hash, describe_time, first_seen, last_seen, deleted_at, absent_since, change_seq, size)
            VALUES (@organization, @AccountService, @Arn, @accountId, @service, @Type, @ResourceId, @Region, @ListedIn, @Tags, @Unknown,
                    @Hash, @DescribeTime, @FirstSeen, @DescribeTime, NULL, NULL, @ChangeSeq, @Size)
            ON CONFLICT (organization, account_service, arn) DO UPDATE SET
                type = excluded.type, resource_id = excluded.resource_id, region = excluded.region, listed_in = excluded.listed_in,
                tags = excluded.tags, unknown = excluded.unknown, hash = excluded.hash, describe_time = excluded.describe_time,
                last_seen = excluded.last_seen, deleted_at = NULL, absent_since = NULL, change_seq = excluded.change_seq, size = excluded.size
            """,
            _changed.Select(row =>
            {
                var (accountId, service) = AccountService.Split(row.AccountService);
                return new
                {
                    organization,
                    row.AccountService,
                    row.Arn,
                    accountId,
                    service,
                    row.Type,
                    row.ResourceId,
                    row.Region,
                    row.ListedIn,
                    row.Tags,
                    row.Unknown,
                    row.Hash,
                    row.DescribeTime,
                    row.FirstSeen,
                    ChangeSeq = sequences[row.AccountService],
                    row.Size,
                };
            }).ToList());
        await transaction.ExecuteRowsAsync(
            """
            UPDATE resources SET describe_time = @DescribeTime, last_seen = @DescribeTime, absent_since = NULL, size = @Size
            WHERE organization = @organization AND account_service = @AccountService AND arn = @Arn AND describe_time < @DescribeTime
            """,
            _seen);
        await transaction.ExecuteRowsAsync(
            """
            INSERT INTO configurations (organization, account_service, arn, configuration)
            VALUES (@organization, @AccountService, @Arn, @configuration)
            ON CONFLICT (organization, account_service, arn) DO UPDATE SET configuration = excluded.configuration
            """,
            _configurations.Select(resource => new
            {
                organization,
                AccountService = AccountServiceOf(resource),
                resource.Arn,
                configuration = CompressedJson.Write(resource.Configuration),
            }).ToList());
        await _tags.SaveAsync(transaction, database);
        await LookupWriter.ReplaceAsync(transaction, organization, _keys);
        await _counts.SaveAsync(transaction);
    }

    private static int Order(ResourceRow one, ResourceRow other) =>
        one.DescribeTime != other.DescribeTime ? one.DescribeTime.CompareTo(other.DescribeTime) : string.CompareOrdinal(one.Hash, other.Hash);

    private static string AccountServiceOf(CollectedResource resource) => AccountService.Of(resource.AccountId, resource.Service);

    private static ResourceRow RowOf(CollectedResource resource, long now) => new()
    {
        AccountService = AccountServiceOf(resource),
        Arn = resource.Arn,
        Type = resource.Type,
        ResourceId = resource.Id,
        Region = resource.Region,
        ListedIn = resource.ListedIn,
        Tags = Columns.JsonOrNull(resource.Tags),
        Unknown = resource.Unknown.Count == 0 ? null : Columns.Json(resource.Unknown.OrderBy(u => u.Key, StringComparer.Ordinal).ToDictionary()),
        Hash = resource.Hash,
        DescribeTime = Columns.Ms(resource.DescribeTime),
        FirstSeen = now,
        Size = CompressedJson.SizeOf(resource.Configuration),
    };
}
