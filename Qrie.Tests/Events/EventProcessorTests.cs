using System.Text;
using Qrie.Domain;
using Qrie.Domain.Accounts;
using Qrie.Domain.Events;
using Qrie.Domain.Findings;
using Qrie.Domain.Inventory;
using Qrie.Domain.Management;
using Qrie.Tests.Support;

namespace Qrie.Tests.Events;

/// <summary>What becomes of messages, and of the resources that they tell of.</summary>
public sealed class EventProcessorTests : IAsyncLifetime
{
    private EventWorld _world = null!;

    public async ValueTask InitializeAsync() => _world = await EventWorld.NewAsync();

    public async ValueTask DisposeAsync() => await _world.DisposeAsync();

    [Fact]
    public async Task Several_events_of_one_resource_in_a_batch_are_one_description()
    {
        _world.Aws.Change("a", versioned: false, TimeSpan.Zero);

        var batch = await ProcessAsync(Put("a"), Put("a"), Message(EventWorld.Record("PutBucketTagging", "a", _world.Clock.Now)));

        (batch.Done.Count, _world.Aws.Describes).ShouldBe((3, 1));
        (await OutcomesAsync())[MessageOutcome.Processed].ShouldBe(3);
        (await FindingAsync("a"))!.State.ShouldBe(FindingState.Active);
    }

    [Fact]
    public async Task An_event_of_a_removed_account_is_acknowledged_and_counted_only()
    {
        _world.Aws.Change("a", versioned: false, TimeSpan.Zero);
        await _world.Get<AccountLifeCycle>().RemoveAsync(Some.Org, Some.AccountId, RemovalReason.Requested, default);

        var batch = await ProcessAsync(Put("a"));

        (batch.Done.Count, _world.Aws.Describes).ShouldBe((1, 0));
        (await OutcomesAsync())[MessageOutcome.InactiveAccount].ShouldBe(1);
        (await FindingAsync("a")).ShouldBeNull();
    }

    [Fact]
    public async Task An_event_of_an_unwatched_service_is_acknowledged_and_counted_only()
    {
        _world.Aws.Change("a", versioned: false, TimeSpan.Zero);
        await _world.Get<AccountLifeCycle>().ChangeAsync(Some.Org, Some.AccountId, before => before with { Services = ["iam"] }, default);

        var batch = await ProcessAsync(Put("a"));

        (batch.Done.Count, _world.Aws.Describes).ShouldBe((1, 0));
        (await OutcomesAsync())[MessageOutcome.ServiceNotWatched].ShouldBe(1);
        (await FindingAsync("a")).ShouldBeNull();
    }

    [Fact]
    public async Task What_was_to_be_rechecked_is_not_when_the_account_does_not_watch_it_any_more()
    {
        _world.Aws.Change("a", versioned: false, TimeSpan.Zero);
        await ProcessAsync(Put("a"));
        await ProcessAsync(Put("a")); // shows no change yet
        var described = _world.Aws.Describes;
        await _world.Get<AccountLifeCycle>().ChangeAsync(Some.Org, Some.AccountId, before => before with { Services = ["iam"] }, default);

        await WaitAsync(40);

        _world.Aws.Describes.ShouldBe(described);
    }

    [Theory]
    [InlineData(10.9, false)]
    [InlineData(11.0, true)]
    public async Task An_event_is_stale_only_beyond_its_second_and_the_margin(double secondsLater, bool stale)
    {
        _world.Aws.Change("a", versioned: false, TimeSpan.Zero);
        var happened = _world.Clock.Now;
        _world.Clock.Advance(TimeSpan.FromSeconds(secondsLater));
        await ProcessAsync(Put("a", at: happened.AddHours(-1))); // stored now, because nothing was
        var before = _world.Aws.Describes;

        await ProcessAsync(Put("a", at: happened));

        (_world.Aws.Describes - before).ShouldBe(stale ? 0 : 1);
        (await OutcomesAsync()).GetValueOrDefault(MessageOutcome.Stale).ShouldBe(stale ? 1 : 0);
    }

