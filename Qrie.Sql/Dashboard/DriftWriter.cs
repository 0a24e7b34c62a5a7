using System.Data.Common;
using Dapper;
using Qrie.Domain;
using Qrie.Domain.Dashboard;
using Qrie.Domain.Inventory;
using Qrie.Domain.Scans;
using Qrie.Sql.Database;
using Qrie.Sql.Inventory;

namespace Qrie.Sql.Dashboard;

/// <summary>
/// Collects the drift found by a batch of writes of an anti-entropy scan, and stores it in the transaction of the writes. Excluded are lists without an earlier
/// complete list, which are a baseline, and changes only of which attributes can be read.
/// </summary>
internal sealed class DriftWriter
{
    /// <summary>Stands for all regions and types of an account.</summary>
    public const string Sum = "*";

    private const int MaxAttributes = 20;

    /// <summary>How long drift is kept.</summary>
    private static readonly TimeSpan Retention = TimeSpan.FromDays(90);

    private readonly SqlDatabase _database;
    private readonly string _organization;
    private readonly string _scanId;
    private readonly DateTimeOffset _now;
    private readonly List<Drifted> _drifted = [];

    private DriftWriter(SqlDatabase database, string organization, string scanId, DateTimeOffset now) =>
        (_database, _organization, _scanId, _now) = (database, organization, scanId, now);

    /// <summary>Null if the writes are not drift.</summary>
    public static DriftWriter? For(SqlDatabase database, string organization, string? scanId, DateTimeOffset now) =>
        scanId is null ? null : new DriftWriter(database, organization, scanId, now);

    /// <summary>A created or changed resource.</summary>
    public void Add(ResourceRow? before, CollectedResource resource, WriteOutcome outcome) => _drifted.Add(new Drifted(
        AccountService.Of(resource.AccountId, resource.Service), resource.Arn, resource.Type, resource.ListedIn, resource.Region,
        outcome == WriteOutcome.Created ? DriftChange.Created : DriftChange.Changed)
    {
        Before = before,
        After = resource,
    });

    /// <summary>A deleted resource.</summary>
    public void Add(ResourceDeletion gone) =>
        _drifted.Add(new Drifted(gone.AccountService, gone.Arn, gone.Type, gone.ListedIn, gone.Region, DriftChange.Deleted));

    public async Task SaveAsync(DbTransaction transaction)
    {
        if (_drifted.Count == 0)
        {
            return;
        }

        var known = await KnownListsAsync(transaction);
        var drifted = _drifted.Where(d => known.Contains((d.AccountId, d.ListedIn, d.Type))).ToList();
        await CompareAsync(transaction, drifted);
        drifted.RemoveAll(d => d.Change == DriftChange.Changed && d.Attributes.Count == 0);
        await CountAsync(transaction, drifted);
        await SampleAsync(transaction, drifted);
    }

    /// <summary>Deletes the drift of scans long before this one.</summary>
    public static async Task DeleteOldAsync(DbTransaction transaction, Scan scan)
    {
        foreach (var table in (string[])["drift_counts", "drift_samples"])
        {
            await transaction.Connection!.ExecuteAsync(
                $"""
                DELETE FROM {table} WHERE organization = @Organization AND NOT EXISTS (
                    SELECT 1 FROM scans s WHERE s.organization = {table}.organization AND s.scan_id = {table}.scan_id AND s.created_at >= @since)
                """,
                new { scan.Organization, since = Columns.Ms(scan.CreatedAt - Retention) }, transaction);
        }
    }

    /// <summary>The lists that were complete at least once.</summary>
    private async Task<HashSet<(string AccountId, string Region, string Type)>> KnownListsAsync(DbTransaction transaction)
    {
        var known = new HashSet<(string, string, string)>();
        foreach (var group in _drifted.GroupBy(d => (d.AccountId, d.ListedIn), d => d.Type))
        {
            var types = await transaction.Connection!.QueryAsync<string>(
                $"""
                SELECT type FROM coverage
                WHERE organization = @_organization AND account_id = @AccountId AND region = @ListedIn
                  AND {_database.Among("type", "@types")} AND last_success_at IS NOT NULL
                """,
                new { _organization, group.Key.AccountId, group.Key.ListedIn, types = _database.List(group.Distinct()) }, transaction);
            known.UnionWith(types.Select(type => (group.Key.AccountId, group.Key.ListedIn, type)));
        }

        return known;
    }

