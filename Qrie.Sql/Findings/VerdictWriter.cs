using System.Data.Common;
using Dapper;
using Qrie.Domain.Findings;
using Qrie.Sql.Database;
using Qrie.Sql.Policies;

namespace Qrie.Sql.Findings;

/// <summary>Writes verdicts and what follows from them, inside a transaction that the caller owns.</summary>
internal static class VerdictWriter
{
    /// <summary>The gate, then the evaluations, the findings and the counts of everything that passed it.</summary>
    public static async Task<ApplyResult> ApplyAsync(
        DbTransaction transaction, SqlDatabase database, string organization, IReadOnlyList<JudgedResource> judged, string? scanId)
    {
        var revisions = await SqlPolicyStore.ActiveRevisionsAsync(transaction, database, organization);
        var outcomes = new ApplyOutcome[judged.Count];
        var deltas = new CountDeltas(organization);
        foreach (var group in judged.Select((resource, index) => (resource, index)).GroupBy(j => j.resource.AccountService))
        {
            var arns = group.Select(j => j.resource.Arn).ToList();
            var states = await StatesAsync(transaction, database, organization, group.Key, arns);
            var evaluations = await EvaluationsAsync(transaction, organization, group.Key, arns);
            var findings = await FindingsAsync(transaction, organization, group.Key, arns);
            foreach (var (resource, index) in group)
            {
                var earlier = evaluations.GetValueOrDefault(resource.Arn);
                outcomes[index] = Gate(resource, states, revisions, earlier);
                if (outcomes[index] == ApplyOutcome.Applied && !(WasGivenLater(earlier, resource) && earlier!.Fingerprint == resource.Fingerprint))
                {
                    await WriteAsync(transaction, organization, resource, evaluations, findings, scanId, deltas);
                }
            }
        }

        await deltas.SaveAsync(transaction);
        return new ApplyResult(outcomes, deltas.Opened, deltas.Resolved);
    }

    /// <summary>Drops the evaluations of deleted resources and resolves their findings.</summary>
    public static async Task ForgetAsync(
        DbTransaction transaction, string organization, string accountService, IReadOnlyList<string> arns, DateTimeOffset now)
    {
        var deltas = new CountDeltas(organization);
        foreach (var finding in (await FindingsAsync(transaction, organization, accountService, arns)).Values)
        {
            if (FindingLifeCycle.Resolve(finding, ResolvedReason.ResourceDeleted, now, scanId: null) is { } resolved)
            {
                await SaveAsync(transaction, organization, finding, resolved, now, deltas);
            }
        }

        foreach (var evaluation in (await EvaluationsAsync(transaction, organization, accountService, arns)).Values)
        {
            deltas.Verdicts(accountService, evaluation.StoredVerdicts(), -1);
        }

        await transaction.Connection!.ExecuteAsync(
            "DELETE FROM evaluations WHERE organization = @organization AND account_service = @accountService AND arn IN @arns",
            new { organization, accountService, arns }, transaction);
        await deltas.SaveAsync(transaction);
    }

    /// <summary>Resolves findings of a policy that is not active. Answers how many.</summary>
    public static async Task<int> ResolvePolicyAsync(
        DbTransaction transaction, SqlDatabase database, string organization, string policyId, ResolvedReason reason, DateTimeOffset now, int limit)
    {
        if ((await SqlPolicyStore.ActiveRevisionsAsync(transaction, database, organization)).ContainsKey(policyId))
        {
            return 0; // it was launched again meanwhile
        }

        var rows = (await transaction.Connection!.QueryAsync<FindingRow>(
            $"""
            SELECT * FROM findings WHERE organization = @organization AND policy_id = @policyId AND state = 'active'
            LIMIT @limit{database.ForUpdate}
            """,
            new { organization, policyId, limit }, transaction)).AsList();
        var deltas = new CountDeltas(organization);
        foreach (var finding in rows.Select(row => row.ToFinding()))
        {
            await SaveAsync(transaction, organization, finding, FindingLifeCycle.Resolve(finding, reason, now, scanId: null)!, now, deltas);
        }

        await deltas.SaveAsync(transaction);
        return rows.Count;
    }

