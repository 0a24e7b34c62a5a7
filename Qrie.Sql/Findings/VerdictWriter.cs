using System.Data.Common;
using Dapper;
using Qrie.Domain.Findings;
using Qrie.Domain.Policies;
using Qrie.Sql.Database;
using Qrie.Sql.Findings.Exceptions;
using Qrie.Sql.Inventory;
using Qrie.Sql.Policies;

namespace Qrie.Sql.Findings;

/// <summary>Writes verdicts and their effects, in the caller's transaction.</summary>
internal static class VerdictWriter
{
    private static readonly HashSet<string> s_none = [];

    /// <summary>Checks the gate, then writes the evaluations, findings and counts of everything that passed it.</summary>
    public static async Task<ApplyResult> ApplyAsync(
        DbTransaction transaction, SqlDatabase database, ExceptionSets exceptions, string organization, IReadOnlyList<EvaluatedResource> evaluated,
        string? scanId)
    {
        var gate = await ExceptionGate.OpenAsync(transaction, database, exceptions, organization);
        var revisions = await SqlPolicyStore.ActiveRevisionsAsync(transaction, database, organization);
        var outcomes = new ApplyOutcome[evaluated.Count];
        var batch = new VerdictBatch(organization);
        var lists = new PolicyLists(transaction.Connection!, transaction);
        var current = new CurrentPolicies(revisions);
        foreach (var group in evaluated.Select((resource, index) => (resource, index)).GroupBy(j => j.resource.AccountService))
        {
            var arns = group.Select(j => j.resource.Arn).ToList();
            var states = await StatesAsync(transaction, database, organization, group.Key, arns);
            var evaluations = await EvaluationsAsync(transaction, database, organization, group.Key, arns);
            var findings = await FindingsAsync(transaction, database, organization, group.Key, arns);
            await (gate?.LoadAsync(group.Key, arns) ?? Task.CompletedTask);
            foreach (var (resource, index) in group)
            {
                var earlier = evaluations.GetValueOrDefault(resource.Arn);
                var evaluatedBy = earlier is null ? null : await lists.FindAsync(earlier.PolicyList);
                outcomes[index] = Gate(resource, states, current, earlier, evaluatedBy);
                if (outcomes[index] == ApplyOutcome.Applied && !await LookupReader.StillHoldAsync(transaction, organization, resource.Dependencies))
                {
                    outcomes[index] = ApplyOutcome.RelatedChanged;
                }

                if (outcomes[index] == ApplyOutcome.Applied && !(WasGivenLater(earlier, resource) && earlier!.Fingerprint == resource.Fingerprint))
                {
                    AddFindings(resource, findings, scanId, batch, gate);
                    var whole = resource.WholeFingerprint is null || earlier is null ? resource : WithOthers(resource, earlier, evaluatedBy!, current);
                    var list = await lists.OfAsync(whole.Policies);
                    var row = EvaluationRow.Of(whole, list, ExceptedOf(findings.GetValueOrDefault(resource.Arn)));
                    if (earlier is not null)
                    {
                        batch.Remove(earlier, evaluatedBy!);
                    }

                    batch.Evaluation(row, list);
                    batch.AddDependencies(resource);
                    evaluations[resource.Arn] = row; // the same resource may occur twice in a batch
                }
            }
        }

        await batch.SaveAsync(transaction, database);
        await (gate?.SaveAsync() ?? Task.CompletedTask);
        return new ApplyResult(outcomes, batch.Opened, batch.Resolved);
    }

