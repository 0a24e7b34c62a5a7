using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Qrie.Aws.Api.Recording;

/// <summary>
/// Replays recordings, without a network. A call that was not recorded results in the error <see cref="NotRecorded"/>, never in an empty success.
/// </summary>
/// <param name="folder">A folder that <see cref="RecordingAwsApi"/> wrote.</param>
/// <param name="clock">The clock for the times of responses.</param>
/// <param name="recordedAt">When it was recorded: every time in a response is moved by the time between then and the creation of this object, so that ages
/// stay the same. Null to leave times unchanged.</param>
/// <param name="isStrict">A call that was not recorded throws <see cref="AwsCallException"/> instead of returning an
/// error: for tests of recordings.</param>
public sealed partial class ReplayAwsApi(string folder, TimeProvider clock, DateTimeOffset? recordedAt = null, bool isStrict = false) : IAwsApi
{
    /// <summary>The code of the error for a call that was not recorded.</summary>
    public const string NotRecorded = "NotRecorded";

    private const string Seconds = "yyyy-MM-ddTHH:mm:ss";
    private const string ReasonSeconds = "yyyy-MM-dd HH:mm:ss";
    private static readonly JsonSerializerOptions _plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly ConcurrentDictionary<string, Lazy<Task<Recording>>> _recordings = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<RecordedCall, int> _times = new();

    /// <summary>Contents with moved times: the demo repeats the same calls every week, and moving takes longest of what a call needs.</summary>
    private readonly ConcurrentDictionary<JsonNode, JsonElement> _shifted = new(ReferenceEqualityComparer.Instance);

    /// <summary>The maximum number of remembered calls without a recording; a replay that runs for days repeats the same ones.</summary>
    internal const int MaxMissing = 1000;

    private readonly ConcurrentQueue<AwsCall> _missing = new();
    private readonly TimeSpan _passed = recordedAt is { } then ? TimeSpan.FromSeconds(Math.Floor((clock.GetUtcNow() - then).TotalSeconds)) : TimeSpan.Zero;

    /// <summary>The calls that were not recorded, in order; strict tests expect none.</summary>
    public IReadOnlyCollection<AwsCall> Missing => _missing;

    /// <inheritdoc/>
    public async Task<AwsResult> CallAsync(AwsCall call, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        var now = clock.GetUtcNow();
        var file = Recording.FileOf(folder, call);
        var recording = await _recordings.GetOrAdd(
            file, f => new Lazy<Task<Recording>>(() => Recording.LoadAsync(f, CancellationToken.None))).Value.WaitAsync(cancel);
        if (recording.Find(call.Operation, call.Parameters) is not { } recorded)
        {
            if (_missing.Count < MaxMissing)
            {
                _missing.Enqueue(call);
            }

            var message =
                $"{call} with {(call.Parameters.ValueKind is JsonValueKind.Undefined ? "{}" : call.Parameters.GetRawText())} was not recorded in {file}.";
            return isStrict
                ? throw new AwsCallException(message)
                : AwsResult.Failure(new AwsError(AwsErrorKind.Other, NotRecorded, message, call.Service, call.Operation), now);
        }

        var response = recorded.Response(_times.AddOrUpdate(recorded, 0, (_, times) => times + 1));
        return response["error"] is { } error
            ? AwsResult.Failure(error.Deserialize<RecordedError>(RecordedError.Json)!.ToError(call), now)
            : AwsResult.Success(
                response["content"] is { } content ? _shifted.GetOrAdd(content, Shift) : JsonSerializer.SerializeToElement<object?>(null),
                now, requestId: null);
    }

    private JsonElement Shift(JsonNode content)
    {
        if (_passed == TimeSpan.Zero)
        {
            return JsonSerializer.SerializeToElement(content);
        }

        var text = Time().Replace(content.ToJsonString(_plain), found => '"' + Shift(found.Groups["time"].Value, Seconds) + found.Groups["rest"].Value + '"');
        text = ReasonTime().Replace(text, found => Shift(found.Value, ReasonSeconds));
        return JsonElement.Parse(Base64().Replace(text, found => ShiftInside(found.Groups["text"].Value) is { } moved ? '"' + moved + '"' : found.Value));
    }

    private string Shift(string time, string format) =>
        // A date that does not exist, or is at the end of the range, is left unchanged.
        DateTime.TryParseExact(time, format, CultureInfo.InvariantCulture, DateTimeStyles.None, out var at)
        && at < DateTime.MaxValue - _passed.Duration() && at > DateTime.MinValue + _passed.Duration()
            ? (at + _passed).ToString(format, CultureInfo.InvariantCulture)
            : time;

    /// <summary>A document in base64, such as a credential report. Null if it is not one, or has no times.</summary>
    private string? ShiftInside(string base64)
    {
        var bytes = new byte[base64.Length];
        if (!Convert.TryFromBase64String(base64, bytes, out var length))
        {
            return null;
        }

        var text = Encoding.UTF8.GetString(bytes, 0, length);
        var moved = InnerTime().Replace(text, found => Shift(found.Value, Seconds));
        return moved == text ? null : Convert.ToBase64String(Encoding.UTF8.GetBytes(moved));
    }

    /// <summary>A text that consists of a time in UTC; not of a date only, which may be the version of the policy language.</summary>
    [GeneratedRegex(@"\x22(?<time>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?<rest>(\.\d+)?(Z|\+00:00))\x22")]
    private static partial Regex Time();

    [GeneratedRegex(@"\x22(?<text>[A-Za-z0-9+/]{40,}={0,2})\x22")]
    private static partial Regex Base64();

    /// <summary>EC2 writes when an instance was stopped into a text: <c>User initiated (2026-08-10 12:00:00 GMT)</c>.</summary>
    [GeneratedRegex(@"(?<=\()\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?= (GMT|UTC)\))")]
    private static partial Regex ReasonTime();

    /// <summary>Within a document, a time in UTC is recognized by the zone after it.</summary>
    [GeneratedRegex(@"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?=(\.\d+)?(Z|\+00:00))")]
    private static partial Regex InnerTime();
}
