namespace Qrie.Ui.Api;

public sealed record CoverageReport(
    double? PercentWithVerdict, VerdictCounts Verdicts, IReadOnlyList<UnknownVerdicts> UnknownVerdicts, UnknownBy UnknownBy,
    IReadOnlyList<UnknownAttribute> UnknownAttributes, IReadOnlyList<StaleList> StaleLists, IReadOnlyList<RefusedRegion> RefusedRegions,
    IReadOnlyList<string> NeverScannedAccounts, IReadOnlyList<NeverScannedRegion> NeverScannedRegions,
    IReadOnlyDictionary<string, int> Cut);

public sealed record VerdictCounts(long Pass, long Fail, long NotApplicable, long Unknown, long OutOfScope);

public sealed record UnknownVerdicts(string AccountId, string Service, string PolicyId, string? Attribute, string ErrorCode, long Resources);

public sealed record UnknownBy(
    IReadOnlyList<UnknownGroup> Reason, IReadOnlyList<UnknownGroup> Attribute, IReadOnlyList<UnknownGroup> Account, IReadOnlyList<UnknownGroup> Service);

public sealed record UnknownGroup(string? Name, long Pairs);

public sealed record UnknownAttribute(string AccountId, string Service, string Type, string Attribute, string ErrorCode, long Resources);

public sealed record StaleList(
    string AccountId, string Region, string Service, string Type, string Why, string Outcome, string? ErrorCode, DateTimeOffset CheckedAt,
    DateTimeOffset? LastSuccessAt);

public sealed record RefusedRegion(string AccountId, string Region, string Outcome, string? ErrorCode, string? Message, int Types);

public sealed record NeverScannedRegion(string AccountId, string Region);

public sealed record ScanPermissions(IReadOnlyList<DeniedAction> Denied);

public sealed record DeniedAction(string Action, IReadOnlyList<string> Accounts, IReadOnlyList<string> PoliciesLost);
