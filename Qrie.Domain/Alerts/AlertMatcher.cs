using Microsoft.Extensions.Logging;
using Qrie.Domain.Accounts;
using Qrie.Domain.Catalog;
using Qrie.Domain.Findings;

namespace Qrie.Domain.Alerts;

/// <summary>
/// Moves events from the outbox into the messages of the rules that want them. Rules count as they are now, not as they were when the event happened. One
/// transaction for each batch: after a crash, the events are still in the outbox, or in the messages.
/// </summary>
public sealed partial class AlertMatcher(
    IAlertStore store, IAccountStore accounts, ICatalog catalog, TimeProvider clock, ILogger<AlertMatcher> logger) : IDisposable
{
    private const int EventsAtOnce = 2000;

    private readonly SemaphoreSlim _running = new(1, 1);

    /// <summary>Matches until the outbox is empty. Returns the number of events.</summary>
    public async Task<long> RunAsync(CancellationToken cancel)
    {
        await _running.WaitAsync(cancel);
        try
        {
            var matched = 0L;
            while (await store.ReadOutboxAsync(EventsAtOnce, cancel) is { Count: > 0 } events)
            {
                cancel.ThrowIfCancellationRequested();
                var (saved, messages) = await MatchAsync(events[0].Organization, events, cancel);
                if (saved)
                {
                    matched += events.Count;
                    Log.Matched(logger, events.Count, events[0].Organization, messages);
                }
            }

            return matched;
        }
        finally
        {
            _running.Release();
        }
    }

    public void Dispose() => _running.Dispose();

    private async Task<(bool Saved, int Messages)> MatchAsync(string organization, IReadOnlyList<AlertEvent> events, CancellationToken cancel)
    {
        var index = new RuleIndex(await store.ListEnabledAsync(organization, cancel));
        var tags = index.NeedTags ? await TagsAsync(organization, events, cancel) : null;
        var collecting = (await store.ListCollectingAsync(organization, cancel)).ToDictionary(m => m.AlertId);
        var names = await NamesAsync(organization, cancel);
        var changed = new Dictionary<string, AlertDelivery>();
        foreach (var alertEvent in events)
        {
            AlertItem? item = null;
            foreach (var (rule, tagsUnknown) in index.Match(alertEvent, TagsOf(tags, alertEvent)))
            {
                item ??= ItemOf(alertEvent, names);
                if (!changed.TryGetValue(rule.AlertId, out var message))
                {
                    changed[rule.AlertId] = message = collecting.GetValueOrDefault(rule.AlertId) ?? New(rule);
                }

                message.Content.Add(tagsUnknown ? item with { TagsUnknown = true } : item);
            }
        }

        return (await store.SaveMatchedAsync(organization, [.. events.Select(e => e.Seq)], [.. changed.Values], cancel), changed.Count);
    }

    private AlertDelivery New(AlertRule rule)
    {
        var now = clock.GetUtcNow();
        return new AlertDelivery
        {
            Organization = rule.Organization,
            AlertId = rule.AlertId,
            DeliveryId = Guid.CreateVersion7(now).ToString(),
            CreatedAt = now,
            Status = DeliveryStatus.Collecting,
            DueAt = now.AddSeconds(rule.GroupSeconds),
            Content = new AlertContent(),
        };
    }

    private AlertItem ItemOf(AlertEvent e, Dictionary<string, string?> names) => new(
        e.Kind, e.At, e.AccountId, e.AccountId is null ? null : names.GetValueOrDefault(e.AccountId), e.Arn, e.Region, e.PolicyId,
        e.PolicyId is null ? null : catalog.Current.FindPolicy(e.PolicyId)?.Title, e.Severity, e.Detail, e.ScanId,
        e.IsFinding ? new FindingIdentity(e.AccountService!, e.Arn!, e.PolicyId!).ToId() : null, TagsUnknown: false);

    private async Task<Dictionary<string, string?>> NamesAsync(string organization, CancellationToken cancel) =>
        (await accounts.ListAsync(organization, includeRemoved: true, cancel)).ToDictionary(a => a.AccountId, a => a.Name);

    private Task<IReadOnlyDictionary<(string AccountService, string Arn), IReadOnlyDictionary<string, string>?>> TagsAsync(
        string organization, IReadOnlyList<AlertEvent> events, CancellationToken cancel) =>
        store.ReadTagsAsync(organization, [.. events.Where(e => e.IsFinding).Select(e => (e.AccountService!, e.Arn!)).Distinct()], cancel);

    private static IReadOnlyDictionary<string, string>? TagsOf(
        IReadOnlyDictionary<(string AccountService, string Arn), IReadOnlyDictionary<string, string>?>? tags, AlertEvent alertEvent) =>
        tags is null || !alertEvent.IsFinding ? null : tags.GetValueOrDefault((alertEvent.AccountService!, alertEvent.Arn!));

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Debug, "Matched {Events} events of {Organization}: {Messages} messages")]
        public static partial void Matched(ILogger logger, int events, string organization, int messages);
    }
}
