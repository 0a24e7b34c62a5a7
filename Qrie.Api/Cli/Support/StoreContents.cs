using Qrie.Api.Hosting;
using Qrie.Domain;
using Qrie.Domain.Access;
using Qrie.Domain.Accounts;
using Qrie.Domain.Dashboard;
using Qrie.Domain.Inventory;
using Qrie.Domain.Policies;
using Qrie.Domain.Scans;
using Qrie.Dynamo;
using Qrie.Sql;
using Qrie.Sql.Database;

namespace Qrie.Api.Cli.Support;

/// <summary>What of the store helps to understand a problem: sizes, scans and coverage of each organization. No resources, no findings, no names.</summary>
internal static class StoreContents
{
    private const int ScansShown = 20;
    private const int RowsShown = 200;

    public static async Task<object> SizesAsync(CommandStore store, StoreSettings settings, CancellationToken cancel)
    {
        if (store.Database is not { } database)
        {
            var installation = store.Get<IInstallation>();
            var (kind, version) = await installation.DescribeStoreAsync(cancel);
            return new
            {
                Kind = kind,
                Version = version,
                Schema = await installation.SchemaAsync(cancel),
                Warnings = await installation.ListStoreWarningsAsync(cancel),
                Tables = await store.Get<DynamoTables>().ReadSizesAsync(cancel),
            };
        }

        var tables = await StoreSizes.ReadAsync(database, cancel);
        return new
        {
            Kind = database.Dialect,
            Version = await database.VersionAsync(cancel),
            Schema = await Migrator.FindSchemaAsync(database, cancel),
            Warnings = await database.ListWarningsAsync(cancel),
            Files = settings.IsFile
                ? SqliteDatabase.FilesOf(settings.Path).Where(File.Exists)
                    .ToDictionary(f => Path.GetFileName(f), f => new FileInfo(f).Length)
                : null,
            Bytes = settings.IsFile ? null : (long?)tables.Sum(t => t.Bytes ?? 0),
            Tables = tables,
        };
    }

    public static Task<object> ScansAsync(CommandStore store, CancellationToken cancel) => OfOrganizationsAsync(store, async organization =>
    {
        var scans = store.Get<IScanStore>();
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

    public static Task<object> CoverageAsync(CommandStore store, CancellationToken cancel) => OfOrganizationsAsync(store, async organization =>
    {
        var coverage = store.Get<ICoverageStore>();
        var accounts = await store.Get<IAccountStore>().ListAsync(organization, includeRemoved: true, cancel);
        var lists = await coverage.ListAsync(organization, null, cancel);
        var verdicts = await store.Get<ISummaryStore>().CountVerdictsAsync(organization, null, cancel);
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
    private static async Task<object> OfOrganizationsAsync(CommandStore store, Func<string, Task<object>> readAsync, CancellationToken cancel)
    {
        var all = new List<object>();
        foreach (var (organization, _, _) in await store.Get<IOrganizationStore>().ListAsync(cancel))
        {
            all.Add(await readAsync(organization));
        }

        return new { Organizations = all };
    }
}
