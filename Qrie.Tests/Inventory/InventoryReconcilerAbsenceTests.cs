using Qrie.Domain.Findings;
using Qrie.Domain.Inventory;
using Qrie.Domain.Work;
using Qrie.Tests.Support;

namespace Qrie.Tests.Inventory;

/// <summary>Conditions for deleting resources that are missing in a list.</summary>
public sealed class InventoryReconcilerAbsenceTests : InventoryReconcilerTest
{
    [Fact]
    public async Task An_absent_resource_that_AWS_confirms_as_deleted_is_deleted_at_the_time_of_that_call()
    {
        await StoredAsync(Some.Bucket("a"), Some.Bucket("b"));
        _aws.Answers("a", new SingleCollectionResult.Gone(Some.At(150)));

        var result = await ScanAsync(Listed(Some.Bucket("b", 101)), Complete(began: 100));

        (await FindAsync("a"))!.DeletedAt.ShouldBe(Some.At(150));
        (await FindAsync("b"))!.DeletedAt.ShouldBeNull();
        _aws.Asked.ShouldBe(["a"]);
        result.Counters[ScanCounters.ResourcesDeleted].ShouldBe(1);
    }

    [Fact]
    public async Task A_resource_missing_in_a_complete_list_that_still_exists_is_kept_and_updated()
    {
        await StoredAsync(Some.Bucket("a"));
        _aws.Answers("a", new SingleCollectionResult.Found(Some.Bucket("a", 150, """{"v":2}""")));

        var result = await ScanAsync(Complete(began: 100));

        var stored = (await FindAsync("a"))!;
        (stored.DeletedAt, stored.DescribeTime, stored.Configuration!.Value.GetRawText()).ShouldBe((null, Some.At(150), """{"v":2}"""));
        (result.Counters[ScanCounters.ResourcesDeleted], result.Counters[ScanCounters.ResourcesChanged]).ShouldBe((0, 1));
    }

    [Fact]
    public async Task If_its_existence_is_unclear_a_resource_is_deleted_at_the_second_absence()
    {
        await StoredAsync(Some.Bucket("a"));

        var first = await ScanAsync(Complete(began: 100));
        var afterFirst = (await FindAsync("a"))!.DeletedAt;
        var second = await ScanAsync(Complete(began: 200));

        (afterFirst, first.Counters[ScanCounters.ResourcesSuspected], first.Counters[ScanCounters.ResourcesDeleted]).ShouldBe((null, 1, 0));
        (await FindAsync("a"))!.DeletedAt.ShouldBe(Some.At(200));
        second.Counters[ScanCounters.ResourcesDeleted].ShouldBe(1);
    }

    [Fact]
    public async Task A_suspect_that_reappears_must_be_absent_twice_again()
    {
        await StoredAsync(Some.Bucket("a"));
        await ScanAsync(Complete(began: 100));
        await ScanAsync(Listed(Some.Bucket("a", 201)), Complete(began: 200));

        await ScanAsync(Complete(began: 300));

        (await FindAsync("a"))!.DeletedAt.ShouldBeNull();
    }

    [Theory]
    [InlineData(ListOutcome.Denied)]
    [InlineData(ListOutcome.NotAvailable)]
    [InlineData(ListOutcome.Incomplete)]
    [InlineData(ListOutcome.Failed)]
    public async Task An_incomplete_list_deletes_nothing_reads_nothing_and_is_not_an_absence(ListOutcome outcome)
    {
        await StoredAsync(Some.Bucket("a"), Some.Bucket("b"));
        await ScanAsync(Listed(Some.Bucket("b", 101)), Complete(began: 100));
        _aws.Asked.Clear();

        var result = await ScanAsync(Listed(Some.Bucket("b", 201)), new TypeListed(Some.BucketType, Some.At(200), outcome, "SomeCode", "some words"));

        (await FindAsync("a"))!.DeletedAt.ShouldBeNull();
        _aws.Asked.ShouldBeEmpty();
        result.Errors.ShouldBe([new UnitError(Some.BucketType, outcome.ToString(), "SomeCode", "some words")]);
    }