    [Fact]
    public async Task A_stale_event_may_still_cause_a_recheck()
    {
        _world.Aws.Change("a", versioned: true, TimeSpan.Zero);
        _world.Aws.Change("a", versioned: false, TimeSpan.FromSeconds(25));
        var happened = _world.Clock.Now;
        _world.Clock.Advance(TimeSpan.FromSeconds(12));
        await ProcessAsync(Put("a", at: happened.AddHours(-1)));

        await ProcessAsync(Put("a", at: happened)); // late, and older than what is stored
        await WaitAsync(seconds: 20);

        (await OutcomesAsync()).GetValueOrDefault(MessageOutcome.Stale).ShouldBe(1);
        (await FindingAsync("a"))!.State.ShouldBe(FindingState.Active);
    }

    [Fact]
    public async Task A_change_that_AWS_does_not_show_yet_is_rechecked()
    {
        _world.Aws.Change("a", versioned: true, TimeSpan.Zero);
        await ProcessAsync(Put("a"));
        _world.Clock.Advance(TimeSpan.FromMinutes(5));
        _world.Aws.Change("a", versioned: false, TimeSpan.FromSeconds(20));
        await ProcessAsync(Put("a"));
        (await FindingAsync("a")).ShouldBeNull();

        await WaitAsync(seconds: 6);
        (await FindingAsync("a")).ShouldBeNull();
        await WaitAsync(seconds: 31);
        (await FindingAsync("a"))!.State.ShouldBe(FindingState.Active);
        (await _world.Events.ReadHealthAsync(Some.Org, Some.Noon.AddDays(-1), default)).Rechecks.ShouldBe(0, "it was looked at often enough");
    }

    [Fact]
    public async Task A_deletion_resolves_findings_and_news_from_before_it_change_nothing()
    {
        _world.Aws.Change("a", versioned: false, TimeSpan.Zero);
        await ProcessAsync(Put("a"));
        _world.Clock.Advance(TimeSpan.FromMinutes(1));
        _world.Aws.Change("a", versioned: null, TimeSpan.Zero);
        await ProcessAsync(Message(EventWorld.Record("DeleteBucket", "a", _world.Clock.Now)));

        var finding = (await FindingAsync("a"))!;
        (finding.State, finding.ResolvedReason).ShouldBe((FindingState.Resolved, ResolvedReason.ResourceDeleted));
        await ProcessAsync(Put("a", at: _world.Clock.Now.AddMinutes(-1)));
        (await _world.Get<IResourceStore>().FindAsync(Some.Org, Some.S3, Some.ArnOf("a"), default))!.DeletedAt.ShouldNotBeNull();
    }

    [Fact]
    public async Task A_verdict_that_a_crash_cut_off_is_given_when_the_message_comes_again()
    {
        _world.Aws.Change("a", versioned: false, TimeSpan.Zero);
        var found = (SingleCollectionResult.Found)await _world.Aws.CollectOneAsync(
            new CollectionUnit(Some.Account(), Regions.Global, "s3"), Some.BucketType, "a", default);
        await _world.Get<IResourceStore>().WriteAsync(Some.Org, [found.Resource], _world.Clock.Now, default); // and then it was killed

        await ProcessAsync(Put("a"));

        (await FindingAsync("a"))!.State.ShouldBe(FindingState.Active);
    }

    [Fact]
    public async Task The_same_holds_for_a_message_that_is_stale_by_then()
    {
        _world.Aws.Change("a", versioned: false, TimeSpan.Zero);
        var message = Put("a");
        _world.Clock.Advance(TimeSpan.FromMinutes(1));
        var found = (SingleCollectionResult.Found)await _world.Aws.CollectOneAsync(
            new CollectionUnit(Some.Account(), Regions.Global, "s3"), Some.BucketType, "a", default);
        await _world.Get<IResourceStore>().WriteAsync(Some.Org, [found.Resource], _world.Clock.Now, default);

        await ProcessAsync(message);

        (await OutcomesAsync())[MessageOutcome.Stale].ShouldBe(1);
        (await FindingAsync("a"))!.State.ShouldBe(FindingState.Active);
    }

