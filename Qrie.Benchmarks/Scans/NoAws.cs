using System.Runtime.CompilerServices;
using Qrie.Domain.Accounts;
using Qrie.Domain.Inventory;
using Qrie.Domain.Work;

namespace Qrie.Benchmarks.Scans;

/// <summary>For workloads that only read the store.</summary>
internal sealed class NoAws : IAwsAccess, IResourceCollector, ICallCounter, ICountedCalls
{
    public Task<AmbientAccount> FindAmbientAccountAsync(CancellationToken cancel) => Task.FromResult(new AmbientAccount(null, null, "There is no AWS here."));

    public Task<(IReadOnlyList<string>? Regions, string? ErrorCode)> FindRegionsAsync(Account account, CancellationToken cancel) =>
        Task.FromResult<(IReadOnlyList<string>?, string?)>(([], null));

    public bool ReadsRegion(Account account, string region) => true;

    public async IAsyncEnumerable<CollectedItem> CollectAsync(CollectionUnit unit, [EnumeratorCancellation] CancellationToken cancel)
    {
        await Task.CompletedTask;
        yield break;
    }

    public Task<SingleCollectionResult> CollectOneAsync(CollectionUnit unit, string type, string id, CancellationToken cancel) =>
        throw new NotSupportedException("Nothing is collected here.");

    public ICountedCalls Begin() => this;

    public IReadOnlyList<CountedCalls> Snapshot() => [];

    public void Dispose()
    {
    }
}
