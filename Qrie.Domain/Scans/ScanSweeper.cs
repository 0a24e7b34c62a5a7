using Microsoft.Extensions.Logging;
using Qrie.Domain.Work;

namespace Qrie.Domain.Scans;

/// <summary>Looks every minute after units and scans that nobody looks after: what a worker that died, or a lost wake-up, left behind.</summary>
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
            1, LogLevel.Warning, "{Requeued} units whose worker did not come back are free again, {Abandoned} scans without a heartbeat were given up")]
        public static partial void Swept(ILogger logger, int requeued, int abandoned);
    }
}
