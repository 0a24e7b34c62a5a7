using Qrie.Api.Exports;

namespace Qrie.Api.Workers;

/// <summary>Exports findings at startup and then periodically, if it is configured.</summary>
internal sealed class ExportWorker(ScheduledExports exports, ExportSettings settings, TimeProvider clock, ILogger<ExportWorker> logger)
    : PeriodicWorker("Exporting findings", settings.Every, clock, logger)
{
    protected override Task RunOnceAsync(CancellationToken cancel) => settings.Any ? exports.RunAsync(cancel) : Task.CompletedTask;
}
