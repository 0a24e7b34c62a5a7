using Qrie.Domain;
using Qrie.Domain.Alerts;
using Qrie.Dynamo.Client;
using Qrie.Dynamo.Inventory;
using Qrie.Dynamo.Items;
using Qrie.Dynamo.Tables;
using Qrie.Dynamo.Writes;

namespace Qrie.Dynamo.Alerts;

internal sealed class DynamoAlertStore(DynamoStore store, AlertRuleItems rules, ResourceReader reader) : IAlertStore
{
    /// <summary>So many events, and the messages that they go into, are one transaction.</summary>
    private const int EventsAtOnce = 40;

    private readonly DeliveryItems _deliveries = new(store);

    public Task<bool> AddAsync(AlertRule rule, CancellationToken cancel) =>
        store.WriteAsync(
            async session =>
            {
                // Two that are added at once count each other by this item.
                var count = Documents.Key(KeyText.Join("alert-rule-count", rule.Organization), "count");
                await session.GetAsync(count);
                if ((await rules.ListAsync(rule.Organization, session.Cancel)).Count >= AlertLimits.Rules)
                {
                    return false;
                }

                session.Put(count, new Item());
                await session.PutAsync(AlertRuleItems.KeyOf(rule.Organization, rule.AlertId), rule);
                return true;
            },
            cancel);

    public async Task<AlertRule?> ChangeAsync(
        string organization, string alertId, Func<AlertRule, AlertRule> change, DateTimeOffset now, CancellationToken cancel)
    {
        var changed = await store.WriteAsync(
            async session =>
            {
                var key = AlertRuleItems.KeyOf(organization, alertId);
                if (await session.FindAsync<AlertRule>(key) is not { } before)
                {
                    return null;
                }

                var after = change(before);
                await session.PutAsync(key, after);
                return after;
            },
            cancel);
        if (changed is { Enabled: false })
        {
            // Events are no longer matched to it: what waits is dropped, one after the other.
            foreach (var message in await MessagesAsync(organization, alertId, cancel))
            {
                await ChangeAsync(message, m => m.FinishedAt is null && m.Status != DeliveryStatus.Sending
                    ? m with { Status = DeliveryStatus.Dropped, FinishedAt = now }
                    : null, cancel);
            }
        }

        return changed;
    }

    public async Task<bool> DeleteAsync(string organization, string alertId, CancellationToken cancel)
    {
        var existed = await store.WriteAsync(session => session.DeleteAsync(AlertRuleItems.KeyOf(organization, alertId)), cancel);
        foreach (var message in await MessagesAsync(organization, alertId, cancel))
        {
            await store.WriteAsync(session => DeliveryItems.DeleteAsync(session, message), cancel);
        }

        return existed;
    }

    public Task<AlertRule?> FindAsync(string organization, string alertId, CancellationToken cancel) =>
        store.FindAsync<AlertRule>(AlertRuleItems.KeyOf(organization, alertId), cancel);

    public Task<Page<AlertRule>> ListAsync(string organization, PageRequest page, CancellationToken cancel) =>
        store.PageAsync<AlertRule>(
            new ItemQuery(StoreTables.State, AlertRuleItems.PartitionOf(organization)) { Strong = true }, page.Size, page.After?[0],
            rule => [rule.AlertId], null, cancel);

    public async Task<IReadOnlyList<AlertRule>> ListEnabledAsync(string organization, CancellationToken cancel) =>
        [.. (await rules.ListAsync(organization, cancel)).Where(rule => rule.Enabled)];

    public async Task<IReadOnlyList<AlertRule>> ListFailingAsync(string organization, CancellationToken cancel) =>
        [.. (await rules.ListAsync(organization, cancel)).Where(rule => rule is { Enabled: true, FailingSince: not null })];

    public async Task<IReadOnlyList<AlertEvent>> ReadOutboxAsync(int limit, CancellationToken cancel)
    {
        var page = await store.PageAsync<AlertEvent>(
            new ItemQuery(StoreTables.State, AlertEvents.Partition) { Strong = true }, Math.Min(limit, EventsAtOnce), null, _ => [], null, cancel);
        return [.. page.Items.TakeWhile(e => e.Organization == page.Items[0].Organization)];
    }

    public async Task<IReadOnlyDictionary<(string AccountService, string Arn), IReadOnlyDictionary<string, string>?>> ReadTagsAsync(
        string organization, IReadOnlyCollection<(string AccountService, string Arn)> resources, CancellationToken cancel) =>
        (await reader.FindAllAsync(organization, resources, cancel)).ToDictionary(r => (r.AccountServiceName, r.ArnText), r => r.TagsOrNull);

    public async Task<IReadOnlyList<AlertDelivery>> ListCollectingAsync(string organization, CancellationToken cancel) =>
        await _deliveries.ListCollectingAsync(organization, cancel);

