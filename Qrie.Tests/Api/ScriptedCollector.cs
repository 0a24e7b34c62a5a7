using System.Runtime.CompilerServices;
using System.Text.Json;
using Qrie.Domain.Inventory;

namespace Qrie.Tests.Api;

/// <summary>A collector that returns the resources of a test instead of reading AWS.</summary>
public sealed class ScriptedCollector : IResourceCollector
{
    public const string Type = "AWS::S3::Bucket";

    private readonly Dictionary<string, string> _buckets = [];

    /// <summary>Awaited before collecting; null for no delay.</summary>
    public Func<CancellationToken, Task>? Gate { get; set; }

    /// <summary>The account that <see cref="Gate"/> applies to; null for all.</summary>
    public string? GatedAccount { get; set; }

    /// <summary>The clock for describe times.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>Adds buckets with this configuration.</summary>
    public ScriptedCollector With(string configuration, params string[] names)
    {
        foreach (var name in names)
        {
            _buckets[name] = configuration;
        }

        return this;
    }

    /// <summary>Removes buckets.</summary>
    public void Without(params string[] names)
    {
        foreach (var name in names)
        {
            _buckets.Remove(name);
        }
    }

    public async IAsyncEnumerable<CollectedItem> CollectAsync(CollectionUnit unit, [EnumeratorCancellation] CancellationToken cancel)
    {
        if (Gate is not null && (GatedAccount ?? unit.Account.AccountId) == unit.Account.AccountId)
        {
            await Gate(cancel);
        }

        if (unit.Service != "s3" || unit.Region != Regions.Global)
        {
            yield break;
        }

        var began = Clock.GetUtcNow();
        yield return new ResourcesCollected(Type, [.. _buckets.Select(b => Bucket(unit, b.Key, b.Value, began))]);
        yield return new TypeListed(Type, began, ListOutcome.Complete);
    }

    public Task<SingleCollectionResult> CollectOneAsync(CollectionUnit unit, string type, string id, CancellationToken cancel) =>
        Task.FromResult<SingleCollectionResult>(_buckets.TryGetValue(id, out var configuration)
            ? new SingleCollectionResult.Found(Bucket(unit, id, configuration, Clock.GetUtcNow()))
            : new SingleCollectionResult.Gone(Clock.GetUtcNow()));

    private static CollectedResource Bucket(CollectionUnit unit, string name, string configuration, DateTimeOffset at)
    {
        var json = JsonElement.Parse(configuration);
        return new CollectedResource
        {
            AccountId = unit.Account.AccountId,
            Service = unit.Service,
            Type = Type,
            Arn = $"arn:aws:s3:::{name}",
            Id = name,
            Region = "us-east-1",
            ListedIn = unit.Region,
            Tags = new Dictionary<string, string>(),
            Configuration = json,
            Unknown = json.TryGetProperty("_unknown", out var unknown) ? unknown.Deserialize<Dictionary<string, string>>()! : [],
            Hash = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(configuration))),
            DescribeTime = at,
        };
    }
}
