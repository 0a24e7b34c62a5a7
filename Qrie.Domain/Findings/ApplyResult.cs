namespace Qrie.Domain.Findings;

/// <summary>The outcome of a batch: one outcome per resource, and how many findings really changed their state.</summary>
public sealed record ApplyResult(IReadOnlyList<ApplyOutcome> Outcomes, int Opened, int Resolved)
{
    public static readonly ApplyResult Nothing = new([], 0, 0);
}
