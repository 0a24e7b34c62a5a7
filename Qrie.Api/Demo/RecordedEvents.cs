using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Qrie.Api.Endpoints.Http;
using Qrie.Api.Hosting;
using Qrie.Aws.Api.Recording;

namespace Qrie.Api.Demo;

/// <summary>
/// What <c>--demo-events</c> replays: CloudTrail records in their order, after the last of which everything is as it was before the first.
/// <c>tools/demo/record_events.py</c> writes them, and beside them what AWS answered before the first (layer 0) and after each.
/// </summary>
/// <param name="RecordedAt">The time that the answers are of.</param>
/// <param name="Events">As EventBridge sends them.</param>
internal sealed record RecordedEvents(DateTimeOffset RecordedAt, IReadOnlyList<JsonObject> Events)
{
    private string Folder { get; init; } = "";

    /// <exception cref="StartRefusedException">They are not there.</exception>
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
            throw new StartRefusedException($"The samples for --demo-events are not there: {e.Message}");
        }
    }

    /// <summary>The answers, layer by layer, for those that are on top of everything else.</summary>
    /// <param name="age">How long ago the present of the clock was recorded.</param>
    public IEnumerable<ReplayAwsApi> Layers(TimeProvider clock, TimeSpan age) =>
        Enumerable.Range(0, Events.Count + 1).Select(n => new ReplayAwsApi(Path.Combine(Folder, $"{n}"), clock, RecordedAt - age));

    /// <summary>An event as if it happened now.</summary>
    /// <param name="number">Of all that were sent: no two have the same id.</param>
    public string Message(int step, long number, DateTimeOffset now)
    {
        var message = Events[step].DeepClone().AsObject();
        var (id, time) = (string.Create(CultureInfo.InvariantCulture, $"demo-{number}"), now.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture));
        (message["id"], message["time"]) = (id, time);
        (message["detail"]!["eventID"], message["detail"]!["eventTime"]) = (id, time);
        return message.ToJsonString();
    }
}
