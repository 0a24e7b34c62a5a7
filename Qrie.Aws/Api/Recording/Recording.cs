using System.IO.Compression;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Qrie.Domain;

namespace Qrie.Aws.Api.Recording;

/// <summary>
/// The recorded calls of one account, region and service: the file <c>&lt;account&gt;/&lt;region&gt;/&lt;service&gt;.json</c>. Calls are sorted by operation
/// and parameters, so that recording the same calls again results in the same file.
/// </summary>
internal sealed class Recording
{
    private static readonly JsonSerializerOptions _json = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private readonly SortedDictionary<string, RecordedCall> _calls = new(StringComparer.Ordinal);

    /// <summary>The file of a call within a folder.</summary>
    public static string FileOf(string folder, AwsCall call) => Path.Combine(folder, call.Principal.AccountId, call.Region, call.Service + ".json");

    /// <summary>Reads the file, or the one with <c>.gz</c> appended to its name; without either the recording is empty.</summary>
    public static async Task<Recording> LoadAsync(string file, CancellationToken cancel)
    {
        var recording = new Recording();
        await using var stream = File.Exists(file) ? File.OpenRead(file)
            : File.Exists(file + ".gz") ? new GZipStream(File.OpenRead(file + ".gz"), CompressionMode.Decompress)
            : Stream.Null;
        if (stream != Stream.Null)
        {
            foreach (var entry in await JsonSerializer.DeserializeAsync<JsonArray>(stream, _json, cancel) ?? [])
            {
                var call = RecordedCall.Read(entry!.AsObject());
                recording._calls[call.Key] = call;
            }
        }

        return recording;
    }

    public RecordedCall? Find(string operation, JsonElement parameters) =>
        _calls.GetValueOrDefault(RecordedCall.KeyOf(operation, CanonicalJson.Of(parameters)));

    /// <summary>Calls of the other recording replace equal calls of this one.</summary>
    public void Join(Recording other)
    {
        foreach (var (key, call) in other._calls)
        {
            _calls[key] = call;
        }
    }

    public void Add(string operation, JsonNode parameters, JsonObject response)
    {
        var key = RecordedCall.KeyOf(operation, parameters);
        if (!_calls.TryGetValue(key, out var call))
        {
            _calls[key] = call = new RecordedCall(operation, parameters);
        }

        call.Add(response);
    }

    public async Task SaveAsync(string file, CancellationToken cancel)
    {
        PrivateFiles.MakeFolder(Path.GetFullPath(Path.GetDirectoryName(file)!));
        var text = new JsonArray([.. _calls.Values.Select(c => c.Write())]).ToJsonString(_json);
        await File.WriteAllTextAsync(file, text + "\n", cancel);
    }
}

/// <summary>A call with its responses: usually one; more if the same call returned different responses later.</summary>
internal sealed class RecordedCall(string operation, JsonNode parameters)
{
    private readonly List<JsonObject> _responses = [];

    public string Key => KeyOf(operation, parameters);

    public static string KeyOf(string operation, JsonNode parameters) => $"{operation} {parameters.ToJsonString()}";

    public static RecordedCall Read(JsonObject entry)
    {
        var call = new RecordedCall(entry["operation"]!.GetValue<string>(), CanonicalJson.Of(entry["parameters"]?.DeepClone() ?? new JsonObject()));
        foreach (var response in entry["answers"]!.AsArray())
        {
            call._responses.Add(response!.DeepClone().AsObject());
        }

        return call;
    }

    public void Add(JsonObject response)
    {
        if (_responses.Count == 0 || !JsonNode.DeepEquals(_responses[^1], response))
        {
            _responses.Add(response);
        }
    }

    /// <summary>The response to the n-th call; the last one is repeated.</summary>
    public JsonObject Response(int time) => _responses[Math.Min(time, _responses.Count - 1)];

    public JsonObject Write()
    {
        var entry = new JsonObject { ["operation"] = operation };
        if (parameters.AsObject().Count > 0)
        {
            entry["parameters"] = parameters.DeepClone();
        }

        entry["answers"] = new JsonArray([.. _responses.Select(a => a.DeepClone())]);
        return entry;
    }
}

/// <summary>JSON with sorted names, so that equal parameters have equal text.</summary>
internal static class CanonicalJson
{
    public static JsonNode Of(JsonElement value) => value.ValueKind is JsonValueKind.Undefined or JsonValueKind.Null
        ? new JsonObject()
        : Of(JsonNode.Parse(value.GetRawText())!);

    public static JsonNode Of(JsonNode value) => value switch
    {
        JsonObject o => new JsonObject(
            o.Where(p => p.Value is not null).OrderBy(p => p.Key, StringComparer.Ordinal).Select(p => KeyValuePair.Create(p.Key, (JsonNode?)Of(p.Value!)))),
        JsonArray a => new JsonArray([.. a.Select(i => i is null ? null : Of(i))]),
        _ => value.DeepClone(),
    };
}
