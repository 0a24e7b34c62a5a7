using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Qrie.Api.Hosting;
using Qrie.Aws.Api.Recording;
using Qrie.Domain;
using Qrie.Domain.Accounts;
using Qrie.Domain.Catalog;
using Qrie.Domain.Compliance;
using Qrie.Domain.Findings;
using Qrie.Domain.Management;
using Qrie.Domain.Scans;
using Qrie.Domain.Work;

namespace Qrie.Api.Demo;

/// <summary>
/// Replays eight weeks of use: registers the accounts, launches every policy, and runs a weekly inventory and policy scan of the organization as recorded for
/// that week, on a clock that ends at the present. Until it is complete, <c>/health</c> is 503 and reports the progress.
/// </summary>
internal sealed partial class DemoRunner(
    SampleOrganization organization, LayeredReplay replay, DemoClock clock, IAccountStore accounts, AccountRegistry registry, ScanCoordinator coordinator,
    PolicyLifeCycle policies, IScanStore scans, IFindingStore findings, ComplianceHistory history, ICatalog catalog, Readiness readiness, IServer server,
    IHostApplicationLifetime lifetime, ILogger<DemoRunner> logger) : BackgroundService
{
    private const string Trigger = "demo";
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(50);

    private int _weeksAgo = organization.Weeks;

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        readiness.NotReadyBecause = "The demo is being prepared.";

        // A store that was used before already has a history, which is newer than what would be replayed.
        if ((await scans.ListAsync(Organizations.Default, new PageRequest(1), cancellationToken)).Items.Count > 0)
        {
            _weeksAgo = 0;
        }

        GoTo(_weeksAgo);
        await base.StartAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await RunAsync(stoppingToken);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Stopped halfway: there is nothing to keep.
        }
    }

    private async Task RunAsync(CancellationToken stoppingToken)
    {
        await StartedAsync(stoppingToken);
        var watched = organization.WatchedOf(catalog.Current.Services.Select(s => s.Key));
        foreach (var account in organization.Accounts)
        {
            // The account of the recorded credentials registered itself, without a name and an organizational unit.
            if (await accounts.FindAsync(Organizations.Default, account.AccountId, stoppingToken) is null)
            {
                await registry.AddAsync(
                    new NewAccount(Organizations.Default, account.AccountId, account.Name, account.Ou, null, null, null), stoppingToken);
            }

            await registry.ChangeAsync(Organizations.Default, account.AccountId, before => before with { Services = watched }, stoppingToken);
        }

        for (var (week, weeks) = (1, _weeksAgo + 1); week <= weeks; week++, _weeksAgo--)
        {
            GoTo(_weeksAgo);
            Report($"Week {week} of {weeks}: reading {organization.Accounts.Count} recorded accounts");
            var read = await ScanAsync(ScanKind.Inventory, week == 1 ? ScanType.Bootstrap : ScanType.AntiEntropy, stoppingToken);
            Report($"Week {week} of {weeks}: evaluating {read.Counters[ScanCounters.ResourcesFound]} resources");
            if (week > 1 || await LaunchAllAsync(stoppingToken) == 0)
            {
                await ScanAsync(ScanKind.Policy, ScanType.AntiEntropy, stoppingToken);
            }

            await history.RecordAsync(Organizations.Default, stoppingToken);
        }

        var open = (await findings.CountActiveByPolicyAsync(Organizations.Default, stoppingToken)).Values.Sum();
        readiness.Progress = null;
        readiness.NotReadyBecause = null;
        var address = server.Features.Get<IServerAddressesFeature>()?.Addresses.FirstOrDefault() ?? "";
        Log.Ready(logger, open, address);
    }

    /// <summary>Called while no scan is running.</summary>
    private void GoTo(int weeksAgo)
    {
        clock.Behind = TimeSpan.FromDays(7 * weeksAgo);
        replay.Current = organization.LayerOf(weeksAgo);
    }

    /// <summary>Returns the number of launched policies after their evaluation.</summary>
    private async Task<int> LaunchAllAsync(CancellationToken cancel)
    {
        var launch = await policies.LaunchAllAsync(
            new BulkLaunchRequest(Organizations.Default, [.. catalog.Current.Policies.Where(p => !p.Deprecated).Select(p => p.Id)]), cancel);
        Report($"Launched {launch.Launched.Count} policies");
        if (launch.ScanId is { } scanId)
        {
            await FinishAsync(scanId, cancel);
        }

        return launch.Launched.Count;
    }

    private async Task<Scan> ScanAsync(ScanKind kind, ScanType type, CancellationToken cancel)
    {
        var scan = await coordinator.StartAsync(new ScanRequest(Organizations.Default, kind, type, Trigger, ScanFilter.Everything), cancel);
        return await FinishAsync(scan!.ScanId, cancel);
    }

    private async Task<Scan> FinishAsync(string scanId, CancellationToken cancel)
    {
        while (true)
        {
            if (await scans.FindAsync(Organizations.Default, scanId, cancel) is { FinishedAt: not null } scan)
            {
                return scan;
            }

            await Task.Delay(LookEvery, clock, cancel);
        }
    }

    private async Task StartedAsync(CancellationToken cancel)
    {
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var registration = lifetime.ApplicationStarted.Register(started.SetResult);
        await started.Task.WaitAsync(cancel);
    }

    private void Report(string progress)
    {
        readiness.Progress = progress;
        Log.Progress(logger, progress);
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "Demo: {Progress}")]
        public static partial void Progress(ILogger logger, string progress);

        [LoggerMessage(2, LogLevel.Information,
            "Demo: ready with {Open} open findings. See /swagger, /findings?state=ACTIVE and /coverage at {Address}; press Ctrl-C to stop")]
        public static partial void Ready(ILogger logger, long open, string address);
    }
}
