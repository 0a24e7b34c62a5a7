namespace Qrie.Domain.Findings.Exceptions;

/// <summary>Why certain findings are accepted, and until when: while it is in force, the findings that it covers are SUPPRESSED.</summary>
public sealed record FindingException
{
    public required string Organization { get; init; }

    /// <summary>A UUID that sorts by the time of creation.</summary>
    public required string ExceptionId { get; init; }

    public required ExceptionScope Scope { get; init; }

    /// <summary>Who answers for it.</summary>
    public required string Owner { get; init; }

    public required string Reason { get; init; }

    /// <summary>A reference to another system; null if there is none.</summary>
    public string? Ticket { get; init; }

    /// <summary>It ends for a finding when the evidence of the finding changes.</summary>
    public bool UntilChanged { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>As named in the audit log.</summary>
    public required string CreatedBy { get; init; }

    public required DateTimeOffset ExpiresAt { get; init; }

    public ExceptionStatus Status { get; init; } = ExceptionStatus.Active;

    /// <summary>When it expired or was removed; null while it is in force.</summary>
    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>The findings have not all been brought into line with its status yet.</summary>
    public bool IsPending { get; init; }

    /// <summary>Whole days until it expires; 0 on the last day and afterwards.</summary>
    public int DaysLeftAt(DateTimeOffset now) => Status == ExceptionStatus.Active ? (int)Math.Max(0, Math.Floor((ExpiresAt - now).TotalDays)) : 0;
}

public enum ExceptionStatus
{
    /// <summary>In force.</summary>
    Active,
    Expired,
    Removed,
}

/// <summary>What an exception covers: findings to which all given conditions apply.</summary>
/// <param name="PolicyId">Null for all policies.</param>
/// <param name="Arn">An ARN, or a pattern in which <c>*</c> stands for any text; null for all resources.</param>
/// <param name="TagKey">A tag that the resource must have; null for none.</param>
/// <param name="TagValue">The tag's value; null for any.</param>
/// <param name="AccountIds">Empty for all accounts.</param>
/// <param name="Regions">Regions, or <c>global</c>; empty for all.</param>
public sealed record ExceptionScope(
    string? PolicyId, string? Arn, string? TagKey, string? TagValue, IReadOnlyList<string> AccountIds, IReadOnlyList<string> Regions)
{
    private const char Any = '*';

    /// <summary>Whether the ARN names one resource.</summary>
    public bool IsExact => Arn is not null && !Arn.Contains(Any);

    /// <summary>What every covered ARN begins with.</summary>
    public string ArnPrefix => Arn is null ? "" : Arn.IndexOf(Any) is >= 0 and var at ? Arn[..at] : Arn;

    /// <summary>Whether everything but the tag applies.</summary>
    public bool MayCover(string accountId, string region, string arn, string policyId) =>
        (PolicyId ?? policyId) == policyId
        && (AccountIds.Count == 0 || AccountIds.Contains(accountId))
        && (Regions.Count == 0 || Regions.Contains(region))
        && (Arn is null || Wildcard.Matches(Arn, arn));

    /// <param name="tags">Null if they could not be read: then a tag does not apply, because it is not known.</param>
    public bool HasTag(IReadOnlyDictionary<string, string>? tags) =>
        TagKey is null || (tags is not null && tags.TryGetValue(TagKey, out var value) && (TagValue ?? value) == value);
}
