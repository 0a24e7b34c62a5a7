using System.Globalization;
using Qrie.Domain.Validation;

namespace Qrie.Domain.Findings.Triage;

/// <summary>Checks and stores what people note about findings.</summary>
public sealed class TriageDesk(ITriageStore store, IFindingStore findings)
{
    /// <summary>Findings that one request may change.</summary>
    public const int MostAtOnce = 1000;

    private const int LongestText = 4096;
    private const int LongestName = 200;
    private const int PageSize = 500;

    /// <exception cref="InvalidInputException">The change is invalid.</exception>
    /// <exception cref="NotFoundException">There is no such finding.</exception>
    /// <exception cref="ConflictException">It is resolved.</exception>
    public async Task<Finding> ChangeAsync(
        string organization, FindingIdentity finding, TriageChange change, TriageActor actor, CancellationToken cancel)
    {
        Check(change);
        var changed = await store.ChangeAsync(organization, [finding], change, actor, cancel);
        return changed.Count > 0 ? changed[0]
            : await findings.FindAsync(organization, finding.AccountService, finding.Arn, finding.PolicyId, cancel) is null ? throw NotFound()
            : throw new ConflictException("The finding is resolved: its workflow is RESOLVED until it is reopened. Comments can be added.");
    }

    /// <summary>Changes the first findings of a list that are not resolved. Returns how many, and whether there are more.</summary>
    /// <exception cref="InvalidInputException">The change is invalid.</exception>
    public async Task<(int Changed, bool More)> ChangeAllAsync(
        string organization, FindingFilter filter, int limit, TriageChange change, TriageActor actor, CancellationToken cancel)
    {
        Check(change);
        // All of them first: a change may take findings out of the filter.
        var found = new List<FindingIdentity>();
        PageRequest? next = new(Math.Min(PageSize, limit));
        while (next is not null && found.Count < limit)
        {
            var page = await findings.ListAsync(organization, filter, next, cancel);
            found.AddRange(page.Items.Where(f => f.State != FindingState.Resolved).Select(f => new FindingIdentity(f.AccountService, f.Arn, f.PolicyId)));
            next = page.Next is null ? null : new PageRequest(Math.Min(PageSize, Math.Max(1, limit - found.Count)), page.Next);
        }

        var changed = 0;
        foreach (var some in found.Take(limit).Chunk(PageSize))
        {
            changed += (await store.ChangeAsync(organization, some, change, actor, cancel)).Count;
        }

        return (changed, next is not null || found.Count > limit);
    }

    /// <exception cref="InvalidInputException">The text is invalid.</exception>
    /// <exception cref="NotFoundException">There is no such finding.</exception>
    public async Task<TriageEntry> CommentAsync(string organization, FindingIdentity finding, string? text, TriageActor actor, CancellationToken cancel)
    {
        var errors = new FieldErrors();
        errors.Require(!string.IsNullOrWhiteSpace(text), "text", "text is required.");
        CheckText(errors, text, "text");
        errors.ThrowIfAny();
        return await store.CommentAsync(organization, finding, text!.Trim(), actor, cancel) ?? throw NotFound();
    }

    public static NotFoundException NotFound() =>
        new("There is no finding with this id. Take finding_id from GET /findings or GET /resources/{arn}.");

    private static void Check(TriageChange change)
    {
        var errors = new FieldErrors();
        errors.Require(
            change is not { Workflow: null, Assignee: null, Due: null, Text: null }, "body",
            "At least one field (workflow, assignee, due_date, comment) must be provided.");
        errors.Require(
            change.Workflow != Workflow.Resolved, "workflow",
            "RESOLVED follows from the state of the finding and cannot be set; fix the resource and scan it.");
        errors.Require(change.Assignee is null || change.Assignee.Length <= LongestName, "assignee", $"assignee must have at most {LongestName} characters.");
        errors.RequireSafe(change.Assignee, "assignee");
        errors.Require(
            change.Due is null or "" || DateOnly.TryParseExact(change.Due, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out _), "due_date",
            "due_date must be a date (2026-12-31), or an empty text for that of the severity.");
        CheckText(errors, change.Text, "comment");
        errors.ThrowIfAny();
    }

    private static void CheckText(FieldErrors errors, string? text, string field)
    {
        errors.Require(text is null || System.Text.Encoding.UTF8.GetByteCount(text) <= LongestText, field, $"{field} must have at most {LongestText} bytes.");
        errors.RequireSafe(text, field, lines: true);
    }
}
