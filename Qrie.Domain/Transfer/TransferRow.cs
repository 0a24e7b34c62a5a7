using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Qrie.Domain.Transfer;

/// <summary>A row of an export. Times are milliseconds, days are texts, flags are 0 and 1, lists and the like are JSON, as in the databases.</summary>
/// <param name="sums">Its numbers are added to those of a row with the same key.</param>
public sealed class TransferRow(string table, bool sums = false)
{
    /// <summary>How columns with JSON are written.</summary>
    public static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower) },
    };

    private const string DayFormat = "yyyy-MM-dd";

    private readonly Dictionary<string, object?> _values = new(StringComparer.Ordinal);

    public string Table => table;

    public bool Sums => sums;

    /// <summary>About how much memory its values take.</summary>
    public long Size => _values.Values.Sum(value => value switch
    {
        string text => text.Length * 2L,
        byte[] bytes => bytes.Length,
        _ => sizeof(long),
    });

    /// <summary>The value of a column: a text, a whole number, bytes, or null; columns that were not set are null.</summary>
    public object? this[string column] => _values.GetValueOrDefault(column);

    public string? TextOrNull(string column) => (string?)this[column];

    public string Text(string column) => TextOrNull(column) ?? throw Missing(column);

    public long? NumberOrNull(string column) => (long?)this[column];

    public long Number(string column) => NumberOrNull(column) ?? throw Missing(column);

    public byte[]? BytesOrNull(string column) => (byte[]?)this[column];

    public bool Flag(string column) => Number(column) != 0;

    public DateTimeOffset? TimeOrNull(string column) => NumberOrNull(column) is { } ms ? DateTimeOffset.FromUnixTimeMilliseconds(ms) : null;

    public DateTimeOffset Time(string column) => TimeOrNull(column) ?? throw Missing(column);

    public DateOnly Day(string column) => DateOnly.ParseExact(Text(column), DayFormat, CultureInfo.InvariantCulture);

    /// <summary>A name as <c>in_progress</c>.</summary>
    public T Name<T>(string column)
        where T : struct, Enum => NameOrNull<T>(column) ?? throw Missing(column);

    /// <summary>A name as <c>in_progress</c>.</summary>
    public T? NameOrNull<T>(string column)
        where T : struct, Enum =>
        TextOrNull(column) is { } name ? Enum.Parse<T>(name.Replace("_", "", StringComparison.Ordinal), ignoreCase: true) : null;

    public T OfJson<T>(string column) => JsonSerializer.Deserialize<T>(Text(column), Json)!;

    public T? OfJsonOrNull<T>(string column)
        where T : class => TextOrNull(column) is { } json ? JsonSerializer.Deserialize<T>(json, Json) : null;

    public TransferRow Set(string column, string? value) => SetValue(column, value);

    public TransferRow Set(string column, long? value) => SetValue(column, value);

    public TransferRow Set(string column, byte[]? value) => SetValue(column, value);

    public TransferRow Set(string column, bool value) => SetValue(column, value ? 1L : 0L);

    public TransferRow Set(string column, DateTimeOffset? value) => SetValue(column, value?.ToUnixTimeMilliseconds());

    public TransferRow Set(string column, DateOnly? value) => SetValue(column, value?.ToString(DayFormat, CultureInfo.InvariantCulture));

    public TransferRow SetName<T>(string column, T? value)
        where T : struct, Enum => SetValue(column, value is { } given ? JsonNamingPolicy.SnakeCaseLower.ConvertName(given.ToString()) : null);

    /// <summary>Null for null.</summary>
    public TransferRow SetJson<T>(string column, T? value) => SetValue(column, value is null ? null : JsonSerializer.Serialize(value, Json));

    private TransferRow SetValue(string column, object? value)
    {
        _values[column] = value;
        return this;
    }

    private InvalidDataException Missing(string column) => new($"A row of {table} has no {column}.");
}
