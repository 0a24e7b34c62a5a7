namespace Qrie.Domain.Scans;

/// <summary>What units may take.</summary>
public sealed record ScanLimits
{
    /// <summary>Units of one account that are worked on at the same time: the others wait, so that a large account does not hold every worker.</summary>
    public int PerAccount { get; init; } = 3;

    /// <summary>A unit that for so long found, evaluated and called nothing is given up; so is a scan whose process did not come back for so long.</summary>
    public TimeSpan StuckAfter { get; init; } = TimeSpan.FromMinutes(30);

    /// <summary>A unit that was taken so often and never ended is given up: it may be what ends the process.</summary>
    public int Attempts { get; init; } = 20;
}