    /// <summary>
    /// Makes findings that are not resolved suppressed or active, as the exceptions say that are in force, with the verdicts and counts. Returns how many
    /// changed.
    /// </summary>
    /// <param name="gate">Null if no exception is in force.</param>
    public static async Task<int> ReconsiderAsync(
        DbTransaction transaction, SqlDatabase database, ExceptionGate? gate, string organization, IReadOnlyList<FindingIdentity> identities,
        DateTimeOffset now)
    {
        var batch = new VerdictBatch(organization);
        var lists = new PolicyLists(transaction.Connection!, transaction);
        var changed = 0;
        foreach (var group in identities.GroupBy(i => i.AccountService))
        {
            var wanted = group.ToLookup(i => i.Arn, i => i.PolicyId);
            List<string> arns = [.. wanted.Select(w => w.Key)];
            var findings = await FindingsAsync(transaction, database, organization, group.Key, arns);
            var evaluations = await EvaluationsAsync(transaction, database, organization, group.Key, arns);
            await (gate?.LoadAsync(group.Key, arns) ?? Task.CompletedTask);
            foreach (var (arn, own) in findings)
            {
                var failed = Fails(own);
                var before = changed;
                for (var i = 0; i < own.Count; i++)
                {
                    var finding = own[i];
                    if (finding.State != FindingState.Resolved && wanted[arn].Contains(finding.PolicyId)
                        && FindingLifeCycle.Except(
                            finding, gate?.Find(group.Key, finding.Region, arn, finding.PolicyId, finding.Evidence), now) is { } after)
                    {
                        batch.Finding(finding, after, now);
                        own[i] = after;
                        changed++;
                    }
                }

                batch.Compliance(group.Key, failed, Fails(own));
                if (changed > before && evaluations.TryGetValue(arn, out var evaluation)
                    && await lists.FindAsync(evaluation.PolicyList) is var list && evaluation.With(list, ExceptedOf(own) ?? s_none) is { } replaced)
                {
                    batch.Remove(evaluation, list);
                    batch.Evaluation(replaced, list);
                }
            }
        }

        await batch.SaveAsync(transaction, database);
        await (gate?.SaveAsync() ?? Task.CompletedTask);
        return changed;
    }

    /// <summary>Deletes the evaluations of deleted resources and resolves their findings.</summary>
    public static async Task DeleteAsync(
        DbTransaction transaction, SqlDatabase database, string organization, string accountService, IReadOnlyList<string> arns, DateTimeOffset now)
    {
        var batch = new VerdictBatch(organization);
        var lists = new PolicyLists(transaction.Connection!, transaction);
        foreach (var own in (await FindingsAsync(transaction, database, organization, accountService, arns)).Values)
        {
            foreach (var finding in own)
            {
                if (FindingLifeCycle.Resolve(finding, ResolvedReason.ResourceDeleted, now, scanId: null) is { } resolved)
                {
                    batch.Finding(finding, resolved, now);
                }
            }

            batch.Compliance(accountService, Fails(own), fails: false);
        }

        foreach (var evaluation in (await EvaluationsAsync(transaction, database, organization, accountService, arns)).Values)
        {
            batch.Remove(evaluation, await lists.FindAsync(evaluation.PolicyList));
        }

        await transaction.Connection!.ExecuteAsync(
            $"DELETE FROM evaluations WHERE organization = @organization AND account_service = @accountService AND {database.Among("arn", "@arns")}",
            new { organization, accountService, arns = database.List(arns) }, transaction);
        await batch.SaveAsync(transaction, database);
    }

    /// <summary>Resolves findings of a policy that is not active. Returns how many.</summary>
    public static async Task<int> ResolvePolicyAsync(
        DbTransaction transaction, SqlDatabase database, string organization, string policyId, ResolvedReason reason, DateTimeOffset now, int limit)
    {
        if ((await SqlPolicyStore.ActiveRevisionsAsync(transaction, database, organization)).ContainsKey(policyId))
        {
            return 0; // it was launched again meanwhile
        }

        var rows = await OfPolicyAsync(transaction, database, organization, policyId, FindingState.Active, limit);
        rows.AddRange(await OfPolicyAsync(transaction, database, organization, policyId, FindingState.Suppressed, limit - rows.Count));
        var batch = new VerdictBatch(organization);
        foreach (var finding in rows.Select(row => row.ToFinding()))
        {
            batch.Finding(finding, FindingLifeCycle.Resolve(finding, reason, now, scanId: null)!, now);
        }

        var active = Columns.Name(FindingState.Active);
        foreach (var group in rows.Where(row => row.State == active).GroupBy(row => row.AccountService, row => row.Arn))
        {
            var failing = await FailingOthersAsync(transaction, database, organization, policyId, group.Key, [.. group]);
            foreach (var arn in group)
            {
                batch.Compliance(group.Key, failed: true, failing.Contains(arn));
            }
        }

        await batch.SaveAsync(transaction, database);
        return rows.Count;
    }

