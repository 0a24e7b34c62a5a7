namespace Qrie.Sql.Findings.Lists;

/// <summary>A part of an index in which findings stand in the list's order.</summary>
internal sealed class FindingRange
{
    public string State { get; set; } = "";
    public long? Severity { get; set; }
    public string? PolicyId { get; set; }
    public string? Region { get; set; }
    public string? Type { get; set; }
    public string? Service { get; set; }

    /// <summary>No finding in it that may be shown was first seen later. The greatest number where nobody looked.</summary>
    public long Head { get; set; } = long.MaxValue;
}
