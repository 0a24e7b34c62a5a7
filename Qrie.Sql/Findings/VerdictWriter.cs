using System.Data.Common;
using Dapper;
using Qrie.Domain.Findings;
using Qrie.Sql.Database;
using Qrie.Sql.Inventory;
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
        var batch = new VerdictBatch(database, organization);
        var lists = new PolicyLists(transaction.Connection!, transaction);
        foreach (var group in judged.Select((resource, index) => (resource, index)).GroupBy(j => j.resource.AccountService))
        {
            var arns = group.Select(j => j.resource.Arn).ToList();
            var states = await StatesAsync(transaction, database, organization, group.Key, arns);
            var evaluations = await EvaluationsAsync(transaction, database, organization, group.Key, arns);
            var findings = await FindingsAsync(transaction, database, organization, group.Key, arns);
            foreach (var (resource, index) in group)
            {
                var earlier = evaluations.GetValueOrDefault(resource.Arn);
                var judgedBy = earlier is null ? null : await lists.FindAsync(earlier.PolicyList);
                outcomes[index] = Gate(resource, states, revisions, earlier, judgedBy);
                if (outcomes[index] == ApplyOutcome.Applied && !await LookupReader.StillHoldAsync(transaction, organization, resource.LookedUp))
                {
                    outcomes[index] = ApplyOutcome.RelatedMoved;
                }

                if (outcomes[index] == ApplyOutcome.Applied && !(WasGivenLater(earlier, resource) && earlier!.Fingerprint == resource.Fingerprint))
                {
                    AddFindings(resource, findings, scanId, batch);
                    var list = await lists.OfAsync(resource.Policies);
                    var row = EvaluationRow.Of(resource, list);
                    if (earlier is not null)
                    {
                        batch.Forgotten(earlier, judgedBy!);
                    }

                    batch.Evaluation(row, list);
                    batch.LookedUp(resource);
                    evaluations[resource.Arn] = row; // the same resource may come twice in a batch
                }
            }
        }

        await batch.SaveAsync(transaction);
        return new ApplyResult(outcomes, batch.Opened, batch.Resolved);
    }

    /// <summary>Drops the evaluations of deleted resources and resolves their findings.</summary>
    public static async Task ForgetAsync(
        DbTransaction transaction, SqlDatabase database, string organization, string accountService, IReadOnlyList<string> arns, DateTimeOffset now)
    {
        var batch = new VerdictBatch(database, organization);
        var lists = new PolicyLists(transaction.Connection!, transaction);
        foreach (var finding in (await FindingsAsync(transaction, database, organization, accountService, arns)).Values)
        {
            if (FindingLifeCycle.Resolve(finding, ResolvedReason.ResourceDeleted, now, scanId: null) is { } resolved)
            {
                batch.Finding(finding, resolved, now);
            }
        }

        foreach (var evaluation in (await EvaluationsAsync(transaction, database, organization, accountService, arns)).Values)
        {
            batch.Forgotten(evaluation, await lists.FindAsync(evaluation.PolicyList));
        }

        await transaction.Connection!.ExecuteAsync(
            $"DELETE FROM evaluations WHERE organization = @organization AND account_service = @accountService AND {database.Among("arn", "@arns")}",
            new { organization, accountService, arns = database.List(arns) }, transaction);
        await batch.SaveAsync(transaction);
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
        var batch = new VerdictBatch(database, organization);
        foreach (var finding in rows.Select(row => row.ToFinding()))
        {
            batch.Finding(finding, FindingLifeCycle.Resolve(finding, reason, now, scanId: null)!, now);
        }

        await batch.SaveAsync(transaction);
        return rows.Count;
    }

    private static ApplyOutcome Gate(
        JudgedResource resource, Dictionary<string, (long DescribeTime, string Hash)> alive, IReadOnlyDictionary<string, long> revisions,
        EvaluationRow? earlier, PolicyList? judgedBy) =>
        !alive.TryGetValue(resource.Arn, out var state) || state != (Columns.Ms(resource.DescribeTime), resource.Hash) ? ApplyOutcome.ResourceMoved
        : resource.Policies.Any(p => !revisions.TryGetValue(p.PolicyId, out var revision) || revision != p.Revision) ? ApplyOutcome.PolicyMoved
        : WasGivenLater(earlier, resource) && KnowsMore(earlier!.StoredVerdicts(judgedBy!), resource, revisions) ? ApplyOutcome.PolicyMoved
        : ApplyOutcome.Applied;

    /// <summary>
    /// Were the stored verdicts given on this very configuration, and later? Then they stand: a time-dependent policy may have changed its mind.
    /// </summary>
    private static bool WasGivenLater(EvaluationRow? stored, JudgedResource resource) =>
        stored is not null && stored.Hash == resource.Hash && stored.EvaluatedAt > Columns.Ms(resource.EvaluatedAt);

    /// <summary>Are there standing verdicts of a policy that this judgement does not know? It was launched after the judge looked.</summary>
    private static bool KnowsMore(IEnumerable<StoredVerdict> standing, JudgedResource resource, IReadOnlyDictionary<string, long> revisions) =>
        standing.Any(v =>
            revisions.TryGetValue(v.PolicyId, out var revision) && revision == v.Revision && resource.Policies.All(p => p.PolicyId != v.PolicyId));

    private static void AddFindings(
        JudgedResource resource, Dictionary<(string Arn, string PolicyId), Finding> findings, string? scanId, VerdictBatch batch)
    {
        foreach (var policy in resource.Policies)
        {
            var before = findings.GetValueOrDefault((resource.Arn, policy.PolicyId));
            if (FindingLifeCycle.Next(before, resource, policy, scanId) is { } after)
            {
                batch.Finding(before, after, resource.EvaluatedAt);
                findings[(resource.Arn, policy.PolicyId)] = after; // the same resource may come twice in a batch
            }
        }
    }

    private static async Task<Dictionary<string, (long DescribeTime, string Hash)>> StatesAsync(
        DbTransaction transaction, SqlDatabase database, string organization, string accountService, IReadOnlyList<string> arns) =>
        (await transaction.Connection!.QueryAsync<(string Arn, long DescribeTime, string Hash)>(
            $"""
            SELECT arn, describe_time, hash FROM resources
            WHERE organization = @organization AND account_service = @accountService AND {database.Among("arn", "@arns")} AND deleted_at IS NULL{database.ForUpdate}
            """,
            new { organization, accountService, arns = database.List(arns) }, transaction))
        .ToDictionary(r => r.Arn, r => (r.DescribeTime, r.Hash));

    private static async Task<Dictionary<string, EvaluationRow>> EvaluationsAsync(
        DbTransaction transaction, SqlDatabase database, string organization, string accountService, IReadOnlyList<string> arns) =>
        (await transaction.Connection!.QueryAsync<EvaluationRow>(
            $"SELECT * FROM evaluations WHERE organization = @organization AND account_service = @accountService AND {database.Among("arn", "@arns")}",
            new { organization, accountService, arns = database.List(arns) }, transaction))
        .ToDictionary(e => e.Arn);

    private static async Task<Dictionary<(string Arn, string PolicyId), Finding>> FindingsAsync(
        DbTransaction transaction, SqlDatabase database, string organization, string accountService, IReadOnlyList<string> arns) =>
        (await transaction.Connection!.QueryAsync<FindingRow>(
            $"SELECT * FROM findings WHERE organization = @organization AND account_service = @accountService AND {database.Among("arn", "@arns")}",
            new { organization, accountService, arns = database.List(arns) }, transaction))
        .ToDictionary(f => (f.Arn, f.PolicyId), f => f.ToFinding());
}