    private static ApplyOutcome Gate(
        JudgedResource resource, Dictionary<string, (long DescribeTime, string Hash)> alive, IReadOnlyDictionary<string, long> revisions,
        EvaluationRow? earlier) =>
        !alive.TryGetValue(resource.Arn, out var state) || state != (Columns.Ms(resource.DescribeTime), resource.Hash) ? ApplyOutcome.ResourceMoved
        : resource.Policies.Any(p => !revisions.TryGetValue(p.PolicyId, out var revision) || revision != p.Revision) ? ApplyOutcome.PolicyMoved
        : WasGivenLater(earlier, resource) && KnowsMore(earlier!, resource, revisions) ? ApplyOutcome.PolicyMoved
        : ApplyOutcome.Applied;

    /// <summary>
    /// Were the stored verdicts given on this very configuration, and later? Then they stand: a time-dependent policy may have changed its mind.
    /// </summary>
    private static bool WasGivenLater(EvaluationRow? stored, JudgedResource resource) =>
        stored is not null && stored.Hash == resource.Hash && stored.EvaluatedAt > Columns.Ms(resource.EvaluatedAt);

    /// <summary>Are there standing verdicts of a policy that this judgement does not know? It was launched after the judge looked.</summary>
    private static bool KnowsMore(EvaluationRow stored, JudgedResource resource, IReadOnlyDictionary<string, long> revisions) =>
        stored.StoredVerdicts().Any(v =>
            revisions.TryGetValue(v.PolicyId, out var revision) && revision == v.Revision && resource.Policies.All(p => p.PolicyId != v.PolicyId));

    private static async Task WriteAsync(
        DbTransaction transaction, string organization, JudgedResource resource, Dictionary<string, EvaluationRow> evaluations,
        Dictionary<(string Arn, string PolicyId), Finding> findings, string? scanId, CountDeltas deltas)
    {
        foreach (var policy in resource.Policies)
        {
            var before = findings.GetValueOrDefault((resource.Arn, policy.PolicyId));
            if (FindingLifeCycle.Next(before, resource, policy, scanId) is { } after)
            {
                await SaveAsync(transaction, organization, before, after, resource.EvaluatedAt, deltas);
                findings[(resource.Arn, policy.PolicyId)] = after; // the same resource may come twice in a batch
            }
        }

        var verdicts = resource.Policies
            .Where(p => p.Verdict is not null)
            .Select(p => new StoredVerdict(p.PolicyId, p.Revision, p.Verdict!.Verdict, p.Verdict.Reason))
            .ToList();
        if (evaluations.TryGetValue(resource.Arn, out var earlier))
        {
            deltas.Verdicts(resource.AccountService, earlier.StoredVerdicts(), -1);
        }

        deltas.Verdicts(resource.AccountService, verdicts, +1);
        var row = new EvaluationRow
        {
            AccountService = resource.AccountService,
            Arn = resource.Arn,
            DescribeTime = Columns.Ms(resource.DescribeTime),
            Hash = resource.Hash,
            Fingerprint = resource.Fingerprint,
            Verdicts = Columns.Json(verdicts),
            EvaluatedAt = Columns.Ms(resource.EvaluatedAt),
            NextDue = Columns.Ms(resource.NextDue),
        };
        evaluations[resource.Arn] = row;
        await transaction.Connection!.ExecuteAsync(
            """
            INSERT INTO evaluations (organization, account_service, arn, describe_time, hash, fingerprint, verdicts, evaluated_at, next_due)
            VALUES (@organization, @AccountService, @Arn, @DescribeTime, @Hash, @Fingerprint, @Verdicts, @EvaluatedAt, @NextDue)
            ON CONFLICT (organization, account_service, arn) DO UPDATE SET
                describe_time = excluded.describe_time, hash = excluded.hash, fingerprint = excluded.fingerprint, verdicts = excluded.verdicts,
                evaluated_at = excluded.evaluated_at, next_due = excluded.next_due
            """,
            new
            {
                organization,
                row.AccountService,
                row.Arn,
                row.DescribeTime,
                row.Hash,
                row.Fingerprint,
                row.Verdicts,
                row.EvaluatedAt,
                row.NextDue,
            },
            transaction);
    }

