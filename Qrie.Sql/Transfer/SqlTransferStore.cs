using Qrie.Domain.Transfer;
using Qrie.Sql.Database;

namespace Qrie.Sql.Transfer;

/// <summary>A database as a store to be exported and filled.</summary>
/// <param name="database">Is closed with it.</param>
public sealed class SqlTransferStore(SqlDatabase database, TimeProvider clock) : ITransferStore
{
    public Task<TransferManifest> ExportAsync(string folder, Func<long, Task> progress, CancellationToken cancel) =>
        new StoreExport(database, clock).RunAsync(folder, progress, cancel);

    public Task ImportAsync(string folder, TransferManifest manifest, Func<long, Task> progress, CancellationToken cancel) =>
        new StoreImport(database).RunAsync(folder, manifest, progress, cancel);

    public ValueTask DisposeAsync() => database.DisposeAsync();
}
