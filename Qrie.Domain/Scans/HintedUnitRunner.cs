using Qrie.Domain.Work;

namespace Qrie.Domain.Scans;

/// <summary>
/// Runs units when hints say that there are some. Which unit runs is the store's decision, so that accounts take turns and none has too many at once, whatever
/// the order of the hints.
/// </summary>
public sealed class HintedUnitRunner(UnitRunner runner, IScanStore scans, IWorkHints hints, WorkSignal signal)
{
    private const int LongestDelaySeconds = 600;
    private const int FirstDelaySeconds = 5;

    /// <summary>Waits for a hint, or for <paramref name="woken"/>, and runs what it finds.</summary>
    /// <returns>What to wait for the next time.</returns>
    public async Task<Task> RunAsync(string owner, Task woken, CancellationToken cancel)
    {
        await using var hint = await hints.NextAsync(woken, cancel);
        var next = signal.Next; // before looking, so that nothing in between is missed
        if (hint is null)
        {
            while (await runner.RunNextAsync(owner, cancel))
            {
                // As long as there are units.
            }

            return next;
        }

        // If it fails, the hint is returned.
        if (await runner.RunNextAsync(owner, cancel) || await IsOverAsync(hint, cancel))
        {
            await hint.DeleteAsync();
        }
        else
        {
            await hint.ReturnAsync(DelayOf(hint.Receives));
        }

        return next;
    }

    /// <summary>Longer with every time: the unit waits for others of its account, or for another scan, or was run upon another hint.</summary>
    private static TimeSpan DelayOf(int receives) =>
        TimeSpan.FromSeconds(Math.Min(LongestDelaySeconds, FirstDelaySeconds << Math.Clamp(receives - 1, 0, 10)));

    private async Task<bool> IsOverAsync(IWorkHint hint, CancellationToken cancel) =>
        await scans.FindAsync(hint.Organization, hint.ScanId, cancel) is not { FinishedAt: null };
}
