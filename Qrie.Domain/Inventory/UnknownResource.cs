using System.Text.Json;

namespace Qrie.Domain.Inventory;

/// <summary>A stored resource whose current state could not be read.</summary>
public static class UnknownResource
{
    private const string Unknown = "_unknown";

    /// <summary>The last known configuration with every attribute marked as unknown: it stays visible, but no verdict is based on it.</summary>
    /// <param name="stored">With its configuration.</param>
    /// <param name="code">Why the state is unknown.</param>
    /// <param name="volatilePaths">The volatile paths of its type.</param>
    /// <param name="at">When that was found.</param>
    public static CollectedResource Of(StoredResource stored, string code, IReadOnlyList<string> volatilePaths, DateTimeOffset at)
    {
        var known = stored.Configuration is { ValueKind: JsonValueKind.Object } configuration
            ? configuration.EnumerateObject().Where(p => p.Name != Unknown).ToList()
            : [];
        var unknown = known.Select(p => p.Name).Append("*").ToDictionary(name => name, _ => code);
        var members = known.ToDictionary(p => p.Name, p => p.Value);
        members[Unknown] = JsonSerializer.SerializeToElement(unknown);
        var marked = JsonSerializer.SerializeToElement(members);
        return new CollectedResource
        {
            AccountId = stored.AccountId,
            Service = stored.Service,
            Type = stored.Type,
            Arn = stored.Arn,
            Id = stored.Id,
            Region = stored.Region,
            ListedIn = stored.ListedIn,
            Tags = null,
            Configuration = marked,
            Unknown = unknown,
            Hash = ConfigurationHash.Of(marked, volatilePaths),
            DescribeTime = at,
        };
    }
}
