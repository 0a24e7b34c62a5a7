using Qrie.Domain;
using Qrie.Domain.Accounts;
using Qrie.Domain.Events;
using Qrie.Domain.Findings;
using Qrie.Domain.Inventory;
using Qrie.Domain.Management;
using Qrie.Tests.Support;

namespace Qrie.Tests.Events;

/// <summary>The effect of events on resources and findings.</summary>
public sealed class EventProcessorTests : EventProcessorTest
{
    [Fact]
    public async Task Several_events_of_one_resource_in_a_batch_cause_one_description()
    {
        World.Aws.Change("a", versioned: false, TimeSpan.Zero);

        var batch = await ProcessAsync(Put("a"), Put("a"), Message(EventWorld.Record("PutBucketTagging", "a", World.Clock.Now)));

        (batch.Done.Count, World.Aws.Describes).ShouldBe((3, 1));
        (await OutcomesAsync())[MessageOutcome.Processed].ShouldBe(3);
        (await FindingAsync("a"))!.State.ShouldBe(FindingState.Active);
    }

    [Fact]
    public async Task An_event_of_a_removed_account_is_only_acknowledged_and_counted()
    {
        World.Aws.Change("a", versioned: false, TimeSpan.Zero);
        await World.Get<AccountLifeCycle>().RemoveAsync(Some.Org, Some.AccountId, RemovalReason.Requested, default);

        var batch = await ProcessAsync(Put("a"));

        (batch.Done.Count, World.Aws.Describes).ShouldBe((1, 0));
        (await OutcomesAsync())[MessageOutcome.InactiveAccount].ShouldBe(1);
        (await FindingAsync("a")).ShouldBeNull();
    }

    [Fact]
    public async Task An_event_of_an_unwatched_service_is_only_acknowledged_and_counted()
    {
        World.Aws.Change("a", versioned: false, TimeSpan.Zero);
        await World.Get<AccountLifeCycle>().ChangeAsync(Some.Org, Some.AccountId, before => before with { Services = ["iam"] }, default);

        var batch = await ProcessAsync(Put("a"));

        (batch.Done.Count, World.Aws.Describes).ShouldBe((1, 0));
        (await OutcomesAsync())[MessageOutcome.ServiceNotWatched].ShouldBe(1);
        (await FindingAsync("a")).ShouldBeNull();
    }

    [Theory]
    [InlineData(10.9, false)]
    [InlineData(11.0, true)]
    public async Task An_event_is_stale_only_beyond_its_second_and_the_margin(double secondsLater, bool stale)
    {
        World.Aws.Change("a", versioned: false, TimeSpan.Zero);
        var happened = World.Clock.Now;
        World.Clock.Advance(TimeSpan.FromSeconds(secondsLater));
        await ProcessAsync(Put("a", at: happened.AddHours(-1))); // stored, because nothing was stored before
        var before = World.Aws.Describes;

        await ProcessAsync(Put("a", at: happened));

        (World.Aws.Describes - before).ShouldBe(stale ? 0 : 1);
        (await OutcomesAsync()).GetValueOrDefault(MessageOutcome.Stale).ShouldBe(stale ? 1 : 0);
    }

    [Fact]
    public async Task A_deletion_resolves_findings_and_earlier_events_change_nothing()
    {
        World.Aws.Change("a", versioned: false, TimeSpan.Zero);
        await ProcessAsync(Put("a"));
        World.Clock.Advance(TimeSpan.FromMinutes(1));
        World.Aws.Change("a", versioned: null, TimeSpan.Zero);
        await ProcessAsync(Message(EventWorld.Record("DeleteBucket", "a", World.Clock.Now)));

        var finding = (await FindingAsync("a"))!;
        (finding.State, finding.ResolvedReason).ShouldBe((FindingState.Resolved, ResolvedReason.ResourceDeleted));
        await ProcessAsync(Put("a", at: World.Clock.Now.AddMinutes(-1)));
        (await World.Get<IResourceStore>().FindAsync(Some.Org, Some.S3, Some.ArnOf("a"), default))!.DeletedAt.ShouldNotBeNull();
    }

