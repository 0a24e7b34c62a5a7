using Qrie.Domain.Events;
using Qrie.Tests.Support;

namespace Qrie.Tests.Stores;

/// <summary>Claims of rechecks by several replicas.</summary>
public abstract class RecheckContract : StoreContract
{
    private static readonly TimeSpan _lease = TimeSpan.FromMinutes(2);

    [Fact]
    public async Task A_claimed_recheck_is_left_alone_until_its_lease_expires()
    {
        await ScheduleAsync("a", "b");
        (await ClaimAsync(at: 9)).ShouldBeEmpty();

        var first = await ClaimAsync(at: 10);
        first.Select(r => (r.Id, r.Epoch)).ShouldBe([("a", 1), ("b", 1)], ignoreOrder: true);
        (await ClaimAsync(at: 130)).ShouldBeEmpty();
        var second = await ClaimAsync(at: 131);

        second.Select(r => r.Epoch).ShouldBe([2, 2]);
        (await Stores.Events.RenewAsync(first[0], Some.At(131), _lease, None)).ShouldBeFalse();
        await Stores.Events.AdvanceAsync([.. first.Select(r => (r, (Recheck?)null))], None);
        (await CountAsync()).ShouldBe(2);
        await Stores.Events.AdvanceAsync([.. second.Select(r => (r, (Recheck?)null))], None);
        (await CountAsync()).ShouldBe(0);
    }

    [Fact]
    public async Task Two_claimants_get_different_rechecks()
    {
        await ScheduleAsync([.. Enumerable.Range(0, 40).Select(i => Some.Numbered("r", i))]);

        var claimed = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => Stores.Events.ClaimDueAsync(false, Some.At(10), _lease, 5, None))));

        claimed.SelectMany(c => c).Select(r => r.Id).Order().ShouldBe(Enumerable.Range(0, 40).Select(i => Some.Numbered("r", i)));
    }

    [Fact]
    public async Task A_renewed_claim_lasts_longer()
    {
        await ScheduleAsync("a");
        var claimed = (await ClaimAsync(at: 10)).Single();

        (await Stores.Events.RenewAsync(claimed, Some.At(100), _lease, None)).ShouldBeTrue();

        (await ClaimAsync(at: 200)).ShouldBeEmpty();
        (await ClaimAsync(at: 221)).ShouldHaveSingleItem();
    }

    [Fact]
    public async Task A_recheck_that_an_event_renewed_while_it_was_claimed_stays_and_is_free()
    {
        await ScheduleAsync("a");
        var claimed = (await ClaimAsync(at: 10)).Single();
        await ScheduleAsync("a");

        await Stores.Events.AdvanceAsync([(claimed, null)], None);

        (await ClaimAsync(at: 11)).Single().Epoch.ShouldBe(2);
    }

    [Fact]
    public async Task A_start_frees_claims_of_a_process_that_is_certainly_gone()
    {
        await ScheduleAsync("a");
        await ClaimAsync(at: 10);
        var isShared = (await Stores.Installation.DescribeStoreAsync(None)).Kind is "postgres" or "dynamodb";

        await Stores.Scans.RecoverAsync(Some.At(20), TimeSpan.FromMinutes(30), None);

        (await ClaimAsync(at: 21)).Count.ShouldBe(isShared ? 0 : 1);
    }

    private Task ScheduleAsync(params string[] ids) => Stores.Events.SaveBatchAsync(
        new EventBatch([], [.. ids.Select(id => new Recheck(
            Some.Org, Some.AccountId, "us-east-1", "s3", Some.BucketType, id, 0, Some.At(5), Some.At(10)))], [], Some.At(5)),
        None);

    private Task<IReadOnlyList<Recheck>> ClaimAsync(double at) => Stores.Events.ClaimDueAsync(whole: false, Some.At(at), _lease, 10, None);

    private async Task<long> CountAsync() => (await Stores.Events.ReadHealthAsync(Some.Org, Some.Noon, None)).Rechecks;
}
