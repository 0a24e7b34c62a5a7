using Qrie.Aws.Api;
using Qrie.Aws.Events;
using Qrie.Domain.Events;
using Qrie.Tests.Emulator;

namespace Qrie.Tests.Events;

/// <summary>The contract of event queues.</summary>
public abstract class EventQueueContract
{
    private static readonly TimeSpan _visibility = TimeSpan.FromSeconds(30);

    /// <param name="maxReceives">The maximum number of receives; null for no dead-letter queue.</param>
    protected abstract Task<IEventQueue> NewAsync(int? maxReceives);

    [EmulatorFact]
    public async Task A_message_is_received_once_and_disappears_when_deleted()
    {
        var queue = await NewAsync(null);
        (await queue.SendAsync([.. Enumerable.Range(0, 12).Select(i => $"body {i} é 👟")], default)).ShouldBeTrue();
        var received = new List<EventMessage>();
        while (received.Count < 12)
        {
            var batch = await queue.ReceiveAsync(TimeSpan.Zero, _visibility, default);
            batch.Count.ShouldBeInRange(1, 10);
            received.AddRange(batch);
        }

        received.Select(m => m.Body).Order().ShouldBe(Enumerable.Range(0, 12).Select(i => $"body {i} é 👟").Order());
        received.ShouldAllBe(m => m.ReceiveCount == 1);
        (await queue.ReadStateAsync(default)).ShouldBe(new EventQueueState(0, 12, null, null));
        await queue.DeleteAsync(received, default);
        (await queue.ReadStateAsync(default)).ShouldBe(new EventQueueState(0, 0, null, null));
        (await queue.ReceiveAsync(TimeSpan.Zero, _visibility, default)).ShouldBeEmpty();
    }

    [EmulatorFact]
    public async Task A_message_made_visible_again_keeps_its_id()
    {
        var queue = await NewAsync(null);
        await queue.SendAsync(["one"], default);
        var first = (await queue.ReceiveAsync(TimeSpan.Zero, _visibility, default)).Single();
        await queue.ShowAgainAsync([first], TimeSpan.Zero, default);
        var second = (await queue.ReceiveAsync(TimeSpan.Zero, _visibility, default)).Single();

        (second.MessageId, second.Body, second.ReceiveCount).ShouldBe((first.MessageId, "one", 2));
    }

    [EmulatorFact]
    public async Task A_message_that_is_not_deleted_is_redelivered_after_its_visibility_timeout()
    {
        var queue = await NewAsync(null);
        await queue.SendAsync(["one"], default);
        await queue.ReceiveAsync(TimeSpan.Zero, TimeSpan.FromSeconds(1), default);
        (await queue.ReceiveAsync(TimeSpan.Zero, _visibility, default)).ShouldBeEmpty();

        await Task.Delay(TimeSpan.FromSeconds(1.2));

        (await queue.ReceiveAsync(TimeSpan.Zero, _visibility, default)).Single().ReceiveCount.ShouldBe(2);
    }

    [EmulatorFact]
    public async Task A_message_received_too_often_is_moved_to_the_dead_letter_queue()
    {
        var queue = await NewAsync(2);
        await queue.SendAsync(["poison"], default);
        for (var n = 0; n < 2; n++)
        {
            await queue.ShowAgainAsync(await queue.ReceiveAsync(TimeSpan.Zero, _visibility, default), TimeSpan.Zero, default);
        }

        (await queue.ReceiveAsync(TimeSpan.Zero, _visibility, default)).ShouldBeEmpty();
        (await queue.ReadStateAsync(default)).ShouldBe(new EventQueueState(0, 0, 2, 1));
        var dead = (await queue.ReceiveDeadAsync(_visibility, default)).Single();
        dead.Body.ShouldBe("poison");
        await queue.DeleteDeadAsync([dead], default);
        (await queue.ReadStateAsync(default)).Dead.ShouldBe(0);
    }

    [EmulatorFact]
    public async Task Waiting_can_be_cancelled()
    {
        var queue = await NewAsync(null);
        using var stop = new CancellationTokenSource(TimeSpan.FromMilliseconds(200));

        await Should.ThrowAsync<OperationCanceledException>(() => queue.ReceiveAsync(TimeSpan.FromSeconds(20), _visibility, stop.Token));
    }
}

public sealed class InProcessQueueTests : EventQueueContract
{
    protected override Task<IEventQueue> NewAsync(int? maxReceives) => Task.FromResult<IEventQueue>(new InProcessEventQueue(TimeProvider.System, maxReceives));
}

public sealed class SqsEventQueueTests : EventQueueContract, IDisposable
{
    private EmulatedAws? _aws;

    [EmulatorFact]
    public async Task A_queue_can_be_given_by_name_and_a_missing_one_is_reported_with_a_remedy()
    {
        _aws = await EmulatedAws.StartAsync();
        var queues = new SqsQueues(_aws.Engine, _aws.Options, new AwsRegion("us-east-1"));
        var name = $"named-{Guid.NewGuid():N}";
        await Estate.Of(MotoServer.BaseAccount).DoAsync("sqs", "CreateQueue", new { QueueName = name });

        (await new SqsEventQueue(queues, name).ReadStateAsync(default)).Waiting.ShouldBe(0);
        (await Should.ThrowAsync<EventQueueException>(() => new SqsEventQueue(queues, "none").ReadStateAsync(default))).Message
            .ShouldContain("Events:QueueUrl");
    }

    public void Dispose() => _aws?.Dispose();

    protected override async Task<IEventQueue> NewAsync(int? maxReceives)
    {
        _aws = await EmulatedAws.StartAsync();
        var admin = Estate.Of(MotoServer.BaseAccount);
        var name = $"queue-{Guid.NewGuid():N}";
        object created = new { QueueName = name };
        if (maxReceives is not null)
        {
            await admin.DoAsync("sqs", "CreateQueue", new { QueueName = name + "-dead" });
            var policy = $$"""{"deadLetterTargetArn":"arn:aws:sqs:us-east-1:{{MotoServer.BaseAccount}}:{{name}}-dead","maxReceiveCount":{{maxReceives}}}""";
            created = new { QueueName = name, Attributes = new { RedrivePolicy = policy } };
        }

        var url = (await admin.DoAsync("sqs", "CreateQueue", created)).GetProperty("QueueUrl").GetString()!;
        return new SqsEventQueue(new SqsQueues(_aws.Engine, _aws.Options, new AwsRegion("us-east-1")), url);
    }
}
