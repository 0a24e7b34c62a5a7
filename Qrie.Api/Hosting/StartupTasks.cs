using Microsoft.Extensions.Options;
using Qrie.Api.Access;
using Qrie.Api.Jobs;
using Qrie.Aws.Api.Redaction;
using Qrie.Domain;
using Qrie.Domain.Access;
using Qrie.Domain.Accounts;
using Qrie.Domain.Accounts.Purging;
using Qrie.Domain.Catalog;
using Qrie.Domain.Management;
using Qrie.Domain.Policies.Lookups;
using Qrie.Domain.Scans;
using Qrie.Domain.Work;

namespace Qrie.Api.Hosting;

/// <summary>Tasks between building the host and serving: store, catalog, interrupted scans, the own account.</summary>
internal sealed partial class StartupTasks(
    IInstallation installation, ICatalog catalog, IScanStore scans, IAwsAccess access, AccountRegistry accounts, OrganizationRegistry registry,
    IOrganizationStore organizations, IApiKeyStore keys, AccessSettings settings,
    IAccountPurgeStore purges, PolicyLifeCycle policies, MissingPolicyScans missingScans, LookupIndex lookups,
    ScheduleService schedules, MissedSchedules missed, RedactionKey redaction, Readiness readiness, IReplicas replicas,
    IOptions<ScanOptions> options, TimeProvider clock, ILogger<StartupTasks> logger)
{
    private const string AmbientAccount = "ambient account";

    public async Task RunAsync(CancellationToken cancel)
    {
        await installation.PrepareAsync(cancel);
        await replicas.JoinAsync(cancel);
        redaction.Set(await installation.SecretAsync("redaction", cancel));
        var (kind, version) = await installation.DescribeStoreAsync(cancel);
        foreach (var warning in await installation.ListStoreWarningsAsync(cancel))
        {
            Log.Store(logger, warning);
            readiness.Warn(warning, warning);
        }

        var snapshot = catalog.Current;
        Log.Loaded(logger, kind, version, snapshot.Services.Count, snapshot.Policies.Count);
        var (abandoned, resumed) = await scans.RecoverAsync(clock.GetUtcNow(), options.Value.StuckAfter, cancel);
        if (abandoned + resumed > 0)
        {
            Log.Recovered(logger, resumed, abandoned);
        }

        await registry.EnsureDefaultAsync(cancel);
        foreach (var (organization, _, _) in await organizations.ListAsync(cancel))
        {
            // An interrupted purge would leave findings of an inactive policy.
            await policies.FinishPurgesAsync(organization, cancel);
            await lookups.UpdateAsync(organization, cancel);
        }

        if (settings.Mode == AccessMode.ApiKey && !await keys.AnyActiveAsync(clock.GetUtcNow(), cancel))
        {
            Log.NoKey(logger);
        }

        await RegisterAmbientAccountAsync(cancel);
        if (replicas.IsAlone)
        {
            await missingScans.StartAsync(TimeSpan.Zero, cancel); // otherwise another replica may be about to
        }

        await missed.RunAsync(TimeSpan.Zero, cancel);
        await schedules.OpenAsync(cancel);
    }

    private async Task RegisterAmbientAccountAsync(CancellationToken cancel)
    {
        var ambient = await access.FindAmbientAccountAsync(cancel);
        if (ambient.AccountId is null)
        {
            readiness.Warn(AmbientAccount, ambient.Problem!);
            Log.NoAmbientAccount(logger, ambient.Problem!);
        }
        else if (await purges.FindAsync(Organizations.Default, ambient.AccountId, cancel) is null
            && await accounts.EnsureAsync(Organizations.Default, ambient.AccountId, cancel))
        {
            Log.Registered(logger, ambient.AccountId, ambient.Arn);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "Store {Kind} {Version}; catalog with {Services} services and {Policies} policies")]
        public static partial void Loaded(ILogger logger, string kind, string version, int services, int policies);

        [LoggerMessage(2, LogLevel.Information, "Recovered interrupted scans: {Resumed} units continue, {Abandoned} scans were abandoned")]
        public static partial void Recovered(ILogger logger, int resumed, int abandoned);

        [LoggerMessage(3, LogLevel.Warning, "{Problem}")]
        public static partial void NoAmbientAccount(ILogger logger, string problem);

        [LoggerMessage(5, LogLevel.Warning, "There is no API key, so all requests are refused: create one with qrie keys create --role admin")]
        public static partial void NoKey(ILogger logger);

        [LoggerMessage(6, LogLevel.Warning, "Store: {Problem}")]
        public static partial void Store(ILogger logger, string problem);

        [LoggerMessage(4, LogLevel.Information, "Registered account {AccountId} of Qrie's own credentials ({Arn})")]
        public static partial void Registered(ILogger logger, string accountId, string? arn);
    }
}