    /// <summary>In index order: otherwise SQLite would use the primary key and scan the whole organization.</summary>
    private static async Task<List<FindingRow>> OfPolicyAsync(
        DbTransaction transaction, SqlDatabase database, string organization, string policyId, FindingState state, int limit) =>
        (await transaction.Connection!.QueryAsync<FindingRow>(
            """
            SELECT * FROM findings WHERE organization = @organization AND policy_id = @policyId AND state = @state
            ORDER BY severity, region LIMIT @limit
            """,
            new { organization, policyId, state = Columns.Name(state), limit }, transaction)).AsList();

    private static bool Fails(List<Finding>? findings) => findings is not null && findings.Exists(f => f.State == FindingState.Active);

    /// <summary>The policies whose findings are suppressed; null if there are none.</summary>
    private static HashSet<string>? ExceptedOf(List<Finding>? findings) =>
        findings is not null && findings.Exists(f => f.State == FindingState.Suppressed)
            ? findings.Where(f => f.State == FindingState.Suppressed).Select(f => f.PolicyId).ToHashSet(StringComparer.Ordinal)
            : null;

    /// <summary>Resources with an active finding of another policy.</summary>
    private static async Task<HashSet<string>> FailingOthersAsync(
        DbTransaction transaction, SqlDatabase database, string organization, string policyId, string accountService, IReadOnlyList<string> arns) =>
        (await transaction.Connection!.QueryAsync<string>(
            $"""
            SELECT arn FROM findings
            WHERE organization = @organization AND account_service = @accountService AND {database.Among("arn", "@arns")}
              AND state = 'active' AND policy_id <> @policyId
            """,
            new { organization, accountService, policyId, arns = database.List(arns) }, transaction)).ToHashSet();

    private static ApplyOutcome Gate(
        EvaluatedResource resource, Dictionary<string, (long DescribeTime, string Hash)> alive,
        CurrentPolicies current, EvaluationRow? earlier, PolicyList? evaluatedBy) =>
        !alive.TryGetValue(resource.Arn, out var state) || state != (Columns.Ms(resource.DescribeTime), resource.Hash) ? ApplyOutcome.ResourceChanged
        : !current.Are(resource.Policies) ? ApplyOutcome.PolicyChanged
        : resource.WholeFingerprint is null && WasGivenLater(earlier, resource) && KnowsMore(earlier!.StoredVerdicts(evaluatedBy!), resource, current)
            ? ApplyOutcome.PolicyChanged
        : ApplyOutcome.Applied;

    /// <summary>
    /// Whether the stored verdicts are based on this configuration and are later: then they stay, because a time-dependent policy may have changed its verdict.
    /// </summary>
    private static bool WasGivenLater(EvaluationRow? stored, EvaluatedResource resource) =>
        stored is not null && stored.Hash == resource.Hash && stored.EvaluatedAt > Columns.Ms(resource.EvaluatedAt);

    /// <summary>Whether there are valid verdicts of a policy that this evaluation does not include, because it was launched later.</summary>
    private static bool KnowsMore(IEnumerable<StoredVerdict> standing, EvaluatedResource resource, CurrentPolicies current) =>
        standing.Any(v => current.Is(v.PolicyId, v.Revision) && resource.Policies.All(p => p.PolicyId != v.PolicyId));

