namespace Qrie.Domain.Archiving;

/// <summary>Where archives are. Objects are small enough for memory.</summary>
public interface IArchiveBucket
{
    /// <summary>Null if no bucket is configured; otherwise its name and prefix for people.</summary>
    string? Location { get; }

    /// <summary>Writes an object durably, or replaces it.</summary>
    /// <param name="sha256">The hash of the content, which the bucket verifies.</param>
    /// <exception cref="ArchiveException">It could not be written.</exception>
    Task PutAsync(string key, ReadOnlyMemory<byte> content, ReadOnlyMemory<byte> sha256, CancellationToken cancel);

    /// <summary>Reads an object; null if there is none.</summary>
    /// <param name="maxBytes">The most that is read.</param>
    /// <exception cref="ArchiveException">It could not be read, or is larger.</exception>
    Task<byte[]?> FindAsync(string key, long maxBytes, CancellationToken cancel);

    /// <summary>The names directly below a key, in order: of <c>a/b/c</c> below <c>a</c> it is <c>b</c>.</summary>
    /// <exception cref="ArchiveException">They could not be listed.</exception>
    IAsyncEnumerable<string> ListAsync(string key, CancellationToken cancel);
}

/// <summary>An archive could not be written or read; the message has the remedy.</summary>
public sealed class ArchiveException(string message, Exception? inner = null) : Exception(message, inner);
