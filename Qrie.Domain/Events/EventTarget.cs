using Qrie.Domain.Accounts;
using Qrie.Domain.Catalog;
using Qrie.Domain.Inventory;
using Qrie.JmesPath;

namespace Qrie.Domain.Events;

/// <summary>A resource affected by events; it is described once, however many events affect it.</summary>
/// <param name="Id">Its id or ARN.</param>
/// <param name="ListedIn">The region of the unit that reads it.</param>
/// <param name="EventTime">The time of the newest event; null if none of them has one.</param>
/// <param name="Also">Related resources to describe with it.</param>
/// <param name="Gone">It is expected to be deleted: a read that still finds it is repeated.</param>
public sealed record EventTarget(
    Account Account, ResourceTypeDefinition Type, string Id, string ListedIn, DateTimeOffset? EventTime,
    IReadOnlyList<KeyValuePair<string, JmesPathExpression>> Also, bool Gone = false)
{
    /// <summary>Targets with the same key are the same resource.</summary>
    public (string AccountId, string ListedIn, string Type, string Id) Key => (Account.AccountId, ListedIn, Type.Type, Id);

    public string AccountService => Domain.AccountService.Of(Account.AccountId, Type.Service);

    public CollectionUnit Unit => new(Account, ListedIn, Type.Service);

    public ListScope Scope => new(Account.AccountId, Type.Service, ListedIn, Type.Type);

    /// <summary>Merges two targets: the newest event time and all related resources.</summary>
    public EventTarget With(EventTarget other) => this with
    {
        EventTime = EventTime is null || other.EventTime is null ? EventTime ?? other.EventTime : EventTime > other.EventTime ? EventTime : other.EventTime,
        Also = [.. Also, .. other.Also.Where(rule => !Also.Contains(rule))],
        Gone = Gone || other.Gone,
    };

    /// <summary>A recheck of its whole unit.</summary>
    public Recheck UnitRecheckAt(DateTimeOffset dueAt) => RecheckAt(0, dueAt) with { Id = "" };

    /// <summary>A recheck of this target.</summary>
    public Recheck RecheckAt(int attempt, DateTimeOffset dueAt) =>
        new(Account.Organization, Account.AccountId, ListedIn, Type.Service, Type.Type, Id, attempt, EventTime ?? dueAt, dueAt);
}

/// <summary>The result of refreshing a target.</summary>
/// <param name="Exists">AWS returned it.</param>
/// <param name="AskedAt">The latest time at which AWS was called: later descriptions are newer. For a stale target the time of the stored description.</param>
/// <param name="Problem">Why it could not be read; null otherwise.</param>
public sealed record RefreshedTarget(EventTarget Target, RefreshOutcome Outcome, bool Exists, DateTimeOffset AskedAt, string? Problem)
{
    /// <summary>The resource is in a transitional state (pending, modifying), whose end no event reports.</summary>
    public bool IsTransitional { get; init; }
}

public enum RefreshOutcome
{
    /// <summary>The stored description is newer than the event; AWS was not called.</summary>
    Stale,

    /// <summary>The stored resource changed.</summary>
    Changed,

    /// <summary>AWS returned what is stored: nothing changed, or AWS does not show the change yet.</summary>
    Unchanged,

    /// <summary>It could not be described.</summary>
    Unreadable,

    /// <summary>It was not read, because the account's budget of this hour is used up (<see cref="EventBudget"/>).</summary>
    OverBudget,
}
