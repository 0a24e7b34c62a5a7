using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Qrie.Api.Hosting;
using Qrie.Domain;
using Qrie.Domain.Accounts;
using Qrie.Domain.Catalog;
using Qrie.Domain.Findings;
using Qrie.Domain.Policies;
using Qrie.Domain.Scans;

namespace Qrie.Api.Demo;

/// <summary>
/// Does once what a user would: registers the accounts, takes the inventory, launches every policy. Until nothing will change by itself any
/// more, <c>/health</c> is 503 and tells how far it is.
/// </summary>
internal sealed partial class DemoRunner(
    SampleOrganization organization, IAccountStore accounts, AccountRegistry registry, ScanCoordinator coordinator, PolicyLifeCycle policies,
    IPolicyStore launched, IScanStore scans, IFindingStore findings, ICatalog catalog, Readiness readiness, IServer server,
    IHostApplicationLifetime lifetime, TimeProvider clock, ILogger<DemoRunner> logger) : BackgroundService
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(100);

    public override Task StartAsync(CancellationToken cancellationToken)
    {
        readiness.NotReadyBecause = "The demo is being prepared.";
        return base.StartAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await RunAsync(stoppingToken);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Stopped half-way: there is nothing to keep.
        }
    }

    private async Task RunAsync(CancellationToken stoppingToken)
    {
        await StartedAsync(stoppingToken);
        foreach (var account in organization.Accounts)
        {
            // The one of the recorded credentials has registered itself, without a name and an organizational unit.
            if (await accounts.FindAsync(Organizations.Default, account.AccountId, stoppingToken) is null)
            {
                await registry.AddAsync(
                    new NewAccount(Organizations.Default, account.AccountId, account.Name, account.Ou, null, null, null), stoppingToken);
            }
        }

        Report($"Reading {organization.Accounts.Count} recorded accounts");
        var inventory = await coordinator.StartAsync(
            new ScanRequest(Organizations.Default, ScanKind.Inventory, ScanType.Bootstrap, "demo", ScanFilter.Everything), stoppingToken);
        var read = await FinishAsync(inventory!.ScanId, stoppingToken);
        Report($"Read {read.Counters[ScanCounters.ResourcesFound]} resources");
        await LaunchAllAsync(stoppingToken);
        var open = (await findings.CountActiveByPolicyAsync(Organizations.Default, stoppingToken)).Values.Sum();
        readiness.Progress = null;
        readiness.NotReadyBecause = null;
        var address = server.Features.Get<IServerAddressesFeature>()?.Addresses.FirstOrDefault() ?? "";
        Log.Ready(logger, open, address);
    }

    private async Task LaunchAllAsync(CancellationToken cancel)
    {
        var active = (await launched.ListAsync(Organizations.Default, cancel)).Select(p => p.PolicyId).ToHashSet();
        var started = new List<string>();
        foreach (var policy in catalog.Current.Policies.Where(p => !p.Deprecated && !active.Contains(p.Id)))
        {
            var launch = await policies.LaunchAsync(new LaunchRequest(Organizations.Default, policy.Id, null, null, null, null), cancel);
            started.Add(launch.ScanId);
            Report($"Launched {started.Count} of {catalog.Current.Policies.Count} policies");
        }

        foreach (var scanId in started)
        {
            await FinishAsync(scanId, cancel);
        }
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
            "Demo: ready with {Open} open findings. Look at /swagger, /findings?state=ACTIVE and /coverage of {Address}; Ctrl-C ends it")]
        public static partial void Ready(ILogger logger, long open, string address);
    }
}
