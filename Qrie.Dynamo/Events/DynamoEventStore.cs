using System.Globalization;
using Qrie.Domain;
using Qrie.Domain.Events;
using Qrie.Dynamo.Alerts;
using Qrie.Dynamo.Client;
using Qrie.Dynamo.Items;
using Qrie.Dynamo.Outbox;
using Qrie.Dynamo.Tables;
using Qrie.Dynamo.Writes;

namespace Qrie.Dynamo.Events;

internal sealed class DynamoEventStore(DynamoStore store, OutboxApplier outbox, AlertRuleItems rules) : IEventStore
{
    private const string Organization = "Organization";
    private const string Sort = "DeadSort";
    internal const string OutcomeName = "outcome\n";
    internal const string LagName = "lag\n";

    /// <summary>Each changes two items at most.</summary>
    private const int ResultsAtOnce = 40;

    /// <summary>How long the traces of batches are kept.</summary>
    private static readonly TimeSpan s_tracesKept = TimeSpan.FromDays(1);

    private readonly RecheckItems _rechecks = new(store);

    public async Task SaveBatchAsync(EventBatch batch, CancellationToken cancel)
    {
        // A batch that is interrupted here is processed again: to schedule a recheck twice only renews it.
        await _rechecks.ScheduleAsync(batch.Rechecks, cancel);
        List<MessageResult> results = [.. batch.Results];
        foreach (var (dead, result) in batch.Dead)
        {
            // A message that is already recorded as dead, and was redelivered before its queue moved it, has been counted.
            if (await AddDeadAsync(dead, await rules.WantedAsync(dead.Organization, cancel), cancel))
            {
                results.Add(result);
            }
        }

        foreach (var (organization, some) in results.GroupBy(r => r.Organization).SelectMany(g => g.Chunk(ResultsAtOnce).Select(some => (g.Key, some))))
        {
            await store.WriteAsync(session => CountAsync(session, organization, some, batch.At), cancel);
        }
    }

    public Task<IReadOnlyList<Recheck>> ClaimDueAsync(bool whole, DateTimeOffset now, TimeSpan lease, int limit, CancellationToken cancel) =>
        _rechecks.ClaimDueAsync(whole, now, lease, limit, cancel);

    public Task<bool> RenewAsync(Recheck recheck, DateTimeOffset now, TimeSpan lease, CancellationToken cancel) =>
        _rechecks.RenewAsync(recheck, now + lease, cancel);

    public Task AdvanceAsync(IReadOnlyList<(Recheck Recheck, Recheck? Next)> rechecks, CancellationToken cancel) =>
        _rechecks.AdvanceAsync(rechecks, cancel);

    public Task<Page<DeadEvent>> ListDeadAsync(string organization, PageRequest page, CancellationToken cancel) =>
        store.PageAsync<DeadEvent>(
            new ItemQuery(StoreTables.State, DeadOf(organization)) { Strong = true }, page.Size,
            page.After is { } after ? SortOf(Documents.Time(after[0]), after[1]) : null, dead => [Documents.Ms(dead.At), dead.MessageId], null, cancel);

    public async Task<IReadOnlyList<DeadEvent>> FindDeadAsync(
        string organization, IReadOnlyCollection<string>? messageIds, int limit, CancellationToken cancel)
    {
        if (messageIds is null)
        {
            var all = await store.PageAsync<DeadEvent>(
                new ItemQuery(StoreTables.State, DeadOf(organization)) { Descending = true, Strong = true }, limit, null, _ => [], null, cancel);
            return [.. all.Items.OrderBy(d => d.At).ThenBy(d => d.MessageId, StringComparer.Ordinal)];
        }

        var found = new List<DeadEvent>();
        foreach (var owner in (await OwnersAsync(messageIds, cancel)).Where(o => o.Organization == organization))
        {
            if (await store.FindAsync<DeadEvent>(Documents.Key(DeadOf(organization), owner.Sort), cancel) is { } dead)
            {
                found.Add(dead);
            }
        }

        return [.. found.OrderBy(d => d.At).ThenBy(d => d.MessageId, StringComparer.Ordinal).Take(limit)];
    }

