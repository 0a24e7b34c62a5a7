namespace Qrie.Domain.Findings;

/// <summary>One outcome per resource, and how many findings changed their state.</summary>
public sealed record ApplyResult(IReadOnlyList<ApplyOutcome> Outcomes, int Opened, int Resolved)
{
    public static readonly ApplyResult Nothing = new([], 0, 0);
}
