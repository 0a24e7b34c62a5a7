using Qrie.Api.Hosting;
using Qrie.Domain;
using Qrie.Domain.Policies;
using Qrie.Domain.Scans;
using Qrie.Sql;
using Qrie.Sql.Access;
using Qrie.Sql.Accounts;
using Qrie.Sql.Dashboard;
using Qrie.Sql.Database;
using Qrie.Sql.Inventory;
using Qrie.Sql.Scans;

namespace Qrie.Api.Cli.Support;

/// <summary>What of the store helps to understand a problem: sizes, scans and coverage of each organization. No resources, no findings, no names.</summary>
internal static class StoreContents
{
    private const int ScansShown = 20;
    private const int RowsShown = 200;

    public static async Task<object> SizesAsync(SqlDatabase store, StoreSettings settings, CancellationToken cancel)
    {
        var tables = await StoreSizes.ReadAsync(store, cancel);
        return new
        {
            Kind = store.Dialect,
            Version = await store.VersionAsync(cancel),
            Schema = await Migrator.FindSchemaAsync(store, cancel),
            Warnings = await store.ListWarningsAsync(cancel),
            Files = settings.IsFile
                ? SqliteDatabase.FilesOf(settings.Path).Where(File.Exists)
                    .ToDictionary(f => Path.GetFileName(f), f => new FileInfo(f).Length)
                : null,
            Bytes = settings.IsFile ? null : (long?)tables.Sum(t => t.Bytes ?? 0),
            Tables = tables,
        };
    }

    public static Task<object> ScansAsync(SqlDatabase store, CancellationToken cancel) => OfOrganizationsAsync(store, async organization =>
    {
        var scans = new SqlScanStore(store);
        return new
        {
            LastCompleteInventory = (await scans.FindLastFullAsync(organization, ScanKind.Inventory, cancel))?.FinishedAt,
            LastCompletePolicyScan = (await scans.FindLastFullAsync(organization, ScanKind.Policy, cancel))?.FinishedAt,
            Scans = (await scans.ListAsync(organization, new PageRequest(ScansShown), cancel)).Items.Select(s => new
            {
                s.ScanId,
                Kind = $"{s.Kind}",
                ScanType = $"{s.ScanType}",
                s.Trigger,
                Status = $"{s.Status}",
                Filter = new { s.Filter.AccountId, s.Filter.Service, s.Filter.PolicyId, Level = s.Filter.Level?.ToString() },
                s.CreatedAt,
                s.StartedAt,
                s.FinishedAt,
                s.ScheduledFor,
                s.TotalUnits,
                s.RemainingUnits,
                s.FailedUnits,
                Counters = s.Counters.Values,
                s.Errors,
            }),
        };
    }, cancel);

    public static Task<object> CoverageAsync(SqlDatabase store, CancellationToken cancel) => OfOrganizationsAsync(store, async organization =>
    {
        var coverage = new SqlCoverageStore(store);
        var accounts = await new SqlAccountStore(store).ListAsync(organization, includeRemoved: true, cancel);
        var lists = await coverage.ListAsync(organization, null, cancel);
        var verdicts = await new SqlSummaryStore(store).CountVerdictsAsync(organization, null, cancel);
        return new
        {
            Accounts = accounts.GroupBy(a => $"{a.Status}").ToDictionary(g => g.Key, g => g.Count()),
            Verdicts = Enum.GetValues<Verdict>().ToDictionary(v => $"{v}", v => verdicts.GetValueOrDefault(v)),
            Lists = lists.GroupBy(l => $"{l.Outcome}").ToDictionary(g => g.Key, g => g.Count()),
            FailedLists = lists.Where(l => l.ErrorCode is not null).GroupBy(l => (l.Service, l.ErrorCode))
                .Select(g => new { g.Key.Service, g.Key.ErrorCode, Lists = g.Count(), Accounts = g.Select(l => l.AccountId).Distinct().Count() })
                .OrderByDescending(g => g.Lists).Take(RowsShown),
            UnknownAttributes = (await coverage.CountUnknownAttributesAsync(organization, null, cancel)).GroupBy(u => (u.Type, u.Attribute, u.ErrorCode))
                .Select(g => new { g.Key.Type, g.Key.Attribute, g.Key.ErrorCode, Resources = g.Sum(u => u.Resources) })
                .OrderByDescending(g => g.Resources).Take(RowsShown),
        };
    }, cancel);

    /// <summary>By a number in place of the organization's id and name.</summary>
    private static async Task<object> OfOrganizationsAsync(SqlDatabase store, Func<string, Task<object>> readAsync, CancellationToken cancel)
    {
        var all = new List<object>();
        foreach (var (organization, _, _) in await new SqlOrganizationStore(store).ListAsync(cancel))
        {
            all.Add(await readAsync(organization));
        }

        return new { Organizations = all };
    }
}