    public async Task<IReadOnlyDictionary<string, string>> FindOwnersOfDeadAsync(IReadOnlyCollection<string> messageIds, CancellationToken cancel) =>
        (await OwnersAsync(messageIds, cancel)).ToDictionary(o => o.MessageId, o => o.Organization);

    public async Task DeleteDeadAsync(string organization, IReadOnlyCollection<string> messageIds, CancellationToken cancel)
    {
        foreach (var owner in (await OwnersAsync(messageIds, cancel)).Where(o => o.Organization == organization))
        {
            await store.WriteAsync(
                async session =>
                {
                    await session.DeleteAsync(Documents.Key(DeadOf(organization), owner.Sort));
                    session.Remove(OwnerKey(owner.MessageId));
                },
                cancel);
        }
    }

    public async Task<long> CountDeadAsync(string organization, CancellationToken cancel) =>
        (await store.ListAsync(new ItemQuery(StoreTables.State, DeadOf(organization)) { Strong = true }, cancel)).Count;

    public async Task<EventHealth> ReadHealthAsync(string organization, DateTimeOffset since, CancellationToken cancel)
    {
        var outcomes = new Dictionary<(string AccountId, string Region, string Outcome), long>();
        var lags = new Dictionary<(string AccountId, string Region, bool Evaluated, int Bucket), long>();
        await foreach (var item in store.Calls.QueryAllAsync(
            new ItemQuery(StoreTables.State, CountsOf(organization)) { From = DayOf(since), Strong = true }, cancel))
        {
            var key = item.RequiredText(StoreTables.State.Range!).Split(KeyText.Separator);
            foreach (var name in item.Attributes.Keys)
            {
                if (name.StartsWith(OutcomeName, StringComparison.Ordinal))
                {
                    Add(outcomes, (key[1], key[2], name[OutcomeName.Length..]), item.RequiredNumber(name));
                }
                else if (name.StartsWith(LagName, StringComparison.Ordinal))
                {
                    var parts = name.Split(KeyText.Separator);
                    Add(lags, (key[1], key[2], parts[1] == "1", int.Parse(parts[2], CultureInfo.InvariantCulture)), item.RequiredNumber(name));
                }
            }
        }

        return new EventHealth(
            await ListRegionsAsync(organization, null, cancel),
            [
                .. outcomes.OrderBy(o => o.Key.AccountId, StringComparer.Ordinal).ThenBy(o => o.Key.Region, StringComparer.Ordinal)
                    .ThenBy(o => o.Key.Outcome, StringComparer.Ordinal)
                    .Select(o => (o.Key.AccountId, o.Key.Region, Json.Parse<MessageOutcome>(o.Key.Outcome), o.Value)),
            ],
            [
                .. lags.OrderBy(l => l.Key.AccountId, StringComparer.Ordinal).ThenBy(l => l.Key.Region, StringComparer.Ordinal)
                    .ThenBy(l => l.Key.Evaluated).ThenBy(l => l.Key.Bucket)
                    .Select(l => new EventLag(l.Key.AccountId, l.Key.Region, l.Key.Evaluated, l.Key.Bucket, l.Value)),
            ],
            await _rechecks.CountAsync(organization, cancel),
            await CountDeadAsync(organization, cancel));
    }

    public async Task<IReadOnlyList<EventRegion>> ListRegionsAsync(string organization, string? accountId, CancellationToken cancel) =>
        await store.ListAsync<EventRegion>(
            new ItemQuery(StoreTables.State, RegionsOf(organization)) { Prefix = accountId is null ? null : KeyText.Join(accountId, ""), Strong = true },
            cancel);

    private async Task<bool> AddDeadAsync(DeadEvent dead, WantedAlerts wanted, CancellationToken cancel)
    {
        var rows = await store.WriteAsync(
            async session =>
            {
                var owner = OwnerKey(dead.MessageId);
                if (await session.GetAsync(owner) is not null)
                {
                    return null;
                }

                await AddDeadAsync(session, dead);
                var batch = new OutboxBatch(dead.Organization);
                batch.Alert(AlertEvents.Of(dead));
                return await batch.SaveAsync(session, dead.At, wanted);
            },
            cancel);
        await outbox.ApplyAsync(dead.Organization, rows ?? [], cancel);
        return rows is not null;
    }

