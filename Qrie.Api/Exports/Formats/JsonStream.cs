using System.IO.Pipelines;
using System.Runtime.InteropServices;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Qrie.Api.Exports.Formats;

/// <summary>JSON that is written piece by piece: sent whenever a few dozen kilobytes have gathered, so that slow readers slow the writer down.</summary>
internal sealed class JsonStream : IAsyncDisposable
{
    private const int SendAt = 64 * 1024;

    private readonly PipeWriter _pipe;

    /// <param name="stream">Is left open.</param>
    /// <param name="encoder">Null: only what JSON requires is escaped.</param>
    public JsonStream(Stream stream, JavaScriptEncoder? encoder = null)
    {
        _pipe = PipeWriter.Create(stream, new StreamPipeWriterOptions(leaveOpen: true));
        Json = new Utf8JsonWriter(_pipe, new JsonWriterOptions { Encoder = encoder ?? JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
    }

    public Utf8JsonWriter Json { get; }

    /// <summary>Ends a document, so that another one may follow after the text.</summary>
    public void Between(ReadOnlySpan<byte> text)
    {
        Json.Flush();
        Json.Reset();
        var place = _pipe.GetSpan(text.Length);
        text.CopyTo(place);
        _pipe.Advance(text.Length);
    }

    /// <summary>To be called after every row.</summary>
    public async ValueTask RowAsync(CancellationToken cancel)
    {
        if (Json.BytesPending + _pipe.UnflushedBytes >= SendAt)
        {
            await SendAsync(cancel);
        }
    }

    public async ValueTask SendAsync(CancellationToken cancel)
    {
        Json.Flush();
        await _pipe.FlushAsync(cancel);
    }

    public async ValueTask DisposeAsync()
    {
        await Json.DisposeAsync();
        await _pipe.CompleteAsync();
    }
}

internal static class JsonWriting
{
    private const string TimeFormat = "yyyy-MM-dd'T'HH:mm:ss.fff'Z'";

    public static string Text(this DateTimeOffset time) => time.UtcDateTime.ToString(TimeFormat, System.Globalization.CultureInfo.InvariantCulture);

    public static void Time(this Utf8JsonWriter json, string name, DateTimeOffset? time)
    {
        if (time is { } known)
        {
            json.WriteString(name, known.Text());
        }
    }

    public static void Text(this Utf8JsonWriter json, string name, string? text)
    {
        if (text is not null)
        {
            json.WriteString(name, text);
        }
    }

    public static void Texts(this Utf8JsonWriter json, string name, IEnumerable<string> texts)
    {
        json.WriteStartArray(name);
        foreach (var text in texts)
        {
            json.WriteStringValue(text);
        }

        json.WriteEndArray();
    }

    /// <summary>
    /// JSON as stored, which may contain half a surrogate pair that AWS returned: serializing it again would fail.
    /// </summary>
    public static void Stored(this Utf8JsonWriter json, string name, JsonElement value)
    {
        json.WritePropertyName(name);
        json.WriteRawValue(JsonMarshal.GetRawUtf8Value(value), skipInputValidation: true);
    }
}
