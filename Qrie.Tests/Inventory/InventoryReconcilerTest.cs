using Microsoft.Extensions.Logging.Abstractions;
using Qrie.Domain.Inventory;
using Qrie.Domain.Policies.Lookups;
using Qrie.Domain.Scans;
using Qrie.Domain.Work;
using Qrie.Tests.Stores;
using Qrie.Tests.Support;

namespace Qrie.Tests.Inventory;

/// <summary>The rules of design.md section 4 for order and deletion, with a real store and a scripted AWS.</summary>
public abstract class InventoryReconcilerTest : IAsyncLifetime
{
    private protected static readonly CollectionUnit Unit = new(Some.Account(), Regions.Global, "s3");

    private protected readonly ScriptedCollector _aws = new();
    private protected readonly FakeClock _clock = new(Some.At(1000));
    private protected StoreSet _stores = null!;
    private protected InventoryReconciler _reconciler = null!;

    public async ValueTask InitializeAsync()
    {
        _stores = await SqliteFile.EmptyAsync();
        await _stores.Accounts.AddAsync(Some.Account(), default);
        _reconciler = new InventoryReconciler(
            _stores.Resources, _stores.Coverage, _aws, new LookupKeys(new MinimalCatalog()).Of, _clock, NullLogger<InventoryReconciler>.Instance);
    }

    public async ValueTask DisposeAsync() => await _stores.DisposeAsync();

    private protected static string Name(int number) => Some.Numbered("bucket-", number);

    private protected static CollectedResource[] Many(int count, double at = 0) => [.. Enumerable.Range(0, count).Select(i => Some.Bucket(Name(i), at))];

    private protected static ResourcesCollected Listed(params CollectedResource[] buckets) => new(Some.BucketType, buckets);

    private protected static TypeListed Complete(double began) => new(Some.BucketType, Some.At(began), ListOutcome.Complete);

    private protected async Task<UnitResult> ScanAsync(params CollectedItem[] items)
    {
        _aws.Lists(items);
        var counters = new ScanCounters();
        return new UnitResult(counters, await _reconciler.ReconcileAsync(Some.Org, Unit, "scan-1", ScanType.Bootstrap, counters, default));
    }

    private protected async Task StoredAsync(params CollectedResource[] buckets) => await _stores.Resources.WriteAsync(Some.Org, buckets, Some.Noon, default);

    private protected Task<StoredResource?> FindAsync(string name) => _stores.Resources.FindAsync(Some.Org, Some.S3, Some.ArnOf(name), default);

    private protected Task<long> AliveAsync() => _stores.Resources.CountAsync(Some.Org, Some.Buckets, default);

    private protected async Task<Coverage> CoverageAsync() => (await _stores.Coverage.ListAsync(Some.Org, null, default)).ShouldHaveSingleItem();
}
