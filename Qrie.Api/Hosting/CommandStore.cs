using Microsoft.Extensions.Logging.Abstractions;
using Qrie.Domain.Transfer;
using Qrie.Dynamo;
using Qrie.Sql;
using Qrie.Sql.Database;
using Qrie.Sql.Transfer;

namespace Qrie.Api.Hosting;

/// <summary>A store that a command has open, whatever its kind, with the interfaces that the service uses.</summary>
internal sealed class CommandStore : IAsyncDisposable
{
    private readonly ServiceProvider _services;

    private CommandStore(ServiceProvider services) => _services = services;

    /// <summary>Null if it is not a database.</summary>
    public SqlDatabase? Database => _services.GetService<SqlDatabase>();

    /// <param name="database">Is closed with the result.</param>
    public static CommandStore Of(SqlDatabase database)
    {
        var services = Services().AddSqlStores(_ => database).BuildServiceProvider();
        services.GetRequiredService<SqlDatabase>(); // otherwise it would not be closed
        return new CommandStore(services);
    }

    public static CommandStore Of(DynamoStoreSettings tables) => new(tables.AddTo(Services()).BuildServiceProvider());

    /// <summary>To be exported or filled.</summary>
    public static ITransferStore TransferOf(DynamoStoreSettings tables, TimeProvider clock) =>
        tables.AddTo(Services()).BuildServiceProvider().AsTransferStore(cancel => SqlTransferBuffer.OpenAsync(clock, cancel));

    public T Get<T>()
        where T : notnull => _services.GetRequiredService<T>();

    public ValueTask DisposeAsync() => _services.DisposeAsync();

    private static IServiceCollection Services() =>
        new ServiceCollection().AddSingleton(TimeProvider.System).AddSingleton(typeof(ILogger<>), typeof(NullLogger<>));
}
