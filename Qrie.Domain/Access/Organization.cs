namespace Qrie.Domain.Access;

/// <summary>A tenant. Whatever belongs to one is neither seen nor changed by the keys of another.</summary>
/// <param name="OrganizationId">As keys and records name it; never changes.</param>
/// <param name="Name">For people; null: none was given.</param>
public sealed record Organization(string OrganizationId, string? Name, DateTimeOffset CreatedAt);

/// <summary>Keeps the organizations.</summary>
public interface IOrganizationStore
{
    /// <summary>False: there is one of that id already.</summary>
    Task<bool> AddAsync(Organization organization, CancellationToken cancel);

    /// <summary>Null: there is none.</summary>
    Task<Organization?> FindAsync(string organizationId, CancellationToken cancel);

    /// <summary>Ordered by id.</summary>
    Task<IReadOnlyList<Organization>> ListAsync(CancellationToken cancel);
}
