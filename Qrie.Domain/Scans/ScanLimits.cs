namespace Qrie.Domain.Scans;

/// <summary>Limits of units.</summary>
public sealed record ScanLimits
{
    /// <summary>Units of one account that run concurrently; the others wait, so that a large account does not occupy every worker.</summary>
    public int PerAccount { get; init; } = 3;

    /// <summary>A unit that for so long found, evaluated and called nothing is given up; so is a scan whose process did not come back for so long.</summary>
    public TimeSpan StuckAfter { get; init; } = TimeSpan.FromMinutes(30);

    /// <summary>A unit that was claimed this often without ending fails: it may be what crashes the process.</summary>
    public int Attempts { get; init; } = 20;
}
