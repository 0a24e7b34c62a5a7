using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Qrie.Tests.Catalog.CloudTrail;
using Qrie.Tests.Emulator;

namespace Qrie.Tests.Events.Supported;

/// <summary>
/// A supported event: the account before it, the recorded call, and the expected effects of processing its record. No other finding may be opened or resolved.
/// </summary>
/// <param name="Event">The event name.</param>
/// <param name="Before">Creates the resources, which are then scanned.</param>
/// <param name="Change">The call.</param>
internal sealed record EventCase(string Event, Func<EventScene, Task> Before, Func<EventScene, Task> Change)
{
    /// <summary>Distinguishes several cases of one event.</summary>
    public string? How { get; init; }

    /// <summary>The record in <see cref="CloudTrailCase"/>; null for the first of this event.</summary>
    public string? Record { get; init; }

    /// <summary>Policies with a new finding; listed twice for two findings.</summary>
    public string Opens { get; init; } = "";

    /// <summary>Policies with a finding that is resolved as compliant.</summary>
    public string Resolves { get; init; } = "";

    /// <summary>Policies with a finding that is resolved because the policy does not apply any more.</summary>
    public string Leaves { get; init; } = "";

    /// <summary>The type of the deleted resource, followed by the policies whose findings are resolved with it.</summary>
    public string Deletes { get; init; } = "";

    /// <summary>A type and an expression that is true for a stored resource of the type only after the event.</summary>
    public string? Shows { get; init; }

    /// <summary>Why nothing stored changes; null if something does.</summary>
    public string? Nothing { get; init; }

    public string Name => How is null ? Event : $"{Event}: {How}";

    public override string ToString() => Name;
}

/// <summary>The account of a case, and the replacements for names in the recorded event.</summary>
internal sealed partial class EventScene(Estate estate)
{
    public const string Region = "us-east-1";

    private readonly Dictionary<string, string> _named = [];

    public Estate Estate => estate;

    /// <summary>The replacement for a name of the record.</summary>
    public string this[string recorded]
    {
        get => _named[recorded];
        set => _named[recorded] = value;
    }

    public Task S3Async(string operation, object parameters) => estate.DoAsync("s3", operation, parameters, Region);

    public Task IamAsync(string operation, object parameters) => estate.DoAsync("iam", operation, parameters, Region);

    public Task Ec2Async(string operation, object parameters) => estate.DoAsync("ec2", operation, parameters, Region);

    /// <summary>Returns the value at the path in the response.</summary>
    public async Task<string> AskAsync(string service, string operation, object parameters, string path) =>
        At(await estate.DoAsync(service, operation, parameters, Region), path);

    /// <summary>The text at a path of members and indexes, <c>SecurityGroups.0.GroupId</c>.</summary>
    public static string At(JsonElement answer, string path) => path.Split('.')
        .Aggregate(answer, (value, name) => int.TryParse(name, CultureInfo.InvariantCulture, out var index) ? value[index] : value.GetProperty(name))
        .GetString()!;

    /// <summary>The record for this account and the current time, in EventBridge's envelope.</summary>
    public string Message(EventCase one, DateTimeOffset now)
    {
        var recorded = CloudTrailCase.All.FirstOrDefault(c => c.EventName == one.Event && (one.Record is null || c.Name == one.Record))
            ?? CloudTrailCase.All.Single(c => c.Name == one.Record); // an older name of the same event
        var text = Name().Replace(recorded.Record.ToJsonString(), found => _named.GetValueOrDefault(found.Value, found.Value))
            .Replace("111122223333", estate.AccountId).Replace("eu-west-1", Region);
        var record = JsonNode.Parse(text)!.AsObject();
        record["eventName"] = one.Event;
        record["eventTime"] = now.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);
        return new JsonObject
        {
            ["version"] = "0",
            ["id"] = Guid.NewGuid().ToString(),
            ["detail-type"] = "AWS API Call via CloudTrail",
            ["source"] = "aws." + recorded.EventSource.Split('.')[0],
            ["account"] = estate.AccountId,
            ["region"] = Region,
            ["detail"] = record,
        }.ToJsonString();
    }

    [GeneratedRegex("[A-Za-z0-9-]+")]
    private static partial Regex Name();
}
