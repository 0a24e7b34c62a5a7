using System.Globalization;
using Amazon.SQS;
using Amazon.SQS.Model;
using Qrie.Aws.Api;

namespace Qrie.Aws.Events;

/// <summary>A message of Qrie's own queue.</summary>
/// <param name="MessageId">Its id in SQS; unchanged when it is redelivered.</param>
/// <param name="ReceiptHandle">The handle for deleting it; a new one with every delivery.</param>
/// <param name="Body">The text as it was sent.</param>
/// <param name="ReceiveCount">The number of deliveries, including this one.</param>
public sealed record SqsMessage(string MessageId, string ReceiptHandle, string Body, int ReceiveCount);

/// <summary>The result of a request about messages: what succeeded, and the error if something failed.</summary>
/// <param name="Succeeded">Messages received; receipts deleted; bodies sent.</param>
/// <param name="Error">Null if everything succeeded.</param>
public sealed record SqsResponse<T>(IReadOnlyList<T> Succeeded, AwsError? Error);

/// <summary>
/// A queue of Qrie's own, read and written with the SQS client of the AWS SDK and the ambient credentials. Catalogs and <c>qrie call</c> cannot reach it.
/// Messages are sent at least once: a request whose response was lost is sent again.
/// </summary>
public sealed class SqsQueue
{
    private const int LargestBatch = 10;

    private readonly SqsQueues _queues;
    private readonly string _region;
    private readonly AmazonSQSClient _client;

    internal SqsQueue(SqsQueues queues, string url, string region)
    {
        _queues = queues;
        _region = region;
        _client = queues.ClientFor(region);
        Url = url;
    }

    public string Url { get; }

    /// <summary>Waits for up to ten messages.</summary>
    /// <param name="wait">How long SQS waits for messages; up to 20 s.</param>
    /// <param name="visibility">How long they stay hidden from other consumers.</param>
    /// <param name="cancel">Ends the wait at once.</param>
    /// <param name="most">The most messages; up to ten.</param>
    public Task<SqsResponse<SqsMessage>> ReceiveAsync(TimeSpan wait, TimeSpan visibility, CancellationToken cancel, int most = LargestBatch) =>
        _queues.TryAsync<SqsMessage>("ReceiveMessage", async c =>
        {
            var response = await _client.ReceiveMessageAsync(
                new ReceiveMessageRequest
                {
                    QueueUrl = Url,
                    MaxNumberOfMessages = most,
                    WaitTimeSeconds = (int)wait.TotalSeconds,
                    VisibilityTimeout = (int)visibility.TotalSeconds,
                    MessageSystemAttributeNames = [MessageSystemAttributeName.ApproximateReceiveCount],
                },
                c);
            return [.. (response.Messages ?? []).Select(Read)];
        }, cancel);

    /// <summary>Deletes processed messages; the result lacks the receipts that could not be deleted.</summary>
    public Task<SqsResponse<string>> DeleteAsync(IReadOnlyCollection<string> receipts, CancellationToken cancel) =>
        InBatchesAsync("DeleteMessageBatch", receipts, async (batch, c) =>
        {
            var entries = batch.Select((receipt, i) => new DeleteMessageBatchRequestEntry(Id(i), receipt)).ToList();
            return (await _client.DeleteMessageBatchAsync(Url, entries, c)).Failed;
        }, cancel);

    /// <summary>Makes messages visible again after a delay; zero for at once.</summary>
    public Task<SqsResponse<string>> ReturnAsync(IReadOnlyCollection<string> receipts, TimeSpan after, CancellationToken cancel) =>
        InBatchesAsync("ChangeMessageVisibilityBatch", receipts, async (batch, c) =>
        {
            var entries = batch.Select((receipt, i) => new ChangeMessageVisibilityBatchRequestEntry(Id(i), receipt)
            {
                VisibilityTimeout = (int)after.TotalSeconds,
            }).ToList();
            return (await _client.ChangeMessageVisibilityBatchAsync(Url, entries, c)).Failed;
        }, cancel);

    /// <summary>Sends messages; the result lacks the bodies that could not be sent.</summary>
    public Task<SqsResponse<string>> SendAsync(IReadOnlyCollection<string> bodies, CancellationToken cancel) =>
        InBatchesAsync("SendMessageBatch", bodies, async (batch, c) =>
        {
            var entries = batch.Select((body, i) => new SendMessageBatchRequestEntry(Id(i), body)).ToList();
            return (await _client.SendMessageBatchAsync(Url, entries, c)).Failed;
        }, cancel);

    /// <summary>All attributes, by name, as one element.</summary>
    public Task<SqsResponse<IReadOnlyDictionary<string, string>>> ReadAttributesAsync(CancellationToken cancel) =>
        _queues.TryAsync<IReadOnlyDictionary<string, string>>(
            "GetQueueAttributes", async c => [(await _client.GetQueueAttributesAsync(Url, ["All"], c)).Attributes ?? []], cancel);

    /// <summary>Its dead-letter queue; null if it cannot be found or read.</summary>
    /// <param name="arn">The ARN in its redrive policy, always of the same region in SQS.</param>
    public async Task<SqsQueue?> FindDeadAsync(string arn, CancellationToken cancel) =>
        arn.Split(':') is [.., var account, var name] && await _queues.FindAsync(name, account, _region, cancel) is { Error: null } response
            ? response.Succeeded[0]
            : null;

    private async Task<SqsResponse<string>> InBatchesAsync(
        string operation, IReadOnlyCollection<string> items, Func<string[], CancellationToken, Task<List<BatchResultErrorEntry>?>> send,
        CancellationToken cancel)
    {
        var succeeded = new List<string>();
        AwsError? failure = null;
        foreach (var batch in items.Chunk(LargestBatch))
        {
            var response = await _queues.TryAsync<BatchResultErrorEntry>(operation, async c => await send(batch, c) ?? [], cancel);
            if (response.Error is { } error)
            {
                failure ??= error;
                continue;
            }

            var failed = response.Succeeded.Select(entry => entry.Id).ToHashSet();
            succeeded.AddRange(batch.Where((_, i) => !failed.Contains(Id(i))));
            if (response.Succeeded is [var first, ..])
            {
                failure ??= new AwsError(AwsErrorKind.Other, first.Code, first.Message ?? "", "sqs", operation);
            }
        }

        return new SqsResponse<string>(succeeded, failure);
    }

    private static string Id(int index) => index.ToString(CultureInfo.InvariantCulture);

    private static SqsMessage Read(Message message) => new(
        message.MessageId,
        message.ReceiptHandle,
        message.Body,
        message.Attributes?.TryGetValue(MessageSystemAttributeName.ApproximateReceiveCount, out var count) == true
            ? int.Parse(count, CultureInfo.InvariantCulture)
            : 1);
}
