using Qrie.Domain.Inventory;
using Qrie.Tests.Support;

namespace Qrie.Tests.Stores;

/// <summary>Resources missing in a list of AWS.</summary>
public abstract class ResourceAbsenceContract : ResourceContract
{
    [Fact]
    public async Task Existing_resources_neither_seen_nor_described_since_the_list_began_are_absent()
    {
        await WriteAsync(Some.Bucket("before", at: 4));
        await WriteAsync(Some.Bucket("same-moment", at: 5));
        await WriteAsync(Some.Bucket("after", at: 6));
        await WriteAsync(Some.Bucket("deleted", at: 1));
        await Stores.Resources.DeleteAsync(Some.Org, [Some.Deletion("deleted", 2)], Some.Noon, None);
        await WriteAsync(Some.Bucket("elsewhere", at: 1) with { ListedIn = "eu-west-1" });
        await WriteAsync(Some.Bucket("other", at: 1, account: Some.OtherAccountId));
        await WriteAsync(Some.Bucket("other-type", at: 1) with { Type = "AWS::S3::AccessPoint" });

        var absent = await AbsentAsync(began: 5);

        absent.Select(a => (a.Resource.Id, a.AbsentSince)).ShouldBe([("before", null)]);
    }

    [Fact]
    public async Task Absent_resources_are_paged_by_arn()
    {
        foreach (var name in new[] { "c", "a", "b" })
        {
            await WriteAsync(Some.Bucket(name));
        }

        var first = await Stores.Resources.FindAbsentAsync(Some.Org, Some.Buckets, Some.At(5), null, 2, None);
        var second = await Stores.Resources.FindAbsentAsync(Some.Org, Some.Buckets, Some.At(5), first[^1].Resource.Arn, 2, None);

        first.Select(a => a.Resource.Id).ShouldBe(["a", "b"]);
        second.Select(a => a.Resource.Id).ShouldBe(["c"]);
    }

    [Fact]
    public async Task An_absence_is_recorded_from_the_first_list_without_the_resource()
    {
        await WriteAsync(Some.Bucket());

        await MarkAbsentAsync(began: 5);
        await MarkAbsentAsync(began: 10);

        (await AbsentAsync(began: 15)).ShouldHaveSingleItem().AbsentSince.ShouldBe(Some.At(5));
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"v":2}""")]
    public async Task A_listed_resource_is_no_longer_absent(string configuration)
    {
        await WriteAsync(Some.Bucket());
        await MarkAbsentAsync(began: 5);

        await WriteAsync(Some.Bucket(at: 7, configuration: configuration));

        (await AbsentAsync(began: 10)).ShouldHaveSingleItem().AbsentSince.ShouldBeNull();
    }

    [Fact]
    public async Task A_resource_described_since_the_list_began_is_not_marked_absent()
    {
        await WriteAsync(Some.Bucket(at: 6));

        await MarkAbsentAsync(began: 5);

        (await AbsentAsync(began: 10)).ShouldHaveSingleItem().AbsentSince.ShouldBeNull();
    }

    private Task<IReadOnlyList<AbsentResource>> AbsentAsync(double began) =>
        Stores.Resources.FindAbsentAsync(Some.Org, Some.Buckets, Some.At(began), null, 100, None);

    private Task MarkAbsentAsync(double began) => Stores.Resources.MarkAbsentAsync(Some.Org, Some.S3, [Some.ArnOf("a")], Some.At(began), None);
}