    [Fact]
    public async Task A_failed_list_between_two_absences_does_not_count_as_an_absence()
    {
        await StoredAsync(Some.Bucket("a"));

        await ScanAsync(new TypeListed(Some.BucketType, Some.At(100), ListOutcome.Failed));
        await ScanAsync(Complete(began: 200));

        (await FindAsync("a"))!.DeletedAt.ShouldBeNull();
    }

    [Fact]
    public async Task A_resource_whose_description_failed_is_not_deleted()
    {
        await StoredAsync(Some.Bucket("a"));

        await ScanAsync(Listed(Some.Bucket("a", 101, unknown: Some.Denied("Acl", "Policy"))), Complete(began: 100));
        await ScanAsync(Listed(Some.Bucket("a", 201, unknown: Some.Denied("Acl", "Policy"))), Complete(began: 200));

        (await FindAsync("a"))!.DeletedAt.ShouldBeNull();
        _aws.Asked.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_failed_description_does_not_prevent_the_deletion_of_others()
    {
        await StoredAsync(Some.Bucket("a"), Some.Bucket("gone"));
        _aws.Answers("gone", new SingleCollectionResult.Gone(Some.At(150)));

        await ScanAsync(Listed(Some.Bucket("a", 101, unknown: Some.Denied("Acl"))), Complete(began: 100));

        (await FindAsync("gone"))!.DeletedAt.ShouldBe(Some.At(150));
    }

    [Fact]
    public async Task A_listed_resource_is_not_absent_even_if_a_shared_call_was_sent_before_the_list_began()
    {
        await StoredAsync(Some.Bucket("a"), Some.Bucket("gone"));

        await ScanAsync(Listed(Some.Bucket("a", 90)), Complete(began: 100));
        await ScanAsync(Listed(Some.Bucket("a", 190)), Complete(began: 200));

        (await FindAsync("a"))!.DeletedAt.ShouldBeNull();
        (await FindAsync("gone"))!.DeletedAt.ShouldNotBeNull();
        _aws.Asked.ShouldBe(["gone", "gone"]);
    }

    [Fact]
    public async Task Other_regions_and_types_do_not_belong_to_the_list()
    {
        await StoredAsync(Some.Bucket("region") with { ListedIn = "eu-west-1" }, Some.Bucket("type") with { Type = "AWS::S3::AccessPoint" });

        await ScanAsync(Complete(began: 100));
        await ScanAsync(Complete(began: 200));

        (await FindAsync("region"))!.DeletedAt.ShouldBeNull();
        (await FindAsync("type"))!.DeletedAt.ShouldBeNull();
    }

    [Fact]
    public async Task Findings_of_deleted_resources_are_resolved()
    {
        await StoredAsync(Some.Bucket("a"));
        await _stores.Policies.LaunchAsync(Some.Policy(), default);
        await _stores.Findings.ApplyAsync(Some.Org, [Some.Evaluated(Some.Bucket("a"), Some.Fails())], null, default);
        _aws.Answers("a", new SingleCollectionResult.Gone(Some.At(150)));

        await ScanAsync(Complete(began: 100));

        var finding = (await _stores.Findings.FindAsync(Some.Org, Some.S3, Some.ArnOf("a"), Some.Public, default))!;
        (finding.State, finding.ResolvedReason, finding.ResolvedAt).ShouldBe((FindingState.Resolved, ResolvedReason.ResourceDeleted, Some.At(1000)));
    }

    [Fact]
    public async Task A_resource_deleted_between_list_and_describe_is_deleted()
    {
        await StoredAsync(Some.Bucket("a"));

        var result = await ScanAsync(
            new ResourceGone(Some.BucketType, "a", Some.At(105)), new ResourceGone(Some.BucketType, "never stored", Some.At(105)), Complete(began: 100));

        (await FindAsync("a"))!.DeletedAt.ShouldBe(Some.At(105));
        result.Counters[ScanCounters.ResourcesDeleted].ShouldBe(1);
        _aws.Asked.ShouldBeEmpty();
    }
}
