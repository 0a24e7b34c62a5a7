using System.Diagnostics;
using System.Globalization;
using Qrie.Benchmarks.Processes;

namespace Qrie.Benchmarks.Crash;

/// <summary>
/// The crash test: two stores follow the same changes of an emulated account. The process of one is killed with SIGKILL at random times during inventories,
/// launches and policy scans, and restarted. After each round both must return and contain the same, and the counts of both must match their rows.
/// </summary>
/// <param name="kills">The number of kills.</param>
/// <param name="seed">The random seed; the exact moment of a kill still varies.</param>
/// <param name="output">Receives progress messages.</param>
internal sealed class CrashSoak(int kills, int seed, TextWriter output)
{
    private const int RoundsPerStore = 6;
    private const int RoundsAtLeast = 2;

    private readonly Random _random = new(seed);
    private readonly CrashReport _report = new();

    public async Task<CrashReport> RunAsync(CancellationToken cancel)
    {
        var clock = Stopwatch.StartNew();
        await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"crash test: {kills} kills, --seed {seed}"));
        await using var emulator = await EmulatorProcess.StartAsync(cancel);
        using var world = new EmulatedWorld(emulator.Url, _random);
        await world.FillAsync(cancel);
        while (_report.Kills < kills)
        {
            // A new store from time to time, because first inventories and launches occur in new stores only.
            await using var undisturbed = new CrashedStore(emulator.Url);
            await using var disturbed = new CrashedStore(emulator.Url);
            for (var round = 0; round < RoundsPerStore && (round < RoundsAtLeast || _report.Kills < kills); round++)
            {
                if (_report.Rounds > 0)
                {
                    await world.ChangeAsync(cancel);
                }

                await RoundAsync(undisturbed, disturbed, cancel);
            }
        }

        _report.Elapsed = clock.Elapsed;
        return _report;
    }

    private async Task RoundAsync(CrashedStore undisturbed, CrashedStore disturbed, CancellationToken cancel)
    {
        var inventory = await undisturbed.RunAsync("inventory", [], cancel);
        var policy = await undisturbed.RunAsync("policy", [], cancel);
        await disturbed.RunAsync("inventory", Moments(inventory, undisturbed.StartUp), cancel);
        await disturbed.RunAsync("policy", Moments(policy, undisturbed.StartUp), cancel);

        var (expected, actual) = (await undisturbed.EndAsync(cancel), await disturbed.EndAsync(cancel));
        var round = string.Create(CultureInfo.InvariantCulture, $"round {++_report.Rounds}");
        var known = _report.FirstDifferences.Count;
        _report.Add(round, expected.Facts.Except(actual.Facts).Select(line => $"missing {line}"));
        _report.Add(round, actual.Facts.Except(expected.Facts).Select(line => $"unexpected {line}"));
        _report.Add($"{round}, undisturbed", expected.Wrong);
        _report.Add($"{round}, disturbed", actual.Wrong);
        _report.Scans += actual.Scans;
        _report.Resources = actual.Resources;
        _report.Findings = actual.Findings;
        foreach (var kill in disturbed.TakeKills())
        {
            _report.KillsInScan += kill.UnfinishedScans > 0 ? 1 : 0;
            _report.KillsWhileStarting += kill.WhileStarting ? 1 : 0;
            _report.UnitsInterrupted += kill.RunningUnits;
            _report.Restarts++;
            _report.Add($"{round}, at a kill", kill.Violations);
        }

        foreach (var difference in _report.FirstDifferences.Skip(known))
        {
            await output.WriteLineAsync(difference);
        }

        await output.WriteLineAsync(string.Create(
            CultureInfo.InvariantCulture,
            $"{round}: {_report.Kills} kills, {_report.KillsInScan} in a scan, {actual.Resources} resources, {actual.Findings} findings, "
            + $"{_report.Differences} differences"));
    }

    /// <summary>
    /// The times of one to three kills: the first within the undisturbed duration of the phase, the others within that duration plus the start of the process.
    /// </summary>
    private List<TimeSpan> Moments(TimeSpan phase, TimeSpan start)
    {
        var count = Math.Min(kills - _report.Kills, _random.Next(1, 4));
        _report.Kills += count;
        return [.. Enumerable.Range(0, count).Select(i => _random.NextDouble() * (i == 0 ? phase : phase + start))];
    }
}
