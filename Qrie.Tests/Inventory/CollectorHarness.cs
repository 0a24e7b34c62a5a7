using System.Text.Json;
using Qrie.Aws.Api;
using Qrie.Aws.Api.Models;
using Qrie.Aws.Inventory;
using Qrie.Domain.Accounts;
using Qrie.Domain.Catalog;
using Qrie.Domain.Catalog.Loading;
using Qrie.Domain.Inventory;
using Qrie.Tests.Catalog;
using Qrie.Tests.Emulator;

namespace Qrie.Tests.Inventory;

/// <summary>Runs a collector with scripted responses, with the shipped catalog or one of the test's own.</summary>
internal sealed class CollectorHarness
{
    public const string AccountId = "123456789012";

    private readonly ResourceCatalog _catalog;

    public CollectorHarness(string? serviceYaml = null) => _catalog = serviceYaml is null
        ? ShippedCatalog.Instance
        : CatalogLoader.Load([new CatalogFile("services/test.yaml", serviceYaml, CatalogFileKind.Service)]);

    public static ModelCatalog Models => EmulatedAws.Models;

    public static Account Account { get; } = new() { Organization = "default", AccountId = AccountId };

    public FakeAws Aws { get; } = new();

    public AutoClock Clock { get; } = new(FakeAws.Start);

    public ResourceCollector Collector => new(Aws, Models, new CatalogHolder(_catalog), (_, _) => Task.FromResult(new AwsPrincipal(AccountId)), Clock);

    public async Task<Collected> CollectAsync(string service, string region = Regions.Global, CancellationToken cancel = default)
    {
        var items = new List<CollectedItem>();
        await foreach (var item in Collector.CollectAsync(new CollectionUnit(Account, region, service), cancel))
        {
            items.Add(item);
        }

        return new Collected(items);
    }

    public Task<SingleCollectionResult> CollectOneAsync(string service, string type, string id, string region = Regions.Global) =>
        Collector.CollectOneAsync(new CollectionUnit(Account, region, service), type, id, default);
}

/// <summary>The result of a collection, by kind.</summary>
internal sealed record Collected(IReadOnlyList<CollectedItem> Items)
{
    public IReadOnlyList<CollectedResource> Resources => [.. Items.OfType<ResourcesCollected>().SelectMany(item => item.Resources)];

    public IReadOnlyList<CollectedResource> Buckets => [.. Resources.Where(resource => resource.Type == "AWS::S3::Bucket")];

    public IReadOnlyList<ResourceGone> Gone => [.. Items.OfType<ResourceGone>()];

    public CollectedResource this[string id] => Resources.Single(resource => resource.Id == id);

    public TypeListed End(string type) => Items.OfType<TypeListed>().Single(end => end.Type == type);
}

internal static class ConfigurationExtensions
{
    /// <summary>An attribute as JSON text; null if it is missing.</summary>
    public static string? Attribute(this CollectedResource resource, string name) =>
        resource.Configuration.TryGetProperty(name, out var value) ? JsonSerializer.Serialize(value) : null;
}

/// <summary>A clock that jumps to the next timer at once, so that waiting costs nothing.</summary>
internal sealed class AutoClock(DateTimeOffset start) : TimeProvider
{
    private readonly Lock _lock = new();
    private DateTimeOffset _now = start;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow()
    {
        lock (_lock)
        {
            return _now;
        }
    }

    public override long GetTimestamp() => GetUtcNow().UtcTicks;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        lock (_lock)
        {
            _now += dueTime > TimeSpan.Zero ? dueTime : TimeSpan.Zero;
        }

        ThreadPool.QueueUserWorkItem(_ => callback(state));
        return new NoTimer();
    }

    private sealed class NoTimer : ITimer
    {
        public bool Change(TimeSpan dueTime, TimeSpan period) => true;

        public void Dispose()
        {
        }

        public ValueTask DisposeAsync() => default;
    }
}
