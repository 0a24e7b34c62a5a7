using System.Text.RegularExpressions;
using Qrie.Domain.Validation;

namespace Qrie.Domain.Access;

/// <summary>Creates organizations.</summary>
public sealed partial class OrganizationRegistry(IOrganizationStore organizations, TimeProvider clock)
{
    /// <summary>Creates an organization.</summary>
    /// <exception cref="InvalidInputException">Its id or name is invalid.</exception>
    /// <exception cref="ConflictException">The id is taken.</exception>
    public async Task<Organization> AddAsync(string? id, string? name, CancellationToken cancel)
    {
        var errors = new FieldErrors();
        errors.Require(
            id is not null && IdForm().IsMatch(id), "organization",
            "organization must be an id of 2 to 63 lower-case letters, digits and hyphens that begins with a letter: shop-europe.");
        errors.Require(name is null || NameForm().IsMatch(name), "name", "name must have 1 to 200 characters in one line.");
        errors.ThrowIfAny();
        var organization = new Organization(id!, name, clock.GetUtcNow());
        return await organizations.AddAsync(organization, cancel) ? organization : throw new ConflictException($"Organization {id} already exists.");
    }

    /// <summary>Creates the default organization if it does not exist.</summary>
    public Task EnsureDefaultAsync(CancellationToken cancel) =>
        organizations.AddAsync(new Organization(Organizations.Default, null, clock.GetUtcNow()), cancel);

    [GeneratedRegex(@"^[a-z][a-z0-9-]{1,62}\z")]
    private static partial Regex IdForm();

    [GeneratedRegex(@"^[^\p{Cc}]{1,200}\z")]
    private static partial Regex NameForm();
}
