using Qrie.Domain;
using Qrie.Domain.Catalog;
using Qrie.Domain.Dashboard;
using Qrie.Domain.Findings;
using Qrie.Dynamo.Alerts;
using Qrie.Dynamo.Counts;
using Qrie.Dynamo.Items;
using Qrie.Dynamo.Outbox;

namespace Qrie.Dynamo.Findings;

/// <summary>What verdicts change in counts. An instance counts the changes of one batch.</summary>
internal sealed class FindingCounts
{
    /// <summary>Findings that became active; a change of severity alone is none.</summary>
    public int Opened { get; private set; }

    public int Resolved { get; private set; }

    /// <param name="before">Null if there is none.</param>
    public void Finding(OutboxBatch batch, Finding? before, Finding after, DateTimeOffset now)
    {
        var accountId = AccountService.Split(after.AccountService).AccountId;
        if (before is not null)
        {
            batch.Count(accountId, CounterGroups.OfPolicy(before.PolicyId), NameOf(before), -1);
        }

        batch.Count(accountId, CounterGroups.OfPolicy(after.PolicyId), NameOf(after), +1);
        Days(batch, accountId, before, after);
        if (AlertEvents.Of(batch.Organization, before, after, now) is { } alert)
        {
            batch.Alert(alert);
        }

        if (before?.ExceptionId != after.ExceptionId)
        {
            Hold(batch, accountId, before, -1);
            Hold(batch, accountId, after, +1);
        }

        if (before?.State == after.State)
        {
            return; // its severity, its evidence or its exception changed
        }

        Opened += after.State == FindingState.Active ? 1 : 0;
        Resolved += after.State == FindingState.Resolved ? 1 : 0;
        foreach (var (change, period, by) in FindingHistory.Of(before, after, now))
        {
            batch.Count(accountId, CounterGroups.OfHistory(period, after.PolicyId), Json.Name(change), by);
        }
    }

    /// <summary>A resolved finding that is deleted; what is counted by period stays.</summary>
    public static void Delete(OutboxBatch batch, Finding finding)
    {
        var accountId = AccountService.Split(finding.AccountService).AccountId;
        batch.Count(accountId, CounterGroups.OfPolicy(finding.PolicyId), NameOf(finding), -1);
        Hold(batch, accountId, finding, -1);
    }

    public static void Verdicts(OutboxBatch batch, string accountService, StoredEvaluation evaluation, PolicyList policies, long by)
    {
        var (accountId, service) = AccountService.Split(accountService);
        foreach (var (policy, verdict) in evaluation.Pairs(policies))
        {
            batch.Count(accountId, CounterGroups.OfPairs(policy.PolicyId, policy.Revision), Json.Name(verdict), by);
        }

        foreach (var verdict in evaluation.StoredVerdicts(policies))
        {
            batch.Count(
                accountId, CounterGroups.OfVerdicts(service, verdict.PolicyId, verdict.Revision),
                KeyText.Join(Json.Name(verdict.Verdict), verdict.Reason?.Attribute ?? "", verdict.Reason?.Code ?? ""), by);
        }
    }

    /// <summary>Another explicit due date.</summary>
    public static void Noted(OutboxBatch batch, Finding before, Finding after)
    {
        if (after.State == FindingState.Active && before.Triage?.DueOn != after.Triage?.DueOn)
        {
            var accountId = AccountService.Split(after.AccountService).AccountId;
            Open(batch, accountId, before, -1);
            Open(batch, accountId, after, +1);
        }
    }

    /// <summary>Active findings by the day on which they opened, or are due; and resolutions, with how long they took.</summary>
    private static void Days(OutboxBatch batch, string accountId, Finding? before, Finding after)
    {
        var (wasActive, isActive) = (before is { State: FindingState.Active }, after.State == FindingState.Active);
        if (wasActive)
        {
            Open(batch, accountId, before!, -1);
        }

        if (isActive)
        {
            Open(batch, accountId, after, +1);
        }

        // The resource was changed; otherwise the policy ended, or its scope changed.
        if (wasActive && after is
            {
                State: FindingState.Resolved, ResolvedAt: { } at,
                ResolvedReason: ResolvedReason.Compliant or ResolvedReason.NotApplicable or ResolvedReason.ResourceDeleted,
            })
        {
            var (group, band) = (CounterGroups.OfResolved(Periods.DayOf(at)), Json.Name(Severities.BandOf(before!.Severity)));
            batch.Count(accountId, group, KeyText.Join(band, CounterGroups.N), 1);
            batch.Count(accountId, group, KeyText.Join(band, CounterGroups.Seconds), (long)Math.Max(0, (at - before.OpenedAt).TotalSeconds));
        }
    }

    private static void Open(OutboxBatch batch, string accountId, Finding finding, long by)
    {
        var due = finding.Triage?.DueOn;
        batch.Count(
            accountId, CounterGroups.OfOpen(due ?? Periods.DayOf(finding.OpenedAt)),
            KeyText.Join(due is null ? CounterGroups.Opened : CounterGroups.Due, Json.Name(Severities.BandOf(finding.Severity))), by);
    }

    private static string NameOf(Finding finding) => KeyText.Join(Json.Name(Severities.BandOf(finding.Severity)), Json.Name(finding.State));

    private static void Hold(OutboxBatch batch, string accountId, Finding? finding, long by)
    {
        if (finding?.ExceptionId is { } exceptionId)
        {
            batch.Count(accountId, CounterGroups.Exception + exceptionId, CounterGroups.N, by);
        }
    }
}
