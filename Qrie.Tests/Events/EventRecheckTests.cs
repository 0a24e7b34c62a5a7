using Qrie.Domain.Events;
using Qrie.Domain.Findings;
using Qrie.Domain.Inventory;
using Qrie.Domain.Management;
using Qrie.Tests.Support;

namespace Qrie.Tests.Events;

/// <summary>Resources and units that are read again after an event.</summary>
public sealed class EventRecheckTests : EventProcessorTest
{
    [Fact]
    public async Task A_resource_is_not_rechecked_if_the_account_no_longer_watches_its_service()
    {
        World.Aws.Change("a", versioned: false, TimeSpan.Zero);
        await ProcessAsync(Put("a"));
        await ProcessAsync(Put("a")); // the change is not visible yet
        var described = World.Aws.Describes;
        await World.Get<AccountLifeCycle>().ChangeAsync(Some.Org, Some.AccountId, before => before with { Services = ["iam"] }, default);

        await WaitAsync(40);

        World.Aws.Describes.ShouldBe(described);
    }

    [Fact]
    public async Task A_stale_event_may_still_cause_a_recheck()
    {
        World.Aws.Change("a", versioned: true, TimeSpan.Zero);
        World.Aws.Change("a", versioned: false, TimeSpan.FromSeconds(25));
        var happened = World.Clock.Now;
        World.Clock.Advance(TimeSpan.FromSeconds(12));
        await ProcessAsync(Put("a", at: happened.AddHours(-1)));

        await ProcessAsync(Put("a", at: happened)); // late, and older than the stored description
        await WaitAsync(seconds: 20);

        (await OutcomesAsync()).GetValueOrDefault(MessageOutcome.Stale).ShouldBe(1);
        (await FindingAsync("a"))!.State.ShouldBe(FindingState.Active);
    }

    [Fact]
    public async Task A_change_that_AWS_does_not_show_yet_is_rechecked()
    {
        World.Aws.Change("a", versioned: true, TimeSpan.Zero);
        await ProcessAsync(Put("a"));
        World.Clock.Advance(TimeSpan.FromMinutes(5));
        World.Aws.Change("a", versioned: false, TimeSpan.FromSeconds(20));
        await ProcessAsync(Put("a"));
        (await FindingAsync("a")).ShouldBeNull();

        await WaitAsync(seconds: 6);
        (await FindingAsync("a")).ShouldBeNull();
        await WaitAsync(seconds: 31);
        (await FindingAsync("a"))!.State.ShouldBe(FindingState.Active);
        (await World.Events.ReadHealthAsync(Some.Org, Some.Noon.AddDays(-1), default)).Rechecks.ShouldBe(0, "all rechecks are done");
    }

    [Fact]
    public async Task A_denied_last_recheck_leaves_the_resource_unknown()
    {
        World.Aws.Change("a", versioned: true, TimeSpan.Zero);
        await ProcessAsync(Put("a"));
        World.Clock.Advance(TimeSpan.FromMinutes(5));
        await ProcessAsync(Put("a")); // the change is not visible yet
        World.Aws.Refusal = _ => new SingleCollectionResult.Unreadable("AccessDenied", "No.");
        (await VerdictAsync("a")).ShouldBe(Domain.Policies.Verdict.Pass);

        await WaitAsync(seconds: 40);

        (await VerdictAsync("a")).ShouldBe(Domain.Policies.Verdict.Unknown);
    }

    [Fact]
    public async Task Repeated_events_that_affect_a_whole_type_read_its_unit_once()
    {
        World.Aws.Change("a", versioned: false, TimeSpan.Zero);
        var recheck = new Recheck(Some.Org, Some.AccountId, Regions.Global, "s3", Some.BucketType, "", 0, World.Clock.Now, World.Clock.Now.AddSeconds(5));
        await World.Events.SaveBatchAsync(new EventBatch([], [recheck], [], World.Clock.Now), default);
        await World.Events.SaveBatchAsync(new EventBatch([], [recheck with { DueAt = World.Clock.Now.AddSeconds(9) }], [], World.Clock.Now), default);
        (await World.Rechecks.ReadUnitAsync(default)).ShouldBeFalse("events are collected for a while");

        World.Clock.Advance(TimeSpan.FromSeconds(5));

        (await World.Rechecks.ReadUnitAsync(default)).ShouldBeTrue();
        (await World.Rechecks.ReadUnitAsync(default)).ShouldBeFalse();
        (await FindingAsync("a"))!.State.ShouldBe(FindingState.Active);
    }

    [Fact]
    public async Task Truncated_records_cause_one_delayed_read_of_their_unit()
    {
        World.Aws.Change("a", versioned: false, TimeSpan.Zero);
        var cut = System.Text.Json.Nodes.JsonNode.Parse(EventWorld.Record("PutBucketVersioning", "a", World.Clock.Now))!;
        cut["detail"]!["requestParameters"] = System.Text.Json.Nodes.JsonNode.Parse("""{"omitted":true,"originalSize":"270 KB"}""");

        await ProcessAsync(Message(cut.ToJsonString()), Message(cut.ToJsonString()));

        (await OutcomesAsync())[MessageOutcome.Processed].ShouldBe(2);
        (await FindingAsync("a")).ShouldBeNull();
        World.Clock.Advance(TimeSpan.FromSeconds(6));
        (await World.Rechecks.ReadUnitAsync(default)).ShouldBeTrue();
        (await World.Rechecks.ReadUnitAsync(default)).ShouldBeFalse();
        (await FindingAsync("a"))!.State.ShouldBe(FindingState.Active);
    }
}
