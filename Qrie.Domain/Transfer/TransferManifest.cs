using System.Text.Json;
using System.Text.Json.Serialization;

namespace Qrie.Domain.Transfer;

/// <summary><c>manifest.json</c> of an export: what is in its parts. It is written last, so an export without one is not complete.</summary>
/// <param name="Format">The version of the format.</param>
/// <param name="ExportId">Recognizes the export when its import is continued.</param>
/// <param name="CreatedAt">The time of the snapshot.</param>
/// <param name="Store">The kind and version of the store that was read.</param>
/// <param name="Tables">In alphabetical order.</param>
public sealed record TransferManifest(int Format, string ExportId, DateTimeOffset CreatedAt, string Store, IReadOnlyList<TransferTable> Tables)
{
    public const string FileName = "manifest.json";
    public const int CurrentFormat = 1;

    private static readonly JsonSerializerOptions s_json = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };

    public long Rows => Tables.Sum(table => table.Parts.Sum(part => part.Rows));

    /// <summary>Reads the manifest of an export.</summary>
    /// <exception cref="TransferException">There is none, or it cannot be read.</exception>
    public static async Task<TransferManifest> ReadAsync(string folder, CancellationToken cancel)
    {
        var path = Path.Combine(folder, FileName);
        try
        {
            await using var file = File.OpenRead(path);
            var manifest = await JsonSerializer.DeserializeAsync<TransferManifest>(file, s_json, cancel);
            return manifest is { Format: CurrentFormat, Tables: not null, ExportId: not null }
                ? manifest
                : throw new TransferException($"{path} has format {manifest?.Format}; this version reads {CurrentFormat}.");
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new TransferException($"{folder} has no {FileName}: it is no export, or one that was interrupted; export again.", e);
        }
        catch (JsonException e)
        {
            throw new TransferException($"{path} is damaged: {e.Message}", e);
        }
    }

    /// <summary>Writes it to the disk.</summary>
    public async Task WriteAsync(string folder, CancellationToken cancel)
    {
        await using var file = new FileStream(
            Path.Combine(folder, FileName), PrivateFiles.Options(FileMode.CreateNew, FileAccess.Write, FileShare.None));
        await JsonSerializer.SerializeAsync(file, this, s_json, cancel);
        file.Flush(flushToDisk: true);
    }
}

/// <summary>A table: each row is a line with a JSON array of the columns' values, in their order.</summary>
public sealed record TransferTable(string Name, IReadOnlyList<TransferColumn> Columns, IReadOnlyList<TransferPart> Parts);

/// <summary>A column. Bytes are base64.</summary>
public sealed record TransferColumn(string Name, TransferKind Kind);

public enum TransferKind
{
    Text,
    Number,
    Bytes,
}

/// <summary>A file of the export: lines of JSON, compressed with gzip.</summary>
/// <param name="File">Its name in the folder.</param>
/// <param name="Sha256">Of the compressed file, in hexadecimal.</param>
public sealed record TransferPart(string File, long Rows, string Sha256);

/// <summary>An export cannot be read or imported; the message has the reason and the remedy.</summary>
public sealed class TransferException : Exception
{
    public TransferException(string message)
        : base(message)
    {
    }

    public TransferException(string message, Exception inner)
        : base(message, inner)
    {
    }

    public TransferException()
    {
    }
}
