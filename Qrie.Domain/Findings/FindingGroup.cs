using Qrie.Domain.Catalog;

namespace Qrie.Domain.Findings;

/// <summary>By what findings are counted.</summary>
public enum FindingGrouping
{
    Policy,
    Account,
    Resource,
}

/// <summary>Findings that have something in common, by their severity.</summary>
/// <param name="Key">A policy id, an account id, or the ARN of a resource.</param>
/// <param name="AccountService">Of a resource; otherwise null.</param>
/// <param name="Type">Of a resource; otherwise null.</param>
public sealed record FindingGroup(string Key, string? AccountService, string? Type, long Critical, long High, long Medium, long Low)
{
    public long Total => Critical + High + Medium + Low;

    /// <summary>Of its most severe finding.</summary>
    public SeverityBand Worst => Critical > 0 ? SeverityBand.Critical : High > 0 ? SeverityBand.High : Medium > 0 ? SeverityBand.Medium : SeverityBand.Low;
}
