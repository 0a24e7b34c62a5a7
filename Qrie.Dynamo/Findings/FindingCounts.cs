using Qrie.Domain;
using Qrie.Domain.Catalog;
using Qrie.Domain.Dashboard;
using Qrie.Domain.Findings;
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

    private static string NameOf(Finding finding) => KeyText.Join(Json.Name(Severities.BandOf(finding.Severity)), Json.Name(finding.State));

    private static void Hold(OutboxBatch batch, string accountId, Finding? finding, long by)
    {
        if (finding?.ExceptionId is { } exceptionId)
        {
            batch.Count(accountId, CounterGroups.Exception + exceptionId, "n", by);
        }
    }
}
