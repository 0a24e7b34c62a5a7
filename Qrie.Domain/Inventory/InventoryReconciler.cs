using Microsoft.Extensions.Logging;
using Qrie.Domain.Policies.Lookups;
using Qrie.Domain.Scans;
using Qrie.Domain.Work;

namespace Qrie.Domain.Inventory;

/// <summary>A resource and the unit that reads it.</summary>
public sealed record DescribedResource(CollectionUnit Unit, CollectedResource Resource);

/// <summary>
/// Reconciles the store with what a collector reads, for scans and events alike: writes through the describe-time gate, decides deletions and records coverage.
/// </summary>
public sealed partial class InventoryReconciler(
    IResourceStore resources, ICoverageStore coverage, IResourceCollector collector, LookupKeyReader keysOf, TimeProvider clock,
    ILogger<InventoryReconciler> logger)
{
    /// <summary>A write that is older by less than this may only appear older because clocks differ between replicas: it is described again.</summary>
    private static readonly TimeSpan ClockTolerance = TimeSpan.FromSeconds(30);

    private const int DescribeAgainAtMost = 3;
    private const int DeletionBatch = 200;
    private const int ConfirmationsAtOnce = 8;

    /// <summary>It is suspicious if more than this many resources, and more than half of a type, disappear at once.</summary>
    private const int SuspiciousFrom = 20;

    /// <summary>Reads one unit completely. Errors of AWS become coverage and are returned; they do not throw.</summary>
    /// <param name="scanType">Changes found by an anti-entropy scan are drift: no event reported them.</param>
    /// <param name="counters">Updated as work progresses.</param>
    public async Task<IReadOnlyList<UnitError>> ReconcileAsync(
        string organization, CollectionUnit unit, string scanId, ScanType scanType, ScanCounters counters, CancellationToken cancel)
    {
        var driftOf = scanType == ScanType.AntiEntropy ? scanId : null;
        var errors = new List<UnitError>();
        var oldest = new Dictionary<string, DateTimeOffset>();
        var ahead = new AheadOfClock();
        await foreach (var item in collector.CollectAsync(unit, cancel))
        {
            switch (item)
            {
                case ResourcesCollected collected:
                    foreach (var resource in collected.Resources)
                    {
                        oldest[resource.Type] = Earlier(oldest.GetValueOrDefault(resource.Type, resource.DescribeTime), resource.DescribeTime);
                    }

                    await WriteAsync(organization, [.. collected.Resources.Select(r => new DescribedResource(unit, r))], driftOf, ahead, counters, cancel);
                    break;
                case ResourceGone gone:
                    await DeleteGoneAsync(organization, unit, gone, driftOf, counters, cancel);
                    break;
                case TypeListed listed:
                    // A list shared with other types may have been read before this one began: resources described by it are not absent.
                    var began = Earlier(listed.Began, oldest.GetValueOrDefault(listed.Type, listed.Began));
                    await FinishTypeAsync(organization, unit, listed with { Began = began }, scanId, driftOf, counters, errors, cancel);
                    break;
            }
        }

        if (ahead.Count > 0)
        {
            Log.ClockBehind(logger, ahead.Count, unit.Account.AccountId, unit.Service, ahead.By);
            errors.Add(new UnitError(
                null, WriteOutcome.RefusedAsOlder.ToString(), "ClockBehind",
                $"{ahead.Count} resources were not updated: their stored state was described up to {ahead.By:hh\\:mm\\:ss} later "
                + "than the present by this machine's clock. The clock is wrong, or was wrong when they were described: correct it; "
                + "inventories after that time apply the changes."));
        }

        return errors;
    }

    /// <summary>Writes resources that were described one by one because of events. Returns the outcomes in their order.</summary>
    public Task<IReadOnlyList<ResourceWrite>> WriteDescribedAsync(
        string organization, IReadOnlyList<DescribedResource> described, ScanCounters counters, CancellationToken cancel) =>
        WriteAsync(organization, described, null, new AheadOfClock(), counters, cancel);

    /// <summary>Deletes resources that do not exist according to AWS.</summary>
    public Task DeleteGoneAsync(string organization, IReadOnlyList<ResourceDeletion> gone, ScanCounters counters, CancellationToken cancel) =>
        DeleteAsync(organization, gone, null, counters, cancel);

    private async Task<IReadOnlyList<ResourceWrite>> WriteAsync(
        string organization, IReadOnlyList<DescribedResource> batch, string? driftOf, AheadOfClock ahead, ScanCounters counters, CancellationToken cancel)
    {
        ResourceWrite[] writes =
            [.. await resources.WriteAsync(organization, [.. batch.Select(d => WithKeys(d.Resource))], clock.GetUtcNow(), driftOf, cancel)];
        for (var i = 0; i < batch.Count; i++)
        {
            var ((unit, resource), write) = (batch[i], writes[i]);
            for (var attempt = 1; attempt <= DescribeAgainAtMost && IsOnlyApparentlyOlder(resource, write); attempt++)
            {
                var answer = await collector.CollectOneAsync(unit, resource.Type, resource.Id, cancel);
                if (answer is SingleCollectionResult.Gone gone)
                {
                    await DeleteAsync(organization, [DeletionOf(resource, gone.At)], driftOf, counters, cancel);
                }

                if (answer is not SingleCollectionResult.Found again)
                {
                    break;
                }

                resource = again.Resource;
                writes[i] = write = (await resources.WriteAsync(organization, [WithKeys(resource)], clock.GetUtcNow(), driftOf, cancel))[0];
            }

            ahead.Watch(write, clock.GetUtcNow());
            counters.Add(ScanCounters.ResourcesFound);
            counters.Add(write.Outcome switch
            {
                WriteOutcome.Created => ScanCounters.ResourcesCreated,
                WriteOutcome.Changed => ScanCounters.ResourcesChanged,
                WriteOutcome.RefusedAsOlder => ScanCounters.ResourcesRefused,
                _ => ScanCounters.ResourcesUnchanged,
            });
            if (resource.Unknown.Count > 0)
            {
                counters.Add(ScanCounters.ResourcesIncomplete);
            }
        }

        return writes;
    }

    private CollectedResource WithKeys(CollectedResource resource) => resource with { Keys = keysOf(resource) };

    private static ResourceDeletion DeletionOf(CollectedResource resource, DateTimeOffset at) => new(
        AccountService.Of(resource.AccountId, resource.Service), resource.Arn, resource.Type, resource.Id, resource.Region, resource.ListedIn, at);

    private static DateTimeOffset Earlier(DateTimeOffset one, DateTimeOffset other) => one < other ? one : other;

    private static bool IsOnlyApparentlyOlder(CollectedResource resource, ResourceWrite write) =>
        write.Outcome == WriteOutcome.RefusedAsOlder && write.StoredDescribeTime - resource.DescribeTime < ClockTolerance;

    private async Task DeleteGoneAsync(
        string organization, CollectionUnit unit, ResourceGone gone, string? driftOf, ScanCounters counters, CancellationToken cancel)
    {
        var scope = new ListScope(unit.Account.AccountId, unit.Service, unit.Region, gone.Type);
        if (await resources.FindByIdAsync(organization, scope, gone.Id, cancel) is { } stored)
        {
            await DeleteAsync(organization, [ResourceDeletion.Of(stored, gone.At)], driftOf, counters, cancel);
        }
    }

    private async Task FinishTypeAsync(
        string organization, CollectionUnit unit, TypeListed listed, string scanId, string? driftOf, ScanCounters counters, List<UnitError> errors,
        CancellationToken cancel)
    {
        var suspicious = listed.Outcome == ListOutcome.Complete
            && await DeleteAbsentAsync(organization, unit, listed, driftOf, counters, cancel);
        if (listed.Outcome != ListOutcome.Complete)
        {
            Log.ListEnded(logger, listed.Type, unit.Account.AccountId, unit.Region, listed.Outcome, listed.ErrorCode, listed.Message);
            errors.Add(new UnitError(listed.Type, listed.Outcome.ToString(), listed.ErrorCode ?? "Unknown", listed.Message ?? ""));
        }

        var now = clock.GetUtcNow();
        await coverage.RecordAsync(
            organization,
            new Coverage
            {
                AccountId = unit.Account.AccountId,
                Region = unit.Region,
                Service = unit.Service,
                Type = listed.Type,
                Outcome = listed.Outcome,
                ErrorCode = listed.ErrorCode,
                Message = listed.Message,
                CheckedAt = now,
                LastSuccessAt = listed.Outcome == ListOutcome.Complete ? now : null,
                Suspicious = suspicious,
                ScanId = scanId,
            },
            cancel);
    }

    /// <summary>
    /// Absence from a complete list is only a suspicion. It is confirmed by reading the resource by itself or, if that is inconclusive, by absence from a
    /// second complete list. Returns true if suspiciously many were absent, in which case only those that AWS confirmed were deleted.
    /// </summary>
    private async Task<bool> DeleteAbsentAsync(
        string organization, CollectionUnit unit, TypeListed listed, string? driftOf, ScanCounters counters, CancellationToken cancel)
    {
        var scope = new ListScope(unit.Account.AccountId, unit.Service, unit.Region, listed.Type);
        var accountService = AccountService.Of(scope.AccountId, scope.Service);
        var alive = await resources.CountAsync(organization, scope, cancel);
        var suspicious = await IsSuspiciousAsync(organization, scope, listed.Began, alive, cancel);
        string? after = null;
        while (true)
        {
            var absent = await resources.FindAbsentAsync(organization, scope, listed.Began, after, DeletionBatch, cancel);
            if (absent.Count == 0)
            {
                break;
            }

            after = absent[^1].Resource.Arn;
            var answers = await ConfirmAsync(unit, listed.Type, absent, cancel);
            var deletions = new List<ResourceDeletion>();
            var suspects = new List<string>();
            for (var i = 0; i < absent.Count; i++)
            {
                switch (answers[i])
                {
                    case SingleCollectionResult.Gone gone:
                        deletions.Add(ResourceDeletion.Of(absent[i].Resource, gone.At));
                        break;
                    case SingleCollectionResult.Found found when found.Resource.Arn != absent[i].Resource.Arn:
                        // The id belongs to another ARN now: a user with another path, or settings that were read in the wrong partition.
                        deletions.Add(ResourceDeletion.Of(absent[i].Resource, found.Resource.DescribeTime));
                        break;
                    case SingleCollectionResult.Found found:
                        await WriteAsync(organization, [new DescribedResource(unit, found.Resource)], driftOf, new AheadOfClock(), counters, cancel);
                        break;
                    case SingleCollectionResult.Unreadable when absent[i].AbsentSince is not null && !suspicious:
                        deletions.Add(ResourceDeletion.Of(absent[i].Resource, listed.Began));
                        break;
                    default:
                        suspects.Add(absent[i].Resource.Arn);
                        break;
                }
            }

            await DeleteAsync(organization, deletions, driftOf, counters, cancel);
            await resources.MarkAbsentAsync(organization, accountService, suspects, listed.Began, cancel);
            counters.Add(ScanCounters.ResourcesSuspected, suspects.Count);
        }

        if (suspicious)
        {
            Log.SuspiciouslyManyAbsent(logger, listed.Type, unit.Account.AccountId, unit.Region, alive);
        }

        return suspicious;
    }

    private async Task<bool> IsSuspiciousAsync(
        string organization, ListScope scope, DateTimeOffset listBegan, long alive, CancellationToken cancel)
    {
        if (alive <= SuspiciousFrom)
        {
            return false;
        }

        var needed = (int)Math.Max(SuspiciousFrom + 1, (alive / 2) + 1);
        var absent = await resources.FindAbsentAsync(organization, scope, listBegan, null, needed, cancel);
        return absent.Count >= needed;
    }

    private async Task<SingleCollectionResult[]> ConfirmAsync(
        CollectionUnit unit, string type, IReadOnlyList<AbsentResource> absent, CancellationToken cancel)
    {
        var answers = new SingleCollectionResult[absent.Count];
        await Parallel.ForAsync(0, absent.Count, new ParallelOptions { MaxDegreeOfParallelism = ConfirmationsAtOnce, CancellationToken = cancel },
            async (i, token) => answers[i] = await collector.CollectOneAsync(unit, type, absent[i].Resource.Id, token));
        return answers;
    }

    private async Task DeleteAsync(
        string organization, IReadOnlyList<ResourceDeletion> deletions, string? driftOf, ScanCounters counters, CancellationToken cancel)
    {
        if (deletions.Count > 0)
        {
            var deleted = await resources.DeleteAsync(organization, deletions, clock.GetUtcNow(), driftOf, cancel);
            counters.Add(ScanCounters.ResourcesDeleted, deleted.Count);
        }
    }

    /// <summary>
    /// Refused writes whose stored state is from the future: they were not overtaken by events; the clock was set back. They stay refused, because the times do
    /// not tell which state is newer, but this must be reported.
    /// </summary>
    private sealed class AheadOfClock
    {
        public int Count { get; private set; }

        /// <summary>The largest difference.</summary>
        public TimeSpan By { get; private set; }

        public void Watch(ResourceWrite write, DateTimeOffset now)
        {
            var by = write.StoredDescribeTime - now;
            if (write.Outcome == WriteOutcome.RefusedAsOlder && by >= ClockTolerance)
            {
                Count++;
                By = by > By ? by : By;
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(3, LogLevel.Warning,
            "{Count} resources of {Account}_{Service} were not updated: their stored state was described up to {Ahead} later than the present "
            + "by this machine's clock")]
        public static partial void ClockBehind(ILogger logger, int count, string account, string service, TimeSpan ahead);

        [LoggerMessage(1, LogLevel.Warning, "The list of {Type} in {Account}, {Region} ended {Outcome}: {Code} {Message}")]
        public static partial void ListEnded(
            ILogger logger, string type, string account, string region, ListOutcome outcome, string? code, string? message);

        [LoggerMessage(2, LogLevel.Warning,
            "More than half of the {Alive} stored {Type} in {Account}, {Region} were absent: only those that AWS confirmed as deleted were deleted")]
        public static partial void SuspiciouslyManyAbsent(ILogger logger, string type, string account, string region, long alive);
    }
}
