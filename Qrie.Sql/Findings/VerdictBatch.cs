using System.Data.Common;
using Qrie.Domain.Catalog;
using Qrie.Domain.Findings;
using Qrie.Domain.Policies;
using Qrie.Sql.Alerts;
using Qrie.Sql.Database;
using Qrie.Sql.Findings.Triage;
using Qrie.Sql.Inventory;

namespace Qrie.Sql.Findings;

/// <summary>Collects the rows changed by a batch of verdicts, and writes them with one statement of each kind.</summary>
internal sealed class VerdictBatch(string organization)
{
    private readonly CountDeltas _counts = new(organization);
    private readonly List<FindingRow> _findings = [];
    private readonly List<(Finding Before, Finding After)> _moved = [];
    private readonly List<EvaluationRow> _evaluations = [];
    private readonly List<EvaluatedResource> _dependencies = [];
    private readonly List<ChangedFinding> _changes = [];
    private (FindingTransition? Transition, string Json) _lastTransition = (null, "");

    public int Opened => _counts.Opened;

    public int Resolved => _counts.Resolved;

    public void Finding(Finding? before, Finding after, DateTimeOffset now)
    {
        _counts.Finding(before, after, now);
        _findings.Add(FindingRow.Of(after, TransitionsOf(after)));
        if (ChangedFinding.Of(before, after, now) is { } change)
        {
            _changes.Add(change);
        }

        if (before is not null && (before.State != after.State || Severities.BandOf(before.Severity) != Severities.BandOf(after.Severity)))
        {
            _moved.Add((before, after));
        }
    }

    /// <summary>Must be called once for each resource whose findings were examined.</summary>
    public void Compliance(string accountService, bool failed, bool fails) => _counts.Compliance(accountService, failed, fails);

    /// <summary>New findings of a batch usually share the same single transition.</summary>
    private string TransitionsOf(Finding finding)
    {
        if (finding.Transitions is not [var only])
        {
            return Columns.Json(finding.Transitions);
        }

        if (only != _lastTransition.Transition)
        {
            _lastTransition = (only, Columns.Json(finding.Transitions));
        }

        return _lastTransition.Json;
    }

    public void Evaluation(EvaluationRow row, PolicyList policies)
    {
        _counts.Verdicts(row, policies, +1);
        _evaluations.Add(row);
    }

    /// <summary>Replaces its lookup dependencies.</summary>
    public void AddDependencies(EvaluatedResource resource) => _dependencies.Add(resource);

    /// <summary>Removes an evaluation from the counts; the caller deletes or replaces the row.</summary>
    public void Remove(EvaluationRow row, PolicyList policies) => _counts.Verdicts(row, policies, -1);

    public async Task SaveAsync(DbTransaction transaction, SqlDatabase database)
    {
        await SaveFindingsAsync(transaction, database);
        await FindingFacets.SaveAsync(transaction, database, organization, _findings);
        await SaveEvaluationsAsync(transaction, database);
        await LookupWriter.RecordAsync(transaction, organization, _dependencies);
        await TriageFollower.FollowAsync(transaction, database, organization, _moved, _counts);
        await _counts.SaveAsync(transaction);
        await AlertOutbox.FindingsAsync(transaction, database, organization, _changes);
        FindingTelemetry.Changed(Opened, Resolved);
    }

    private async Task SaveFindingsAsync(DbTransaction transaction, SqlDatabase database)
    {
        using var write = database.Prepare(
            transaction,
            """
            INSERT INTO findings (organization, account_service, arn, policy_id, account_id, service, type, region, severity, state, evidence,
                                  first_seen, last_evaluated, describe_time, resolved_at, resolved_reason, exception_id, scan_id, transitions, reopened_at)
            VALUES (@organization, @accountService, @arn, @policyId, @accountId, @service, @type, @region, @severity, @state, @evidence,
                    @firstSeen, @lastEvaluated, @describeTime, @resolvedAt, @resolvedReason, @exceptionId, @scanId, @transitions, @reopenedAt)
            ON CONFLICT (organization, account_service, arn, policy_id) DO UPDATE SET
                type = excluded.type, region = excluded.region, severity = excluded.severity, state = excluded.state, evidence = excluded.evidence,
                last_evaluated = excluded.last_evaluated, describe_time = excluded.describe_time, resolved_at = excluded.resolved_at,
                resolved_reason = excluded.resolved_reason, exception_id = excluded.exception_id, scan_id = excluded.scan_id,
                transitions = excluded.transitions, reopened_at = excluded.reopened_at
            """,
            "organization", "accountService", "arn", "policyId", "accountId", "service", "type", "region", "severity", "state", "evidence",
            "firstSeen", "lastEvaluated", "describeTime", "resolvedAt", "resolvedReason", "exceptionId", "scanId",
            "transitions", "reopenedAt");
        foreach (var row in _findings)
        {
            await write.ExecuteAsync(
                organization, row.AccountService, row.Arn, row.PolicyId, row.AccountId,
                row.Service, row.Type, row.Region, row.Severity, row.State, row.Evidence,
                row.FirstSeen, row.LastEvaluated, row.DescribeTime, row.ResolvedAt, row.ResolvedReason, row.ExceptionId, row.ScanId,
                row.Transitions, row.ReopenedAt);
        }

        await write.FlushAsync();
    }

    private async Task SaveEvaluationsAsync(DbTransaction transaction, SqlDatabase database)
    {
        using var write = database.Prepare(
            transaction,
            """
            INSERT INTO evaluations (organization, account_service, arn, describe_time, hash, fingerprint,
                                     policy_list, verdicts, reasons, evaluated_at, next_due)
            VALUES (@organization, @accountService, @arn, @describeTime, @hash, @fingerprint, @policyList, @verdicts, @reasons, @evaluatedAt, @nextDue)
            ON CONFLICT (organization, account_service, arn) DO UPDATE SET
                describe_time = excluded.describe_time, hash = excluded.hash, fingerprint = excluded.fingerprint, policy_list = excluded.policy_list,
                verdicts = excluded.verdicts, reasons = excluded.reasons, evaluated_at = excluded.evaluated_at, next_due = excluded.next_due
            """,
            "organization", "accountService", "arn", "describeTime", "hash", "fingerprint", "policyList", "verdicts", "reasons", "evaluatedAt", "nextDue");
        foreach (var row in _evaluations)
        {
            await write.ExecuteAsync(
                organization, row.AccountService, row.Arn, row.DescribeTime, row.Hash, row.Fingerprint, row.PolicyList, row.Verdicts, row.Reasons,
                row.EvaluatedAt, row.NextDue);
        }

        await write.FlushAsync();
    }
}
