using System.Text.Json;
using Qrie.Aws.Api;

namespace Qrie.Aws.Events;

/// <summary>A message of Qrie's own queue.</summary>
/// <param name="MessageId">SQS's id of it; the same when it is delivered again.</param>
/// <param name="ReceiptHandle">What deletes it; another one with every delivery.</param>
/// <param name="Body">As it was sent.</param>
/// <param name="ReceiveCount">How often it was delivered, this time included.</param>
public sealed record SqsMessage(string MessageId, string ReceiptHandle, string Body, int ReceiveCount);

/// <summary>What came of a request about messages: what succeeded, and the error when something did not.</summary>
/// <param name="Succeeded">Messages received; receipts deleted; bodies sent.</param>
/// <param name="Error">Null: all of it succeeded.</param>
public sealed record SqsResponse<T>(IReadOnlyList<T> Succeeded, AwsError? Error);

/// <summary>
/// Qrie's own door to a queue: the only way in which messages are read and written. Catalogs and <c>qrie call</c> have none. Uses the ambient credentials.
/// Sending is at least once: a request whose answer got lost is sent again.
/// </summary>
public sealed class SqsQueue
{
    private const int LargestBatch = 10;
    private static readonly string[] _systemAttributes = ["ApproximateReceiveCount"];
    private static readonly string[] _allAttributes = ["All"];
    private readonly AwsEngine _engine;
    private readonly string _region;

    internal SqsQueue(AwsEngine engine, string url, AwsRegion fallback)
    {
        _engine = engine;
        Url = url;
        _region = RegionOf(url) ?? fallback.Name;
    }

    public string Url { get; }

    /// <summary>Waits for messages, at most ten.</summary>
    /// <param name="wait">How long SQS holds the request when there are none; up to 20 s.</param>
    /// <param name="visibility">How long nobody else gets them.</param>
    /// <param name="cancel">Ends the waiting at once.</param>
    public async Task<SqsResponse<SqsMessage>> ReceiveAsync(TimeSpan wait, TimeSpan visibility, CancellationToken cancel)
    {
        var answer = await SendAsync("ReceiveMessage", new
        {
            QueueUrl = Url,
            MaxNumberOfMessages = LargestBatch,
            WaitTimeSeconds = (int)wait.TotalSeconds,
            VisibilityTimeout = (int)visibility.TotalSeconds,
            MessageSystemAttributeNames = _systemAttributes,
        }, cancel);
        return answer.Error is { } error
            ? new SqsResponse<SqsMessage>([], error)
            : new SqsResponse<SqsMessage>(answer.Content.TryGetProperty("Messages", out var messages) ? [.. messages.EnumerateArray().Select(Read)] : [], null);
    }

    /// <summary>Deletes messages that are done; the receipts that could not be deleted are missing in the answer.</summary>
    public Task<SqsResponse<string>> DeleteAsync(IReadOnlyCollection<string> receipts, CancellationToken cancel) =>
        InBatchesAsync("DeleteMessageBatch", receipts, (receipt, id) => new { Id = id, ReceiptHandle = receipt }, cancel);

    /// <summary>Gives messages back after a time, zero for at once.</summary>
    public Task<SqsResponse<string>> ReturnAsync(IReadOnlyCollection<string> receipts, TimeSpan after, CancellationToken cancel) =>
        InBatchesAsync(
            "ChangeMessageVisibilityBatch",
            receipts,
            (receipt, id) => new { Id = id, ReceiptHandle = receipt, VisibilityTimeout = (int)after.TotalSeconds },
            cancel);

    /// <summary>Sends messages; the bodies that could not be sent are missing in the answer.</summary>
    public Task<SqsResponse<string>> SendAsync(IReadOnlyCollection<string> bodies, CancellationToken cancel) =>
        InBatchesAsync("SendMessageBatch", bodies, (body, id) => new { Id = id, MessageBody = body }, cancel);

    /// <summary>All attributes, by name: one element.</summary>
    public async Task<SqsResponse<IReadOnlyDictionary<string, string>>> ReadAttributesAsync(CancellationToken cancel)
    {
        var answer = await SendAsync("GetQueueAttributes", new { QueueUrl = Url, AttributeNames = _allAttributes }, cancel);
        return answer.Error is { } error
            ? new SqsResponse<IReadOnlyDictionary<string, string>>([], error)
            : new SqsResponse<IReadOnlyDictionary<string, string>>(
                [answer.Content.TryGetProperty("Attributes", out var attributes)
                    ? attributes.EnumerateObject().ToDictionary(a => a.Name, a => a.Value.ToString())
                    : []], null);
    }

