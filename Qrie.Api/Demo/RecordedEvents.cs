using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Qrie.Api.Endpoints.Http;
using Qrie.Api.Hosting;
using Qrie.Aws.Api.Recording;

namespace Qrie.Api.Demo;

/// <summary>
/// The events that <c>--demo-events</c> replays: CloudTrail records in order, after the last of which everything is as before the first.
/// <c>tools/demo/record_events.py</c> writes them, with AWS's responses before the first (layer 0) and after each.
/// </summary>
/// <param name="RecordedAt">The time of the recording.</param>
/// <param name="Events">As sent by EventBridge.</param>
internal sealed record RecordedEvents(DateTimeOffset RecordedAt, IReadOnlyList<JsonObject> Events)
{
    private string Folder { get; init; } = "";

    /// <exception cref="StartRefusedException">They are missing.</exception>
    public static RecordedEvents Read(string samples)
    {
        var folder = Path.Combine(samples, "events");
        try
        {
            using var file = File.OpenRead(Path.Combine(folder, "events.json"));
            return JsonSerializer.Deserialize<RecordedEvents>(file, ApiJson.Options)! with { Folder = folder };
        }
        catch (IOException e)
        {
            throw new StartRefusedException($"The samples for --demo-events are missing: {e.Message}");
        }
    }

    /// <summary>The recorded responses, layer by layer; a layer overrides the earlier ones.</summary>
    /// <param name="age">The age of the recording by the clock.</param>
    public IEnumerable<ReplayAwsApi> Layers(TimeProvider clock, TimeSpan age) =>
        Enumerable.Range(0, Events.Count + 1).Select(n => new ReplayAwsApi(Path.Combine(Folder, $"{n}"), clock, RecordedAt - age));

    /// <summary>An event with the current time.</summary>
    /// <param name="number">The number of the event, which makes its id unique.</param>
    public string Message(int step, long number, DateTimeOffset now)
    {
        var message = Events[step].DeepClone().AsObject();
        var (id, time) = (string.Create(CultureInfo.InvariantCulture, $"demo-{number}"), now.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture));
        (message["id"], message["time"]) = (id, time);
        (message["detail"]!["eventID"], message["detail"]!["eventTime"]) = (id, time);
        return message.ToJsonString();
    }
}