    public async Task<bool> SaveMatchedAsync(
        string organization, IReadOnlyList<long> events, IReadOnlyList<AlertDelivery> messages, CancellationToken cancel)
    {
        var enabled = (await ListEnabledAsync(organization, cancel)).Select(rule => rule.AlertId).ToHashSet();
        return await store.WriteAsync(
            async session =>
            {
                var wanted = messages.Where(m => enabled.Contains(m.AlertId)).ToList();
                await session.LoadAsync(events.Select(AlertEvents.KeyOf).Concat(wanted.Select(DeliveryItems.KeyOf)));
                var saved = new List<(AlertDelivery? Before, AlertDelivery After)>();
                foreach (var message in wanted)
                {
                    var stored = await session.FindAsync<AlertDelivery>(DeliveryItems.KeyOf(message));
                    if (stored is null ? message.Revision != 0 : stored.Revision != message.Revision || !DeliveryItems.IsCollecting(stored))
                    {
                        return false; // it was closed meanwhile
                    }

                    saved.Add((stored, stored is null
                        ? message with { Revision = 1 }
                        : stored with { Content = message.Content, Revision = stored.Revision + 1 }));
                }

                foreach (var key in events.Select(AlertEvents.KeyOf))
                {
                    if (await session.FindAsync<AlertEvent>(key) is not { } stored || stored.Organization != organization)
                    {
                        return false; // another replica has matched some of them
                    }
                }

                foreach (var key in events.Select(AlertEvents.KeyOf))
                {
                    await session.DeleteAsync(key);
                }

                foreach (var (before, after) in saved)
                {
                    await DeliveryItems.SaveAsync(session, before, after);
                }

                return true;
            },
            cancel);
    }

    public async Task<IReadOnlyList<AlertDelivery>> ListDueAsync(DateTimeOffset now, int limit, CancellationToken cancel)
    {
        // The limit counts rules: many messages of one whose target does not answer must not hide those of others.
        var due = new Dictionary<(string Organization, string AlertId), AlertDelivery>();
        await foreach (var message in _deliveries.ListWaitingAsync(now, cancel))
        {
            if (due.TryAdd((message.Organization, message.AlertId), message) && due.Count == limit)
            {
                break;
            }
        }

        return [.. due.Values];
    }

    public Task HoldAsync(AlertDelivery message, DateTimeOffset until, CancellationToken cancel) =>
        ChangeAsync(message, stored => !IsSame(stored, message) ? null : stored with
        {
            DueAt = until,
            Status = stored.Status == DeliveryStatus.Retrying ? stored.Status : DeliveryStatus.Held,
        }, cancel);

    public Task<AlertDelivery?> BeginAsync(AlertDelivery message, DateTimeOffset now, DateTimeOffset until, CancellationToken cancel) =>
        ChangeAsync(message, stored => !IsSame(stored, message) || stored.FinishedAt is not null
            ? null
            : stored with { Status = DeliveryStatus.Sending, Attempts = stored.Attempts + 1, DueAt = until }, cancel);

    public async Task EndAsync(AlertDelivery message, CancellationToken cancel)
    {
        var ended = await ChangeAsync(message, stored => stored.Attempts != message.Attempts ? null : stored with
        {
            Status = message.Status,
            DueAt = message.DueAt,
            FinishedAt = message.FinishedAt,
            Last = message.Last,
            Content = message.Content,
        }, cancel);
        if (ended is not null && message is { FinishedAt: { } at, Status: not DeliveryStatus.Dropped })
        {
            await FailAsync(message, since => message.Status == DeliveryStatus.Failed ? since ?? at : null, cancel);
        }
    }

    public async Task AddTestAsync(AlertDelivery message, CancellationToken cancel)
    {
        if (await FindAsync(message.Organization, message.AlertId, cancel) is null)
        {
            return; // it was deleted meanwhile
        }

        await store.WriteAsync(session => DeliveryItems.SaveAsync(session, null, message), cancel);
        if (message.Status == DeliveryStatus.Delivered)
        {
            await FailAsync(message, _ => null, cancel);
        }
    }

    public Task<Page<AlertDelivery>> ListDeliveriesAsync(string organization, string alertId, PageRequest page, CancellationToken cancel) =>
        store.PageAsync<AlertDelivery>(
            new ItemQuery(StoreTables.State, DeliveryItems.PartitionOf(organization, alertId)) { Descending = true, Strong = true }, page.Size, page.After?[0],
            message => [message.DeliveryId], null, cancel);

    public async Task<int> DeleteEndedAsync(DateTimeOffset before, int limit, CancellationToken cancel)
    {
        var ended = await _deliveries.ListEndedAsync(before, limit, cancel);
        foreach (var message in ended)
        {
            await store.WriteAsync(session => DeliveryItems.DeleteAsync(session, message), cancel);
        }

        return ended.Count;
    }

    private Task FailAsync(AlertDelivery message, Func<DateTimeOffset?, DateTimeOffset?> since, CancellationToken cancel) =>
        store.WriteAsync(
            async session =>
            {
                var key = AlertRuleItems.KeyOf(message.Organization, message.AlertId);
                if (await session.FindAsync<AlertRule>(key) is { } rule && since(rule.FailingSince) is var failing && failing != rule.FailingSince)
                {
                    await session.PutAsync(key, rule with { FailingSince = failing });
                }
            },
            cancel);

    /// <summary>Returns the message as it is now; null if it did not change.</summary>
    private Task<AlertDelivery?> ChangeAsync(AlertDelivery message, Func<AlertDelivery, AlertDelivery?> change, CancellationToken cancel) =>
        store.WriteAsync(
            async session =>
            {
                if (await session.FindAsync<AlertDelivery>(DeliveryItems.KeyOf(message)) is not { } stored || change(stored) is not { } after)
                {
                    return null;
                }

                await DeliveryItems.SaveAsync(session, stored, after);
                return after;
            },
            cancel);

    private Task<List<AlertDelivery>> MessagesAsync(string organization, string alertId, CancellationToken cancel) =>
        store.ListAsync<AlertDelivery>(new ItemQuery(StoreTables.State, DeliveryItems.PartitionOf(organization, alertId)) { Strong = true }, cancel);

    private static bool IsSame(AlertDelivery stored, AlertDelivery message) => stored.Status == message.Status && stored.DueAt == message.DueAt;
}
