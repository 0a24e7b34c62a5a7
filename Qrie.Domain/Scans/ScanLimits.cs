namespace Qrie.Domain.Scans;

/// <summary>Limits of units.</summary>
public sealed record ScanLimits
{
    /// <summary>Units of one account that run concurrently; the others wait, so that a large account does not occupy every worker.</summary>
    public int PerAccount { get; init; } = 3;

    /// <summary>A unit without progress for this long fails; so does a scan whose process is gone for this long.</summary>
    public TimeSpan StuckAfter { get; init; } = TimeSpan.FromMinutes(30);

    /// <summary>A unit that was claimed this often without ending fails: it may be what crashes the process.</summary>
    public int Attempts { get; init; } = 20;
}