    /// <summary>Stores a message of which the owner was read in the session, or that is new.</summary>
    internal static async Task AddDeadAsync(WriteSession session, DeadEvent dead)
    {
        var sort = SortOf(dead.At, dead.MessageId);
        session.Add(OwnerKey(dead.MessageId), new Item().Set(Organization, dead.Organization).Set(Sort, sort));
        await session.PutAsync(Documents.Key(DeadOf(dead.Organization), sort), dead);
    }

    private static async Task CountAsync(WriteSession session, string organization, MessageResult[] results, DateTimeOffset at)
    {
        foreach (var result in results)
        {
            var key = CountKey(organization, DayOf(at), result.AccountId, result.Region);
            session.Increase(key, OutcomeName + Json.Name(result.Outcome), 1);
            foreach (var (evaluated, lag) in ((string, TimeSpan?)[])[("0", result.ReceivedAfter), ("1", result.EvaluatedAfter)])
            {
                if (lag is { } took && !(result.IsFromFuture && evaluated == "1"))
                {
                    var bucket = result.IsFromFuture ? LagBuckets.FromFuture : LagBuckets.Of(took);
                    session.Increase(key, LagOf(evaluated, bucket), 1);
                }
            }
        }

        foreach (var place in results.Where(r => r.AccountId.Length > 0).GroupBy(r => (r.AccountId, r.Region)))
        {
            var key = Documents.Key(RegionsOf(organization), KeyText.Join(place.Key.AccountId, place.Key.Region));
            var (stored, last) = (await session.FindAsync<EventRegion>(key), place.Max(r => r.EventTime));
            await session.PutAsync(
                key,
                new EventRegion(
                    place.Key.AccountId, place.Key.Region, last is null || stored?.LastEventAt > last ? stored?.LastEventAt : last, at));
        }

        // Shows whether a transaction whose response was lost was committed, where no other item does.
        session.Add(Documents.Key(KeyText.Join("event-batches", organization), session.Id), new Item().Expire(at + s_tracesKept));
    }

    private async Task<List<(string MessageId, string Organization, string Sort)>> OwnersAsync(IReadOnlyCollection<string> messageIds, CancellationToken cancel)
    {
        var keys = messageIds.Distinct().ToDictionary(id => id, OwnerKey);
        var found = keys.Count == 0 ? [] : await store.Calls.BatchGetAsync(keys.Values, strong: true, cancel);
        return
        [
            .. keys.Where(k => found.ContainsKey(k.Value))
                .Select(k => (k.Key, found[k.Value].RequiredText(Organization), found[k.Value].RequiredText(Sort))),
        ];
    }

    private static void Add<TKey>(Dictionary<TKey, long> sums, TKey key, long by)
        where TKey : notnull => sums[key] = sums.GetValueOrDefault(key) + by;

    private static ItemKey OwnerKey(string messageId) => Documents.Key(KeyText.Join("dead-event", messageId), "owner");

    internal static string DeadOf(string organization) => KeyText.Join("dead-events", organization);

    internal static string CountsOf(string organization) => KeyText.Join("event-counts", organization);

    internal static ItemKey CountKey(string organization, string day, string accountId, string region) =>
        Documents.Key(CountsOf(organization), KeyText.Join(day, accountId, region));

    /// <param name="evaluated">1, or 0 for how long it took until it was received.</param>
    internal static string LagOf(string evaluated, long bucket) => string.Create(CultureInfo.InvariantCulture, $"{LagName}{evaluated}\n{bucket}");

    internal static string RegionsOf(string organization) => KeyText.Join("event-regions", organization);

    /// <summary>The items of a message that could not be processed.</summary>
    internal static ItemKey[] KeysOf(string organization, DeadEvent dead) =>
        [Documents.Key(DeadOf(organization), SortOf(dead.At, dead.MessageId)), OwnerKey(dead.MessageId)];

    private static string SortOf(DateTimeOffset at, string messageId) => KeyText.Join(KeyText.Descending(at), messageId);

    private static string DayOf(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
}
