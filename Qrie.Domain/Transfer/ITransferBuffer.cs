namespace Qrie.Domain.Transfer;

/// <summary>
/// All rows of an export, in temporary files that are deleted with it. A store that has not the tables of an export gathers its rows here to be exported, or
/// reads here, in the order that it needs, what it imports: neither has to be in memory.
/// </summary>
public interface ITransferBuffer : IAsyncDisposable
{
    /// <summary>Checks a folder, before much is read.</summary>
    /// <exception cref="TransferException">An export cannot be written into it.</exception>
    void CheckFolder(string folder);

    /// <summary>Adds rows; those that sum up are added to others with the same key.</summary>
    Task AddAsync(IReadOnlyList<TransferRow> rows, CancellationToken cancel);

    /// <summary>Derives what follows from the added rows alone, and writes all into a folder.</summary>
    /// <param name="store">The kind and version of the store that the rows are of.</param>
    /// <param name="progress">The rows so far.</param>
    Task<TransferManifest> ExportAsync(string folder, string store, Func<long, Task> progress, CancellationToken cancel);

    /// <summary>Reads all parts of an export, and checks them.</summary>
    /// <exception cref="TransferException">The export is of another version, or a part is missing or damaged.</exception>
    Task ImportAsync(string folder, TransferManifest manifest, CancellationToken cancel);

    /// <summary>The rows of a table.</summary>
    /// <param name="orderBy">Columns; texts are compared by code points.</param>
    IAsyncEnumerable<TransferRow> ReadAsync(string table, IReadOnlyList<string> orderBy, CancellationToken cancel);
}
