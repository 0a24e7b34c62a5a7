namespace Qrie.Domain.Transfer;

/// <summary>A store that can be exported and filled with an export, whatever its kind. Disposing it closes the store.</summary>
public interface ITransferStore : IAsyncDisposable
{
    /// <summary>Writes everything that the store has into a folder.</summary>
    /// <param name="folder">Empty, or not there yet, or with an export that was interrupted, which is replaced.</param>
    /// <param name="progress">The rows so far.</param>
    /// <exception cref="TransferException">The folder has other files or a complete export, or the store cannot be exported now.</exception>
    Task<TransferManifest> ExportAsync(string folder, Func<long, Task> progress, CancellationToken cancel);

    /// <summary>Fills the store, which must be empty, or continues an interrupted import of the same export.</summary>
    /// <param name="progress">The rows so far, those of an earlier attempt included.</param>
    /// <exception cref="TransferException">
    /// The store is not empty, the export is of another version, or a part is missing or damaged. What was imported before stays and is continued by the next
    /// call.
    /// </exception>
    Task ImportAsync(string folder, TransferManifest manifest, Func<long, Task> progress, CancellationToken cancel);
}
