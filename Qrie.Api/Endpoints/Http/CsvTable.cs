using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Qrie.Api.Endpoints.Http;

/// <summary>The CSV form of rows: RFC 4180, with a header line.</summary>
/// <param name="RowsAtOnce">Rows that are read and written together, and so held in memory.</param>
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

    /// <summary>Spreadsheets evaluate text that starts with these characters, and names of resources are untrusted.</summary>
    private static string Harmless(string text) => text is ['=' or '+' or '-' or '@' or '\t' or '\r', ..] ? "'" + text : text;

    private static string Quote(string text) => text.AsSpan().ContainsAny(s_quoted) ? $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : text;
}
