namespace Qrie.Benchmarks.Crash;

/// <summary>The result of a crash test.</summary>
internal sealed class CrashReport
{
    private const int DifferencesKept = 50;

    private readonly List<string> _differences = [];

    public int Kills { get; set; }

    /// <summary>Of these, the ones that interrupted a scan.</summary>
    public int KillsInScan { get; set; }

    /// <summary>Of these, the ones before the process was ready.</summary>
    public int KillsWhileStarting { get; set; }

    /// <summary>Units that were running when the process was killed.</summary>
    public long UnitsInterrupted { get; set; }

    public int Restarts { get; set; }

    public int Rounds { get; set; }

    /// <summary>Scans of the interrupted stores, all of which must be complete.</summary>
    public int Scans { get; set; }

    public long Resources { get; set; }

    public long Findings { get; set; }

    public TimeSpan Elapsed { get; set; }

    /// <summary>The number of differences to an undisturbed run.</summary>
    public int Differences { get; private set; }

    /// <summary>The first differences.</summary>
    public IReadOnlyList<string> FirstDifferences => _differences;

    public void Add(string where, IEnumerable<string> differences)
    {
        foreach (var difference in differences)
        {
            Differences++;
            if (_differences.Count < DifferencesKept)
            {
                _differences.Add($"{where}: {difference}");
            }
        }
    }
}
