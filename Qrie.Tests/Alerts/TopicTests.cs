using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Qrie.Aws.Events;
using Qrie.Tests.Api;
using Qrie.Tests.Emulator;

namespace Qrie.Tests.Alerts;

/// <summary>Topics of the emulator's SNS.</summary>
public sealed class TopicTests
{
    [EmulatorFact]
    public async Task A_message_reaches_a_queue_that_is_subscribed_to_the_topic()
    {
        var estate = Estate.Of(MotoServer.BaseAccount);
        var name = Estate.Create().Unique("alerts");
        var topic = (await estate.DoAsync("sns", "CreateTopic", new { Name = name })).GetProperty("TopicArn").GetString()!;
        var queue = (await estate.DoAsync("sqs", "CreateQueue", new { QueueName = name })).GetProperty("QueueUrl").GetString()!;
        await estate.DoAsync(
            "sns", "Subscribe", new { TopicArn = topic, Protocol = "sqs", Endpoint = $"arn:aws:sqs:us-east-1:{MotoServer.BaseAccount}:{name}" });
        await using var qrie = await RunningQrie.StartAtAsync(await MotoServer.UrlAsync(), builder => AlertWorld.WithoutWorkers(builder.Services));
        var (_, rule) = await qrie.PostAsync("/alerts", new { name = "topic", kinds = new[] { "opened" }, target = new { kind = "sns", topic_arn = topic } });
        var id = rule.GetProperty("alert_id").GetString();

        var (_, sent) = await qrie.PostAsync($"/alerts/{id}/test", new { });

        sent.GetProperty("outcome").GetString().ShouldBe("delivered", sent.ToString());
        var received = await qrie.Services.GetRequiredService<SqsQueues>().Open(queue).ReceiveAsync(TimeSpan.FromSeconds(5), TimeSpan.FromMinutes(1), default);
        var envelope = JsonElement.Parse(received.Succeeded.Single().Body);
        var message = JsonElement.Parse(envelope.GetProperty("Message").GetString()!);
        (message.TryGetProperty("default", out var text) ? JsonElement.Parse(text.GetString()!) : message).GetProperty("delivery_id").GetString()
            .ShouldBe(sent.GetProperty("delivery_id").GetString());

        var (_, missing) = await qrie.PostAsync(
            "/alerts", new { name = "gone", kinds = new[] { "opened" }, target = new { kind = "sns", topic_arn = topic + "-gone" } });
        var (_, refused) = await qrie.PostAsync($"/alerts/{missing.GetProperty("alert_id").GetString()}/test", new { });
        (refused.GetProperty("outcome").GetString(), refused.GetProperty("status").GetString()).ShouldBe(("rejected", "failed"));
    }
}
