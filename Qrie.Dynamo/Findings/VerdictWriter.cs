using Qrie.Domain.Findings;
using Qrie.Domain.Findings.Exceptions;
using Qrie.Domain.Policies;
using Qrie.Dynamo.Alerts;
using Qrie.Dynamo.Client;
using Qrie.Dynamo.Findings.Exceptions;
using Qrie.Dynamo.Inventory;
using Qrie.Dynamo.Items;
using Qrie.Dynamo.Outbox;
using Qrie.Dynamo.Policies;
using Qrie.Dynamo.Writes;

namespace Qrie.Dynamo.Findings;

/// <summary>Writes verdicts and their effects: up to a transaction's worth of resources at once, each only if it is still as it was evaluated.</summary>
internal sealed class VerdictWriter(
    DynamoStore store, OutboxApplier outbox, PolicyLists lists, DynamoPolicyStore policies, LookupReader lookups, ExceptionSets exceptions,
    AlertRuleItems rules)
{
    private const int ResourcesAtOnce = 30;

    /// <summary>Leaves room for the rows of the outbox.</summary>
    private const int ItemsAtOnce = Limits.Transaction - 15;

    public async Task<ApplyResult> ApplyAsync(string organization, IReadOnlyList<EvaluatedResource> evaluated, string? scanId, CancellationToken cancel)
    {
        var outcomes = new ApplyOutcome[evaluated.Count];
        var (opened, resolved) = (0, 0);
        foreach (var wave in Waves.Of(evaluated.Select((resource, index) => (resource, index)), e => (e.resource.AccountService, e.resource.Arn)))
        {
            for (var at = 0; at < wave.Count;)
            {
                var some = wave.Skip(at).Take(ResourcesAtOnce).ToList();
                var (done, gate, counts, rows) = await store.WriteAsync(
                    async session => await ApplySomeAsync(session, organization, some, await OpenAsync(organization, scanId, cancel), outcomes), cancel);
                await outbox.ApplyAsync(organization, rows, cancel);
                (at, opened, resolved) = (at + done, opened + counts.Opened, resolved + counts.Resolved);
                FindingTelemetry.Changed(counts.Opened, counts.Resolved);
                await RepealAsync(organization, [.. some.Take(done).Select(s => s.resource)], gate, cancel);
            }
        }

        return new ApplyResult(outcomes, opened, resolved);
    }

    /// <summary>Resolves findings of a policy that is not active. Returns how many.</summary>
    public async Task<int> ResolveAsync(
        string organization, string policyId, IReadOnlyCollection<(string AccountService, string Arn)> resources, ResolvedReason reason, DateTimeOffset now,
        CancellationToken cancel)
    {
        var resolved = 0;
        var wanted = await rules.WantedAsync(organization, cancel);
        foreach (var some in resources.Distinct().Chunk(ResourcesAtOnce))
        {
            var (changed, rows) = await store.WriteAsync(
                async session =>
                {
                    var (batch, counts, n) = (new OutboxBatch(organization), new FindingCounts(), 0);
                    if ((await policies.ActiveRevisionsAsync(organization, cancel)).ContainsKey(policyId))
                    {
                        return (0, new List<ItemKey>()); // it was launched again, and what was written since is valid
                    }

                    foreach (var target in (await ResourceVerdicts.LoadAsync(session, organization, some)).Values)
                    {
                        if (FindingLifeCycle.Resolve(target.Find(policyId), reason, now, scanId: null) is { } after)
                        {
                            target.Change(session, after, batch, counts, now);
                            target.Save(session, batch);
                            n++;
                        }
                    }

                    return (n, await batch.SaveAsync(session, now, wanted));
                },
                cancel);
            await outbox.ApplyAsync(organization, rows, cancel);
            FindingTelemetry.Changed(0, changed);
            resolved += changed;
        }

        return resolved;
    }

    /// <summary>
    /// Makes findings that are not resolved suppressed or active, as the exceptions in force say, with the verdicts and counts. Returns how many changed.
    /// </summary>
    public async Task<int> ReconsiderAsync(
        string organization, IReadOnlyCollection<FindingIdentity> identities, DateTimeOffset now, CancellationToken cancel)
    {
        var changed = 0;
        var wanted = await rules.WantedAsync(organization, cancel);
        foreach (var some in identities.Distinct().Chunk(ResourcesAtOnce).Select(chunk => chunk.GroupBy(i => (i.AccountService, i.Arn)).ToList()))
        {
            var (_, held) = await exceptions.ReadAsync(organization, cancel);
            var (n, counted, rows) = await store.WriteAsync(
                async session =>
                {
                    var (batch, counts, done) = (new OutboxBatch(organization), new FindingCounts(), 0);
                    var stored = await ResourceVerdicts.LoadAsync(session, organization, [.. some.Select(g => g.Key)]);
                    foreach (var group in some.Where(g => stored.ContainsKey(g.Key)))
                    {
                        done += await ReconsiderAsync(session, stored[group.Key], group.Select(i => i.PolicyId), held, batch, counts, now);
                    }

                    return (done, counts, await batch.SaveAsync(session, now, wanted));
                },
                cancel);
            await outbox.ApplyAsync(organization, rows, cancel);
            FindingTelemetry.Changed(counted.Opened, counted.Resolved);
            changed += n;
        }

        return changed;
    }

    private async Task<int> ReconsiderAsync(
        WriteSession session, ResourceVerdicts target, IEnumerable<string> policyIds, ExceptionSet held, OutboxBatch batch, FindingCounts counts,
        DateTimeOffset now)
    {
        foreach (var finding in policyIds.Select(target.Find).OfType<Finding>().Where(f => f.State != FindingState.Resolved).ToList())
        {
            if (FindingLifeCycle.Except(
                finding, ExceptionGate.Find(held, target, finding.Region, finding.PolicyId, finding.Evidence), now) is { } after)
            {
                target.Change(session, after, batch, counts, now);
            }
        }

        if (target.ChangedFindings > 0 && target.Evaluation is { } evaluation)
        {
            var list = await lists.FindAsync(evaluation.Policies, session.Cancel);
            target.Evaluate(evaluation.With(list, target.Excepted), target.NextDue, list, list, batch);
        }

        if (target.ChangedFindings > 0 || target.HasRemembered)
        {
            target.Save(session, batch);
        }

        return target.ChangedFindings;
    }

    /// <summary>Resolves the findings of a resource that is being deleted, in its transaction. Returns how many.</summary>
    public async Task<int> ForgetAsync(WriteSession session, ResourceVerdicts target, OutboxBatch batch, DateTimeOffset now)
    {
        var counts = new FindingCounts();
        foreach (var finding in target.Findings.ToList())
        {
            if (FindingLifeCycle.Resolve(finding, ResolvedReason.ResourceDeleted, now, scanId: null) is { } after)
            {
                target.Change(session, after, batch, counts, now);
            }
        }

        target.Forget(target.Evaluation is { } earlier ? await lists.FindAsync(earlier.Policies, session.Cancel) : null, batch);
        return counts.Resolved;
    }

    /// <summary>
    /// Read before the resources, and anew when a transaction begins anew: a conflict may be with verdicts of a later revision, which must not be replaced.
    /// </summary>
    private async Task<VerdictGate> OpenAsync(string organization, string? scanId, CancellationToken cancel)
    {
        var revisions = await policies.ActiveRevisionsAsync(organization, cancel);
        var (revision, held) = await exceptions.ReadAsync(organization, cancel);
        return new VerdictGate(new CurrentPolicies(revisions), held, revision, await rules.WantedAsync(organization, cancel), scanId);
    }

    /// <summary>Returns how many of the resources were looked at: as many as a transaction has room for.</summary>
    private async Task<(int Done, VerdictGate Gate, FindingCounts Counts, List<ItemKey> Rows)> ApplySomeAsync(
        WriteSession session, string organization, List<(EvaluatedResource Resource, int Index)> evaluated, VerdictGate gate, ApplyOutcome[] outcomes)
    {
        var (batch, counts, done) = (new OutboxBatch(organization), new FindingCounts(), 0);
        var stored = await ResourceVerdicts.LoadAsync(session, organization, [.. evaluated.Select(e => (e.Resource.AccountService, e.Resource.Arn))]);
        foreach (var (resource, index) in evaluated)
        {
            var target = stored.GetValueOrDefault((resource.AccountService, resource.Arn));
            // The resource, its findings, and an entry of each about which something was noted.
            var atMost = 1 + resource.Policies.Count(p => p.Verdict is { Verdict: Verdict.Fail } || target?.Find(p.PolicyId) is not null)
                + (target?.Findings.Count(f => f.Triage is not null) ?? 0);
            if (done > 0 && session.Count + atMost > ItemsAtOnce)
            {
                break;
            }

            done++;
            var earlier = target?.Evaluation is { } evaluation ? await lists.FindAsync(evaluation.Policies, session.Cancel) : null;
            outcomes[index] = Gate(resource, target, gate.Policies, earlier);
            if (outcomes[index] == ApplyOutcome.Applied && !await lookups.StillHoldAsync(organization, resource.Dependencies, session.Cancel))
            {
                outcomes[index] = ApplyOutcome.RelatedChanged;
            }

            if (outcomes[index] == ApplyOutcome.Applied
                && !(WasGivenLater(target!.Evaluation, resource) && target.Evaluation!.Fingerprint == resource.Fingerprint))
            {
                Apply(session, organization, resource, target, earlier, gate, batch, counts);
            }
        }

        return (done, gate, counts, await batch.SaveAsync(session, store.Clock.GetUtcNow(), gate.Wanted));
    }

    private void Apply(
        WriteSession session, string organization, EvaluatedResource resource, ResourceVerdicts target, PolicyList? earlier, VerdictGate gate,
        OutboxBatch batch, FindingCounts counts)
    {
        foreach (var policy in resource.Policies)
        {
            var exceptionId = policy.Verdict is { Verdict: Verdict.Fail } verdict
                ? ExceptionGate.Find(gate.Exceptions, target, resource.Region, policy.PolicyId, FindingLifeCycle.EvidenceOf(verdict))
                : null;
            if (FindingLifeCycle.Next(target.Find(policy.PolicyId), resource, policy, gate.ScanId, exceptionId) is { } after)
            {
                target.Change(session, after, batch, counts, resource.EvaluatedAt);
            }
        }

        var whole = resource.WholeFingerprint is null || earlier is null ? resource : WithOthers(resource, target, earlier, gate.Policies);
        var list = lists.Of(session, whole.Policies);
        target.Evaluate(StoredEvaluation.Of(whole, list, target.Excepted), whole.NextDue, list, earlier, batch);
        var wasStale = target.WasStale;
        target.Save(session, batch);
        LookupItems.Depend(session, organization, target.Row, resource.Dependencies, wasStale);
    }

    /// <summary>
    /// A policy that was suspended after its revision was read: its purge may not have seen what was written since, so whoever wrote it resolves it.
    /// </summary>
    private async Task RepealAsync(string organization, List<EvaluatedResource> written, VerdictGate gate, CancellationToken cancel)
    {
        if (await exceptions.RevisionAsync(organization, cancel) != gate.ExceptionRevision)
        {
            var failed = written.SelectMany(r => r.Policies.Where(p => p.Verdict is { Verdict: Verdict.Fail })
                .Select(p => new FindingIdentity(r.AccountService, r.Arn, p.PolicyId)));
            await ReconsiderAsync(organization, [.. failed], store.Clock.GetUtcNow(), cancel);
        }

        var now = new CurrentPolicies(await policies.ActiveRevisionsAsync(organization, cancel));
        var gone = written.SelectMany(r => r.Policies).Where(p => gate.Policies.Is(p.PolicyId, p.Revision) && !now.IsActive(p.PolicyId))
            .Select(p => p.PolicyId).Distinct().ToList();
        foreach (var policyId in gone)
        {
            var reason = await policies.FindAsync(organization, policyId, cancel) is null ? ResolvedReason.PolicyDeleted : ResolvedReason.PolicySuspended;
            await ResolveAsync(
                organization, policyId, [.. written.Select(r => (r.AccountService, r.Arn))], reason, store.Clock.GetUtcNow(), cancel);
        }
    }

    private static ApplyOutcome Gate(EvaluatedResource resource, ResourceVerdicts? target, CurrentPolicies current, PolicyList? evaluatedBy) =>
        target is null || !target.Row.IsAlive || target.Row.HashText != resource.Hash
            || target.Row.DescribeTimeMs != resource.DescribeTime.ToUnixTimeMilliseconds() ? ApplyOutcome.ResourceChanged
        : !current.Are(resource.Policies) ? ApplyOutcome.PolicyChanged
        : resource.WholeFingerprint is null && WasGivenLater(target.Evaluation, resource)
            && KnowsMore(target.Evaluation!.StoredVerdicts(evaluatedBy!), resource, current) ? ApplyOutcome.PolicyChanged
        : ApplyOutcome.Applied;

    /// <summary>
    /// Whether the stored verdicts are based on this configuration and are later: then they stay, because a time-dependent policy may have changed its verdict.
    /// </summary>
    private static bool WasGivenLater(StoredEvaluation? stored, EvaluatedResource resource) =>
        stored is not null && stored.Hash == resource.Hash
        && stored.EvaluatedAt.ToUnixTimeMilliseconds() > resource.EvaluatedAt.ToUnixTimeMilliseconds();

    /// <summary>Whether there are valid verdicts of a policy that this evaluation does not include, because it was launched later.</summary>
    private static bool KnowsMore(IEnumerable<StoredVerdict> standing, EvaluatedResource resource, CurrentPolicies current) =>
        standing.Any(v => current.Is(v.PolicyId, v.Revision) && resource.Policies.All(p => p.PolicyId != v.PolicyId));

    /// <summary>An evaluation by some policies, with the valid verdicts of the others.</summary>
    private static EvaluatedResource WithOthers(EvaluatedResource resource, ResourceVerdicts target, PolicyList evaluatedBy, CurrentPolicies current)
    {
        var earlier = target.Evaluation!;
        var evaluated = resource.Policies.Select(p => p.PolicyId).ToHashSet(StringComparer.Ordinal);
        var reasons = earlier.StoredVerdicts(evaluatedBy).ToDictionary(v => v.PolicyId, v => v.Reason);
        var unchanged = earlier.Hash == resource.Hash && earlier.Fingerprint == resource.WholeFingerprint;
        var due = target.NextDue;
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
}
