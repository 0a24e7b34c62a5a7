using Qrie.Sql.Inventory;

namespace Qrie.Sql.Findings;

/// <summary>A state row beside what it was last judged on.</summary>
internal sealed class JudgementRow : ResourceRow
{
    public string? JudgedHash { get; set; }
    public string? JudgedBy { get; set; }
    public long? NextDue { get; set; }

    /// <summary>What the walk is ordered by before the ARN.</summary>
    public long Number { get; set; }

    public bool NeedsJudging(string fingerprint, long now) => JudgedHash != Hash || JudgedBy != fingerprint || NextDue <= now;
}
