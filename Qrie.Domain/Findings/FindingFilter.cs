namespace Qrie.Domain.Findings;

/// <summary>The filter of a finding list; all given conditions must hold, null means unrestricted.</summary>
/// <param name="SeverityFrom">Inclusive, as <paramref name="SeverityTo"/>.</param>
/// <param name="Type">A resource type, <c>AWS::S3::Bucket</c>.</param>
/// <param name="ArnPrefix">Matched literally.</param>
/// <param name="FirstSeenFrom">Inclusive.</param>
/// <param name="FirstSeenTo">Exclusive.</param>
/// <param name="IncludeRemoved">Includes findings of removed accounts.</param>
/// <param name="PolicyIds">Findings of any of these policies; none if it is empty.</param>
public sealed record FindingFilter(
    string? AccountId = null, string? Service = null, string? PolicyId = null, FindingState? State = null, int? SeverityFrom = null, int? SeverityTo = null,
    string? Region = null, string? Type = null, string? ArnPrefix = null, DateTimeOffset? FirstSeenFrom = null, DateTimeOffset? FirstSeenTo = null,
    bool IncludeRemoved = false, IReadOnlyList<string>? PolicyIds = null);
