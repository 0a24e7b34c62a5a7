using Microsoft.Extensions.Logging;
using Qrie.Domain.Accounts;
using Qrie.Domain.Inventory;
using Qrie.Domain.Policies;
using Qrie.Domain.Policies.Lookups;
using Qrie.Domain.Scans;

namespace Qrie.Domain.Findings;

/// <summary>
/// Judges resources and applies the verdicts, for scans and for events alike. Whatever moved while it judged is read and judged again.
/// </summary>
public sealed partial class FindingsReconciler(
    IFindingStore findings, IResourceStore resources, ActivePolicies active, ResourceJudge judge, RelatedLoader loader, TimeProvider clock,
    ILogger<FindingsReconciler> logger)
{
    /// <summary>Resources that are judged in one transaction: a commit waits for the disk.</summary>
    private const int ChunkSize = 2000;

    /// <summary>A resource that keeps moving is being written by somebody else, who judges it too.</summary>
    private const int JudgeAgainAtMost = 5;

    /// <summary>Judges what needs judging in one account_service.</summary>
    /// <param name="counters">Receives what is done, while it is done.</param>
    public async Task ReconcileAsync(Account account, string service, string scanId, ScanCounters counters, CancellationToken cancel)
    {
        var organization = account.Organization;
        var accountService = AccountService.Of(account.AccountId, service);
        var began = clock.GetUtcNow();
        var policies = await active.OfServiceAsync(account, service, cancel);
        if (policies.Ids.Count == 0)
        {
            return;
        }

        counters.Add(ScanCounters.PoliciesEvaluated, policies.Ids.Count);
        // Read before anything is judged: what changes from now on counts as not judged yet.
        var state = await findings.ReadJudgementStateAsync(organization, accountService, cancel);
        foreach (var query in Queries(policies.Fingerprints, state, began))
        {
            JudgementCursor? after = null;
            do
            {
                var chunk = await findings.ReadToJudgeAsync(organization, accountService, query, after, ChunkSize, cancel);
                await JudgeAsync(account, service, policies, chunk.Resources, scanId, counters, cancel);
                after = chunk.Next;
            }
            while (after is not null);
        }

        counters.Add(ScanCounters.ProcessedResources, state.Types.Where(t => policies.Fingerprints.ContainsKey(t.Key)).Sum(t => t.Value.Alive));
        if (counters[ScanCounters.SkippedResources] == 0)
        {
            await findings.RecordJudgedAsync(
                organization, accountService, new JudgedUnit(policies.Ids, policies.Fingerprints, state.Sequence, began), cancel);
        }

        // Else something was given up on, and the next scan must not believe that all was judged.
    }

    /// <summary>
    /// A type that other policies judged is walked whole; of the others only what changed or is due. Nothing of either: nothing is read.
    /// </summary>
    private static IEnumerable<JudgementQuery> Queries(IReadOnlyDictionary<string, string> fingerprints, JudgementState state, DateTimeOffset now)
    {
        var judged = fingerprints.Where(t => state.Types.TryGetValue(t.Key, out var type) && type.Fingerprint == t.Value).ToDictionary();
        var others = fingerprints.Where(t => !judged.ContainsKey(t.Key)).ToDictionary();
        if (others.Count > 0)
        {
            yield return new JudgementQuery(others, now, JudgementWalk.All);
        }

        var since = judged.Keys.Select(type => state.Types[type].Sequence).DefaultIfEmpty(state.Sequence).Min();
        if (since < state.Sequence)
        {
            yield return new JudgementQuery(judged, now, JudgementWalk.Changed, since);
        }

        if (judged.Count > 0 && state.NextDue <= now)
        {
            yield return new JudgementQuery(judged, now, JudgementWalk.Due);
        }
    }

    /// <summary>Judges one resource by the policies that are active now.</summary>
    public async Task JudgeOneAsync(Account account, StoredResource resource, string? scanId, ScanCounters counters, CancellationToken cancel)
    {
        var policies = await active.OfServiceAsync(account, resource.Service, cancel);
        await JudgeAsync(account, resource.Service, policies, [resource], scanId, counters, cancel);
    }

    private async Task JudgeAsync(
        Account account, string service, PolicySet policies, IReadOnlyList<StoredResource> batch, string? scanId, ScanCounters counters,
        CancellationToken cancel)
    {
        for (var attempt = 1; batch.Count > 0; attempt++)
        {
            var now = clock.GetUtcNow();
            var related = await loader.LoadAsync(account, batch, policies.OfType, now, cancel);
            var judged = batch
                .Select(r => judge.Judge(r, policies.OfType(r.Type), policies.Fingerprints.GetValueOrDefault(r.Type, ""), account, now, related))
                .ToList();
            var result = await findings.ApplyAsync(account.Organization, judged, scanId, cancel);
            counters.Add(ScanCounters.FindingsCreated, result.Opened);
            counters.Add(ScanCounters.FindingsClosed, result.Resolved);
            counters.Add(ScanCounters.ResourcesJudged, result.Outcomes.Count(o => o == ApplyOutcome.Applied));
            var moved = batch.Where((_, i) => result.Outcomes[i] != ApplyOutcome.Applied).ToList();
            if (moved.Count > 0 && attempt == JudgeAgainAtMost)
            {
                counters.Add(ScanCounters.SkippedResources, moved.Count);
                Log.GaveUp(logger, moved.Count, account.AccountId, service);
                return;
            }

            if (result.Outcomes.Contains(ApplyOutcome.PolicyMoved))
            {
                policies = await active.OfServiceAsync(account, service, cancel);
            }

            batch = await ReadAgainAsync(account.Organization, moved, cancel);
        }
    }

    private async Task<List<StoredResource>> ReadAgainAsync(string organization, List<StoredResource> moved, CancellationToken cancel)
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
        [LoggerMessage(1, LogLevel.Warning, "{Count} resources of {Account}_{Service} kept changing while they were judged; their newest writer judges them")]
        public static partial void GaveUp(ILogger logger, int count, string account, string service);
    }
}
