using Qrie.Domain.Accounts;
using Qrie.Domain.Events;
using Qrie.Tests.Support;

namespace Qrie.Tests.Events;

/// <summary>All organizations share the queue and its dead-letter queue; each redrives its own messages.</summary>
public sealed class EventRedriveTests : IAsyncLifetime
{
    private const string Other = "south";

    private EventWorld _world = null!;
    private InProcessEventQueue _queue = null!;
    private EventRedrive _redrive = null!;

    public async ValueTask InitializeAsync()
    {
        _world = await EventWorld.NewAsync();
        await _world.Get<IAccountStore>().AddAsync(Some.Account(Some.OtherAccountId, Other), default);
        _queue = new InProcessEventQueue(_world.Clock, maxReceives: 1);
        _redrive = new EventRedrive(new EventChannel(_queue), _world.Events, _world.Get<EventIntake>());
    }

    public async ValueTask DisposeAsync() => await _world.DisposeAsync();

    [Fact]
    public async Task An_organization_redrives_its_own_messages_and_default_those_without_an_owner()
    {
        var own = EventWorld.Record("PutBucketVersioning", "a", _world.Clock.GetUtcNow(), Some.AccountId);
        var theirs = EventWorld.Record("GetBucketVersioning", "a", _world.Clock.GetUtcNow(), Some.OtherAccountId);
        await PutAsideAsync(own, theirs, "no JSON");

        (await _redrive.RedriveAsync(Other, null, default)).Redriven.ShouldBe(1);
        (await WaitingAsync()).ShouldBe([theirs]);
        (await _redrive.RedriveAsync(Some.Org, null, default)).Redriven.ShouldBe(2);
        (await WaitingAsync()).ShouldBe([own, "no JSON"], ignoreOrder: true);
    }

    [Fact]
    public async Task A_dead_letter_stays_with_its_organization()
    {
        var ids = await PutAsideAsync(EventWorld.Record("PutBucketVersioning", "a", _world.Clock.GetUtcNow(), Some.AccountId));
        await DeadLetterAsync(new DeadEvent(ids[0], Other, Some.AccountId, "us-east-1", "s3/Put", "It failed.", 3, Some.Noon, true, "{}"));

        (await _redrive.RedriveAsync(Some.Org, null, default)).Redriven.ShouldBe(0);
        _world.Clock.Advance(TimeSpan.FromMinutes(1));
        (await _redrive.RedriveAsync(Other, null, default)).Redriven.ShouldBe(1);
    }

    [Fact]
    public async Task Naming_another_organizations_messages_finds_none()
    {
        await DeadLetterAsync(new DeadEvent("kept-here", Other, Some.OtherAccountId, "us-east-1", "s3/Put", "It failed.", 3, Some.Noon, false, "{}"));

        var result = await _redrive.RedriveAsync(Some.Org, ["kept-here", "nobodys"], default);

        (result.Redriven, result.Left.Count).ShouldBe((0, 0));
        result.Unknown.ShouldBe(["kept-here", "nobodys"]);
        (await _redrive.RedriveAsync(Other, ["kept-here"], default)).Redriven.ShouldBe(1);
    }

    private Task DeadLetterAsync(DeadEvent dead) => _world.Events.SaveBatchAsync(
        new EventBatch(
            [], [], [(dead, new MessageResult(dead.Organization, dead.AccountId, dead.Region, MessageOutcome.Failed, null, null, null))], Some.Noon), default);

    /// <summary>Receives them too often, so that they are in the dead-letter queue.</summary>
    private async Task<List<string>> PutAsideAsync(params string[] bodies)
    {
        await _queue.SendAsync(bodies, default);
        var ids = (await _queue.ReceiveAsync(TimeSpan.Zero, TimeSpan.FromSeconds(1), default)).Select(m => m.MessageId).ToList();
        _world.Clock.Advance(TimeSpan.FromSeconds(2));
        (await _queue.ReceiveAsync(TimeSpan.Zero, TimeSpan.FromSeconds(1), default)).ShouldBeEmpty();
        (await _queue.ReadStateAsync(default)).Dead.ShouldBe(bodies.Length);
        return ids;
    }

    private async Task<List<string>> WaitingAsync()
    {
        _world.Clock.Advance(TimeSpan.FromMinutes(1));
        var messages = await _queue.ReceiveAsync(TimeSpan.Zero, TimeSpan.FromMinutes(5), default);
        await _queue.DeleteAsync([.. messages], default);
        return [.. messages.Select(m => m.Body)];
    }
}
