using System.Globalization;
using Qrie.Api.Exports;
using Qrie.Api.Exports.SecurityHub;
using Qrie.Api.Hosting;
using Qrie.Domain;
using Qrie.Domain.Catalog;
using Qrie.Domain.Findings;
using Qrie.Domain.Inventory;
using Qrie.Domain.Policies;
using Qrie.Domain.Scans;
using Qrie.Domain.Validation;
using Qrie.Domain.Work;

namespace Qrie.Api.Cli.Scans;

/// <summary>One local scan, from the registration of accounts to the result.</summary>
/// <param name="adjust">Replacements for tests; null for none.</param>
internal sealed class LocalScan(LocalScanRequest request, CliConsole console, IConfiguration configuration, Action<IHostApplicationBuilder>? adjust)
{
    private readonly ScanDisplay _display = new(console, request.ResultToOutput);

    /// <summary>Returns the exit code.</summary>
    /// <param name="stop">Ends the reading early; what was read until then is evaluated and written.</param>
    /// <exception cref="NotScannedException">Nothing can be scanned.</exception>
    public async Task<int> RunAsync(CancellationToken stop)
    {
        var baseline = request.Baseline is { } file ? await Baseline.ReadAsync(file, stop) : null;
        var folder = Directory.CreateTempSubdirectory("qrie-scan-");
        try
        {
            var host = Build(folder.FullName);
            await using var disposing = (IAsyncDisposable)host;
            var setup = ActivatorUtilities.CreateInstance<LocalScanSetup>(host.Services);
            var accounts = await setup.PrepareAsync(request, stop);
            await host.StartAsync(CancellationToken.None);
            var run = await RunAsync(host.Services, stop);
            await host.StopAsync(CancellationToken.None);
            return await ReportAsync(host.Services, run, accounts, baseline);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            throw new NotScannedException("The scan was interrupted before anything was read.");
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private IHost Build(string folder)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Configuration.AddConfiguration(configuration);
        builder.Configuration["Store:Kind"] = "sqlite";
        builder.Configuration["Work:Kind"] = "store";
        builder.Configuration["Store:Path"] = Path.Combine(folder, "qrie.db");
        builder.AddScanning();
        adjust?.Invoke(builder);
        return builder.Build();
    }

    private async Task<Run> RunAsync(IServiceProvider services, CancellationToken stop)
    {
        var (coordinator, scans, clock) = (
            services.GetRequiredService<ScanCoordinator>(), services.GetRequiredService<IScanStore>(), services.GetRequiredService<TimeProvider>());
        var begun = clock.GetUtcNow();
        var (inventoryId, policyId) = await StartAsync(services, coordinator, stop);
        return await _display.FollowAsync(async show =>
        {
            for (var interrupted = false; ;)
            {
                var inventory = (await scans.FindAsync(Organizations.Default, inventoryId, CancellationToken.None))!;
                var policies = (await scans.FindAsync(Organizations.Default, policyId, CancellationToken.None))!;
                var (read, evaluated) = (await ReadProgressAsync(scans, inventory), await ReadProgressAsync(scans, policies));
                await show(read, evaluated);
                if (inventory.FinishedAt is not null && policies.FinishedAt is not null)
                {
                    return new Run(inventory, read, evaluated, interrupted, begun, clock.GetUtcNow());
                }

                if (stop.IsCancellationRequested && !interrupted)
                {
                    interrupted = true;
                    await InterruptAsync(coordinator, inventory.FinishedAt is null ? inventoryId : policyId);
                }

                await Task.Delay(ScanDisplay.LookEvery, clock, interrupted ? CancellationToken.None : stop)
                    .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        });
    }

    /// <summary>What was read until now is still evaluated, which needs no further calls.</summary>
    private async Task InterruptAsync(ScanCoordinator coordinator, string scanId)
    {
        _display.Say("Interrupted: evaluating what was read. Press Ctrl-C again to end without a result.");
        try
        {
            await coordinator.CancelAsync(Organizations.Default, scanId, CancellationToken.None);
        }
        catch (ConflictException)
        {
            // It has ended meanwhile.
        }
    }

    /// <summary>Reads what the policies need, or everything, and evaluates it.</summary>
    private async Task<(string Inventory, string Policies)> StartAsync(IServiceProvider services, ScanCoordinator coordinator, CancellationToken stop)
    {
        const string Trigger = "cli";
        if (request.Level != ScanLevel.Deep || request.Services.Count > 0)
        {
            var level = await services.GetRequiredService<ScanLevels>().StartAsync(
                new LeveledScanRequest(Organizations.Default, ScanLevel.Deep, ScanType.Bootstrap, Trigger, ScanFilter.Everything), stop);
            return (level.Inventory!.ScanId, level.Policies!.ScanId);
        }

        var all = (await coordinator.StartAsync(
            new ScanRequest(Organizations.Default, ScanKind.Inventory, ScanType.Bootstrap, Trigger, ScanFilter.Everything), stop))!;
        var policies = await coordinator.StartAsync(
            new ScanRequest(Organizations.Default, ScanKind.Policy, ScanType.Bootstrap, Trigger, ScanFilter.Everything, AfterScanId: all.ScanId), stop);
        return (all.ScanId, policies!.ScanId);
    }

    private static async Task<ScanParts> ReadProgressAsync(IScanStore scans, Scan scan)
    {
        var (counters, done, failed) = (new ScanCounters(), 0, 0);
        foreach (var part in await scans.ReadProgressAsync(Organizations.Default, scan.ScanId, CancellationToken.None))
        {
            counters.Add(part.Counters);
            done += part.Units.GetValueOrDefault(UnitStatus.Done);
            failed += part.Units.GetValueOrDefault(UnitStatus.Failed);
        }

        return new ScanParts(done, failed, scan.TotalUnits, counters);
    }

    private async Task<int> ReportAsync(IServiceProvider services, Run run, IReadOnlyList<string> accounts, Baseline? baseline)
    {
        var reader = services.GetRequiredService<ExportReader>();
        var unreadable = await UnreadableAsync(services, accounts);
        var summary = new ScanSummary(request.FailOn);
        var policies = await services.GetRequiredService<IPolicyStore>().ListAsync(Organizations.Default, CancellationToken.None);
        var export = await ReadAsync();
        await foreach (var row in export.Rows)
        {
            summary.Add(row);
        }

        var head = export.Head with
        {
            Incomplete = WhyIncomplete(run, unreadable),
            Scan = new ExportedScan(
                run.Begun, run.Ended, accounts, policies.Count, run.Read.Counters[ScanCounters.ResourcesFound], run.Read.Counters[ScanCounters.Calls],
                await PassedAsync(services, summary)),
        };
        var files = new List<string>();
        foreach (var format in request.Formats)
        {
            export = await ReadAsync() with { Head = head };
            if (request.Output is { } folder)
            {
                files.Add(await ExportFiles.WriteAsync(folder, format, export, CancellationToken.None));
            }
            else
            {
                await using var output = new TextWriterStream(console.Output);
                await format.WriteAsync(export, output, CancellationToken.None);
            }
        }

        var sent = request.SendToSecurityHub
            ? await services.GetRequiredService<SecurityHubSender>().SendAsync(Organizations.Default, (await ReadAsync()).Rows, CancellationToken.None)
            : null;
        var code = run.Interrupted ? ScanExitCodes.NotScanned
            : summary.Reported > 0 ? ScanExitCodes.Found
            : unreadable.Count > 0 || sent?.Refused > 0 || run.Read.Failed + run.Evaluated.Failed > 0 ? ScanExitCodes.NotScanned
            : ScanExitCodes.Clean;
        _display.Show(new ScanReport(head, summary, run.Inventory.Errors, baseline?.Count, request.FailOn, files, sent, code));
        return code;

        async Task<Export> ReadAsync()
        {
            var read = await reader.ReadAsync(Organizations.Default, new FindingFilter(), withUnknown: true, CancellationToken.None);
            return baseline is null ? read : read with { Rows = baseline.Compare(read.Rows, CancellationToken.None) };
        }
    }

    /// <summary>Accounts of which nothing was listed. What exists once per account counts as listed even if none of it could be read.</summary>
    private static async Task<List<string>> UnreadableAsync(IServiceProvider services, IReadOnlyList<string> accounts)
    {
        var catalog = services.GetRequiredService<ICatalog>().Current;
        var lists = (await services.GetRequiredService<ICoverageStore>().ListAsync(Organizations.Default, null, CancellationToken.None))
            .ToLookup(l => l.AccountId);
        return
        [
            .. accounts.Where(account => !lists[account].Any()
                || (lists[account].Any(l => l.Outcome is not (ListOutcome.Complete or ListOutcome.NotAvailable))
                    && lists[account].All(l => l.Outcome != ListOutcome.Complete || catalog.FindType(l.Type) is { IsSingleton: true }))),
        ];
    }

    private static string? WhyIncomplete(Run run, List<string> unreadable)
    {
        var failed = run.Read.Failed + run.Evaluated.Failed;
        return run.Interrupted
            ? string.Create(
                CultureInfo.InvariantCulture,
                $"The scan was interrupted after {run.Read.Done} of {run.Read.Total} parts were read. Findings are missing.")
            : unreadable.Count > 0 ? $"Nothing could be read in {string.Join(", ", unreadable)}."
            : failed > 0 ? string.Create(CultureInfo.InvariantCulture, $"{failed} parts of the scan failed.")
            : null;
    }

    private static async Task<IReadOnlyList<(ExportedPolicy Policy, string Service, long Resources)>> PassedAsync(
        IServiceProvider services, ScanSummary summary)
    {
        var catalog = services.GetRequiredService<ICatalog>().Current;
        var counts = await services.GetRequiredService<IFindingStore>().CountVerdictsAsync(Organizations.Default, null, CancellationToken.None);
        return
        [
            .. counts.Where(c => c.Verdict == Verdict.Pass && !summary.Has(c.PolicyId))
                .GroupBy(c => (c.PolicyId, c.Service))
                .OrderBy(g => g.Key.PolicyId, StringComparer.Ordinal)
                .Select(g => (ExportedPolicy.Of(g.Key.PolicyId, catalog, null), g.Key.Service, g.Sum(c => c.Resources))),
        ];
    }

    private sealed record Run(
        Scan Inventory, ScanParts Read, ScanParts Evaluated, bool Interrupted, DateTimeOffset Begun, DateTimeOffset Ended);
}

/// <summary>The progress of a scan.</summary>
/// <param name="Done">Parts (units) that were completed.</param>
internal sealed record ScanParts(int Done, int Failed, int Total, ScanCounters Counters);
