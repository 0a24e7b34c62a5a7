namespace Qrie.Domain.Alerts;

/// <summary>
/// Stores alert rules, the outbox and the messages. Other stores write the outbox in their own transactions, if a rule of the organization may want the event.
/// </summary>
public interface IAlertStore
{
    /// <summary>Returns false if the organization has <see cref="AlertLimits.Rules"/> already.</summary>
    Task<bool> AddAsync(AlertRule rule, CancellationToken cancel);

    /// <summary>Changes a rule in one step. Messages of a rule that is disabled by this are dropped. Null if there is no such rule.</summary>
    /// <param name="change">May throw, which changes nothing. Must not do anything else, because it may be called again.</param>
    Task<AlertRule?> ChangeAsync(
        string organization, string alertId, Func<AlertRule, AlertRule> change, DateTimeOffset now, CancellationToken cancel);

    /// <summary>Deletes a rule with its messages. Returns false if there is none.</summary>
    Task<bool> DeleteAsync(string organization, string alertId, CancellationToken cancel);

    Task<AlertRule?> FindAsync(string organization, string alertId, CancellationToken cancel);

    /// <summary>In the order of creation.</summary>
    Task<Page<AlertRule>> ListAsync(string organization, PageRequest page, CancellationToken cancel);

    /// <summary>All enabled rules of an organization.</summary>
    Task<IReadOnlyList<AlertRule>> ListEnabledAsync(string organization, CancellationToken cancel);

    /// <summary>The oldest events that are not matched yet, all of one organization.</summary>
    Task<IReadOnlyList<AlertEvent>> ReadOutboxAsync(int limit, CancellationToken cancel);

    /// <summary>The tags of resources; null if they could not be read. Unknown resources are missing.</summary>
    Task<IReadOnlyDictionary<(string AccountService, string Arn), IReadOnlyDictionary<string, string>?>> ReadTagsAsync(
        string organization, IReadOnlyCollection<(string AccountService, string Arn)> resources, CancellationToken cancel);

    /// <summary>The messages of an organization that are collecting events, at most one for each rule.</summary>
    Task<IReadOnlyList<AlertDelivery>> ListCollectingAsync(string organization, CancellationToken cancel);

    /// <summary>
    /// Removes events from the outbox and stores the messages that they went into, in one transaction. Returns false, and stores nothing, if one of the
    /// messages was closed, or one of the events removed, meanwhile. Messages of rules that are no longer enabled are left out.
    /// </summary>
    Task<bool> SaveMatchedAsync(string organization, IReadOnlyList<long> events, IReadOnlyList<AlertDelivery> messages, CancellationToken cancel);

    /// <summary>Messages that are due, the longest waiting ones first, at most one for each rule.</summary>
    Task<IReadOnlyList<AlertDelivery>> ListDueAsync(DateTimeOffset now, int limit, CancellationToken cancel);

    /// <summary>Postpones a message; events are still added if they were. Does nothing if somebody else changed it meanwhile.</summary>
    Task HoldAsync(AlertDelivery message, DateTimeOffset until, CancellationToken cancel);

    /// <summary>
    /// Begins an attempt: the content does not change any more. Returns the message with the attempt counted; null if it is not due any more.
    /// </summary>
    /// <param name="until">When the attempt counts as lost.</param>
    Task<AlertDelivery?> BeginAsync(AlertDelivery message, DateTimeOffset now, DateTimeOffset until, CancellationToken cancel);

    /// <summary>Stores the result of an attempt, and whether the rule fails.</summary>
    Task EndAsync(AlertDelivery message, CancellationToken cancel);

    /// <summary>Stores a message that was sent to try the target.</summary>
    Task AddTestAsync(AlertDelivery message, CancellationToken cancel);

    /// <summary>Newest first.</summary>
    Task<Page<AlertDelivery>> ListDeliveriesAsync(string organization, string alertId, PageRequest page, CancellationToken cancel);

    /// <summary>The enabled rules whose last message was given up.</summary>
    Task<IReadOnlyList<AlertRule>> ListFailingAsync(string organization, CancellationToken cancel);

    /// <summary>Deletes some messages that ended before a time. Returns how many.</summary>
    Task<int> DeleteEndedAsync(DateTimeOffset before, int limit, CancellationToken cancel);
}
