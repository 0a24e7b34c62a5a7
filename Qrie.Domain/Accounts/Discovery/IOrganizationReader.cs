namespace Qrie.Domain.Accounts.Discovery;

/// <summary>Reads the accounts of an AWS organization.</summary>
public interface IOrganizationReader
{
    /// <summary>Does not throw for errors of AWS or the network.</summary>
    Task<OrganizationResult> ReadAsync(CancellationToken cancel);
}

/// <summary>The members, or why they could not be read: exactly one of the two is set.</summary>
public sealed record OrganizationResult(OrganizationMembers? Members, DiscoveryProblem? Problem);

/// <summary>Why an AWS organization could not be read, or only in part.</summary>
/// <param name="Code">AWS's error code or one of Qrie's.</param>
/// <param name="Action">The missing IAM action; null if that is not the cause.</param>
/// <param name="Remedy">What to do.</param>
public sealed record DiscoveryProblem(string Code, string Message, string? Action, string Remedy);

/// <summary>All members of an AWS organization; never a partial list.</summary>
/// <param name="Problems">Units or tags that could not be read: they are null here and keep their known values.</param>
public sealed record OrganizationMembers(
    string OrganizationId, string ManagementAccountId, IReadOnlyList<MemberAccount> Accounts, IReadOnlyList<DiscoveryProblem> Problems);

/// <summary>A member.</summary>
/// <param name="Name">Null if unknown.</param>
/// <param name="Ou">The path of its organizational unit, <c>/</c> for the root; null if unknown.</param>
/// <param name="Tags">Null if unknown.</param>
/// <param name="IsActive">Not closed or suspended.</param>
public sealed record MemberAccount(string AccountId, string? Name, string? Ou, IReadOnlyDictionary<string, string>? Tags, bool IsActive);
