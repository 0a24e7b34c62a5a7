using Qrie.Aws.Api;
using Qrie.Aws.Events;
using Qrie.Tests.Emulator;

namespace Qrie.Tests.Aws;

public sealed class SqsQueueTests
{
    private static readonly TimeSpan _visibility = TimeSpan.FromSeconds(30);

    [EmulatorFact]
    public async Task Messages_are_sent_received_and_deleted_in_batches()
    {
        using var aws = await EmulatedAws.StartAsync();
        var queue = await OpenAsync(aws);
        var bodies = Enumerable.Range(0, 12).Select(i => $"message {i} <&> é AKIAQRIEPLANTED12345").ToList();

        (await queue.SendAsync(bodies, default)).ShouldSatisfyAllConditions(a => a.Error.ShouldBeNull(), a => a.Succeeded.ShouldBe(bodies));
        var received = new List<SqsMessage>();
        while (received.Count < 12)
        {
            var batch = await queue.ReceiveAsync(TimeSpan.Zero, _visibility, default);
            batch.Error.ShouldBeNull();
            batch.Succeeded.ShouldNotBeEmpty();
            received.AddRange(batch.Succeeded);
        }

        received.Select(m => m.Body).Order().ShouldBe(bodies.Order(), "Qrie's own messages are not redacted");
        received.ShouldAllBe(m => m.ReceiveCount == 1);
        (await queue.DeleteAsync([.. received.Select(m => m.ReceiptHandle)], default)).Succeeded.Count.ShouldBe(12);
        (await queue.ReceiveAsync(TimeSpan.Zero, _visibility, default)).Succeeded.ShouldBeEmpty();
    }

    [EmulatorFact]
    public async Task A_returned_message_is_redelivered()
    {
        using var aws = await EmulatedAws.StartAsync();
        var queue = await OpenAsync(aws);
        await queue.SendAsync(["one"], default);
        var first = (await queue.ReceiveAsync(TimeSpan.Zero, _visibility, default)).Succeeded.Single();

        await queue.ReturnAsync([first.ReceiptHandle], TimeSpan.Zero, default);
        var second = (await queue.ReceiveAsync(TimeSpan.Zero, _visibility, default)).Succeeded.Single();

        (second.MessageId, second.ReceiveCount).ShouldBe((first.MessageId, 2));
    }

    [EmulatorFact]
    public async Task A_failure_is_reported_and_the_other_messages_are_processed()
    {
        using var aws = await EmulatedAws.StartAsync();
        var queue = await OpenAsync(aws);
        await queue.SendAsync(["one"], default);
        var message = (await queue.ReceiveAsync(TimeSpan.Zero, _visibility, default)).Succeeded.Single();

        var answer = await queue.DeleteAsync([message.ReceiptHandle, "bogus"], default);

        answer.Succeeded.ShouldBe([message.ReceiptHandle]);
        answer.Error!.Code.ShouldBe("ReceiptHandleIsInvalid");
    }

    [EmulatorFact]
    public async Task A_queue_that_does_not_exist_is_an_error_value()
    {
        using var aws = await EmulatedAws.StartAsync();
        var queue = new SqsQueues(aws.Engine, aws.Options, new AwsRegion("us-east-1")).Open($"{await MotoServer.UrlAsync()}{MotoServer.BaseAccount}/none");

        var answer = await queue.ReceiveAsync(TimeSpan.Zero, _visibility, default);

        (answer.Error?.Kind, answer.Error?.Code).ShouldBe((AwsErrorKind.NotFound, "AWS.SimpleQueueService.NonExistentQueue"));
    }

    [EmulatorFact]
    public async Task Throttling_of_the_key_of_an_encrypted_queue_is_retried()
    {
        await using var proxy = await FaultProxy.StartAsync();
        using var aws = EmulatedAws.At(proxy.Url);
        var queue = await OpenAsync(aws);
        await queue.SendAsync(["one"], default);
        proxy.On("sqs:ReceiveMessage").Times(2).Error("KMS.ThrottlingException", 400);

        var received = await queue.ReceiveAsync(TimeSpan.Zero, _visibility, default);

        received.Error.ShouldBeNull();
        received.Succeeded.Single().Body.ShouldBe("one");
        proxy.RequestsFor("ReceiveMessage").Count.ShouldBe(3);
    }

    [EmulatorFact]
    public async Task The_client_attempts_a_request_as_often_as_configured()
    {
        await using var proxy = await FaultProxy.StartAsync();
        using var aws = EmulatedAws.At(proxy.Url, o => o.MaxAttempts = 2);
        var queue = await OpenAsync(aws);
        proxy.On("sqs:ReceiveMessage").ServerError(503);

        var received = await queue.ReceiveAsync(TimeSpan.Zero, _visibility, default);

        received.Error.ShouldNotBeNull().Kind.ShouldBe(AwsErrorKind.Unavailable);
        proxy.RequestsFor("ReceiveMessage").Count.ShouldBe(2);
    }

    /// <summary>The SDK's client ignores the host of a queue's URL if an endpoint is set: a queue of AWS is looked for in the emulator.</summary>
    [EmulatorFact]
    public async Task With_an_endpoint_the_host_of_the_URL_does_not_count()
    {
        await using var proxy = await FaultProxy.StartAsync();
        using var aws = EmulatedAws.At(proxy.Url);
        var own = await OpenAsync(aws);
        await own.SendAsync(["one"], default);
        var name = own.Url.Split('/')[^1];
        var queue = new SqsQueues(aws.Engine, aws.Options, new AwsRegion("us-east-1"))
            .Open($"https://sqs.us-east-1.amazonaws.com/{MotoServer.BaseAccount}/{name}");

        var received = await queue.ReceiveAsync(TimeSpan.Zero, _visibility, default);

        received.Succeeded.Single().Body.ShouldBe("one");
        proxy.RequestsFor("ReceiveMessage").Count.ShouldBe(1);
    }

    private static async Task<SqsQueue> OpenAsync(EmulatedAws aws)
    {
        var created = await Estate.Of(MotoServer.BaseAccount).DoAsync("sqs", "CreateQueue", new { QueueName = $"queue-{Guid.NewGuid():N}" });
        return new SqsQueues(aws.Engine, aws.Options, new AwsRegion("us-east-1")).Open(created.GetProperty("QueueUrl").GetString()!);
    }
}
