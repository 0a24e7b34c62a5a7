using System.Text.Json;
using CsvHelper;

namespace Qrie.Api.Endpoints.Http;

/// <summary>The CSV form of rows: RFC 4180, with a header line.</summary>
/// <param name="RowsAtOnce">Rows that are read and written together, and so held in memory.</param>
internal sealed record CsvTable<T>(int RowsAtOnce, params IReadOnlyList<(string Name, Func<T, object?> Value)> Columns)
{
    private const string TimeFormat = "yyyy-MM-dd'T'HH:mm:ss.fff'Z'";

    /// <summary>Spreadsheets evaluate text that starts with certain characters, and names of resources are untrusted.</summary>
    private static readonly CsvWriterOptions s_options = new() { Injection = CsvInjection.Escape };

    public static CsvWriter NewWriter(Stream stream) => CsvWriter.Create(stream, s_options, leaveOpen: true);

    public async ValueTask WriteHeaderAsync(CsvWriter csv, CancellationToken cancel)
    {
        foreach (var (name, _) in Columns)
        {
            csv.WriteField(name);
        }

        await csv.EndRecordAsync(cancel);
    }

    public async ValueTask WriteAsync(CsvWriter csv, T row, CancellationToken cancel)
    {
        foreach (var (_, value) in Columns)
        {
            Write(csv, value(row));
        }

        await csv.EndRecordAsync(cancel);
    }

    private static void Write(CsvWriter csv, object? value)
    {
        switch (value)
        {
            case null or string or int or long or double:
                csv.WriteField(value);
                break;
            case DateTimeOffset time:
                csv.WriteField(time.ToUniversalTime(), TimeFormat);
                break;
            default:
                csv.WriteField(JsonSerializer.Serialize(value, ApiJson.Options));
                break;
        }
    }
}