    /// <summary>Determines the changed attributes, one resource at a time: there are few.</summary>
    private async Task CompareAsync(DbTransaction transaction, List<Drifted> drifted)
    {
        foreach (var one in drifted.Where(d => d.Change == DriftChange.Changed))
        {
            var stored = (await transaction.Connection!.QueryAsync<(byte[] Configuration, long Size)>(
                """
                SELECT c.configuration, r.size FROM resources r
                JOIN configurations c ON c.organization = r.organization AND c.account_service = r.account_service AND c.arn = r.arn
                WHERE r.organization = @_organization AND r.account_service = @AccountService AND r.arn = @Arn
                """,
                new { _organization, one.AccountService, one.Arn }, transaction)).ToList();
            // A resource that occurs twice in the batch and is new has none.
            one.Attributes = stored.Count == 0
                ? []
                : ConfigurationDifference.Of(
                    CompressedJson.Read(stored[0].Configuration, (int)stored[0].Size), one.After!.Configuration,
                    one.Before!.UnknownAttributes().Keys.Concat(one.After.Unknown.Keys), one.After.Volatile);
            if (one.Attributes.Count == 0 && HasOtherTags(one.Before!, one.After!))
            {
                one.Attributes = ["Tags"];
            }
        }
    }

    /// <summary>Tags of many types are not in the configuration. Tags that could not be read before or now may be the same.</summary>
    private static bool HasOtherTags(ResourceRow before, CollectedResource after) =>
        Columns.FromJsonOrNull<Dictionary<string, string>>(before.Tags) is { } old && after.Tags is { } tags
        && (old.Count != tags.Count || old.Any(tag => tags.GetValueOrDefault(tag.Key) != tag.Value));

    private Task<int> CountAsync(DbTransaction transaction, List<Drifted> drifted)
    {
        var rows = drifted.Select(d => (d.AccountId, Region: d.ListedIn, d.Type, d.Change))
            .Concat(drifted.Select(d => (d.AccountId, Region: Sum, Type: Sum, d.Change)))
            .GroupBy(d => (d.AccountId, d.Region, d.Type))
            .Select(g => new
            {
                _organization,
                _scanId,
                g.Key.AccountId,
                g.Key.Region,
                g.Key.Type,
                created = g.Count(d => d.Change == DriftChange.Created),
                changed = g.Count(d => d.Change == DriftChange.Changed),
                deleted = g.Count(d => d.Change == DriftChange.Deleted),
            });
        return transaction.ExecuteRowsAsync(
            """
            INSERT INTO drift_counts (organization, scan_id, account_id, region, type, created, changed, deleted)
            VALUES (@_organization, @_scanId, @AccountId, @Region, @Type, @created, @changed, @deleted)
            ON CONFLICT (organization, scan_id, account_id, region, type) DO UPDATE SET
                created = drift_counts.created + excluded.created, changed = drift_counts.changed + excluded.changed,
                deleted = drift_counts.deleted + excluded.deleted
            """,
            rows.ToList());
    }

    private async Task SampleAsync(DbTransaction transaction, List<Drifted> drifted)
    {
        var kept = await transaction.Connection!.ExecuteScalarAsync<long>(
            "SELECT count(*) FROM drift_samples WHERE organization = @_organization AND scan_id = @_scanId", new { _organization, _scanId }, transaction);
        await transaction.ExecuteRowsAsync(
            """
            INSERT INTO drift_samples (organization, scan_id, account_service, arn, change, account_id, type, region, found_at, attributes)
            VALUES (@_organization, @_scanId, @AccountService, @Arn, @change, @AccountId, @Type, @Region, @foundAt, @attributes)
            ON CONFLICT DO NOTHING
            """,
            drifted.Take(Math.Max(0, IDriftStore.MaxSamples - (int)kept)).Select(d => new
            {
                _organization,
                _scanId,
                d.AccountService,
                d.Arn,
                change = Columns.Name(d.Change),
                d.AccountId,
                d.Type,
                d.Region,
                foundAt = Columns.Ms(_now),
                attributes = Columns.Json(d.Attributes.Take(MaxAttributes)),
            }).ToList());
    }

    private sealed record Drifted(string AccountService, string Arn, string Type, string ListedIn, string Region, DriftChange Change)
    {
        public string AccountId { get; } = Domain.AccountService.Split(AccountService).AccountId;

        public ResourceRow? Before { get; init; }

        public CollectedResource? After { get; init; }

        public IReadOnlyList<string> Attributes { get; set; } = [];
    }
}
