namespace Qrie.Domain.Inventory;

/// <summary>
/// Stores the state and the configuration of every resource. All writes of a resource are ordered by (describe time, hash), where a deletion has the empty
/// hash: in whatever order writes arrive, the greatest wins (design.md section 4).
/// </summary>
public interface IResourceStore
{
    /// <summary>
    /// Writes each resource in one step. The outcomes are in the order of the resources. What follows from a write (counts, drift) is recorded with it and
    /// done exactly once, so that an interrupted scan neither loses nor repeats it.
    /// </summary>
    /// <param name="driftOf">The anti-entropy scan that found it; null if it is not drift.</param>
    Task<IReadOnlyList<ResourceWrite>> WriteAsync(
        string organization, IReadOnlyList<CollectedResource> resources, DateTimeOffset now, string? driftOf, CancellationToken cancel);

    /// <summary>Writes without recording drift.</summary>
    Task<IReadOnlyList<ResourceWrite>> WriteAsync(
        string organization, IReadOnlyList<CollectedResource> resources, DateTimeOffset now, CancellationToken cancel) =>
        WriteAsync(organization, resources, now, null, cancel);

    /// <summary>
    /// Marks resources as deleted, resolves their findings as RESOURCE_DELETED and deletes their evaluations, each resource in one step. Resources
    /// described at or after the time of deletion are left alone. Returns the ARNs that were marked.
    /// </summary>
    /// <param name="driftOf">The anti-entropy scan that found it; null if it is not drift.</param>
    Task<IReadOnlyList<string>> DeleteAsync(
        string organization, IReadOnlyList<ResourceDeletion> deletions, DateTimeOffset now, string? driftOf, CancellationToken cancel);

    /// <summary>Deletes without recording drift.</summary>
    Task<IReadOnlyList<string>> DeleteAsync(string organization, IReadOnlyList<ResourceDeletion> deletions, DateTimeOffset now, CancellationToken cancel) =>
        DeleteAsync(organization, deletions, now, null, cancel);

    /// <summary>
    /// Resources that a complete list should have contained and did not: neither seen nor described since it began. Ordered by ARN.
    /// </summary>
    Task<IReadOnlyList<AbsentResource>> FindAbsentAsync(
        string organization, ListScope scope, DateTimeOffset listBegan, string? afterArn, int limit, CancellationToken cancel);

    /// <summary>Records that a complete list did not contain these, unless they were seen since it began.</summary>
    Task MarkAbsentAsync(
        string organization, string accountService, IReadOnlyList<string> arns, DateTimeOffset listBegan, CancellationToken cancel);

    /// <summary>The number of stored resources of a list that are not deleted.</summary>
    Task<long> CountAsync(string organization, ListScope scope, CancellationToken cancel);

    /// <summary>With its configuration, also if deleted; null if it was never stored.</summary>
    Task<StoredResource?> FindAsync(string organization, string accountService, string arn, CancellationToken cancel);

    /// <summary>With configurations, including deleted ones: the same ARN may exist in several account_services. By account_service.</summary>
    Task<IReadOnlyList<StoredResource>> FindByArnAsync(string organization, string arn, CancellationToken cancel);

    /// <summary>By the type's own id; null if it is not stored or deleted.</summary>
    Task<StoredResource?> FindByIdAsync(string organization, ListScope scope, string id, CancellationToken cancel);

    /// <summary>Resources that are not deleted, by a lookup key; excluding removed accounts.</summary>
    Task<LookupResult> LookUpAsync(string organization, Lookup lookup, CancellationToken cancel);

    /// <summary>Replaces the lookup keys of stored resources after a catalog change.</summary>
    Task WriteKeysAsync(string organization, IReadOnlyList<(StoredResource Resource, IReadOnlyList<LookupKey> Keys)> keys, CancellationToken cancel);

    /// <summary>Ordered by account_service, ARN in code point order; with configurations.</summary>
    Task<Page<StoredResource>> ListAsync(string organization, ResourceFilter filter, PageRequest page, CancellationToken cancel);
}

/// <summary>The scope of one list, and so of the absences that it shows.</summary>
public sealed record ListScope(string AccountId, string Service, string ListedIn, string Type);

/// <summary>
/// The deletion of a resource. It carries enough to be stored even if the resource never was: a description from before <paramref name="At"/> may still arrive.
/// </summary>
/// <param name="At">When the call that did not find it was sent.</param>
public sealed record ResourceDeletion(string AccountService, string Arn, string Type, string Id, string Region, string ListedIn, DateTimeOffset At)
{
    public static ResourceDeletion Of(StoredResource resource, DateTimeOffset at) =>
        new(resource.AccountService, resource.Arn, resource.Type, resource.Id, resource.Region, resource.ListedIn, at);
}

/// <summary>A resource, without its configuration, that a complete list did not contain.</summary>
/// <param name="AbsentSince">When an earlier complete list without it began; null if this is the first.</param>
public sealed record AbsentResource(StoredResource Resource, DateTimeOffset? AbsentSince);

/// <summary>The outcome of a write.</summary>
/// <param name="StoredDescribeTime">What is stored now.</param>
public sealed record ResourceWrite(WriteOutcome Outcome, DateTimeOffset StoredDescribeTime);

public enum WriteOutcome
{
    /// <summary>It was unknown or deleted before.</summary>
    Created,

    /// <summary>Its configuration changed.</summary>
    Changed,

    /// <summary>The same configuration, described later: only the times changed.</summary>
    Unchanged,

    /// <summary>Exactly this was already stored.</summary>
    Repeated,

    /// <summary>A newer description or deletion is stored. Nothing was written.</summary>
    RefusedAsOlder,
}
