namespace Qrie.Domain.Findings;

/// <summary>Which findings a list is about; all that is given must hold. Null: not restricted.</summary>
/// <param name="SeverityFrom">Inclusive, as <paramref name="SeverityTo"/>.</param>
/// <param name="Type">A resource type, <c>AWS::S3::Bucket</c>.</param>
/// <param name="ArnPrefix">Taken literally.</param>
/// <param name="FirstSeenFrom">Inclusive.</param>
/// <param name="FirstSeenTo">Exclusive.</param>
/// <param name="IncludeRemoved">Also those of accounts that were removed.</param>
public sealed record FindingFilter(
    string? AccountId = null, string? Service = null, string? PolicyId = null, FindingState? State = null, int? SeverityFrom = null, int? SeverityTo = null,
    string? Region = null, string? Type = null, string? ArnPrefix = null, DateTimeOffset? FirstSeenFrom = null, DateTimeOffset? FirstSeenTo = null,
    bool IncludeRemoved = false);
