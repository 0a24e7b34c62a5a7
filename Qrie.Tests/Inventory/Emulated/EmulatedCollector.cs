using Qrie.Aws.Inventory;
using Qrie.Domain.Accounts;
using Qrie.Domain.Catalog;
using Qrie.Domain.Inventory;
using Qrie.Tests.Catalog;
using Qrie.Tests.Emulator;
using Qrie.Tests.Support;

namespace Qrie.Tests.Inventory.Emulated;

/// <summary>The collector with the shipped catalog and the emulator, through a proxy that can make requests fail.</summary>
internal sealed class EmulatedCollector : IAsyncDisposable
{
    private readonly EmulatedAws _aws;

    private EmulatedCollector(FaultProxy proxy, EmulatedAws aws, Estate estate)
    {
        Estate = estate;
        Proxy = proxy;
        _aws = aws;
        Refusing = new RefusingAws(aws.Api, TimeProvider.System);
    }

    public Estate Estate { get; }

    public FaultProxy Proxy { get; }

    /// <summary>Makes calls fail before they are sent.</summary>
    public RefusingAws Refusing { get; }

    private Account Account => new() { Organization = "default", AccountId = Estate.AccountId };

    private ResourceCollector Collector =>
        new(Refusing, EmulatedAws.Models, new CatalogHolder(ShippedCatalog.Instance), (_, _) => Task.FromResult(Estate.Principal), TimeProvider.System);

    /// <param name="accountId">An existing account; null for a new one.</param>
    public static async Task<EmulatedCollector> StartAsync(string? accountId = null)
    {
        var proxy = await FaultProxy.StartAsync();
        if (accountId is null)
        {
            Lacking.AnswerEmptyLists(proxy);
        }

        return new EmulatedCollector(proxy, EmulatedAws.At(
            proxy.Url, options => options.MaxThrottledAttempts = 2, rules: CatalogRedaction.Rules(ShippedCatalog.Instance)),
            accountId is null ? Estate.Create() : Estate.Of(accountId));
    }

    public async Task<Collected> CollectAsync(string service, string region = Regions.Global)
    {
        var items = new List<CollectedItem>();
        await foreach (var item in Collector.CollectAsync(new CollectionUnit(Account, region, service), default))
        {
            items.Add(item);
        }

        return new Collected(items);
    }

    public Task<SingleCollectionResult> CollectOneAsync(string service, string type, string id, string region = Regions.Global) =>
        Collector.CollectOneAsync(new CollectionUnit(Account, region, service), type, id, default);

    public async ValueTask DisposeAsync()
    {
        _aws.Dispose();
        await Proxy.DisposeAsync();
    }
}