    /// <summary>An evaluation by some policies, with the valid verdicts of the others.</summary>
    private static EvaluatedResource WithOthers(EvaluatedResource resource, EvaluationRow earlier, PolicyList evaluatedBy, CurrentPolicies current)
    {
        var evaluated = resource.Policies.Select(p => p.PolicyId).ToHashSet(StringComparer.Ordinal);
        var reasons = earlier.StoredVerdicts(evaluatedBy).ToDictionary(v => v.PolicyId, v => v.Reason);
        var unchanged = earlier.Hash == resource.Hash && earlier.Fingerprint == resource.WholeFingerprint;
        var due = Columns.Time(earlier.NextDue);
        return resource with
        {
            Policies =
            [
                .. resource.Policies,
                .. earlier.Letters(evaluatedBy).Where(l => !evaluated.Contains(l.Policy.PolicyId) && current.Is(l.Policy.PolicyId, l.Policy.Revision))
                    .Select(l => new EvaluatedPolicy(
                        l.Policy.PolicyId, l.Policy.Revision, 0,
                        l.Verdict is { } verdict ? new PolicyVerdict { Verdict = verdict, Reason = reasons[l.Policy.PolicyId] } : null)),
            ],
            // Those of an earlier configuration are to be repeated.
            Fingerprint = unchanged ? earlier.Fingerprint : resource.Fingerprint,
            NextDue = due is null || due > resource.NextDue ? resource.NextDue ?? due : due,
        };
    }

    private static void AddFindings(
        EvaluatedResource resource, Dictionary<string, List<Finding>> findings, string? scanId, VerdictBatch batch, ExceptionGate? gate)
    {
        var own = findings.GetValueOrDefault(resource.Arn);
        var failed = Fails(own);
        foreach (var policy in resource.Policies)
        {
            var at = own is null ? -1 : own.FindIndex(f => f.PolicyId == policy.PolicyId);
            var before = at < 0 ? null : own![at];
            var exceptionId = gate is null || policy.Verdict is not { Verdict: Verdict.Fail } verdict
                ? null
                : gate.Find(resource.AccountService, resource.Region, resource.Arn, policy.PolicyId, FindingLifeCycle.EvidenceOf(verdict));
            if (FindingLifeCycle.Next(before, resource, policy, scanId, exceptionId) is not { } after)
            {
                continue;
            }

            batch.Finding(before, after, resource.EvaluatedAt);
            // The same resource may occur twice in a batch.
            if (before is not null)
            {
                own![at] = after;
            }
            else
            {
                (own ??= findings[resource.Arn] = []).Add(after);
            }
        }

        batch.Compliance(resource.AccountService, failed, Fails(own));
    }

    private static async Task<Dictionary<string, (long DescribeTime, string Hash)>> StatesAsync(
        DbTransaction transaction, SqlDatabase database, string organization, string accountService, IReadOnlyList<string> arns) =>
        (await ByArn.ReadAsync<(string Arn, long DescribeTime, string Hash)>(
            database, transaction.Connection!, transaction, organization, accountService, arns,
            "arn, describe_time, hash", "resources", " AND deleted_at IS NULL"))
        .ToDictionary(r => r.Arn, r => (r.DescribeTime, r.Hash));

    private static async Task<Dictionary<string, EvaluationRow>> EvaluationsAsync(
        DbTransaction transaction, SqlDatabase database, string organization, string accountService, IReadOnlyList<string> arns) =>
        (await ByArn.ReadAsync<EvaluationRow>(
            database, transaction.Connection!, transaction, organization, accountService, arns, "*", "evaluations"))
        .ToDictionary(e => e.Arn);

    private static async Task<Dictionary<string, List<Finding>>> FindingsAsync(
        DbTransaction transaction, SqlDatabase database, string organization, string accountService, IReadOnlyList<string> arns) =>
        (await ByArn.ReadAsync<FindingRow>(
            database, transaction.Connection!, transaction, organization, accountService, arns, "*", "findings"))
        .GroupBy(f => f.Arn).ToDictionary(g => g.Key, g => g.Select(f => f.ToFinding()).ToList());
}
