namespace Qrie.Sql.Findings.Lists;

/// <summary>A range of an index in list order.</summary>
internal sealed class FindingRange
{
    public string State { get; set; } = "";
    public long? Severity { get; set; }
    public string? PolicyId { get; set; }
    public string? Region { get; set; }
    public string? Type { get; set; }
    public string? Service { get; set; }

    /// <summary>An upper bound of first_seen of its matching findings. The maximum value if it is not known.</summary>
    public long Head { get; set; } = long.MaxValue;
}
