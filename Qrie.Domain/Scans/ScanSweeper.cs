using Microsoft.Extensions.Logging;
using Qrie.Domain.Work;

namespace Qrie.Domain.Scans;

/// <summary>Periodically releases units and fails scans that a crashed worker or a lost wake-up left behind.</summary>
public sealed partial class ScanSweeper(IScanStore scans, WorkSignal signal, ScanLimits limits, TimeProvider clock, ILogger<ScanSweeper> logger)
{
    public async Task SweepAsync(CancellationToken cancel)
    {
        var swept = await scans.SweepAsync(clock.GetUtcNow(), limits.StuckAfter, cancel);
        if (swept.Requeued + swept.Abandoned > 0)
        {
            Log.Swept(logger, swept.Requeued, swept.Abandoned);
        }

        signal.Wake();
    }

    private static partial class Log
    {
        [LoggerMessage(
            1, LogLevel.Warning, "Released {Requeued} units with an expired lease; {Abandoned} scans without a heartbeat failed")]
        public static partial void Swept(ILogger logger, int requeued, int abandoned);
    }
}
