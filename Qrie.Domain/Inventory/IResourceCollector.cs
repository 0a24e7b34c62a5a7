using Qrie.Domain.Accounts;

namespace Qrie.Domain.Inventory;

/// <summary>Reads resources from AWS. Errors of AWS are values in the stream; only cancellation throws.</summary>
public interface IResourceCollector
{
    /// <summary>
    /// Reads every type of a unit. Resources are returned in batches as they are read; each type ends with exactly one <see cref="TypeListed"/> after its last
    /// batch.
    /// </summary>
    IAsyncEnumerable<CollectedItem> CollectAsync(CollectionUnit unit, CancellationToken cancel);

    /// <summary>Reads one resource by its id, or finds that it does not exist.</summary>
    Task<SingleCollectionResult> CollectOneAsync(CollectionUnit unit, string type, string id, CancellationToken cancel);
}

/// <summary>The scope of one collection: one service of one account in one region.</summary>
/// <param name="Account">The account, with its access settings.</param>
/// <param name="Region">A region, or <see cref="Regions.Global"/>.</param>
/// <param name="Service">The service key of the catalog.</param>
public sealed record CollectionUnit(Account Account, string Region, string Service);

/// <summary>Pseudo-regions.</summary>
public static class Regions
{
    /// <summary>The region of global units and of resources without a region.</summary>
    public const string Global = "global";
}

/// <summary>One item of a unit's stream.</summary>
public abstract record CollectedItem(string Type);

/// <summary>Some resources of a type, in the order in which they were described.</summary>
public sealed record ResourcesCollected(string Type, IReadOnlyList<CollectedResource> Resources) : CollectedItem(Type);

/// <summary>
/// A resource that was listed but no longer existed when it was read by itself (deleted between list and describe).
/// </summary>
/// <param name="Type">Its type.</param>
/// <param name="Id">Its id.</param>
/// <param name="At">When the call that did not find it was sent.</param>
public sealed record ResourceGone(string Type, string Id, DateTimeOffset At) : CollectedItem(Type);

/// <summary>The end of the list of a type.</summary>
/// <param name="Type">The type.</param>
/// <param name="Began">When its first call was sent: rows described later are never deleted by this list.</param>
/// <param name="Outcome">Only <see cref="ListOutcome.Complete"/> may lead to deletions.</param>
/// <param name="ErrorCode">AWS's error code; null if complete.</param>
/// <param name="Message">The error message.</param>
public sealed record TypeListed(string Type, DateTimeOffset Began, ListOutcome Outcome, string? ErrorCode = null, string? Message = null) : CollectedItem(Type);

/// <summary>How a list ended (catalog-format.md section 3).</summary>
public enum ListOutcome
{
    /// <summary>Read to its last page; every row could be identified.</summary>
    Complete,

    /// <summary>AWS denied the call.</summary>
    Denied,

    /// <summary>No endpoint, region disabled, not subscribed: neither success nor failure.</summary>
    NotAvailable,

    /// <summary>Some rows were read, but a page, a parent or the identity of a row failed.</summary>
    Incomplete,

    /// <summary>Nothing was read, for any other reason.</summary>
    Failed,
}

/// <summary>The result of reading one resource.</summary>
public abstract record SingleCollectionResult
{
    private SingleCollectionResult()
    {
    }

    public sealed record Found(CollectedResource Resource) : SingleCollectionResult;

    /// <summary>AWS says that it does not exist.</summary>
    /// <param name="At">When the call that did not find it was sent.</param>
    public sealed record Gone(DateTimeOffset At) : SingleCollectionResult;

    /// <summary>The call failed: whether the resource exists is unknown.</summary>
    public sealed record Unreadable(string ErrorCode, string Message) : SingleCollectionResult;
}
