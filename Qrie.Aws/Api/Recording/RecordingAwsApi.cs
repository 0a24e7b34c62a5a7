using System.Text.Json;
using System.Text.Json.Nodes;

namespace Qrie.Aws.Api.Recording;

/// <summary>
/// Forwards calls and records them with their responses and errors; <see cref="SaveAsync"/> writes them to a folder. Recorded responses are already redacted.
/// </summary>
/// <param name="inner">The target of the calls.</param>
/// <param name="folder">The folder for recordings: <c>&lt;account&gt;/&lt;region&gt;/&lt;service&gt;.json</c>.</param>
/// <param name="rewrite">The replacements; null for none.</param>
public sealed class RecordingAwsApi(IAwsApi inner, string folder, RecordingRewrite? rewrite = null) : IAwsApi
{
    private readonly Dictionary<string, Recording> _recordings = new(StringComparer.Ordinal);
    private readonly Lock _lock = new();

    /// <inheritdoc/>
    public async Task<AwsResult> CallAsync(AwsCall call, CancellationToken cancel)
    {
        var response = await inner.CallAsync(call, cancel);
        var parameters = CanonicalJson.Of(call.Parameters);
        var entry = Describe(response);
        var recorded = call;
        if (rewrite is not null)
        {
            parameters = CanonicalJson.Of(rewrite.Apply(parameters));
            entry = rewrite.Apply(entry).AsObject();
            recorded = rewrite.Apply(call);
        }

        lock (_lock)
        {
            var file = Recording.FileOf(folder, recorded);
            if (!_recordings.TryGetValue(file, out var recording))
            {
                _recordings[file] = recording = new Recording();
            }

            recording.Add(call.Operation, parameters, entry);
        }

        return response;
    }

    /// <summary>Writes the recordings so far. An existing file keeps the calls that were not made this time.</summary>
    public async Task SaveAsync(CancellationToken cancel)
    {
        List<KeyValuePair<string, Recording>> recordings;
        lock (_lock)
        {
            recordings = [.. _recordings];
        }

        foreach (var (file, recording) in recordings)
        {
            var joined = await Recording.LoadAsync(file, cancel);
            joined.Join(recording);
            await joined.SaveAsync(file, cancel);
        }
    }

    private static JsonObject Describe(AwsResult response) => response.Error is not { } error
        ? new JsonObject { ["content"] = JsonNode.Parse(response.Content.GetRawText()) }
        : new JsonObject { ["error"] = JsonSerializer.SerializeToNode(RecordedError.From(error), RecordedError.Json) };
}
