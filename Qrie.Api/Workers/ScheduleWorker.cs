using Qrie.Api.Jobs;
using Qrie.Domain.Work;

namespace Qrie.Api.Workers;

/// <summary>Applies schedules that other replicas changed, and starts scans that none of them started. Does nothing in a single process.</summary>
internal sealed class ScheduleWorker(
    ScheduleService schedules, MissedSchedules missed, IReplicas replicas, TimeProvider clock, ILogger<ScheduleWorker> logger)
    : PeriodicWorker("Following schedules of other replicas", TimeSpan.FromSeconds(1), clock, logger)
{
    /// <summary>By then the replicas' own jobs have started a scan, or failed.</summary>
    private static readonly TimeSpan MinAge = TimeSpan.FromMinutes(1);

    private static readonly TimeSpan MissedEvery = TimeSpan.FromMinutes(1);

    private readonly TimeProvider _clock = clock;
    private long _lookedAt = clock.GetTimestamp();

    protected override async Task RunOnceAsync(CancellationToken cancel)
    {
        if (replicas.IsAlone)
        {
            return;
        }

        await schedules.RefreshAsync(cancel);
        if (_clock.GetElapsedTime(_lookedAt) >= MissedEvery)
        {
            _lookedAt = _clock.GetTimestamp();
            await missed.RunAsync(MinAge, cancel);
        }
    }
}
