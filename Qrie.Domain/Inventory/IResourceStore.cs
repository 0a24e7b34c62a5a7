namespace Qrie.Domain.Inventory;

/// <summary>
/// Keeps the state and the configuration of every resource. All writes of a resource are ordered by (describe time, hash), a deletion
/// having the empty hash: whichever order writes arrive in, the greatest stays (design.md section 4).
/// </summary>
public interface IResourceStore
{
    /// <summary>
    /// Writes in one transaction. The outcomes are in the order of the resources. What is created or changed is noted in the same transaction as drift of a
    /// scan, so that a scan that is interrupted and goes on neither forgets nor repeats it.
    /// </summary>
    /// <param name="driftOf">The anti-entropy scan that found it; null: it is no drift.</param>
    Task<IReadOnlyList<ResourceWrite>> WriteAsync(
        string organization, IReadOnlyList<CollectedResource> resources, DateTimeOffset now, string? driftOf, CancellationToken cancel);

    /// <summary>Writes what is no drift.</summary>
    Task<IReadOnlyList<ResourceWrite>> WriteAsync(
        string organization, IReadOnlyList<CollectedResource> resources, DateTimeOffset now, CancellationToken cancel) =>
        WriteAsync(organization, resources, now, null, cancel);

    /// <summary>
    /// Marks resources as deleted, resolves their findings as RESOURCE_DELETED and drops their evaluations, in one transaction. A resource
    /// that was described at or after the moment of its deletion is left alone. Answers the ARNs that were marked now.
    /// </summary>
    /// <param name="driftOf">The anti-entropy scan that found it; null: it is no drift.</param>
    Task<IReadOnlyList<string>> DeleteAsync(
        string organization, IReadOnlyList<ResourceDeletion> deletions, DateTimeOffset now, string? driftOf, CancellationToken cancel);

    /// <summary>Deletes what is no drift.</summary>
    Task<IReadOnlyList<string>> DeleteAsync(string organization, IReadOnlyList<ResourceDeletion> deletions, DateTimeOffset now, CancellationToken cancel) =>
        DeleteAsync(organization, deletions, now, null, cancel);

    /// <summary>
    /// Those that a complete list should have seen and did not: alive, neither seen nor described since it began. Ordered by ARN.
    /// </summary>
    Task<IReadOnlyList<AbsentResource>> FindAbsentAsync(
        string organization, ListScope scope, DateTimeOffset listBegan, string? afterArn, int limit, CancellationToken cancel);

    /// <summary>Remembers that a complete list did not have these, if nothing has seen them since it began.</summary>
    Task MarkAbsentAsync(
        string organization, string accountService, IReadOnlyList<string> arns, DateTimeOffset listBegan, CancellationToken cancel);

    /// <summary>How many of a list's resources are stored as alive.</summary>
    Task<long> CountAsync(string organization, ListScope scope, CancellationToken cancel);

    /// <summary>With its configuration; null: never stored. A deleted one is found too.</summary>
    Task<StoredResource?> FindAsync(string organization, string accountService, string arn, CancellationToken cancel);

    /// <summary>With configurations, deleted ones too: one and the same ARN may be known in several account_services. By account_service.</summary>
    Task<IReadOnlyList<StoredResource>> FindByArnAsync(string organization, string arn, CancellationToken cancel);

    /// <summary>By the type's own id; null: not stored, or deleted.</summary>
    Task<StoredResource?> FindByIdAsync(string organization, ListScope scope, string id, CancellationToken cancel);

    /// <summary>Alive resources by a key that they were written with; without removed accounts.</summary>
    Task<LookupResult> LookUpAsync(string organization, Lookup lookup, CancellationToken cancel);

    /// <summary>Replaces the keys of resources that are stored already: the catalog looks them up by other keys now.</summary>
    Task WriteKeysAsync(string organization, IReadOnlyList<(StoredResource Resource, IReadOnlyList<LookupKey> Keys)> keys, CancellationToken cancel);

    /// <summary>Ordered by account_service, ARN, both by their code points; with configurations.</summary>
    Task<Page<StoredResource>> ListAsync(string organization, ResourceFilter filter, PageRequest page, CancellationToken cancel);
}

/// <summary>What one list is about, and so what its absences are decided by.</summary>
public sealed record ListScope(string AccountId, string Service, string ListedIn, string Type);

/// <summary>That a resource is gone. It names enough to be remembered even when the resource was never stored: a description from before
/// <paramref name="At"/> may still be on its way.</summary>
/// <param name="At">When the call that showed it was sent.</param>
public sealed record ResourceDeletion(string AccountService, string Arn, string Type, string Id, string Region, string ListedIn, DateTimeOffset At)
{
    public static ResourceDeletion Of(StoredResource resource, DateTimeOffset at) =>
        new(resource.AccountService, resource.Arn, resource.Type, resource.Id, resource.Region, resource.ListedIn, at);
}

/// <summary>A resource, without its configuration, that a complete list did not have.</summary>
/// <param name="AbsentSince">When an earlier complete list that did not have it either began; null: this is the first.</param>
public sealed record AbsentResource(StoredResource Resource, DateTimeOffset? AbsentSince);

/// <summary>What became of one write.</summary>
/// <param name="StoredDescribeTime">What is stored now.</param>
public sealed record ResourceWrite(WriteOutcome Outcome, DateTimeOffset StoredDescribeTime);

public enum WriteOutcome
{
    /// <summary>It was not known, or only as deleted.</summary>
    Created,

    /// <summary>Its configuration is another one now.</summary>
    Changed,

    /// <summary>The same configuration, described later: only the times moved.</summary>
    Unchanged,

    /// <summary>Exactly this was stored already.</summary>
    Repeated,

    /// <summary>A newer description, or a newer deletion, is stored. Nothing was written.</summary>
    RefusedAsOlder,
}
