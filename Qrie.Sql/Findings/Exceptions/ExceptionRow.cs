using Qrie.Domain.Findings.Exceptions;
using Qrie.Sql.Database;

namespace Qrie.Sql.Findings.Exceptions;

internal sealed class ExceptionRow
{
    public string Organization { get; set; } = "";
    public string ExceptionId { get; set; } = "";
    public string? PolicyId { get; set; }
    public string? Arn { get; set; }
    public string? TagKey { get; set; }
    public string? TagValue { get; set; }
    public string AccountIds { get; set; } = "";
    public string Regions { get; set; } = "";
    public string Owner { get; set; } = "";
    public string Reason { get; set; } = "";
    public string? Ticket { get; set; }
    public long UntilChanged { get; set; }
    public long CreatedAt { get; set; }
    public string CreatedBy { get; set; } = "";
    public long ExpiresAt { get; set; }
    public string Status { get; set; } = "";
    public long? EndedAt { get; set; }
    public long Pending { get; set; }

    public static ExceptionRow Of(FindingException e) => new()
    {
        Organization = e.Organization,
        ExceptionId = e.ExceptionId,
        PolicyId = e.Scope.PolicyId,
        Arn = e.Scope.Arn,
        TagKey = e.Scope.TagKey,
        TagValue = e.Scope.TagValue,
        AccountIds = Columns.Json(e.Scope.AccountIds),
        Regions = Columns.Json(e.Scope.Regions),
        Owner = e.Owner,
        Reason = e.Reason,
        Ticket = e.Ticket,
        UntilChanged = e.UntilChanged ? 1 : 0,
        CreatedAt = Columns.Ms(e.CreatedAt),
        CreatedBy = e.CreatedBy,
        ExpiresAt = Columns.Ms(e.ExpiresAt),
        Status = Columns.Name(e.Status),
        EndedAt = Columns.Ms(e.EndedAt),
        Pending = e.IsPending ? 1 : 0,
    };

    public FindingException ToException() => new()
    {
        Organization = Organization,
        ExceptionId = ExceptionId,
        Scope = new ExceptionScope(
            PolicyId, Arn, TagKey, TagValue, Columns.FromJson<List<string>>(AccountIds), Columns.FromJson<List<string>>(Regions)),
        Owner = Owner,
        Reason = Reason,
        Ticket = Ticket,
        UntilChanged = UntilChanged != 0,
        CreatedAt = Columns.Time(CreatedAt),
        CreatedBy = CreatedBy,
        ExpiresAt = Columns.Time(ExpiresAt),
        Status = Columns.Parse<ExceptionStatus>(Status),
        EndedAt = Columns.Time(EndedAt),
        IsPending = Pending != 0,
    };
}
