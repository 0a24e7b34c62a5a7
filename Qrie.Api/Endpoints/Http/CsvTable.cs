using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Qrie.Api.Endpoints.Http;

/// <summary>How rows are written as CSV: RFC 4180, with a line of names.</summary>
/// <param name="RowsAtOnce">Read and written together; what is held in memory.</param>
internal sealed record CsvTable<T>(int RowsAtOnce, params IReadOnlyList<(string Name, Func<T, object?> Value)> Columns)
{
    private const string Line = "\r\n";

    private static readonly SearchValues<char> s_quoted = SearchValues.Create(",\"\r\n");

    public string Header => string.Join(',', Columns.Select(c => c.Name)) + Line;

    public void Append(StringBuilder text, T row)
    {
        for (var i = 0; i < Columns.Count; i++)
        {
            text.Append(i == 0 ? "" : ",").Append(Cell(Columns[i].Value(row)));
        }

        text.Append(Line);
    }

    private static string Cell(object? value) => value switch
    {
        null => "",
        string text => Quote(Harmless(text)),
        DateTimeOffset time => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture),
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => Quote(Harmless(JsonSerializer.Serialize(value, ApiJson.Options))),
    };

    /// <summary>A spreadsheet computes what begins like this, and others name the resources.</summary>
    private static string Harmless(string text) => text is ['=' or '+' or '-' or '@' or '\t' or '\r', ..] ? "'" + text : text;

    private static string Quote(string text) => text.AsSpan().ContainsAny(s_quoted) ? $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : text;
}
