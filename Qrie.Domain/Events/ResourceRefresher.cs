using Microsoft.Extensions.Logging;
using Qrie.Domain.Catalog;
using Qrie.Domain.Findings;
using Qrie.Domain.Inventory;
using Qrie.Domain.Validation;
using Qrie.Domain.Work;
using Qrie.JmesPath;

namespace Qrie.Domain.Events;

/// <summary>
/// Refreshes the resources that events affect: describes, stores and evaluates them with the same code as scans. The order of events does not matter, because
/// the current state is read from AWS.
/// </summary>
public sealed partial class ResourceRefresher(
    IResourceCollector collector, IResourceStore resources, IFindingStore findings, InventoryReconciler inventory, FindingsReconciler reconciler,
    StaleEvaluations stale, ICatalog catalog, EventBudget budget, EventSettings settings, TimeProvider clock, ILogger<ResourceRefresher> logger)
{
    /// <summary><c>eventTime</c> is truncated to whole seconds.</summary>
    private static readonly TimeSpan EventTimeResolution = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Refreshes targets and their related resources. The results are those of the targets, in order, followed by those of related resources.
    /// </summary>
    public async Task<IReadOnlyList<RefreshedTarget>> RefreshAsync(IReadOnlyList<EventTarget> targets, CancellationToken cancel)
    {
        var looked = await DescribeAsync(targets, cancel);
        var known = targets.Select(t => t.Key).ToHashSet();
        var beside = looked.SelectMany(Beside).GroupBy(t => t.Key).Where(g => !known.Contains(g.Key))
            .Select(g => g.Aggregate((one, other) => one.With(other))).ToList();
        var all = looked.Concat(await DescribeAsync(beside, cancel)).ToList();
        await StoreAsync(all, cancel);
        await EvaluateAsync(all, cancel);
        await EvaluateDependentsAsync(all, cancel);
        return [
            .. all.Select(l => new RefreshedTarget(l.Target, l.Outcome, l.Found is not null, l.AskedAt, l.Problem)
            {
                IsTransitional = l.Found is { } found && IsTransitional(l.Target, found),
            })];
    }

    /// <summary>
    /// Marks stored resources as entirely unknown: they changed, but the change could not be read. Their findings stay; the next successful description clears
    /// the mark.
    /// </summary>
    public async Task MarkUnknownAsync(IReadOnlyList<RefreshedTarget> unclear, CancellationToken cancel)
    {
        var marked = new List<PendingTarget>();
        foreach (var target in unclear.Where(f => f.Outcome == RefreshOutcome.Unreadable))
        {
            if (await FindStoredAsync(target.Target, cancel) is { DeletedAt: null } stored
                && await resources.FindAsync(target.Target.Account.Organization, stored.AccountService, stored.Arn, cancel) is { DeletedAt: null } whole)
            {
                var code = target.Problem!.Split(':')[0];
                marked.Add(new PendingTarget(target.Target)
                {
                    Found = UnknownResource.Of(whole, code, target.Target.Type.Volatile, target.AskedAt),
                    Stored = stored
                });
            }
        }

        await StoreAsync(marked, cancel);
        await EvaluateAsync(marked, cancel);
    }

    private async Task<List<PendingTarget>> DescribeAsync(IReadOnlyList<EventTarget> targets, CancellationToken cancel)
    {
        var pendingTargets = targets.Select(t => new PendingTarget(t)).ToList();
        await Parallel.ForEachAsync(
            pendingTargets, new ParallelOptions { MaxDegreeOfParallelism = settings.DescribesAtOnce, CancellationToken = cancel },
            async (item, token) => await DescribeAsync(item, token));
        return pendingTargets;
    }

    private async Task DescribeAsync(PendingTarget item, CancellationToken cancel)
    {
        var target = item.Target;
        item.AskedAt = clock.GetUtcNow();
        item.Stored = await FindStoredAsync(target, cancel);
        if (item.Stored is { } stored && target.EventTime is { } time && time + EventTimeResolution + settings.StaleMargin <= stored.DescribeTime)
        {
            (item.Outcome, item.AskedAt) = (RefreshOutcome.Stale, stored.DescribeTime);
            return;
        }

        if (!budget.TryTakeResource(target.Account))
        {
            item.Outcome = RefreshOutcome.OverBudget;
            return;
        }

        try
        {
            switch (await collector.CollectOneAsync(target.Unit, target.Type.Type, target.Id, cancel))
            {
                case SingleCollectionResult.Found found:
                    item.Found = found.Resource;
                    break;
                case SingleCollectionResult.Gone gone:
                    item.GoneAt = gone.At;
                    break;
                case SingleCollectionResult.Unreadable unclear:
                    (item.Outcome, item.Problem) = (RefreshOutcome.Unreadable, $"{unclear.ErrorCode}: {unclear.Message}");
                    break;
            }
        }
        catch (Exception e) when (e is not (OperationCanceledException or OutOfMemoryException or StoreUnavailableException))
        {
            // One resource that cannot be described must not affect the others of the batch.
            Log.NotDescribed(logger, e, target.Type.Type, SafeText.Clean(target.Id), target.Account.AccountId);
            (item.Outcome, item.Problem) = (RefreshOutcome.Unreadable, $"{e.GetType().Name}: {e.Message}");
        }
    }

    /// <summary>Finds deleted resources too when looked up by ARN. Loads the configuration only if rules read it.</summary>
    private async Task<StoredResource?> FindStoredAsync(EventTarget target, CancellationToken cancel)
    {
        var organization = target.Account.Organization;
        if (target.Id.StartsWith("arn:", StringComparison.Ordinal))
        {
            return await resources.FindAsync(organization, target.AccountService, target.Id, cancel);
        }

        var stored = await resources.FindByIdAsync(organization, target.Scope, target.Id, cancel);
        return stored is not null && target.Also.Count > 0 ? await resources.FindAsync(organization, stored.AccountService, stored.Arn, cancel) : stored;
    }

    private IEnumerable<EventTarget> Beside(PendingTarget item)
    {
        if (item.Target.Also.Count == 0 || item.Outcome is RefreshOutcome.Stale or RefreshOutcome.Unreadable or RefreshOutcome.OverBudget)
        {
            yield break;
        }

        var context = new EvaluationContext
        {
            Variables = new Dictionary<string, JmesValue>
            {
                ["stored"] = item.Before is { } before ? JmesValue.FromElement(before) : JmesValue.Null,
                ["self"] = item.Found is { } after ? JmesValue.FromElement(after.Configuration) : JmesValue.Null,
            },
        };
        foreach (var (type, expression) in item.Target.Also)
        {
            foreach (var id in Ids(expression, context))
            {
                if (catalog.Current.FindType(type) is { } definition)
                {
                    var listedIn = definition.Scope is ResourceScope.Global ? Regions.Global : item.Target.ListedIn;
                    yield return new EventTarget(item.Target.Account, definition, id, listedIn, item.Target.EventTime, []);
                }
            }
        }
    }

    private List<string> Ids(JmesPathExpression expression, EvaluationContext context)
    {
        try
        {
            var value = expression.Evaluate(JmesValue.Null, context);
            JmesValue[] values = value.Kind is JmesKind.Array ? [.. value.EnumerateArray()] : [value];
            return [.. values.Where(v => v.Kind is JmesKind.String).Select(v => v.GetString()).Where(id => id.Length > 0)];
        }
        catch (JmesPathException failure)
        {
            Log.AlsoFailed(logger, failure, expression.Text);
            return [];
        }
    }

    private async Task StoreAsync(List<PendingTarget> pendingTargets, CancellationToken cancel)
    {
        foreach (var group in pendingTargets.GroupBy(l => l.Target.Account.Organization))
        {
            var found = group.Where(l => l.Found is not null).ToList();
            var counters = new ScanCounters();
            if (found.Count > 0)
            {
                var writes = await inventory.WriteDescribedAsync(
                    group.Key, [.. found.Select(l => new DescribedResource(l.Target.Unit, l.Found!))], counters, cancel);
                var now = clock.GetUtcNow();
                for (var i = 0; i < found.Count; i++)
                {
                    found[i].Outcome = writes[i].Outcome is WriteOutcome.Created or WriteOutcome.Changed ? RefreshOutcome.Changed : RefreshOutcome.Unchanged;
                    if (writes[i].Outcome == WriteOutcome.RefusedAsOlder && writes[i].StoredDescribeTime > now)
                    {
                        found[i].ClockBehind(writes[i].StoredDescribeTime);
                    }
                }
            }

            // A resource that was never stored needs no deletion record: its next description is newer anyway.
            var gone = group.Where(l => l is { GoneAt: not null, Stored.DeletedAt: null }).ToList();
            foreach (var item in gone)
            {
                item.Outcome = RefreshOutcome.Changed;
                if (item.Stored!.DescribeTime > item.GoneAt)
                {
                    item.ClockBehind(item.Stored.DescribeTime);
                }
            }

            await inventory.DeleteGoneAsync(group.Key, [.. gone.Select(l => ResourceDeletion.Of(l.Stored!, l.GoneAt!.Value))], counters, cancel);
        }
    }

    /// <summary>Evaluates resources that changed now, or changed before a crash and were not evaluated since.</summary>
    private async Task EvaluateAsync(List<PendingTarget> pendingTargets, CancellationToken cancel)
    {
        foreach (var group in pendingTargets.Where(l => l.GoneAt is null && l.Outcome != RefreshOutcome.Unreadable)
            .GroupBy(l => (l.Target.Account.Organization, l.Target.AccountService)))
        {
            var (organization, accountService) = group.Key;
            var pending = new List<StoredResource>();
            foreach (var arn in group.Select(l => l.Found?.Arn ?? l.Stored?.Arn).OfType<string>().Distinct())
            {
                if (await resources.FindAsync(organization, accountService, arn, cancel) is { DeletedAt: null } stored
                    && (await findings.FindEvaluationAsync(organization, accountService, arn, cancel))?.Hash != stored.Hash)
                {
                    pending.Add(stored);
                }
            }

            if (pending.Count > 0)
            {
                var target = group.First().Target;
                await reconciler.EvaluateAsync(target.Account, target.Type.Service, pending, null, new ScanCounters(), cancel);
            }
        }
    }

    /// <summary>
    /// Evaluates dependents of these resources. What exceeds one batch, or was interrupted by a crash, is left to <see cref="RecheckRunner"/>.
    /// </summary>
    private async Task EvaluateDependentsAsync(List<PendingTarget> pendingTargets, CancellationToken cancel)
    {
        var changed = pendingTargets.Where(l => l.Outcome == RefreshOutcome.Changed && catalog.Current.LookupKeysOf(l.Target.Type.Type).Any());
        foreach (var organization in changed.Select(l => l.Target.Account.Organization).Distinct())
        {
            await stale.EvaluateAsync(organization, cancel);
        }
    }

    /// <summary>AWS sends no event when a transitional state ends.</summary>
    private bool IsTransitional(EventTarget target, CollectedResource found)
    {
        if (target.Type.Settled is not { } settled)
        {
            return false;
        }

        try
        {
            var context = new EvaluationContext
            {
                Variables = new Dictionary<string, JmesValue>
                {
                    ["account"] = JmesValue.FromString(target.Account.AccountId),
                    ["region"] = JmesValue.FromString(found.Region),
                    ["id"] = JmesValue.FromString(found.Id),
                    ["arn"] = JmesValue.FromString(found.Arn),
                },
            };
            return !settled.Evaluate(JmesValue.FromElement(found.Configuration), context).IsTruthy;
        }
        catch (JmesPathException failure)
        {
            Log.SettledFailed(logger, failure, settled.Text);
            return false;
        }
    }

    /// <summary>A target being refreshed.</summary>
    private sealed class PendingTarget(EventTarget target)
    {
        public EventTarget Target { get; } = target;

        public StoredResource? Stored { get; set; }

        public DateTimeOffset AskedAt { get; set; }

        public System.Text.Json.JsonElement? Before => Stored?.Configuration;

        public CollectedResource? Found { get; set; }

        public DateTimeOffset? GoneAt { get; set; }

        public RefreshOutcome Outcome { get; set; } = RefreshOutcome.Unchanged;

        public string? Problem { get; set; }

        /// <summary>The stored describe time lies in the future, so the new description was not stored; it must not be reported as stored.</summary>
        public void ClockBehind(DateTimeOffset stored) =>
            (Outcome, Problem) = (RefreshOutcome.Unreadable, $"ClockBehind: it was described at {stored:O}, which is in the future by this machine's clock");
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "Could not describe {Type} {Id} of {Account}")]
        public static partial void NotDescribed(ILogger logger, Exception exception, string type, string id, string account);

        [LoggerMessage(3, LogLevel.Warning, "Could not evaluate '{Expression}', which tells whether the resource is still changing")]
        public static partial void SettledFailed(ILogger logger, Exception exception, string expression);

        [LoggerMessage(2, LogLevel.Warning, "Could not evaluate '{Expression}', which finds related resources")]
        public static partial void AlsoFailed(ILogger logger, Exception exception, string expression);
    }
}