    [Fact]
    public async Task What_cannot_be_described_is_tried_three_times_then_dead_and_unknown_with_its_finding_untouched()
    {
        _world.Aws.Change("a", versioned: false, TimeSpan.Zero);
        _world.Aws.Change("b", versioned: false, TimeSpan.Zero);
        await ProcessAsync(Put("a"));
        _world.Clock.Advance(TimeSpan.FromMinutes(1));
        _world.Aws.Refusal = name => name == "a" ? new SingleCollectionResult.Unreadable("AccessDenied", "No.") : null;
        var message = Put("a");

        foreach (var receive in (int[])[1, 2])
        {
            var batch = await ProcessAsync(message with { ReceiveCount = receive }, Put("b"));
            batch.Again.Single().ShouldBe((message with { ReceiveCount = receive }, TimeSpan.FromSeconds(5 * receive)));
            batch.Done.Count.ShouldBe(1, "it does not stop the other");
        }

        (await ProcessAsync(message with { ReceiveCount = 3 })).Done.Count.ShouldBe(1);
        var dead = (await _world.Events.ListDeadAsync(Some.Org, new PageRequest(10), default)).Items.Single();
        (dead.Reason.Contains("AccessDenied"), dead.AccountId, dead.EventName, dead.InQueue)
            .ShouldBe((true, Some.AccountId, "s3.amazonaws.com/PutBucketVersioning", false));
        var evaluation = (await _world.Get<IFindingStore>().FindEvaluationAsync(Some.Org, Some.S3, Some.ArnOf("a"), default))!;
        var verdict = evaluation.Verdicts.Single(v => v.PolicyId == Some.Unversioned);
        (verdict.Verdict, verdict.Reason!.Code).ShouldBe((Domain.Policies.Verdict.Unknown, "AccessDenied"));
        (await FindingAsync("a"))!.State.ShouldBe(FindingState.Active);

        _world.Aws.Refusal = _ => null;
        _world.Clock.Advance(TimeSpan.FromMinutes(1));
        _world.Aws.Change("a", versioned: true, TimeSpan.Zero);
        await ProcessAsync(Put("a"));
        (await FindingAsync("a"))!.State.ShouldBe(FindingState.Resolved, "the next description ends it");
    }

    [Fact]
    public async Task A_denied_last_recheck_leaves_the_resource_unknown()
    {
        _world.Aws.Change("a", versioned: true, TimeSpan.Zero);
        await ProcessAsync(Put("a"));
        _world.Clock.Advance(TimeSpan.FromMinutes(5));
        await ProcessAsync(Put("a")); // nothing shows yet
        _world.Aws.Refusal = _ => new SingleCollectionResult.Unreadable("AccessDenied", "No.");
        (await VerdictAsync("a")).ShouldBe(Domain.Policies.Verdict.Pass);

        await WaitAsync(seconds: 40);

        (await VerdictAsync("a")).ShouldBe(Domain.Policies.Verdict.Unknown);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(null)]
    public async Task What_AWS_said_while_the_clock_is_behind_is_not_taken_for_stored(bool? versioned)
    {
        _world.Aws.Change("a", versioned: true, TimeSpan.FromHours(-3));
        await ProcessAsync(Put("a"));
        _world.Clock.SetBy(TimeSpan.FromHours(-1));
        _world.Aws.Change("a", versioned, TimeSpan.FromHours(-1));

        var batch = await ProcessAsync(Put("a", at: _world.Clock.GetUtcNow().AddHours(2)));

        (batch.Done.Count, batch.Again.Count).ShouldBe((0, 1));
    }

    [Fact]
    public async Task A_message_that_is_dead_already_is_not_counted_again()
    {
        foreach (var receive in (int[])[3, 4])
        {
            var batch = await _world.Processor.ProcessAsync([new EventMessage("m", "r", "nonsense", receive)], hasDeadLetterQueue: true, default);
            batch.Again.Count.ShouldBe(1, "its queue takes it away");
        }

        (await OutcomesAsync())[MessageOutcome.Malformed].ShouldBe(1);
        (await _world.Events.ListDeadAsync(Some.Org, new PageRequest(10), default)).Items.Single().InQueue.ShouldBeTrue();
    }

