using Qrie.Domain.Accounts;
using Qrie.Domain.Catalog;
using Qrie.Domain.Inventory;
using Qrie.JmesPath;

namespace Qrie.Domain.Events;

/// <summary>A resource that events tell of: whatever number of them do, it is described once.</summary>
/// <param name="Id">Its id or ARN.</param>
/// <param name="ListedIn">The region of the unit that reads it.</param>
/// <param name="EventTime">Of the newest event; null: none of them says.</param>
/// <param name="Also">What to describe with it.</param>
/// <param name="Gone">It is expected not to exist any more: while it is still seen, that is not believed.</param>
public sealed record EventTarget(
    Account Account, ResourceTypeDefinition Type, string Id, string ListedIn, DateTimeOffset? EventTime,
    IReadOnlyList<KeyValuePair<string, JmesPathExpression>> Also, bool Gone = false)
{
    /// <summary>Two targets with the same key are one resource.</summary>
    public (string AccountId, string ListedIn, string Type, string Id) Key => (Account.AccountId, ListedIn, Type.Type, Id);

    public string AccountService => Domain.AccountService.Of(Account.AccountId, Type.Service);

    public CollectionUnit Unit => new(Account, ListedIn, Type.Service);

    public ListScope Scope => new(Account.AccountId, Type.Service, ListedIn, Type.Type);

    /// <summary>Both in one: the newest event, and all that any of them wants described.</summary>
    public EventTarget With(EventTarget other) => this with
    {
        EventTime = EventTime is null || other.EventTime is null ? EventTime ?? other.EventTime : EventTime > other.EventTime ? EventTime : other.EventTime,
        Also = [.. Also, .. other.Also.Where(rule => !Also.Contains(rule))],
        Gone = Gone || other.Gone,
    };

    /// <summary>That it is to be rechecked.</summary>
    public Recheck RecheckAt(int attempt, DateTimeOffset dueAt) =>
        new(Account.Organization, Account.AccountId, ListedIn, Type.Service, Type.Type, Id, attempt, EventTime ?? dueAt, dueAt);
}

/// <summary>What came of following a target.</summary>
/// <param name="Exists">AWS showed it.</param>
/// <param name="AskedAt">Before AWS was asked: what was described later is newer. Of a stale one when AWS was asked for what is stored.</param>
/// <param name="Problem">Why nobody knows; null unless unclear.</param>
public sealed record RefreshedTarget(EventTarget Target, RefreshOutcome Outcome, bool Exists, DateTimeOffset AskedAt, string? Problem)
{
    /// <summary>It is on its way to another state, pending or modifying, and no event will tell when it is there.</summary>
    public bool IsTransitional { get; init; }
}

public enum RefreshOutcome
{
    /// <summary>What is stored was described after the event: nobody was asked.</summary>
    Stale,

    /// <summary>Something else is stored now.</summary>
    Changed,

    /// <summary>What is stored is what AWS shows: nothing changed, or AWS does not show it yet.</summary>
    Unchanged,

    /// <summary>It could not be described.</summary>
    Unreadable,
}
