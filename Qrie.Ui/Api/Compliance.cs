namespace Qrie.Ui.Api;

public sealed record FrameworkList(IReadOnlyList<Framework> Frameworks);

public record Framework(
    string Id, string Title, string Version, string Publisher, string About, IReadOnlyList<string> References, ComplianceScore Score);

/// <param name="Percent">Passed of those that passed, failed or are unknown; null: there are none.</param>
public sealed record ComplianceScore(
    int Passed, int Failed, int Unknown, int NotApplicable, int NotAssessed, int NotChecked, int Manual, int Total, int Denominator, double? Percent);

public sealed record FrameworkDetail(
    string Id, string Title, string Version, string Publisher, string About, IReadOnlyList<string> References, ComplianceScore Score,
    IReadOnlyList<FrameworkSection> Sections, IReadOnlyList<Requirement> Requirements)
    : Framework(Id, Title, Version, Publisher, About, References, Score);

public sealed record FrameworkSection(string Id, string Title, ComplianceScore Score);

public sealed record Requirement(
    string Id, string Title, string Section, string State, PairCounts Pairs, IReadOnlyList<RequirementCause> Causes,
    IReadOnlyList<RequiredPolicy> Policies, string? Manual, string? NotChecked, string? Note, Attestation? Attestation);

public sealed record PairCounts(long Passed, long Failed, long Unknown, long NotApplicable, long OutOfScope, long Excepted);

public sealed record RequirementCause(string Kind, string? PolicyId, long Count, string Message);

public sealed record RequiredPolicy(string PolicyId, string Fit, PairCounts Pairs);

public sealed record Attestation(
    string Status, string? Text, string? Link, string? AttestedBy, DateTimeOffset AttestedAt, DateTimeOffset? ExpiresAt, bool Expired);

public sealed record RequirementDetail(
    Requirement Requirement, IReadOnlyList<UnknownPairs> UnknownReasons, IReadOnlyList<RequirementPair> Pairs, string? NextToken);

public sealed record UnknownPairs(string PolicyId, string? Attribute, string ErrorCode, long Pairs, int Accounts);

public sealed record RequirementPair(
    string PolicyId, string Arn, string AccountId, string Service, string Region, string Verdict, string? Attribute, string? ErrorCode, string? FindingId);

public sealed record ComplianceTrend(IReadOnlyList<ComplianceDay> Points, IReadOnlyList<ComplianceMark> Marks);

public sealed record ComplianceDay(DateOnly Date, ComplianceScore Score);

public sealed record ComplianceMark(DateOnly Date, string Kind, string Message);

public sealed record LaunchPlan(
    bool Preview, string Message, IReadOnlyList<PlannedPolicy> Launch, IReadOnlyList<string> Suspended, long Resources, string? ScanId);

public sealed record PlannedPolicy(string PolicyId, int Severity, IReadOnlyList<string> Requirements, long Resources);
