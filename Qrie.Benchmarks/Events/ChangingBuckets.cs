using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Qrie.Benchmarks.Processes;

namespace Qrie.Benchmarks.Events;

/// <summary>
/// Changing buckets in the emulator's base account, and a queue that receives an event for every change in EventBridge's format. Provides the expected state.
/// </summary>
internal sealed partial class ChangingBuckets(Uri emulator, Random random) : IDisposable
{
    public const string AccountId = "123456789012";
    public const string VersioningEvent = "PutBucketVersioning";

    private readonly EmulatorClient _emulator = new(emulator);
    private readonly Dictionary<string, bool> _versioned = [];
    private readonly List<string> _told = [];
    private int _last;

    /// <summary>Whether each bucket is versioned, by name.</summary>
    public IReadOnlyDictionary<string, bool> Versioned => _versioned;

    public string QueueUrl { get; private set; } = "";

    public async Task OpenQueueAsync(string name, CancellationToken cancel) =>
        QueueUrl = UrlElement().Match(await SqsAsync($"CreateQueue&QueueName={name}", cancel)).Value;

    /// <summary>Makes a change and sends its event, sometimes twice, or an old event again.</summary>
    public async Task ChangeAsync(CancellationToken cancel)
    {
        var what = random.Next(10);
        if (what < 2 || _versioned.Count < 5)
        {
            await TellAsync("CreateBucket", await CreateAsync(cancel), cancel);
        }
        else if (what == 2)
        {
            var name = Any();
            await S3Async(HttpMethod.Delete, $"/{name}", null, cancel);
            _versioned.Remove(name);
            await TellAsync("DeleteBucket", name, cancel);
        }
        else
        {
            var name = Any();
            await SwitchVersioningAsync(name, cancel);
            await TellAsync(VersioningEvent, name, cancel);
        }

        if (random.Next(5) == 0)
        {
            await SendAsync(_told[random.Next(_told.Count)], cancel);
        }
    }

    /// <summary>Creates a bucket without an event.</summary>
    /// <returns>Its name.</returns>
    public async Task<string> CreateAsync(CancellationToken cancel)
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"eventful-{++_last:0000}");
        await S3Async(HttpMethod.Put, $"/{name}", null, cancel);
        _versioned[name] = false;
        return name;
    }

    /// <summary>Switches versioning on or off without an event.</summary>
    public async Task SwitchVersioningAsync(string name, CancellationToken cancel)
    {
        var status = _versioned[name] ? "Suspended" : "Enabled";
        await S3Async(
            HttpMethod.Put, $"/{name}?versioning",
            $"""<VersioningConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Status>{status}</Status></VersioningConfiguration>""", cancel);
        _versioned[name] = !_versioned[name];
    }

    /// <summary>Another consumer receives messages and drops them.</summary>
    public Task ReceiveAndDropAsync(CancellationToken cancel) =>
        SqsAsync($"ReceiveMessage&QueueUrl={Uri.EscapeDataString(QueueUrl)}&MaxNumberOfMessages=10&VisibilityTimeout=1", cancel);

    /// <summary>The number of messages that were not deleted yet.</summary>
    public async Task<int> WaitingAsync(CancellationToken cancel)
    {
        var answer = await SqsAsync($"GetQueueAttributes&QueueUrl={Uri.EscapeDataString(QueueUrl)}&AttributeName.1=All", cancel);
        return Waiting().Matches(answer).Sum(m => int.Parse(m.Groups[1].Value, CultureInfo.InvariantCulture));
    }

    /// <summary>Sends an event about a bucket.</summary>
    public async Task TellAsync(string name, string bucket, CancellationToken cancel)
    {
        var record = JsonSerializer.Serialize(new Dictionary<string, object>
        {
            ["detail-type"] = "AWS API Call via CloudTrail",
            ["source"] = "aws.s3",
            ["account"] = AccountId,
            ["region"] = "us-east-1",
            ["detail"] = new
            {
                eventSource = "s3.amazonaws.com",
                eventName = name,
                awsRegion = "us-east-1",
                eventTime = TimeProvider.System.GetUtcNow().ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture),
                recipientAccountId = AccountId,
                requestParameters = new { bucketName = bucket },
            },
        });
        _told.Add(record);
        await SendAsync(record, cancel);
    }

    public void Dispose() => _emulator.Dispose();

    private Task<string> SendAsync(string body, CancellationToken cancel) =>
        SqsAsync($"SendMessage&QueueUrl={Uri.EscapeDataString(QueueUrl)}&MessageBody={Uri.EscapeDataString(body)}", cancel);

    private string Any() => _versioned.Keys.ElementAt(random.Next(_versioned.Count));

    private Task<string> SqsAsync(string action, CancellationToken cancel) => _emulator.SendAsync(
        "sqs", HttpMethod.Post, "/", new StringContent($"Action={action}&Version=2012-11-05", Encoding.UTF8, "application/x-www-form-urlencoded"), cancel);

    private Task<string> S3Async(HttpMethod method, string path, string? xml, CancellationToken cancel) =>
        _emulator.SendAsync("s3", method, path, xml is null ? null : new StringContent(xml, Encoding.UTF8, "application/xml"), cancel);

    [GeneratedRegex("(?<=<QueueUrl>)[^<]+")]
    private static partial Regex UrlElement();

    [GeneratedRegex("<Name>ApproximateNumberOfMessages(?:NotVisible)?</Name>\\s*<Value>([0-9]+)</Value>")]
    private static partial Regex Waiting();
}
