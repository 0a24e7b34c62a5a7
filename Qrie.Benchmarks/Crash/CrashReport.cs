namespace Qrie.Benchmarks.Crash;

/// <summary>What a crash proof did and found.</summary>
internal sealed class CrashReport
{
    private const int DifferencesKept = 50;

    private readonly List<string> _differences = [];

    public int Kills { get; set; }

    /// <summary>Of these, the ones that interrupted a scan.</summary>
    public int KillsInScan { get; set; }

    /// <summary>Of these, the ones before the process answered.</summary>
    public int KillsWhileStarting { get; set; }

    /// <summary>Units that were running when the process was killed.</summary>
    public long UnitsInterrupted { get; set; }

    public int Restarts { get; set; }

    public int Rounds { get; set; }

    /// <summary>Scans of the disturbed stores, all of which have to be complete.</summary>
    public int Scans { get; set; }

    public long Resources { get; set; }

    public long Findings { get; set; }

    public TimeSpan Elapsed { get; set; }

    /// <summary>Everything that is not as it would have been without the kills.</summary>
    public int Differences { get; private set; }

    /// <summary>The first of them.</summary>
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
