using Qrie.Domain.Inventory;

namespace Qrie.Api.Exports;

/// <summary>What a format writes: rows that are read while they are written, and what is said about all of them.</summary>
internal sealed record Export(ExportHead Head, IAsyncEnumerable<ExportRow> Rows);

/// <summary>What an export says apart from its rows.</summary>
internal sealed record ExportHead
{
    public required DateTimeOffset At { get; init; }

    /// <summary>Why rows are missing: the scan was interrupted, or could not read everything it should have. Null if it is complete.</summary>
    public string? Incomplete { get; init; }

    /// <summary>Lists that were refused or incomplete the last time: the resources of these types are not known. At most <see cref="UnreadShown"/>.</summary>
    public IReadOnlyList<Coverage> Unread { get; init; } = [];

    /// <summary>How many there are.</summary>
    public int UnreadTotal { get; init; }

    /// <summary>The scan of <c>qrie scan</c>; null for an export of what the service knows.</summary>
    public ExportedScan? Scan { get; init; }

    public const int UnreadShown = 500;
}

/// <summary>A local scan.</summary>
/// <param name="Accounts">The scanned accounts.</param>
/// <param name="Passed">The number of passes of each policy without a finding and without an unknown verdict.</param>
internal sealed record ExportedScan(
    DateTimeOffset StartedAt, DateTimeOffset FinishedAt, IReadOnlyList<string> Accounts, int Policies, long Resources, long Calls,
    IReadOnlyList<(ExportedPolicy Policy, string Service, long Resources)> Passed);
