using System.Text.Json;

namespace Qrie.Domain.Inventory;

/// <summary>A resource as it is stored.</summary>
public sealed record StoredResource
{
    public required string AccountService { get; init; }

    public required string Arn { get; init; }

    public required string Type { get; init; }

    public required string Id { get; init; }

    public required string Region { get; init; }

    public required string ListedIn { get; init; }

    /// <summary>Null: they could not be read.</summary>
    public IReadOnlyDictionary<string, string>? Tags { get; init; }

    /// <summary>Of the stored configuration; empty for a deleted resource.</summary>
    public required string Hash { get; init; }

    /// <summary>When the configuration was fetched, or the absence found: with the hash, the order of all writes.</summary>
    public required DateTimeOffset DescribeTime { get; init; }

    /// <summary>When it was first stored.</summary>
    public required DateTimeOffset FirstSeen { get; init; }

    /// <summary>When it was last seen to exist.</summary>
    public required DateTimeOffset LastSeen { get; init; }

    /// <summary>Null: it exists.</summary>
    public DateTimeOffset? DeletedAt { get; init; }

    /// <summary>The configuration, of a deleted resource the last known one; null where it was not asked for.</summary>
    public JsonElement? Configuration { get; init; }

    public string AccountId => Domain.AccountService.Split(AccountService).AccountId;

    public string Service => Domain.AccountService.Split(AccountService).Service;
}
