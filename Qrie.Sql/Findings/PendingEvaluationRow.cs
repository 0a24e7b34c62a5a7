using Qrie.Sql.Inventory;

namespace Qrie.Sql.Findings;

/// <summary>A state row with the basis of its last evaluation.</summary>
internal sealed class PendingEvaluationRow : ResourceRow
{
    public string? EvaluatedHash { get; set; }
    public string? EvaluatedFingerprint { get; set; }
    public long? NextDue { get; set; }

    /// <summary>The first sort key, before the ARN.</summary>
    public long Number { get; set; }

    /// <param name="or">Another fingerprint that will do; null for none.</param>
    public bool NeedsEvaluating(string fingerprint, string? or, long now) =>
        EvaluatedHash != Hash || (EvaluatedFingerprint != fingerprint && (or is null || EvaluatedFingerprint != or)) || NextDue <= now;
}
