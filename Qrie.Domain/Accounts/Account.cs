namespace Qrie.Domain.Accounts;

/// <summary>An AWS account that Qrie watches.</summary>
public sealed record Account
{
    /// <summary>The tenant; <c>default</c> in a single-tenant installation.</summary>
    public required string Organization { get; init; }

    /// <summary>Twelve digits.</summary>
    public required string AccountId { get; init; }

    /// <summary>A name for people; null: none was given.</summary>
    public string? Name { get; init; }

    /// <summary>The path of its organizational unit, <c>/Production/Web</c>; null: not known (a scope that asks for it is unknown).</summary>
    public string? Ou { get; init; }

    /// <summary>The account's own tags; null: not known.</summary>
    public IReadOnlyDictionary<string, string>? Tags { get; init; }

    /// <summary>The role to assume; null: the pattern of <c>Aws:RoleName</c>, or none for the account of the ambient credentials.</summary>
    public string? RoleArn { get; init; }

    /// <summary>The external id for the role; null: <c>Aws:ExternalId</c>.</summary>
    public string? ExternalId { get; init; }

    /// <summary>The regions to read regional types in; null: <c>Aws:Regions</c>, else the account's enabled ones.</summary>
    public IReadOnlyList<string>? Regions { get; init; }

    /// <summary>The services that are watched, by their keys in the catalog; null: all.</summary>
    public IReadOnlyList<string>? Services { get; init; }

    /// <summary>The regions that the last inventory was to read; null: there was none, or they could not be found out.</summary>
    public IReadOnlyList<string>? KnownRegions { get; init; }

    public AccountStatus Status { get; init; } = AccountStatus.Active;

    public DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset UpdatedAt { get; init; }

    /// <summary>End of the last inventory that finished in this account; null: never.</summary>
    public DateTimeOffset? LastInventoryAt { get; init; }

    /// <summary>The AWS organization that a discovery saw it in last; null: in none.</summary>
    public string? MemberOf { get; init; }

    /// <summary>Null: it is not removed.</summary>
    public DateTimeOffset? RemovedAt { get; init; }

    /// <summary>Null: it is not removed.</summary>
    public RemovalReason? RemovedBecause { get; init; }

    /// <summary>Whether a service is read and evaluated here.</summary>
    public bool Watches(string service) => Services?.Contains(service) ?? true;
}

public enum AccountStatus
{
    Active,

    /// <summary>Found by a discovery, and nobody has said yet that it is to be watched.</summary>
    Pending,

    /// <summary>Data stays, scanning stops, summaries leave it out.</summary>
    Removed,
}

/// <summary>Why an account is removed. One that a person removed is not brought back by a discovery.</summary>
public enum RemovalReason
{
    Requested,

    /// <summary>It is no member of the AWS organization any more, or closed.</summary>
    LeftOrganization,
}