    /// <summary>Its dead-letter queue; null: it cannot be found, or not be asked for.</summary>
    /// <param name="arn">As its redrive policy names it: in the same region, which is all that SQS allows.</param>
    public async Task<SqsQueue?> FindDeadAsync(string arn, CancellationToken cancel) =>
        arn.Split(':') is [.., var account, var name] && await UrlAsync(_engine, _region, name, account, cancel) is { Error: null } answer
            ? new SqsQueue(_engine, answer.Succeeded[0], new AwsRegion(_region))
            : null;

    internal static async Task<SqsResponse<string>> UrlAsync(AwsEngine engine, string region, string name, string? owner, CancellationToken cancel)
    {
        var parameters = owner is null ? JsonSerializer.SerializeToElement(new { QueueName = name })
            : JsonSerializer.SerializeToElement(new { QueueName = name, QueueOwnerAWSAccountId = owner });
        var answer = await engine.SendAsync(new AwsCall(AwsPrincipal.Ambient, region, "sqs", "GetQueueUrl", parameters), redactor: null, cancel);
        return answer.Error is { } error
            ? new SqsResponse<string>([], error)
            : new SqsResponse<string>([answer.Content.GetProperty("QueueUrl").GetString()!], null);
    }

    private async Task<SqsResponse<string>> InBatchesAsync(
        string operation, IReadOnlyCollection<string> items, Func<string, string, object> entry, CancellationToken cancel)
    {
        var succeeded = new List<string>();
        AwsError? failure = null;
        foreach (var batch in items.Chunk(LargestBatch))
        {
            var answer = await SendAsync(operation, new { QueueUrl = Url, Entries = batch.Select((item, i) => entry(item, $"{i}")).ToArray() }, cancel);
            if (answer.Error is { } error)
            {
                failure ??= error;
                continue;
            }

            var failed = answer.Content.TryGetProperty("Failed", out var entries) ? entries.EnumerateArray().ToList() : [];
            var failedIds = failed.Select(f => int.Parse(f.GetProperty("Id").GetString()!, System.Globalization.CultureInfo.InvariantCulture)).ToHashSet();
            succeeded.AddRange(batch.Where((_, i) => !failedIds.Contains(i)));
            if (failed is [var first, ..] && failure is null)
            {
                var message = first.TryGetProperty("Message", out var text) ? text.GetString()! : "";
                failure = new AwsError(AwsErrorKind.Other, first.GetProperty("Code").GetString()!, message, "sqs", operation, answer.RequestId);
            }
        }

        return new SqsResponse<string>(succeeded, failure);
    }

    private Task<AwsResult> SendAsync(string operation, object parameters, CancellationToken cancel) => _engine.SendAsync(
        new AwsCall(AwsPrincipal.Ambient, _region, "sqs", operation, JsonSerializer.SerializeToElement(parameters)), redactor: null, cancel);

    private static SqsMessage Read(JsonElement message) => new(
        message.GetProperty("MessageId").GetString()!,
        message.GetProperty("ReceiptHandle").GetString()!,
        message.GetProperty("Body").GetString()!,
        message.TryGetProperty("Attributes", out var attributes) && attributes.TryGetProperty("ApproximateReceiveCount", out var count)
            ? int.Parse(count.GetString()!, System.Globalization.CultureInfo.InvariantCulture)
            : 1);

    /// <summary>https://sqs.eu-west-1.amazonaws.com/123456789012/name names its region; the address of an emulator does not.</summary>
    private static string? RegionOf(string url) =>
        Uri.TryCreate(url, UriKind.Absolute, out var uri) && uri.Host.Split('.') is ["sqs", var region, "amazonaws", ..] ? region : null;
}

/// <summary>Opens Qrie's own queues.</summary>
public sealed class SqsQueues
{
    private readonly AwsEngine _engine;
    private readonly AwsRegion _region;

    internal SqsQueues(AwsEngine engine, AwsRegion region)
    {
        _engine = engine;
        _region = region;
    }

    /// <summary>A queue by its name, in the account and region of the ambient credentials: one element.</summary>
    public async Task<SqsResponse<SqsQueue>> FindAsync(string name, CancellationToken cancel)
    {
        var answer = await SqsQueue.UrlAsync(_engine, _region.Name, name, owner: null, cancel);
        return answer.Error is { } error ? new SqsResponse<SqsQueue>([], error) : new SqsResponse<SqsQueue>([Open(answer.Succeeded[0])], null);
    }

    /// <summary>A queue by its URL; nothing is sent yet.</summary>
    public SqsQueue Open(string url) => new(_engine, url, _region);
}
