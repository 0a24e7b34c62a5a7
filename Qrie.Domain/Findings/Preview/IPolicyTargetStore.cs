using Qrie.Domain.Inventory;

namespace Qrie.Domain.Findings.Preview;

/// <summary>Reads the resources that a policy applies to, with its findings.</summary>
public interface IPolicyTargetStore
{
    /// <summary>
    /// The next range of an account_service's resources of a type. Ranges are cheap, because only keys are read, and can be read independently of each other.
    /// </summary>
    /// <param name="after">The previous range; null to start.</param>
    /// <param name="limit">The maximum; ranges are smaller when configurations are large.</param>
    /// <returns>Null if there are no more.</returns>
    Task<TargetRange?> NextRangeAsync(
        string organization, string accountService, string type, TargetRange? after, int limit, CancellationToken cancel);

    /// <summary>The current content of a range, with configurations, by ARN; resources deleted since are missing.</summary>
    Task<IReadOnlyList<PolicyTarget>> ReadAsync(string organization, string policyId, TargetRange range, CancellationToken cancel);
}

/// <summary>A range of resources of one type in one account_service, ordered by list, then ARN.</summary>
/// <param name="Arns">Its resources, in order.</param>
/// <param name="ListedIn">The list of the last of them.</param>
public sealed record TargetRange(string AccountService, string Type, IReadOnlyList<string> Arns, string ListedIn);

/// <param name="Finding">The policy's finding; null if there never was one.</param>
public sealed record PolicyTarget(StoredResource Resource, Finding? Finding);
