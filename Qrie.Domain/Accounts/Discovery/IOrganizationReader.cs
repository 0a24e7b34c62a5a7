namespace Qrie.Domain.Accounts.Discovery;

/// <summary>Reads which accounts an AWS organization has.</summary>
public interface IOrganizationReader
{
    /// <summary>Never throws for what AWS or the network do.</summary>
    Task<OrganizationResult> ReadAsync(CancellationToken cancel);
}

/// <summary>The members, or why they are not known: exactly one of the two is set.</summary>
public sealed record OrganizationResult(OrganizationMembers? Members, DiscoveryProblem? Problem);

/// <summary>Why an AWS organization could not be read, or not all of it.</summary>
/// <param name="Code">AWS's, or Qrie's own.</param>
/// <param name="Action">The IAM action that is missing; null: it is not about one.</param>
/// <param name="Remedy">What to do.</param>
public sealed record DiscoveryProblem(string Code, string Message, string? Action, string Remedy);

/// <summary>All members of an AWS organization: a list that was cut short is no list.</summary>
/// <param name="Problems">What besides the list could not be read: then units or tags are null, and what was known of them stays.</param>
public sealed record OrganizationMembers(
    string OrganizationId, string ManagementAccountId, IReadOnlyList<MemberAccount> Accounts, IReadOnlyList<DiscoveryProblem> Problems);

/// <summary>A member.</summary>
/// <param name="Name">Null: not known.</param>
/// <param name="Ou">The path of its organizational unit, <c>/</c> for the root; null: not known.</param>
/// <param name="Tags">Null: not known.</param>
/// <param name="IsActive">Not closed or suspended.</param>
public sealed record MemberAccount(string AccountId, string? Name, string? Ou, IReadOnlyDictionary<string, string>? Tags, bool IsActive);