    [Fact]
    public async Task Repeated_events_that_affect_a_whole_type_read_its_unit_once()
    {
        _world.Aws.Change("a", versioned: false, TimeSpan.Zero);
        var recheck = new Recheck(Some.Org, Some.AccountId, Regions.Global, "s3", Some.BucketType, "", 0, _world.Clock.Now, _world.Clock.Now.AddSeconds(5));
        await _world.Events.SaveBatchAsync(new EventBatch([], [recheck], [], _world.Clock.Now), default);
        await _world.Events.SaveBatchAsync(new EventBatch([], [recheck with { DueAt = _world.Clock.Now.AddSeconds(9) }], [], _world.Clock.Now), default);
        (await _world.Rechecks.ReadUnitAsync(default)).ShouldBeFalse("events gather for a while");

        _world.Clock.Advance(TimeSpan.FromSeconds(5));

        (await _world.Rechecks.ReadUnitAsync(default)).ShouldBeTrue();
        (await _world.Rechecks.ReadUnitAsync(default)).ShouldBeFalse();
        (await FindingAsync("a"))!.State.ShouldBe(FindingState.Active);
    }

    [Fact]
    public async Task Of_ten_thousand_fuzzed_bodies_none_is_lost_and_none_breaks_anything()
    {
        const int Bodies = 10_000;
        var random = new Random(20261121);
        var good = EventWorld.Record("PutBucketVersioning", "a", _world.Clock.Now);
        var ended = 0;
        for (var sent = 0; sent < Bodies;)
        {
            var batch = Enumerable.Range(0, 10).Select(i => new EventMessage($"m{sent + i}", "r", Fuzz(good, random), 3)).ToList();
            ended += (await _world.Processor.ProcessAsync(batch, hasDeadLetterQueue: false, default)).Done.Count;
            sent += batch.Count;
        }

        ended.ShouldBe(Bodies);
        var outcomes = await OutcomesAsync();
        outcomes.Values.Sum().ShouldBe(Bodies);
        (await _world.Events.ReadHealthAsync(Some.Org, Some.Noon.AddDays(-1), default)).Dead
            .ShouldBe(outcomes[MessageOutcome.Malformed] + outcomes.GetValueOrDefault(MessageOutcome.Failed));
        outcomes.Keys.Count.ShouldBeGreaterThan(3, "else nothing of interest was tried");
    }

    /// <summary>Bytes changed, cut, doubled, values of other kinds, half surrogate pairs, deep nesting.</summary>
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
    public async Task A_time_in_the_future_counts_as_the_receipt_and_is_counted()
    {
        _world.Aws.Change("a", versioned: false, TimeSpan.Zero);

        await ProcessAsync(Put("a", at: _world.Clock.Now.AddYears(10)), Put("a", at: _world.Clock.Now.AddSeconds(3)));

        var health = await _world.Events.ReadHealthAsync(Some.Org, Some.Noon.AddDays(-1), default);
        health.Places.ShouldHaveSingleItem().LastEventAt.ShouldBe(_world.Clock.Now);
        health.Lags.Where(l => l.Bucket == LagBuckets.FromFuture).Sum(l => l.N).ShouldBe(1);
        LagBuckets.Percentile(health.Lags.Where(l => !l.Evaluated).Select(l => (l.Bucket, l.N)), 0.01).ShouldBe(LagBuckets.EndOf(0));

        _world.Clock.Advance(TimeSpan.FromMinutes(5));
        _world.Aws.Change("a", versioned: true, TimeSpan.Zero);
        await ProcessAsync(Put("a"));
        (await FindingAsync("a"))!.State.ShouldBe(FindingState.Resolved);
    }

