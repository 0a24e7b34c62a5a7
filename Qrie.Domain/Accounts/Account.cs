namespace Qrie.Domain.Accounts;

/// <summary>An AWS account that Qrie watches.</summary>
public sealed record Account
{
    /// <summary>The tenant; <c>default</c> in a single-tenant installation.</summary>
    public required string Organization { get; init; }

    /// <summary>Twelve digits.</summary>
    public required string AccountId { get; init; }

    /// <summary>A display name; null if none was given.</summary>
    public string? Name { get; init; }

    /// <summary>The path of its organizational unit, <c>/Production/Web</c>; null if unknown (a scope that depends on it is unknown then).</summary>
    public string? Ou { get; init; }

    /// <summary>The account's own tags; null if unknown.</summary>
    public IReadOnlyDictionary<string, string>? Tags { get; init; }

    /// <summary>The role to assume; null for the pattern of <c>Aws:RoleName</c>, or for no role in the account of the ambient credentials.</summary>
    public string? RoleArn { get; init; }

    /// <summary>The external id of the role; null for <c>Aws:ExternalId</c>.</summary>
    public string? ExternalId { get; init; }

    /// <summary>The regions in which regional types are read; null for <c>Aws:Regions</c>, or else the account's enabled regions.</summary>
    public IReadOnlyList<string>? Regions { get; init; }

    /// <summary>The watched services, by their catalog keys; null for all.</summary>
    public IReadOnlyList<string>? Services { get; init; }

    /// <summary>The regions of the last inventory; null if there was none or they could not be determined.</summary>
    public IReadOnlyList<string>? KnownRegions { get; init; }

    public AccountStatus Status { get; init; } = AccountStatus.Active;

    public DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset UpdatedAt { get; init; }

    /// <summary>When the last inventory of this account completed; null if none did.</summary>
    public DateTimeOffset? LastInventoryAt { get; init; }

    /// <summary>The AWS organization in which a discovery last found it; null if none did.</summary>
    public string? MemberOf { get; init; }

    /// <summary>Null if it is not removed.</summary>
    public DateTimeOffset? RemovedAt { get; init; }

    /// <summary>Null if it is not removed.</summary>
    public RemovalReason? RemovedBecause { get; init; }

    /// <summary>Whether a service is read and evaluated in this account.</summary>
    public bool Watches(string service) => Services?.Contains(service) ?? true;
}

public enum AccountStatus
{
    Active,

    /// <summary>Found by a discovery and not confirmed yet.</summary>
    Pending,

    /// <summary>Its data is kept, but it is neither scanned nor included in summaries.</summary>
    Removed,
}

/// <summary>Why an account was removed. A discovery does not restore one that a user removed.</summary>
public enum RemovalReason
{
    Requested,

    /// <summary>It left the AWS organization or was closed.</summary>
    LeftOrganization,
}
