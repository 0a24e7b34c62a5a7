using Qrie.Domain.Catalog;
using Qrie.Domain.Validation;

namespace Qrie.Domain.Compliance;

/// <summary>What owners state about requirements that no policy checks. The audit log keeps the earlier ones.</summary>
public sealed class Attestations(IComplianceStore store, ICatalog catalog, TimeProvider clock)
{
    private const int LongestText = 5000;
    private const int LongestLink = 2000;

    /// <summary>So that nothing is attested for good.</summary>
    private static readonly TimeSpan LongestValidity = TimeSpan.FromDays(2 * 366);

    /// <summary>Of a framework, by requirement; expired ones included.</summary>
    /// <exception cref="NotFoundException">There is no such framework.</exception>
    public Task<IReadOnlyList<Attestation>> ListAsync(string organization, string framework, CancellationToken cancel) =>
        store.ListAttestationsAsync(organization, ComplianceReader.FindFramework(catalog.Current, framework).Id, cancel);

    /// <summary>Null if there is none.</summary>
    public Task<Attestation?> FindAsync(string organization, string framework, string requirement, CancellationToken cancel) =>
        store.FindAttestationAsync(organization, framework, requirement, cancel);

    /// <summary>States that a requirement is met, or that it is not; replaces an earlier statement.</summary>
    /// <exception cref="InvalidInputException">The statement is invalid.</exception>
    /// <exception cref="NotFoundException">There is no such framework or requirement.</exception>
    /// <exception cref="ConflictException">Policies check the requirement.</exception>
    public async Task<Attestation> SetAsync(AttestationRequest request, CancellationToken cancel)
    {
        var now = clock.GetUtcNow();
        Validate(request, now);
        var requirement = FindRequirement(request.Framework, request.Requirement);
        if (requirement.IsAutomated)
        {
            throw new ConflictException($"Requirement {requirement.Id} of {request.Framework} is checked by policies; its state is theirs.");
        }

        var attestation = new Attestation
        {
            Framework = request.Framework,
            Requirement = requirement.Id,
            IsMet = request.Status == AttestationRequest.Pass,
            Text = request.Text!.Trim(),
            Link = request.Link,
            AttestedBy = request.By,
            AttestedAt = now,
            ExpiresAt = request.ExpiresAt!.Value,
        };
        await store.SaveAttestationAsync(request.Organization, attestation, cancel);
        return attestation;
    }

    /// <summary>Withdraws a statement.</summary>
    /// <exception cref="NotFoundException">There is none.</exception>
    public async Task DeleteAsync(string organization, string framework, string requirement, CancellationToken cancel)
    {
        if (!await store.DeleteAttestationAsync(organization, framework, FindRequirement(framework, requirement).Id, cancel))
        {
            throw new NotFoundException($"Requirement {requirement} of {framework} has no attestation.");
        }
    }

    private RequirementDefinition FindRequirement(string framework, string requirement) =>
        ComplianceReader.FindRequirement(ComplianceReader.FindFramework(catalog.Current, framework), requirement);

    private static void Validate(AttestationRequest request, DateTimeOffset now)
    {
        var errors = new FieldErrors();
        errors.Require(request.Status is AttestationRequest.Pass or AttestationRequest.Fail, "status", "status must be pass or fail.");
        errors.Require(!string.IsNullOrWhiteSpace(request.Text), "text", "text must say what the statement is based on.");
        errors.Require(request.Text is not { Length: > LongestText }, "text", $"text must have at most {LongestText} characters.");
        errors.RequireSafe(request.Text, "text", lines: true);
        errors.Require(
            request.Link is null
            || (request.Link.Length <= LongestLink && Uri.TryCreate(request.Link, UriKind.Absolute, out var link) && link.Scheme is "http" or "https"),
            "link", $"link must be an http or https address of at most {LongestLink} characters.");
        errors.RequireSafe(request.Link, "link");
        errors.Require(request.ExpiresAt is not null, "expires_at", "expires_at must be an instant (2027-11-21T00:00:00Z): no statement is valid for good.");
        errors.Require(request.ExpiresAt is null || request.ExpiresAt > now, "expires_at", "expires_at must be in the future.");
        errors.Require(
            request.ExpiresAt is null || request.ExpiresAt <= now + LongestValidity, "expires_at", "expires_at must be at most two years from now.");
        errors.ThrowIfAny();
    }
}

/// <param name="Status"><see cref="Pass"/> or <see cref="Fail"/>.</param>
/// <param name="By">Who states it, as in the audit log.</param>
public sealed record AttestationRequest(
    string Organization, string Framework, string Requirement, string? Status, string? Text, string? Link, DateTimeOffset? ExpiresAt, string By)
{
    public const string Pass = "pass";
    public const string Fail = "fail";
}
