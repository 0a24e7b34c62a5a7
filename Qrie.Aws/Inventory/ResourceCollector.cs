using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Qrie.Aws.Accounts;
using Qrie.Aws.Api;
using Qrie.Aws.Api.Models;
using Qrie.Domain.Accounts;
using Qrie.Domain.Catalog;
using Qrie.Domain.Inventory;

namespace Qrie.Aws.Inventory;

/// <summary>Reads resources as defined by the catalog: an interpreter of catalog-format.md without knowledge of any service.</summary>
public sealed class ResourceCollector : IResourceCollector
{
    private const int ParallelTypes = 12;
    private const int ItemsAhead = 4;

    private readonly CatalogHolder _catalog;
    private readonly TimeProvider _clock;
    private readonly UnitContexts _contexts;

    public ResourceCollector(IAwsApi api, ModelCatalog models, CatalogHolder catalog, PrincipalResolver principals, TimeProvider clock)
        : this(api, models, catalog, principals.ResolveAsync, clock, (account, cancel) => principals.FindHomeAsync(account, models.Endpoints, cancel))
    {
    }

    internal ResourceCollector(
        IAwsApi api, ModelCatalog models, CatalogHolder catalog, Func<Account, CancellationToken, Task<AwsPrincipal>> principalOf, TimeProvider clock,
        Func<Account, CancellationToken, Task<string>>? homeOf = null)
    {
        _catalog = catalog;
        _clock = clock;
        _contexts = new UnitContexts(api, models, principalOf, clock, homeOf);
    }

    public async IAsyncEnumerable<CollectedItem> CollectAsync(CollectionUnit unit, [EnumeratorCancellation] CancellationToken cancel)
    {
        // Disposing the stream cancels the calls too.
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var items = Channel.CreateBounded<CollectedItem>(ItemsAhead);
        var producing = ProduceAsync(unit, items.Writer, stop.Token);
        try
        {
            await foreach (var item in items.Reader.ReadAllAsync(cancel))
            {
                yield return item;
            }
        }
        finally
        {
            await stop.CancelAsync();
            await producing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    public async Task<SingleCollectionResult> CollectOneAsync(CollectionUnit unit, string type, string id, CancellationToken cancel)
    {
        var (service, definition) = Find(unit, type);
        var context = await _contexts.OfAsync(unit, service, cancel);
        using var calls = context.Calls;
        return await new TypeCollector(context, definition, _clock, cancel).CollectOneAsync(id);
    }

    private async Task ProduceAsync(CollectionUnit unit, ChannelWriter<CollectedItem> items, CancellationToken cancel)
    {
        try
        {
            var service = _catalog.Current.FindService(unit.Service)
                ?? throw new ArgumentException($"The catalog has no service '{unit.Service}'.", nameof(unit));
            var context = await _contexts.OfAsync(unit, service, cancel);
            using var calls = context.Calls;
            var parallel = new ParallelOptions { MaxDegreeOfParallelism = ParallelTypes, CancellationToken = cancel };
            await Parallel.ForEachAsync(context.Types, parallel, async (type, stop) =>
                await new TypeCollector(context, type, _clock, stop).CollectAsync(item => items.WriteAsync(item, stop)));
            items.Complete();
        }
        catch (Exception failure)
        {
            // Passed to the reader, who rethrows it.
            items.Complete(failure);
        }
    }

    private (ServiceDefinition Service, ResourceTypeDefinition Type) Find(CollectionUnit unit, string type)
    {
        var definition = _catalog.Current.FindType(type) ?? throw new ArgumentException($"The catalog has no resource type '{type}'.", nameof(type));
        if (definition.Service != unit.Service)
        {
            throw new ArgumentException($"{type} belongs to the service '{definition.Service}', not '{unit.Service}'.", nameof(type));
        }

        return (_catalog.Current.FindService(definition.Service)!, definition);
    }
}
