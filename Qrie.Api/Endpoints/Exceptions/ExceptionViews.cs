using System.Text.Json.Serialization;
using Qrie.Api.Endpoints.Http;
using Qrie.Domain.Findings.Exceptions;
using Qrie.Domain.Findings.Exceptions.Import;

namespace Qrie.Api.Endpoints.Exceptions;

/// <param name="PolicyId">A policy, or * for all.</param>
/// <param name="Arn">An ARN, or a pattern in which * stands for any text.</param>
/// <param name="TagKey">A tag that the resource must have.</param>
/// <param name="TagValue">The tag's value; any if it is missing.</param>
/// <param name="AccountIds">All accounts if it is missing or empty.</param>
/// <param name="Regions">Regions, or global; all if it is missing or empty.</param>
/// <param name="Owner">Who answers for it.</param>
/// <param name="Ticket">A reference to another system.</param>
/// <param name="ExpiresAt">At most Exceptions:MaxDays ahead.</param>
/// <param name="UntilChanged">true: it ends for a finding when the evidence of the finding changes.</param>
internal sealed record ExceptionBody(
    string? PolicyId, string? Arn, string? TagKey, string? TagValue, IReadOnlyList<string?>? AccountIds, IReadOnlyList<string?>? Regions, string? Owner,
    string? Reason, string? Ticket, DateTimeOffset? ExpiresAt, bool? UntilChanged)
{
    public const string Example =
        """
        {"policy_id": "S3BucketPublic", "arn": "arn:aws:s3:::web-*", "account_ids": ["123456789012"], "owner": "web-team@example.com",
         "reason": "These buckets serve the public web site.", "ticket": "SEC-1234", "expires_at": "2027-06-30T00:00:00Z", "until_changed": false}
        """;
}

/// <param name="Ticket">An empty text removes it.</param>
internal sealed record ExceptionChangeBody(string? Owner, string? Reason, string? Ticket, DateTimeOffset? ExpiresAt)
{
    public const string Example = """{"owner": "platform@example.com", "expires_at": "2027-09-30T00:00:00Z"}""";
}

/// <param name="PolicyId">Null for all policies.</param>
/// <param name="Arn">An ARN, or a pattern; null for all resources.</param>
/// <param name="TagKey">Null for none.</param>
/// <param name="TagValue">Null for any.</param>
/// <param name="AccountIds">Empty for all.</param>
/// <param name="Regions">Empty for all.</param>
/// <param name="State">active, expired or removed.</param>
/// <param name="DaysLeft">Whole days until it expires; 0 if it has ended.</param>
/// <param name="Expiring">It is active and expires within Exceptions:WarnDays.</param>
/// <param name="Pending">Findings are still being brought into line with its state.</param>
/// <param name="Findings">How many findings it holds.</param>
/// <param name="CreatedBy">As named in the audit log.</param>
/// <param name="EndedAt">When it expired or was removed; null while it is active.</param>
internal sealed record ExceptionView(
    string ExceptionId, string? PolicyId, string? Arn, string? TagKey, string? TagValue, IReadOnlyList<string> AccountIds, IReadOnlyList<string> Regions,
    string Owner, string Reason, string? Ticket, bool UntilChanged, string State, int DaysLeft, bool Expiring, bool Pending, long Findings,
    DateTimeOffset CreatedAt, string CreatedBy, DateTimeOffset ExpiresAt, DateTimeOffset? EndedAt)
{
    public const string Example =
        """
        {"exception_id": "019abf3e-51a4-7c3e-9d55-7f0b8a1c2d3e", "policy_id": "S3BucketPublic", "arn": "arn:aws:s3:::web-*", "tag_key": null,
         "tag_value": null, "account_ids": ["123456789012"], "regions": [], "owner": "web-team@example.com",
         "reason": "These buckets serve the public web site.", "ticket": "SEC-1234", "until_changed": false, "state": "active", "days_left": 212,
         "expiring": false, "pending": false, "findings": 3, "created_at": "2026-11-29T08:00:00.000Z", "created_by": "k1a2b3c4",
         "expires_at": "2027-06-30T00:00:00.000Z", "ended_at": null}
        """;

    public static ExceptionView From(FindingException e, long findings, int warnDays, DateTimeOffset now) => new(
        e.ExceptionId, e.Scope.PolicyId, e.Scope.Arn, e.Scope.TagKey, e.Scope.TagValue, e.Scope.AccountIds, e.Scope.Regions, e.Owner, e.Reason, e.Ticket,
        e.UntilChanged, ApiEnumNames.Of(e.Status), e.DaysLeftAt(now), e.Status == ExceptionStatus.Active && e.ExpiresAt < now.AddDays(warnDays), e.IsPending,
        findings, e.CreatedAt, e.CreatedBy, e.ExpiresAt, e.EndedAt);
}

internal sealed record ExceptionPage(
    IEnumerable<ExceptionView> Exceptions, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? NextToken)
{
    public const string Example = $$"""{"exceptions": [{{ExceptionView.Example}}], "next_token": "eyJrIjoi…"}""";
}

/// <summary>An exception as recorded in the audit log.</summary>
internal sealed record ExceptionState(
    ExceptionScope Scope, string Owner, string Reason, string? Ticket, bool UntilChanged, DateTimeOffset ExpiresAt, string State)
{
    public static ExceptionState? Of(FindingException? e) =>
        e is null ? null : new ExceptionState(e.Scope, e.Owner, e.Reason, e.Ticket, e.UntilChanged, e.ExpiresAt, ApiEnumNames.Of(e.Status));
}

/// <param name="Message">A summary in one sentence.</param>
/// <param name="Applied">False: nothing was stored (dry_run).</param>
/// <param name="Exceptions">What was or would be created.</param>
/// <param name="Repeated">Entries that equal another one, or an exception that is in force.</param>
/// <param name="Untranslated">What has no equivalent, and why.</param>
internal sealed record ExceptionImportView(
    string Message, bool Applied, IEnumerable<ImportedExceptionView> Exceptions, int Repeated, IEnumerable<UntranslatedView> Untranslated)
{
    public const string Example =
        $$"""
        {"message": "Nothing was stored (dry_run): 1 exceptions, 0 repeated, 1 parts without an equivalent.", "applied": false,
         "exceptions": [{"source": "* s3_bucket_public_access (line 5) web", "notes": [], "exception": {{ExceptionView.Example}}}], "repeated": 0,
         "untranslated": [{"source": "* ecs_task_definitions_no_environment_secrets (line 12)",
                           "why": "It has Exceptions: without them, more would be suppressed. Create exceptions for what remains."}]}
        """;

    public static ExceptionImportView From(ExceptionImportReport report, int warnDays, DateTimeOffset now) => new(
        $"{(report.Applied ? "Stored" : "Nothing was stored (dry_run)")}: {report.Exceptions.Count} exceptions, {report.Repeated} repeated, "
        + $"{report.Untranslated.Count} parts without an equivalent.",
        report.Applied,
        report.Exceptions.Select(e => new ImportedExceptionView(e.Source, e.Notes, ExceptionView.From(e.Exception, 0, warnDays, now))),
        report.Repeated, report.Untranslated.Select(u => new UntranslatedView(u.Source, u.Why)));
}

/// <param name="Source">Where it is in the document.</param>
/// <param name="Notes">How the exception differs from the entry.</param>
internal sealed record ImportedExceptionView(string Source, IReadOnlyList<string> Notes, ExceptionView Exception);

internal sealed record UntranslatedView(string Source, string Why);
