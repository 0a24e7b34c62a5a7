using System.Text.Json;

namespace Qrie.Domain.Inventory;

/// <summary>A stored resource.</summary>
public sealed record StoredResource
{
    public required string AccountService { get; init; }

    public required string Arn { get; init; }

    public required string Type { get; init; }

    public required string Id { get; init; }

    public required string Region { get; init; }

    public required string ListedIn { get; init; }

    /// <summary>Null if they could not be read.</summary>
    public IReadOnlyDictionary<string, string>? Tags { get; init; }

    /// <summary>The hash of the stored configuration; empty for a deleted resource.</summary>
    public required string Hash { get; init; }

    /// <summary>When the configuration was read or the absence found; with the hash it orders all writes.</summary>
    public required DateTimeOffset DescribeTime { get; init; }

    /// <summary>When it was first stored.</summary>
    public required DateTimeOffset FirstSeen { get; init; }

    /// <summary>When it was last known to exist.</summary>
    public required DateTimeOffset LastSeen { get; init; }

    /// <summary>Null if it exists.</summary>
    public DateTimeOffset? DeletedAt { get; init; }

    /// <summary>The configuration, the last known one for a deleted resource; null if it was not requested.</summary>
    public JsonElement? Configuration { get; init; }

    public string AccountId => Domain.AccountService.Split(AccountService).AccountId;

    public string Service => Domain.AccountService.Split(AccountService).Service;
}
