using Qrie.Sql.Inventory;

namespace Qrie.Sql.Findings;

/// <summary>A state row beside what it was last evaluated on.</summary>
internal sealed class PendingEvaluationRow : ResourceRow
{
    public string? EvaluatedHash { get; set; }
    public string? EvaluatedFingerprint { get; set; }
    public long? NextDue { get; set; }

    /// <summary>What the walk is ordered by before the ARN.</summary>
    public long Number { get; set; }

    public bool NeedsEvaluating(string fingerprint, long now) => EvaluatedHash != Hash || EvaluatedFingerprint != fingerprint || NextDue <= now;
}
