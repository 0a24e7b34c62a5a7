using Qrie.Domain.Inventory;

namespace Qrie.Domain.Findings.Preview;

/// <summary>Reads what one policy is about: the alive resources of its type, each with the policy's finding.</summary>
public interface IPolicyTargetStore
{
    /// <summary>
    /// The next range of an account_service's alive resources of a type. Ranges are cheap to ask for, because nothing but keys is read,
    /// and are read independently of each other.
    /// </summary>
    /// <param name="after">The range before; null: the beginning.</param>
    /// <param name="limit">A range has fewer when configurations are large.</param>
    /// <returns>Null: there are no more.</returns>
    Task<TargetRange?> NextRangeAsync(
        string organization, string accountService, string type, TargetRange? after, int limit, CancellationToken cancel);

    /// <summary>What is in a range now, with configurations, by ARN; what was deleted since the range was made is missing.</summary>
    Task<IReadOnlyList<PolicyTarget>> ReadAsync(string organization, string policyId, TargetRange range, CancellationToken cancel);

    /// <summary>Where a resource of that ARN is alive, among these account_services: an S3 ARN does not name its account.</summary>
    Task<IReadOnlyList<string>> FindByArnAsync(string organization, string arn, IReadOnlyCollection<string> accountServices, CancellationToken cancel);
}

/// <summary>Some resources of one type in one account_service: a list's, then by ARN.</summary>
/// <param name="Arns">Those that it was made of, in order.</param>
/// <param name="ListedIn">The list that the last of them is from.</param>
public sealed record TargetRange(string AccountService, string Type, IReadOnlyList<string> Arns, string ListedIn);

/// <param name="Finding">The policy's; null: there never was one.</param>
public sealed record PolicyTarget(StoredResource Resource, Finding? Finding);