    [Fact]
    public async Task A_verdict_lost_in_a_crash_is_made_up_when_the_message_is_redelivered()
    {
        World.Aws.Change("a", versioned: false, TimeSpan.Zero);
        var found = (SingleCollectionResult.Found)await World.Aws.CollectOneAsync(
            new CollectionUnit(Some.Account(), Regions.Global, "s3"), Some.BucketType, "a", default);
        await World.Get<IResourceStore>().WriteAsync(Some.Org, [found.Resource], World.Clock.Now, default); // then the process is killed

        await ProcessAsync(Put("a"));

        (await FindingAsync("a"))!.State.ShouldBe(FindingState.Active);
    }

    [Fact]
    public async Task A_verdict_lost_in_a_crash_is_made_up_even_if_the_message_is_stale_by_then()
    {
        World.Aws.Change("a", versioned: false, TimeSpan.Zero);
        var message = Put("a");
        World.Clock.Advance(TimeSpan.FromMinutes(1));
        var found = (SingleCollectionResult.Found)await World.Aws.CollectOneAsync(
            new CollectionUnit(Some.Account(), Regions.Global, "s3"), Some.BucketType, "a", default);
        await World.Get<IResourceStore>().WriteAsync(Some.Org, [found.Resource], World.Clock.Now, default);

        await ProcessAsync(message);

        (await OutcomesAsync())[MessageOutcome.Stale].ShouldBe(1);
        (await FindingAsync("a"))!.State.ShouldBe(FindingState.Active);
    }

    [Fact]
    public async Task A_resource_that_cannot_be_described_is_dead_lettered_and_unknown_after_three_attempts_and_keeps_its_finding()
    {
        World.Aws.Change("a", versioned: false, TimeSpan.Zero);
        World.Aws.Change("b", versioned: false, TimeSpan.Zero);
        await ProcessAsync(Put("a"));
        World.Clock.Advance(TimeSpan.FromMinutes(1));
        World.Aws.Refusal = name => name == "a" ? new SingleCollectionResult.Unreadable("AccessDenied", "No.") : null;
        var message = Put("a");

        foreach (var receive in (int[])[1, 2])
        {
            var batch = await ProcessAsync(message with { ReceiveCount = receive }, Put("b"));
            batch.Again.Single().ShouldBe((message with { ReceiveCount = receive }, TimeSpan.FromSeconds(5 * receive)));
            batch.Done.Count.ShouldBe(1, "it does not affect the other");
        }

        (await ProcessAsync(message with { ReceiveCount = 3 })).Done.Count.ShouldBe(1);
        var dead = (await World.Events.ListDeadAsync(Some.Org, new PageRequest(10), default)).Items.Single();
        (dead.Reason.Contains("AccessDenied"), dead.AccountId, dead.EventName, dead.InQueue)
            .ShouldBe((true, Some.AccountId, "s3.amazonaws.com/PutBucketVersioning", false));
        var evaluation = (await World.Get<IFindingStore>().FindEvaluationAsync(Some.Org, Some.S3, Some.ArnOf("a"), default))!;
        var verdict = evaluation.Verdicts.Single(v => v.PolicyId == Some.Unversioned);
        (verdict.Verdict, verdict.Reason!.Code).ShouldBe((Domain.Policies.Verdict.Unknown, "AccessDenied"));
        (await FindingAsync("a"))!.State.ShouldBe(FindingState.Active);

        World.Aws.Refusal = _ => null;
        World.Clock.Advance(TimeSpan.FromMinutes(1));
        World.Aws.Change("a", versioned: true, TimeSpan.Zero);
        await ProcessAsync(Put("a"));
        (await FindingAsync("a"))!.State.ShouldBe(FindingState.Resolved, "the next description ends it");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(null)]
    public async Task A_response_refused_because_the_clock_is_behind_does_not_complete_the_message(bool? versioned)
    {
        World.Aws.Change("a", versioned: true, TimeSpan.FromHours(-3));
        await ProcessAsync(Put("a"));
        World.Clock.SetBy(TimeSpan.FromHours(-1));
        World.Aws.Change("a", versioned, TimeSpan.FromHours(-1));

        var batch = await ProcessAsync(Put("a", at: World.Clock.GetUtcNow().AddHours(2)));

        (batch.Done.Count, batch.Again.Count).ShouldBe((0, 1));
    }
}
