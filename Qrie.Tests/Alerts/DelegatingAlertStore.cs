using Qrie.Domain;
using Qrie.Domain.Alerts;

namespace Qrie.Tests.Alerts;

/// <summary>A store of which a test changes one operation.</summary>
internal abstract class DelegatingAlertStore(IAlertStore store) : IAlertStore
{
    public Task<bool> AddAsync(AlertRule rule, CancellationToken cancel) => store.AddAsync(rule, cancel);

    public Task<AlertRule?> ChangeAsync(
        string organization, string alertId, Func<AlertRule, AlertRule> change, DateTimeOffset now, CancellationToken cancel) =>
        store.ChangeAsync(organization, alertId, change, now, cancel);

    public Task<bool> DeleteAsync(string organization, string alertId, CancellationToken cancel) => store.DeleteAsync(organization, alertId, cancel);

    public Task<AlertRule?> FindAsync(string organization, string alertId, CancellationToken cancel) => store.FindAsync(organization, alertId, cancel);

    public Task<Page<AlertRule>> ListAsync(string organization, PageRequest page, CancellationToken cancel) => store.ListAsync(organization, page, cancel);

    public Task<IReadOnlyList<AlertRule>> ListEnabledAsync(string organization, CancellationToken cancel) => store.ListEnabledAsync(organization, cancel);

    public Task<IReadOnlyList<AlertEvent>> ReadOutboxAsync(int limit, CancellationToken cancel) => store.ReadOutboxAsync(limit, cancel);

    public Task<IReadOnlyDictionary<(string AccountService, string Arn), IReadOnlyDictionary<string, string>?>> ReadTagsAsync(
        string organization, IReadOnlyCollection<(string AccountService, string Arn)> resources, CancellationToken cancel) =>
        store.ReadTagsAsync(organization, resources, cancel);

    public Task<IReadOnlyList<AlertDelivery>> ListCollectingAsync(string organization, CancellationToken cancel) =>
        store.ListCollectingAsync(organization, cancel);

    public Task<bool> SaveMatchedAsync(string organization, IReadOnlyList<long> events, IReadOnlyList<AlertDelivery> messages, CancellationToken cancel) =>
        store.SaveMatchedAsync(organization, events, messages, cancel);

    public Task<IReadOnlyList<AlertDelivery>> ListDueAsync(DateTimeOffset now, int limit, CancellationToken cancel) => store.ListDueAsync(now, limit, cancel);

    public Task HoldAsync(AlertDelivery message, DateTimeOffset until, CancellationToken cancel) => store.HoldAsync(message, until, cancel);

    public Task<AlertDelivery?> BeginAsync(AlertDelivery message, DateTimeOffset now, DateTimeOffset until, CancellationToken cancel) =>
        store.BeginAsync(message, now, until, cancel);

    public virtual Task EndAsync(AlertDelivery message, CancellationToken cancel) => store.EndAsync(message, cancel);

    public Task AddTestAsync(AlertDelivery message, CancellationToken cancel) => store.AddTestAsync(message, cancel);

    public Task<Page<AlertDelivery>> ListDeliveriesAsync(string organization, string alertId, PageRequest page, CancellationToken cancel) =>
        store.ListDeliveriesAsync(organization, alertId, page, cancel);

    public Task<IReadOnlyList<AlertRule>> ListFailingAsync(string organization, CancellationToken cancel) => store.ListFailingAsync(organization, cancel);

    public Task<int> DeleteEndedAsync(DateTimeOffset before, int limit, CancellationToken cancel) => store.DeleteEndedAsync(before, limit, cancel);
}
