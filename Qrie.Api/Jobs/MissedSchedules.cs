using System.Globalization;
using Qrie.Domain;
using Qrie.Domain.Access;
using Qrie.Domain.Scans;

namespace Qrie.Api.Jobs;

/// <summary>
/// Starts at start what was due while nothing ran: one scan of each kind in each organization, for the last time that was missed. A schedule counts from when it was first seen, so that
/// neither a new installation nor a changed cron expression has missed anything.
/// </summary>
internal sealed partial class MissedSchedules(
    IReadOnlyList<Schedule> schedules, IInstallation installation, IOrganizationStore organizations, IScanStore scans, ScanCoordinator coordinator, TimeProvider clock,
    ILogger<MissedSchedules> logger)
{
    public async Task RunAsync(CancellationToken cancel)
    {
        foreach (var schedule in schedules.Where(s => s.Cron is not null))
        {
            var now = clock.GetUtcNow();
            var since = await SeenSinceAsync(schedule, now, cancel);
            foreach (var (organization, _, made) in await organizations.ListAsync(cancel))
            {
                var started = await scans.FindLastScheduledAsync(organization, schedule.Kind, cancel);
                if (schedule.Last(new[] { started ?? since, since, made }.Max(), now) is { } missed)
                {
                    Log.Missed(logger, schedule.Kind, missed, organization);
                    await coordinator.StartAsync(
                        new ScanRequest(organization, schedule.Kind, ScanType.AntiEntropy, "schedule", ScanFilter.Everything, missed), cancel);
                }
            }
        }
    }

    private async Task<DateTimeOffset> SeenSinceAsync(Schedule schedule, DateTimeOffset now, CancellationToken cancel)
    {
        var name = $"schedule.{schedule.Kind}";
        if ((await installation.SettingAsync(name, cancel))?.Split('|') is [var cron, var since] && cron == schedule.Cron)
        {
            return DateTimeOffset.FromUnixTimeMilliseconds(long.Parse(since, CultureInfo.InvariantCulture));
        }

        await installation.SetSettingAsync(name, string.Create(CultureInfo.InvariantCulture, $"{schedule.Cron}|{now.ToUnixTimeMilliseconds()}"), cancel);
        return now;
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "The {Kind} scan due at {Missed} of {Organization} was missed while Qrie was not running; it starts now")]
        public static partial void Missed(ILogger logger, ScanKind kind, DateTimeOffset missed, string organization);
    }
}