    private static async Task SaveAsync(
        DbTransaction transaction, string organization, Finding? before, Finding after, DateTimeOffset now, CountDeltas deltas)
    {
        deltas.Finding(before, after, now);
        var row = FindingRow.Of(after);
        await transaction.Connection!.ExecuteAsync(
            """
            INSERT INTO findings (organization, account_service, arn, policy_id, account_id, service, type, region, severity, state, evidence,
                                  first_seen, last_evaluated, describe_time, resolved_at, resolved_reason, scan_id, transitions)
            VALUES (@organization, @AccountService, @Arn, @PolicyId, @AccountId, @Service, @Type, @Region, @Severity, @State, @Evidence,
                    @FirstSeen, @LastEvaluated, @DescribeTime, @ResolvedAt, @ResolvedReason, @ScanId, @Transitions)
            ON CONFLICT (organization, account_service, arn, policy_id) DO UPDATE SET
                type = excluded.type, region = excluded.region, severity = excluded.severity, state = excluded.state, evidence = excluded.evidence,
                last_evaluated = excluded.last_evaluated, describe_time = excluded.describe_time, resolved_at = excluded.resolved_at,
                resolved_reason = excluded.resolved_reason, scan_id = excluded.scan_id, transitions = excluded.transitions
            """,
            new
            {
                organization,
                row.AccountService,
                row.Arn,
                row.PolicyId,
                row.AccountId,
                row.Service,
                row.Type,
                row.Region,
                row.Severity,
                row.State,
                row.Evidence,
                row.FirstSeen,
                row.LastEvaluated,
                row.DescribeTime,
                row.ResolvedAt,
                row.ResolvedReason,
                row.ScanId,
                row.Transitions,
            },
            transaction);
    }

    private static async Task<Dictionary<string, (long DescribeTime, string Hash)>> StatesAsync(
        DbTransaction transaction, SqlDatabase database, string organization, string accountService, IReadOnlyList<string> arns) =>
        (await transaction.Connection!.QueryAsync<(string Arn, long DescribeTime, string Hash)>(
            $"""
            SELECT arn, describe_time, hash FROM resources
            WHERE organization = @organization AND account_service = @accountService AND arn IN @arns AND deleted_at IS NULL{database.ForUpdate}
            """,
            new { organization, accountService, arns }, transaction))
        .ToDictionary(r => r.Arn, r => (r.DescribeTime, r.Hash));

    private static async Task<Dictionary<string, EvaluationRow>> EvaluationsAsync(
        DbTransaction transaction, string organization, string accountService, IReadOnlyList<string> arns) =>
        (await transaction.Connection!.QueryAsync<EvaluationRow>(
            "SELECT * FROM evaluations WHERE organization = @organization AND account_service = @accountService AND arn IN @arns",
            new { organization, accountService, arns }, transaction))
        .ToDictionary(e => e.Arn);

    private static async Task<Dictionary<(string Arn, string PolicyId), Finding>> FindingsAsync(
        DbTransaction transaction, string organization, string accountService, IReadOnlyList<string> arns) =>
        (await transaction.Connection!.QueryAsync<FindingRow>(
            "SELECT * FROM findings WHERE organization = @organization AND account_service = @accountService AND arn IN @arns",
            new { organization, accountService, arns }, transaction))
        .ToDictionary(f => (f.Arn, f.PolicyId), f => f.ToFinding());
}
