using System.Text.Json;
using Qrie.Api.Cli.Service;

namespace Qrie.Api.Cli.Qop;

/// <summary>Polls a scan until it has ended. The scan does not depend on it.</summary>
internal sealed class ScanWaiter(ServiceClient service, QopReport report)
{
    private static readonly TimeSpan _firstPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan _longestPause = TimeSpan.FromSeconds(2);

    /// <summary>How long the service may be unavailable, for instance during a restart.</summary>
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(60);

    public async Task<JsonElement> WaitAsync(string scanId, CancellationToken cancel)
    {
        var progress = new ProgressLine(report.Console);
        try
        {
            return await PollAsync(scanId, progress, cancel);
        }
        catch (Exception e) when (e is OperationCanceledException or ServiceUnreachableException)
        {
            await progress.ClearAsync();
            await report.WarnAsync($"Scan {scanId} continues without this command.");
            await report.InfoAsync($"Show it:   {service.Curl(HttpMethod.Get, $"/scans/{scanId}")}");
            await report.InfoAsync($"Cancel it: {service.Curl(HttpMethod.Delete, $"/scans/{scanId}")}");
            throw;
        }
    }

    private async Task<JsonElement> PollAsync(string scanId, ProgressLine progress, CancellationToken cancel)
    {
        var clock = report.Console.Clock;
        var heard = clock.GetTimestamp();
        for (var pause = _firstPause; ; pause = TimeSpan.FromTicks(Math.Min((long)(pause.Ticks * 1.5), _longestPause.Ticks)))
        {
            try
            {
                var scan = await service.GetAsync($"/scans/{scanId}", cancel);
                heard = clock.GetTimestamp();
                if (scan.GetProperty("finished_at").ValueKind != JsonValueKind.Null)
                {
                    await progress.ClearAsync();
                    return scan;
                }

                await ShowAsync(scan, progress);
            }
            catch (Exception e) when (e is ServiceUnreachableException or ServiceRefusedException { Status: >= 500 } && clock.GetElapsedTime(heard) < _patience)
            {
                await progress.ShowAsync(0, 0, "waiting for the service");
            }

            await Task.Delay(pause, clock, cancel);
        }
    }

    private static Task ShowAsync(JsonElement scan, ProgressLine progress)
    {
        var (units, counters) = (scan.GetProperty("units"), scan.GetProperty("counters"));
        var total = units.GetProperty("total").GetInt32();
        var done = total - units.GetProperty("remaining").GetInt32();
        var isInventory = scan.GetProperty("kind").ValueEquals("inventory");
        var seen = counters.TryGetProperty(isInventory ? "resources_found" : "processed_resources", out var number) ? number.GetInt64() : 0;
        return progress.ShowAsync(done, total, $"{scan.GetProperty("kind")}: {done} of {total} units, {seen} resources");
    }
}
