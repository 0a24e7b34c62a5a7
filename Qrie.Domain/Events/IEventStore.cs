namespace Qrie.Domain.Events;

/// <summary>Stores the results of events, pending rechecks and dead-lettered messages.</summary>
public interface IEventStore
{
    /// <summary>
    /// Stores all effects of a batch of messages; afterwards they may be deleted from the queue. An interrupted batch is processed again: what it schedules,
    /// and dead messages, are stored once; its counts may be counted twice.
    /// </summary>
    Task SaveBatchAsync(EventBatch batch, CancellationToken cancel);

    /// <summary>Claims due rechecks that nobody else has claimed, oldest first.</summary>
    /// <param name="whole">True for whole units, false for single resources.</param>
    /// <param name="lease">How long others leave them alone.</param>
    Task<IReadOnlyList<Recheck>> ClaimDueAsync(bool whole, DateTimeOffset now, TimeSpan lease, int limit, CancellationToken cancel);

    /// <summary>Keeps a claim. Returns false if somebody else has claimed the recheck meanwhile, or it is gone.</summary>
    /// <param name="recheck">With the time when it is due again if an event renews it.</param>
    Task<bool> RenewAsync(Recheck recheck, DateTimeOffset now, TimeSpan lease, CancellationToken cancel);

    /// <summary>
    /// Ends claims and deletes or postpones their rechecks; one that an event has renewed since it was claimed keeps the time that the event gave it. Does
    /// nothing for a recheck that somebody else has claimed meanwhile.
    /// </summary>
    Task AdvanceAsync(IReadOnlyList<(Recheck Recheck, Recheck? Next)> rechecks, CancellationToken cancel);

    /// <summary>Newest first.</summary>
    Task<Page<DeadEvent>> ListDeadAsync(string organization, PageRequest page, CancellationToken cancel);

    /// <summary>With their bodies; null for all of the organization.</summary>
    Task<IReadOnlyList<DeadEvent>> FindDeadAsync(string organization, IReadOnlyCollection<string>? messageIds, int limit, CancellationToken cancel);

    /// <summary>The organizations of dead-lettered messages; other messages are omitted.</summary>
    Task<IReadOnlyDictionary<string, string>> FindOwnersOfDeadAsync(IReadOnlyCollection<string> messageIds, CancellationToken cancel);

    Task DeleteDeadAsync(string organization, IReadOnlyCollection<string> messageIds, CancellationToken cancel);

    Task<long> CountDeadAsync(string organization, CancellationToken cancel);

    /// <summary>By account and region, including removed accounts.</summary>
    /// <param name="since">The first day to count.</param>
    Task<EventHealth> ReadHealthAsync(string organization, DateTimeOffset since, CancellationToken cancel);

    /// <summary>The last events by account and region; null for all accounts.</summary>
    Task<IReadOnlyList<EventRegion>> ListRegionsAsync(string organization, string? accountId, CancellationToken cancel);
}

/// <summary>The effects of a batch of messages.</summary>
/// <param name="Results">The results of completed messages.</param>
/// <param name="Rechecks">The rechecks to schedule.</param>
/// <param name="Dead">Dead-lettered messages with their results; a message that is recorded as dead already is not counted again.</param>
public sealed record EventBatch(
    IReadOnlyList<MessageResult> Results, IReadOnlyList<Recheck> Rechecks, IReadOnlyList<(DeadEvent Event, MessageResult Result)> Dead, DateTimeOffset At);

/// <summary>The result of one message.</summary>
/// <param name="AccountId">Empty if the message has none.</param>
/// <param name="Region">Empty if the message has none.</param>
/// <param name="EventTime">Null if the message has none.</param>
/// <param name="ReceivedAfter">The time from the event to its receipt; null if unknown.</param>
/// <param name="EvaluatedAfter">The time from the event to the verdicts; null if nothing was evaluated.</param>
public sealed record MessageResult(
    string Organization, string AccountId, string Region, MessageOutcome Outcome, DateTimeOffset? EventTime, TimeSpan? ReceivedAfter, TimeSpan? EvaluatedAfter)
{
    /// <summary>The message says that it happened after its receipt: <see cref="EventTime"/> is the receipt then.</summary>
    public bool IsFromFuture { get; init; }
}

/// <summary>How a message ended; each message ends once.</summary>
public enum MessageOutcome
{
    /// <summary>Resources were described because of it.</summary>
    Processed,

    /// <summary>Everything it affects was described after it happened.</summary>
    Stale,

    /// <summary>Its account is not registered.</summary>
    UnknownAccount,

    /// <summary>Its account is removed, or was discovered and is not watched yet.</summary>
    InactiveAccount,

    /// <summary>Its region is not read in the account.</summary>
    RegionNotRead,

    /// <summary>The account's settings exclude the service.</summary>
    ServiceNotWatched,

    /// <summary>Its account's budget of reads is used up: the types that it is about are read as a whole later.</summary>
    OverBudget,

    /// <summary>A read-only call.</summary>
    ReadOnly,

    /// <summary>AWS refused the call: nothing changed.</summary>
    FailedCall,

    /// <summary>The catalog says that it affects no type, or it affects no resource.</summary>
    Irrelevant,

    /// <summary>The catalog does not mention it.</summary>
    Unclaimed,

    /// <summary>Dead-lettered: not a CloudTrail record.</summary>
    Malformed,

    /// <summary>Dead-lettered: it failed repeatedly.</summary>
    Failed,
}

/// <summary>A scheduled recheck of a resource or a unit.</summary>
/// <param name="Id">A resource id; empty for every resource of the unit that reads the type.</param>
/// <param name="Attempt">Starts at 0.</param>
/// <param name="EventTime">The time of the newest event that requested it.</param>
/// <param name="Renewals">How often an event has requested it again; counted by the store.</param>
/// <param name="Epoch">How often it has been claimed; counted by the store.</param>
public sealed record Recheck(
    string Organization, string AccountId, string Region, string Service, string Type, string Id, int Attempt, DateTimeOffset EventTime, DateTimeOffset DueAt,
    long Renewals = 0, long Epoch = 0)
{
    /// <summary>It covers every resource of the unit.</summary>
    public bool IsWhole => Id.Length == 0;
}

/// <summary>A message that could not be processed.</summary>
/// <param name="InQueue">The queue's own dead-letter queue has it or will get it; otherwise only Qrie's store has it.</param>
public sealed record DeadEvent(
    string MessageId, string Organization, string AccountId, string Region, string EventName,
    string Reason, int Receives, DateTimeOffset At, bool InQueue, string Body);

/// <summary>The health of event processing.</summary>
public sealed record EventHealth(IReadOnlyList<EventRegion> Places, IReadOnlyList<(string AccountId, string Region, MessageOutcome Outcome, long N)> Outcomes,
    IReadOnlyList<EventLag> Lags, long Rechecks, long Dead);

/// <summary>The last events of an account and region.</summary>
public sealed record EventRegion(string AccountId, string Region, DateTimeOffset? LastEventAt, DateTimeOffset LastReceivedAt);

/// <summary>The number of events in one latency bucket.</summary>
/// <param name="Evaluated">True: latency to the verdicts; false: latency to the receipt.</param>
/// <param name="Bucket">See <see cref="LagBuckets"/>.</param>
public sealed record EventLag(string AccountId, string Region, bool Evaluated, int Bucket, long N);
