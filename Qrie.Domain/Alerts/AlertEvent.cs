namespace Qrie.Domain.Alerts;

/// <summary>A row of the outbox: something that a rule may tell about, written in the transaction in which it happened.</summary>
public sealed record AlertEvent
{
    /// <summary>Increases in the order of writing.</summary>
    public required long Seq { get; init; }

    public required string Organization { get; init; }

    public required DateTimeOffset At { get; init; }

    public required AlertKind Kind { get; init; }

    /// <summary>Null if it concerns no single account.</summary>
    public string? AccountId { get; init; }

    /// <summary>Null for what is not a finding.</summary>
    public string? AccountService { get; init; }

    /// <summary>Null for what is not a finding.</summary>
    public string? Arn { get; init; }

    /// <summary>Null for what is not a finding.</summary>
    public string? PolicyId { get; init; }

    /// <summary>Null for what is not a finding.</summary>
    public int? Severity { get; init; }

    /// <summary>Null if it concerns no single region.</summary>
    public string? Region { get; init; }

    /// <summary>Null outside scans.</summary>
    public string? ScanId { get; init; }

    /// <summary>Why a finding was resolved, or what happened, in a few words; null if the kind says it all.</summary>
    public string? Detail { get; init; }

    /// <summary>Whether it is about a finding.</summary>
    public bool IsFinding => Arn is not null;
}
