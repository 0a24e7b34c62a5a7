namespace Qrie.Domain.Scans;

/// <summary>Limits of units.</summary>
public sealed record ScanLimits
{
    /// <summary>Units of one account and kind that run concurrently; the others wait, so that a large account does not occupy every worker.</summary>
    public int PerAccount { get; init; } = 3;

    /// <summary>The same for inventories, by workers of their own, because an inventory mostly waits for AWS.</summary>
    public int InventoriesPerAccount { get; init; } = 8;

    /// <summary>A unit without progress for this long fails; so does a scan whose process is gone for this long.</summary>
    public TimeSpan StuckAfter { get; init; } = TimeSpan.FromMinutes(30);

    /// <summary>A unit that was claimed this often without ending fails: it may be what crashes the process.</summary>
    public int Attempts { get; init; } = 20;
}
