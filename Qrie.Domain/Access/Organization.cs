namespace Qrie.Domain.Access;

/// <summary>A tenant. Its data is neither visible to nor changeable by the keys of another.</summary>
/// <param name="OrganizationId">As used in keys and records; never changes.</param>
/// <param name="Name">A display name; null if none was given.</param>
public sealed record Organization(string OrganizationId, string? Name, DateTimeOffset CreatedAt);

/// <summary>Stores the organizations.</summary>
public interface IOrganizationStore
{
    /// <summary>Returns false if the id is taken.</summary>
    Task<bool> AddAsync(Organization organization, CancellationToken cancel);

    /// <summary>Null if there is none.</summary>
    Task<Organization?> FindAsync(string organizationId, CancellationToken cancel);

    /// <summary>Ordered by id.</summary>
    Task<IReadOnlyList<Organization>> ListAsync(CancellationToken cancel);
}
