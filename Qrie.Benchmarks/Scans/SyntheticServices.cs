using Microsoft.Extensions.DependencyInjection;
using Qrie.Domain.Accounts;
using Qrie.Domain.Catalog;
using Qrie.Domain.Events;
using Qrie.Domain.Inventory;
using Qrie.Domain.Registration;
using Qrie.Domain.Scans;
using Qrie.Domain.Work;
using Qrie.Sql;
using Qrie.Sql.Database;

namespace Qrie.Benchmarks.Scans;

/// <summary>The domain with a store and the synthetic catalog, without AWS.</summary>
internal static class SyntheticServices
{
    /// <param name="store">A file, or the connection string of an own PostgreSQL database.</param>
    public static ServiceProvider Open(string store) =>
        Of(services => services.AddSqlStores(_ => IsServer(store) ? PostgresDatabase.Open(store) : SqliteDatabase.Open(store)));

    /// <param name="addStores">Registers the stores.</param>
    public static ServiceProvider Of(Func<IServiceCollection, IServiceCollection> addStores) => addStores(new ServiceCollection()
        .AddLogging()
        .AddSingleton(TimeProvider.System))
        .AddSingleton<ICatalog, SyntheticCatalog>()
        .AddSingleton<IAwsAccess, NoAws>()
        .AddSingleton<IResourceCollector, NoAws>()
        .AddSingleton<ICallCounter, NoAws>()
        .AddSingleton(new ScanLimits())
        .AddSingleton(new EventSettings())
        .AddSingleton(new EventChannel(null))
        .AddDomain()
        .BuildServiceProvider();

    public static bool IsServer(string store) => store.Contains("Host=", StringComparison.OrdinalIgnoreCase);
}
