using Qrie.Domain;
using Qrie.Domain.Inventory;
using Qrie.Tests.Support;

namespace Qrie.Tests.Stores;

/// <summary>Tombstones: deletion and restoration.</summary>
public abstract class ResourceDeletionContract : ResourceContract
{
    [Fact]
    public async Task A_deletion_leaves_a_tombstone_with_its_time_and_the_last_configuration()
    {
        await WriteAsync(Some.Bucket(at: 5, configuration: """{"v":1}"""));

        (await DeleteAsync(at: 6)).ShouldBe([Some.ArnOf("a")]);

        var tombstone = (await FindAsync("a"))!;
        (tombstone.DeletedAt, tombstone.DescribeTime, tombstone.Hash, tombstone.FirstSeen).ShouldBe((Some.At(6), Some.At(6), "", Some.At(100)));
        tombstone.Configuration!.Value.GetRawText().ShouldBe("""{"v":1}""");
        (await Stores.Resources.FindByIdAsync(Some.Org, Some.Buckets, "a", None)).ShouldBeNull();
        (await Stores.Resources.CountAsync(Some.Org, Some.Buckets, None)).ShouldBe(0);
        (await Stores.Resources.ListAsync(Some.Org, new ResourceFilter(), new PageRequest(10), None)).Items.ShouldBeEmpty();
    }

    [Theory]
    [InlineData(5)]
    [InlineData(4)]
    public async Task A_resource_described_at_or_after_its_deletion_is_not_deleted(double deletedAt)
    {
        await WriteAsync(Some.Bucket(at: 5));

        (await DeleteAsync(deletedAt)).ShouldBeEmpty();

        (await FindAsync("a"))!.DeletedAt.ShouldBeNull();
    }

    [Fact]
    public async Task An_older_description_cannot_restore_a_tombstone()
    {
        await WriteAsync(Some.Bucket(at: 5));
        await DeleteAsync(at: 7);

        (await WriteAsync(Some.Bucket(at: 6, configuration: """{"v":2}"""))).ShouldBe(new ResourceWrite(WriteOutcome.RefusedAsOlder, Some.At(7)));

        (await FindAsync("a"))!.DeletedAt.ShouldBe(Some.At(7));
    }

    [Theory]
    [InlineData(7)]
    [InlineData(8)]
    public async Task A_description_at_or_after_the_deletion_restores_a_tombstone(double described)
    {
        await WriteAsync(Some.Bucket(at: 5));
        await DeleteAsync(at: 7);

        (await WriteAsync(Some.Bucket(at: described))).Outcome.ShouldBe(WriteOutcome.Created);

        var found = (await FindAsync("a"))!;
        (found.DeletedAt, found.FirstSeen).ShouldBe((null, Some.At(100)));
    }

    [Fact]
    public async Task A_deletion_of_a_resource_that_was_never_stored_is_remembered()
    {
        (await DeleteAsync(at: 7)).ShouldBeEmpty();

        (await WriteAsync(Some.Bucket(at: 6))).Outcome.ShouldBe(WriteOutcome.RefusedAsOlder);
        (await WriteAsync(Some.Bucket(at: 8))).Outcome.ShouldBe(WriteOutcome.Created);
    }

    [Fact]
    public async Task A_batch_of_deletions_in_any_order_keeps_the_newest_and_returns_each_resource_once()
    {
        await WriteAsync(Some.Bucket(at: 1));

        var deleted = await Stores.Resources.DeleteAsync(
            Some.Org, [Some.Deletion(at: 9), Some.Deletion(at: 7), Some.Deletion(at: 8)], Some.Noon, None);

        deleted.ShouldBe([Some.ArnOf("a")]);
        (await FindAsync("a"))!.DeletedAt.ShouldBe(Some.At(9));
    }

    [Fact]
    public async Task A_later_deletion_of_a_deleted_resource_updates_its_tombstone_and_returns_nothing()
    {
        await WriteAsync(Some.Bucket(at: 1));
        await DeleteAsync(at: 5);

        (await DeleteAsync(at: 7)).ShouldBeEmpty();

        (await FindAsync("a"))!.DescribeTime.ShouldBe(Some.At(7));
    }
}
