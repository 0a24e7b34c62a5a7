using Qrie.Api.Workers;
using Qrie.Domain.Findings;

namespace Qrie.Api.Observability;

/// <summary>Logs the state every five minutes, for alarms on the log: the metric filters of <c>deploy/qrie-core.yaml</c>.</summary>
internal sealed partial class StateLogWorker(StateReader reader, TimeProvider clock, ILogger<StateLogWorker> logger)
    : PeriodicWorker("Reading the state", Every, clock, logger)
{
    private static readonly TimeSpan Every = TimeSpan.FromMinutes(5);

    private readonly TimeProvider _clock = clock;

    protected override async Task RunOnceAsync(CancellationToken cancel)
    {
        var state = await reader.ReadAsync(_clock.GetUtcNow() - Every, cancel);
        Log.State(
            logger, state.Findings.Where(f => f.Key.State == FindingState.Active).Sum(f => f.Value), Math.Round(state.UnknownShare * 100, 1),
            state.OverdueScans, state.FailedScans, state.UnreportedChanges, state.DeadEvents);
    }

    private static partial class Log
    {
        [LoggerMessage(
            1, LogLevel.Information,
            "State: {ActiveFindings} active findings, {UnknownPercent} % of verdicts unknown, {OverdueScans} overdue scans, {FailedScans} failed scans, "
            + "{UnreportedChanges} changes without an event, {DeadEvents} dead events")]
        public static partial void State(
            ILogger logger, long activeFindings, double unknownPercent, int overdueScans, int failedScans, long unreportedChanges, long deadEvents);
    }
}