    [Fact]
    public async Task A_message_that_came_through_SNS_is_the_message_within()
    {
        _world.Aws.Change("a", versioned: false, TimeSpan.Zero);
        var record = EventWorld.Record("PutBucketVersioning", "a", _world.Clock.Now);

        await ProcessAsync(Message(Sns("Notification", record)));

        (await OutcomesAsync())[MessageOutcome.Processed].ShouldBe(1);
        (await FindingAsync("a"))!.State.ShouldBe(FindingState.Active);
    }

    [Fact]
    public async Task A_subscription_that_waits_to_be_confirmed_says_so()
    {
        EventMessage Third(string body) => new(Guid.NewGuid().ToString(), "receipt", body, 3);
        await ProcessAsync(
            Third(Sns("SubscriptionConfirmation", "You have chosen to subscribe")), Third(Sns("Notification", "no JSON")),
            Third(Sns("Notification", """{"s3Bucket":"trail"}""")));

        var reasons = (await _world.Events.ListDeadAsync(Some.Org, new PageRequest(10), default)).Items.Select(d => d.Reason).ToList();
        reasons.Count.ShouldBe(3);
        reasons.ShouldContain(r => r.Contains("arn:aws:sns:us-east-1:111122223333:trail") && r.Contains("ConfirmSubscription"));
        reasons.ShouldContain(r => r.StartsWith("It is not JSON"));
        reasons.ShouldContain(r => r.Contains("no eventSource"));
    }

    [Fact]
    public async Task A_record_that_was_cut_has_its_unit_read_after_a_while_once()
    {
        _world.Aws.Change("a", versioned: false, TimeSpan.Zero);
        var cut = System.Text.Json.Nodes.JsonNode.Parse(EventWorld.Record("PutBucketVersioning", "a", _world.Clock.Now))!;
        cut["detail"]!["requestParameters"] = System.Text.Json.Nodes.JsonNode.Parse("""{"omitted":true,"originalSize":"270 KB"}""");

        await ProcessAsync(Message(cut.ToJsonString()), Message(cut.ToJsonString()));

        (await OutcomesAsync())[MessageOutcome.Processed].ShouldBe(2);
        (await FindingAsync("a")).ShouldBeNull();
        _world.Clock.Advance(TimeSpan.FromSeconds(6));
        (await _world.Rechecks.ReadUnitAsync(default)).ShouldBeTrue();
        (await _world.Rechecks.ReadUnitAsync(default)).ShouldBeFalse();
        (await FindingAsync("a"))!.State.ShouldBe(FindingState.Active);
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

    private EventMessage Put(string bucket, DateTimeOffset? at = null) => Message(EventWorld.Record("PutBucketVersioning", bucket, at ?? _world.Clock.Now));

    private static EventMessage Message(string body) => new(Guid.NewGuid().ToString(), "receipt", body, 1);

    private Task<ProcessedBatch> ProcessAsync(params EventMessage[] messages) => _world.Processor.ProcessAsync(messages, hasDeadLetterQueue: false, default);

    private async Task WaitAsync(int seconds)
    {
        for (var second = 0; second < seconds; second++)
        {
            _world.Clock.Advance(TimeSpan.FromSeconds(1));
            await _world.Rechecks.RecheckResourcesAsync(default);
        }
    }

    private async Task<Dictionary<MessageOutcome, long>> OutcomesAsync() =>
        (await _world.Events.ReadHealthAsync(Some.Org, Some.Noon.AddDays(-1), default)).Outcomes
            .GroupBy(o => o.Outcome).ToDictionary(g => g.Key, g => g.Sum(o => o.N));

    private async Task<Domain.Policies.Verdict> VerdictAsync(string bucket) =>
        (await _world.Get<IFindingStore>().FindEvaluationAsync(Some.Org, Some.S3, Some.ArnOf(bucket), default))!.Verdicts
            .Single(v => v.PolicyId == Some.Unversioned).Verdict;

    private Task<Finding?> FindingAsync(string bucket) =>
        _world.Get<IFindingStore>().FindAsync(Some.Org, Some.S3, Some.ArnOf(bucket), Some.Unversioned, default);
}
