using Qrie.Domain;
using Qrie.Domain.Events;
using Qrie.Tests.Support;

namespace Qrie.Tests.Stores;

public abstract class DeadEventContract : StoreContract
{
    [Fact]
    public async Task Dead_letters_belong_to_their_organization()
    {
        await Stores.Events.SaveBatchAsync(new EventBatch([], [], [Dead("one", "m1", 1), Dead("two", "m2", 2), Dead("one", "m3", 3)], Some.Noon), None);

        (await Stores.Events.ListDeadAsync("one", new PageRequest(10), None)).Items.Select(d => d.MessageId).ShouldBe(["m3", "m1"]);
        var first = await Stores.Events.ListDeadAsync("one", new PageRequest(1), None);
        (await Stores.Events.ListDeadAsync("one", new PageRequest(1, first.Next), None)).Items.Select(d => d.MessageId).ShouldBe(["m1"]);
        (await Stores.Events.FindDeadAsync("one", null, 10, None)).Select(d => d.MessageId).ShouldBe(["m1", "m3"]);
        (await Stores.Events.FindDeadAsync("one", ["m1", "m2"], 10, None)).Select(d => d.MessageId).ShouldBe(["m1"]);
        (await Stores.Events.FindOwnersOfDeadAsync(["m1", "m2", "m9"], None)).OrderBy(o => o.Key).Select(o => (o.Key, o.Value))
            .ShouldBe([("m1", "one"), ("m2", "two")]);
        (await Stores.Events.ReadHealthAsync("one", Some.Noon, None)).Dead.ShouldBe(2);
    }

    [Fact]
    public async Task Dead_letters_of_another_organization_cannot_be_removed()
    {
        await Stores.Events.SaveBatchAsync(new EventBatch([], [], [Dead("one", "m1", 1), Dead("two", "m2", 2)], Some.Noon), None);

        await Stores.Events.DeleteDeadAsync("one", ["m1", "m2"], None);

        (await Stores.Events.FindOwnersOfDeadAsync(["m1", "m2"], None)).Keys.ShouldBe(["m2"]);
    }

    private static (DeadEvent, MessageResult) Dead(string organization, string id, double at) => (
        new DeadEvent(id, organization, Some.AccountId, "us-east-1", "s3/Put", "It failed.", 3, Some.At(at), false, "{}"),
        new MessageResult(organization, Some.AccountId, "us-east-1", MessageOutcome.Failed, null, null, null));
}
