using Qrie.Domain.Alerts;
using Qrie.Domain.Dashboard;
using Qrie.Domain.Scans;

namespace Qrie.Dynamo.Outbox;

/// <summary>What follows from a transaction, stored with it and carried out exactly once afterwards.</summary>
internal sealed record OutboxRow
{
    public IReadOnlyList<CountDelta> Counts { get; init; } = [];

    /// <summary>Keys whose resources changed: verdicts that looked them up become due.</summary>
    public IReadOnlyList<ChangedKey> Changed { get; init; } = [];

    public IReadOnlyList<DriftDelta> Drift { get; init; } = [];

    public IReadOnlyList<DriftSample> Samples { get; init; } = [];

    /// <summary>The anti-entropy scan that found the drift.</summary>
    public string? ScanId { get; init; }

    /// <summary>Events that alert rules may match.</summary>
    public IReadOnlyList<AlertEvent> Alerts { get; init; } = [];

    /// <summary>A scan that ended: its alerts are found when the row is applied.</summary>
    public EndedScan? Ended { get; init; }
}

/// <summary>A scan with its final status.</summary>
internal sealed record EndedScan(Scan Scan, ScanStatus Status, DateTimeOffset At);

/// <summary>A change of a count.</summary>
internal sealed record CountDelta(string AccountId, string Group, string Name, long By);

/// <summary>A key by which policies look resources up.</summary>
internal sealed record ChangedKey(string Type, string Key, string Value);

/// <summary>Drift of a list, or of all of an account.</summary>
internal sealed record DriftDelta(string AccountId, string Region, string Type, DriftChange Change, long By);
