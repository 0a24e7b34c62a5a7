using System.Globalization;
using Qrie.Aws.Api;
using Qrie.Domain.Events;

namespace Qrie.Aws.Events;

/// <summary>CloudTrail events from an SQS queue, with its dead-letter queue if a redrive policy names one.</summary>
/// <param name="queues">Opens the queues.</param>
/// <param name="urlOrName">The queue's URL, or its name in the account and region of the ambient credentials.</param>
public sealed class SqsEventQueue(SqsQueues queues, string urlOrName) : IEventQueue
{
    private SqsQueue? _queue;
    private SqsQueue? _dead;

    public string Name => urlOrName;

    public async Task<IReadOnlyList<EventMessage>> ReceiveAsync(TimeSpan wait, TimeSpan visibility, CancellationToken cancel) =>
        Read(await (await QueueAsync(cancel)).ReceiveAsync(wait, visibility, cancel));

    public async Task DeleteAsync(IReadOnlyCollection<EventMessage> messages, CancellationToken cancel) =>
        await (await QueueAsync(cancel)).DeleteAsync([.. messages.Select(m => m.Receipt)], cancel);

    public async Task ShowAgainAsync(IReadOnlyCollection<EventMessage> messages, TimeSpan after, CancellationToken cancel) =>
        await (await QueueAsync(cancel)).ReturnAsync([.. messages.Select(m => m.Receipt)], after, cancel);

    public async Task<bool> SendAsync(IReadOnlyCollection<string> bodies, CancellationToken cancel) =>
        (await (await QueueAsync(cancel)).SendAsync(bodies, cancel)).Succeeded.Count == bodies.Count;

    public async Task<EventQueueState> ReadStateAsync(CancellationToken cancel)
    {
        var queue = await QueueAsync(cancel);
        var attributes = Value(await queue.ReadAttributesAsync(cancel));
        var redrive = SqsRedrive.Read(attributes);
        long? dead = null;
        if (redrive is { } found)
        {
            _dead ??= await queue.FindDeadAsync(found.Target, cancel);
            dead = _dead is not null && (await _dead.ReadAttributesAsync(cancel)) is { Error: null } response
                ? Number(response.Succeeded[0], "ApproximateNumberOfMessages")
                : null;
        }

        return new EventQueueState(
            Number(attributes, "ApproximateNumberOfMessages"), Number(attributes, "ApproximateNumberOfMessagesNotVisible"), redrive?.MaxReceives, dead);
    }

    public async Task<IReadOnlyList<EventMessage>> ReceiveDeadAsync(TimeSpan visibility, CancellationToken cancel)
    {
        await ReadStateAsync(cancel); // a redrive policy may have been added meanwhile
        return _dead is null ? [] : Read(await _dead.ReceiveAsync(TimeSpan.Zero, visibility, cancel));
    }

    public async Task DeleteDeadAsync(IReadOnlyCollection<EventMessage> messages, CancellationToken cancel)
    {
        if (_dead is not null)
        {
            await _dead.DeleteAsync([.. messages.Select(m => m.Receipt)], cancel);
        }
    }

    private async Task<SqsQueue> QueueAsync(CancellationToken cancel) =>
        _queue ??= urlOrName.Contains("://", StringComparison.Ordinal) ? queues.Open(urlOrName) : Value(await queues.FindAsync(urlOrName, cancel));

    private IReadOnlyList<EventMessage> Read(SqsResponse<SqsMessage> response) => response.Error is { } error
        ? throw Refused(error)
        : [.. response.Succeeded.Select(m => new EventMessage(m.MessageId, m.ReceiptHandle, m.Body, m.ReceiveCount))];

    private T Value<T>(SqsResponse<T> response) => response.Error is { } error ? throw Refused(error) : response.Succeeded[0];

    private EventQueueException Refused(AwsError error) => new(
        $"The event queue {urlOrName} cannot be used: {error.Code} {error.Message} Check Events:QueueUrl, "
        + $"and that the credentials may call sqs:{error.Operation}.");

    private static long Number(IReadOnlyDictionary<string, string> attributes, string name) =>
        attributes.TryGetValue(name, out var text) && long.TryParse(text, CultureInfo.InvariantCulture, out var number) ? number : 0;
}
