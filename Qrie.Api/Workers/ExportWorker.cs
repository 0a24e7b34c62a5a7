using System.Globalization;
using Qrie.Api.Exports;
using Qrie.Domain;
using Qrie.Domain.Work;

namespace Qrie.Api.Workers;

/// <summary>
/// Exports findings periodically, if it is configured: a single process at its start, too, of several replicas any one when the last export is old enough.
/// </summary>
internal sealed class ExportWorker(
    ScheduledExports exports, ExportSettings settings, IInstallation installation, IReplicas replicas, TimeProvider clock, ILogger<ExportWorker> logger)
    : PeriodicWorker("Exporting findings", replicas.IsAlone ? settings.Every : TimeSpan.FromMinutes(1), clock, logger)
{
    private const string Setting = "exports.at";

    private readonly TimeProvider _clock = clock;

    protected override Task RunOnceAsync(CancellationToken cancel) => !settings.Any ? Task.CompletedTask
        : replicas.IsAlone ? exports.RunAsync(cancel)
        : replicas.DoAsync("exports", RunDueAsync, cancel);

    private async Task RunDueAsync(CancellationToken cancel)
    {
        var now = _clock.GetUtcNow();
        if (await installation.SettingAsync(Setting, cancel) is { } last
            && now - DateTimeOffset.Parse(last, CultureInfo.InvariantCulture) is var age && age >= TimeSpan.Zero && age < settings.Every)
        {
            return;
        }

        await installation.SetSettingAsync(Setting, now.ToString("O", CultureInfo.InvariantCulture), cancel);
        await exports.RunAsync(cancel);
    }
}
