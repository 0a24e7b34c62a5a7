namespace Qrie.Ui.Api;

public sealed record ExceptionPage(IReadOnlyList<FindingException> Exceptions, string? NextToken);

public sealed record FindingException(
    string ExceptionId, string? PolicyId, string? Arn, string? TagKey, string? TagValue, IReadOnlyList<string> AccountIds, IReadOnlyList<string> Regions,
    string Owner, string Reason, string? Ticket, bool UntilChanged, string State, int DaysLeft, bool Expiring, bool Pending, long Findings,
    DateTimeOffset CreatedAt, string CreatedBy, DateTimeOffset ExpiresAt, DateTimeOffset? EndedAt)
{
    public bool IsActive => State == "active";

    public string? Tag => TagKey is null ? null : TagValue is null ? TagKey : $"{TagKey}={TagValue}";
}
