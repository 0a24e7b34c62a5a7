using System.Text.Json;
using System.Text.Json.Serialization;

namespace Qrie.Sql.Transfer;

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

    internal static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };

    public long Rows => Tables.Sum(table => table.Parts.Sum(part => part.Rows));
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
