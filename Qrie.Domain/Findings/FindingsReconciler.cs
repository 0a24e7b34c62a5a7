using Microsoft.Extensions.Logging;
using Qrie.Domain.Accounts;
using Qrie.Domain.Catalog;
using Qrie.Domain.Inventory;
using Qrie.Domain.Policies;
using Qrie.Domain.Policies.Lookups;
using Qrie.Domain.Work;

namespace Qrie.Domain.Findings;

/// <summary>
/// Evaluates resources and applies the verdicts, for scans and events alike. Resources and policies that change meanwhile are read and evaluated again.
/// </summary>
public sealed partial class FindingsReconciler(
    IFindingStore findings, IResourceStore resources, ActivePolicies active, ResourceEvaluator evaluator, RelatedLoader loader, EvaluationThrottle throttle,
    TimeProvider clock,
    ILogger<FindingsReconciler> logger)
{
    /// <summary>Resources per read: few, so that their configurations are collected in generation 0.</summary>
    private const int ReadAtOnce = 500;

    /// <summary>
    /// Minimum number of verdicts per transaction, because a commit waits for the disk. Larger batches would survive into full garbage collections.
    /// </summary>
    private const int WriteAtLeast = 1000;

    /// <summary>A resource that keeps changing is being written by another process, which evaluates it too.</summary>
    private const int MaxAttempts = 5;

    /// <summary>Evaluates the resources of one account_service whose verdicts are missing, outdated or due.</summary>
    /// <param name="counters">Updated as work progresses.</param>
    /// <param name="leastSeverity">Only policies of at least this severity are evaluated; the verdicts of the others stay.</param>
    public async Task ReconcileAsync(
        Account account, string service, string scanId, ScanCounters counters, CancellationToken cancel, int leastSeverity = Severities.Min)
    {
        var organization = account.Organization;
        var accountService = AccountService.Of(account.AccountId, service);
        var began = clock.GetUtcNow();
        var all = await active.OfServiceAsync(account, service, cancel);
        var policies = leastSeverity > Severities.Min ? all.AtLeast(leastSeverity, account) : all;
        if (policies.Ids.Count == 0)
        {
            return;
        }

        counters.Add(ScanCounters.PoliciesEvaluated, policies.Ids.Count);
        // Read before the evaluation: changes from now on count as not evaluated yet.
        var state = await findings.ReadEvaluationProgressAsync(organization, accountService, cancel);
        foreach (var query in Queries(policies, all, state, began))
        {
            EvaluationCursor? after = null;
            do
            {
                var from = after;
                (var evaluated, after) = await throttle.RunAsync(() => EvaluateNextAsync(account, service, policies, all, query, from, cancel), cancel);
                await ApplyAsync(account, service, evaluated, scanId, counters, cancel, leastSeverity); // mostly waits for other writers and the disk
            }
            while (after is not null);
        }

        counters.Add(ScanCounters.ProcessedResources, state.Types.Where(t => policies.Fingerprints.ContainsKey(t.Key)).Sum(t => t.Value.Alive));
        if (counters[ScanCounters.SkippedResources] == 0)
        {
            // Types are evaluated as a whole only by all policies.
            var whole = ReferenceEquals(policies, all) ? policies.Fingerprints : new Dictionary<string, string>();
            await findings.RecordEvaluatedAsync(
                organization, accountService, new EvaluatedUnit(policies.Ids, whole, state.Sequence, began), cancel);
        }

        // Otherwise some resources were skipped, and the next scan must not assume that all were evaluated.
    }

    /// <summary>Evaluates one write batch and returns where to continue; null if it was the last.</summary>
    private async Task<(List<EvaluatedResource> Evaluated, EvaluationCursor? Next)> EvaluateNextAsync(
        Account account, string service, PolicySet policies, PolicySet all, EvaluationQuery query, EvaluationCursor? after, CancellationToken cancel)
    {
        var evaluated = new List<EvaluatedResource>(WriteAtLeast + ReadAtOnce);
        do
        {
            var chunk = await findings.ReadPendingAsync(account.Organization, AccountService.Of(account.AccountId, service), query, after, ReadAtOnce, cancel);
            evaluated.AddRange(await EvaluateAsync(account, policies, all, chunk.Resources, cancel));
            after = chunk.Next;
        }
        while (evaluated.Count < WriteAtLeast && after is not null);
        return (evaluated, after);
    }

    /// <summary>
    /// Types that were evaluated with other policies are evaluated completely; of the others only changed or due resources are read, if there are any.
    /// </summary>
    private static IEnumerable<EvaluationQuery> Queries(PolicySet policies, PolicySet all, EvaluationProgress state, DateTimeOffset now)
    {
        var (fingerprints, or) = (policies.Fingerprints, ReferenceEquals(policies, all) ? null : all.Fingerprints);
        var evaluated = fingerprints
            .Where(t => state.Types.TryGetValue(t.Key, out var type) && type.Fingerprint == all.Fingerprints[t.Key]).ToDictionary();
        var others = fingerprints.Where(t => !evaluated.ContainsKey(t.Key)).ToDictionary();
        if (others.Count > 0)
        {
            yield return new EvaluationQuery(others, now, EvaluationSelection.All, OrFingerprints: or);
        }

        var since = evaluated.Keys.Select(type => state.Types[type].Sequence).DefaultIfEmpty(state.Sequence).Min();
        if (since < state.Sequence)
        {
            yield return new EvaluationQuery(evaluated, now, EvaluationSelection.Changed, since, or);
        }

        if (evaluated.Count > 0 && state.NextDue <= now)
        {
            yield return new EvaluationQuery(evaluated, now, EvaluationSelection.Due, OrFingerprints: or);
        }
    }

    /// <summary>Evaluates resources of one account_service, given with their configurations, with the policies that are active now.</summary>
    /// <param name="scanId">Null for an event.</param>
    public async Task EvaluateAsync(
        Account account, string service, IReadOnlyList<StoredResource> changed, string? scanId, ScanCounters counters, CancellationToken cancel)
    {
        var policies = await active.OfServiceAsync(account, service, cancel);
        await ApplyAsync(account, service, await EvaluateAsync(account, policies, policies, changed, cancel), scanId, counters, cancel);
    }

    /// <param name="all">All active policies; the same as <paramref name="policies"/> if all of them are evaluated.</param>
    private async Task<List<EvaluatedResource>> EvaluateAsync(
        Account account, PolicySet policies, PolicySet all, IReadOnlyList<StoredResource> batch, CancellationToken cancel)
    {
        var now = clock.GetUtcNow();
        var related = await loader.LoadAsync(account, batch, policies.OfType, now, cancel);
        return [.. batch.Select(r =>
        {
            var evaluated = evaluator.Evaluate(r, policies.OfType(r.Type), policies.Fingerprints.GetValueOrDefault(r.Type, ""), account, now, related);
            return ReferenceEquals(policies, all) ? evaluated : evaluated with { WholeFingerprint = all.Fingerprints.GetValueOrDefault(r.Type, "") };
        })];
    }

    /// <summary>Stores verdicts; evaluates again those that became outdated meanwhile.</summary>
    private async Task ApplyAsync(
        Account account, string service, List<EvaluatedResource> evaluated, string? scanId, ScanCounters counters, CancellationToken cancel,
        int leastSeverity = Severities.Min)
    {
        for (var attempt = 1; evaluated.Count > 0; attempt++)
        {
            var result = await findings.ApplyAsync(account.Organization, evaluated, scanId, cancel);
            counters.Add(ScanCounters.FindingsCreated, result.Opened);
            counters.Add(ScanCounters.FindingsClosed, result.Resolved);
            counters.Add(ScanCounters.ResourcesEvaluated, result.Outcomes.Count(o => o == ApplyOutcome.Applied));
            FindingTelemetry.Evaluated(evaluated.Where((_, i) => result.Outcomes[i] == ApplyOutcome.Applied));
            var moved = evaluated.Where((_, i) => result.Outcomes[i] != ApplyOutcome.Applied).ToList();
            if (moved.Count == 0)
            {
                return;
            }

            if (attempt == MaxAttempts)
            {
                counters.Add(ScanCounters.SkippedResources, moved.Count);
                Log.GaveUp(logger, moved.Count, account.AccountId, service);
                return;
            }

            var all = await active.OfServiceAsync(account, service, cancel); // they may be what changed
            var policies = leastSeverity > Severities.Min ? all.AtLeast(leastSeverity, account) : all;
            evaluated = await EvaluateAsync(account, policies, all, await ReadAgainAsync(account.Organization, moved, cancel), cancel);
        }
    }

    private async Task<List<StoredResource>> ReadAgainAsync(string organization, List<EvaluatedResource> moved, CancellationToken cancel)
    {
        var again = new List<StoredResource>(moved.Count);
        foreach (var resource in moved)
        {
            if (await resources.FindAsync(organization, resource.AccountService, resource.Arn, cancel) is { DeletedAt: null } current)
            {
                again.Add(current);
            }
        }

        return again;
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning,
            "{Count} resources of {Account}_{Service} kept changing while they were evaluated; they are evaluated by the last writer")]
        public static partial void GaveUp(ILogger logger, int count, string account, string service);
    }
}
