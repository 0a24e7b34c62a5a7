using System.Text;
using Qrie.Domain;
using Qrie.Domain.Events;
using Qrie.Domain.Findings;
using Qrie.Tests.Support;

namespace Qrie.Tests.Events;

/// <summary>Unusual messages: wrapped by SNS, malformed, with a wrong time.</summary>
public sealed class EventMessageTests : EventProcessorTest
{
    [Fact]
    public async Task A_dead_letter_is_not_counted_again()
    {
        foreach (var receive in (int[])[3, 4])
        {
            var batch = await World.Processor.ProcessAsync([new EventMessage("m", "r", "nonsense", receive)], hasDeadLetterQueue: true, default);
            batch.Again.Count.ShouldBe(1, "its queue takes it away");
        }

        (await OutcomesAsync())[MessageOutcome.Malformed].ShouldBe(1);
        (await World.Events.ListDeadAsync(Some.Org, new PageRequest(10), default)).Items.Single().InQueue.ShouldBeTrue();
    }

    [Fact]
    public async Task Ten_thousand_fuzzed_bodies_lose_and_break_nothing()
    {
        const int Bodies = 10_000;
        var random = new Random(20261121);
        var good = EventWorld.Record("PutBucketVersioning", "a", World.Clock.Now);
        var ended = 0;
        for (var sent = 0; sent < Bodies;)
        {
            var batch = Enumerable.Range(0, 10).Select(i => new EventMessage($"m{sent + i}", "r", Fuzz(good, random), 3)).ToList();
            ended += (await World.Processor.ProcessAsync(batch, hasDeadLetterQueue: false, default)).Done.Count;
            sent += batch.Count;
        }

        ended.ShouldBe(Bodies);
        var outcomes = await OutcomesAsync();
        outcomes.Values.Sum().ShouldBe(Bodies);
        (await World.Events.ReadHealthAsync(Some.Org, Some.Noon.AddDays(-1), default)).Dead
            .ShouldBe(outcomes[MessageOutcome.Malformed] + outcomes.GetValueOrDefault(MessageOutcome.Failed));
        outcomes.Keys.Count.ShouldBeGreaterThan(3, "otherwise the fuzzing is ineffective");
    }

    /// <summary>Changes, truncates and duplicates text, and inserts values of other kinds, lone surrogates and deep nesting.</summary>
    private static string Fuzz(string good, Random random)
    {
        var text = new StringBuilder(good);
        for (var n = random.Next(1, 4); n > 0 && text.Length > 1; n--)
        {
            var at = random.Next(text.Length);
            switch (random.Next(9))
            {
                case 0:
                    text[at] = (char)random.Next(1, 0xFFFF);
                    break;
                case 1:
                    text.Length = at;
                    break;
                case 2:
                    text.Insert(at, text.ToString(at, Math.Min(30, text.Length - at)));
                    break;
                case 3:
                    text.Replace("\"s3.amazonaws.com\"", random.Next(2) == 0 ? "42" : "null");
                    break;
                case 4:
                    text.Replace(Some.AccountId, ((string[])["", "12", "ü", "000000000000", "444455556666"])[random.Next(5)]);
                    break;
                case 5:
                    text.Insert(at, "\\ud83d");
                    break;
                case 6:
                    text.Replace("{\"bucketName\":\"a\"}", random.Next(2) == 0 ? "[]" : string.Concat(Enumerable.Repeat("[", 200)));
                    break;
                case 7:
                    text.Replace("PutBucketVersioning", ((string[])["PutObject", "GetBucketAcl", "", "Nothing", "CreateBucket"])[random.Next(5)]);
                    break;
                default:
                    text.Replace("\"a\"", $"\"{new string('x', random.Next(300))}\"");
                    break;
            }
        }

        return text.ToString();
    }

    [Fact]
    public async Task An_event_time_in_the_future_is_replaced_by_the_time_of_receipt_and_counted()
    {
        World.Aws.Change("a", versioned: false, TimeSpan.Zero);

        await ProcessAsync(Put("a", at: World.Clock.Now.AddYears(10)), Put("a", at: World.Clock.Now.AddSeconds(3)));

        var health = await World.Events.ReadHealthAsync(Some.Org, Some.Noon.AddDays(-1), default);
        health.Places.ShouldHaveSingleItem().LastEventAt.ShouldBe(World.Clock.Now);
        health.Lags.Where(l => l.Bucket == LagBuckets.FromFuture).Sum(l => l.N).ShouldBe(1);
        LagBuckets.Percentile(health.Lags.Where(l => !l.Evaluated).Select(l => (l.Bucket, l.N)), 0.01).ShouldBe(LagBuckets.EndOf(0));

        World.Clock.Advance(TimeSpan.FromMinutes(5));
        World.Aws.Change("a", versioned: true, TimeSpan.Zero);
        await ProcessAsync(Put("a"));
        (await FindingAsync("a"))!.State.ShouldBe(FindingState.Resolved);
    }

    [Fact]
    public async Task A_message_delivered_through_SNS_is_unwrapped()
    {
        World.Aws.Change("a", versioned: false, TimeSpan.Zero);
        var record = EventWorld.Record("PutBucketVersioning", "a", World.Clock.Now);

        await ProcessAsync(Message(Sns("Notification", record)));

        (await OutcomesAsync())[MessageOutcome.Processed].ShouldBe(1);
        (await FindingAsync("a"))!.State.ShouldBe(FindingState.Active);
    }

    [Fact]
    public async Task A_dead_letter_of_SNS_names_the_subscription_to_confirm_or_the_error_in_the_message()
    {
        EventMessage Third(string body) => new(Guid.NewGuid().ToString(), "receipt", body, 3);
        await ProcessAsync(
            Third(Sns("SubscriptionConfirmation", "You have chosen to subscribe")), Third(Sns("Notification", "no JSON")),
            Third(Sns("Notification", """{"s3Bucket":"trail"}""")));

        var reasons = (await World.Events.ListDeadAsync(Some.Org, new PageRequest(10), default)).Items.Select(d => d.Reason).ToList();
        reasons.Count.ShouldBe(3);
        reasons.ShouldContain(r => r.Contains("arn:aws:sns:us-east-1:111122223333:trail") && r.Contains("ConfirmSubscription"));
        reasons.ShouldContain(r => r.StartsWith("It is not JSON"));
        reasons.ShouldContain(r => r.Contains("no eventSource"));
    }

    private static string Sns(string type, string message) => System.Text.Json.JsonSerializer.Serialize(new
    {
        Type = type,
        MessageId = "m",
        TopicArn = "arn:aws:sns:us-east-1:111122223333:trail",
        Message = message,
        Timestamp = "2026-11-29T04:30:00.000Z",
        SignatureVersion = "1",
    });
}
