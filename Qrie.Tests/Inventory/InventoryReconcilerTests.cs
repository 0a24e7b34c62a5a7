using Qrie.Domain.Inventory;
using Qrie.Domain.Work;
using Qrie.Tests.Support;

namespace Qrie.Tests.Inventory;

/// <summary>The resources, counts and coverage that an inventory of a unit writes.</summary>
public sealed class InventoryReconcilerTests : InventoryReconcilerTest
{
    [Fact]
    public async Task Listed_resources_are_written_and_counted()
    {
        await StoredAsync(Some.Bucket("same"), Some.Bucket("changed"), Some.Bucket("newer", at: 500));

        var result = await ScanAsync(
            Listed(Some.Bucket("new", 101), Some.Bucket("same", 101), Some.Bucket("changed", 101, """{"v":2}""")),
            Listed(Some.Bucket("newer", 101, """{"v":0}"""), Some.Bucket("incomplete", 101, unknown: Some.Denied("Acl"))),
            Complete(began: 100));

        result.Counters.Values.ShouldBe(new Dictionary<string, long>
        {
            [ScanCounters.ResourcesChanged] = 1,
            [ScanCounters.ResourcesCreated] = 2,
            [ScanCounters.ResourcesFound] = 5,
            [ScanCounters.ResourcesIncomplete] = 1,
            [ScanCounters.ResourcesRefused] = 1,
            [ScanCounters.ResourcesUnchanged] = 1,
        });
        result.Errors.ShouldBeEmpty();
        (await FindAsync("changed"))!.DescribeTime.ShouldBe(Some.At(101));
    }

    [Theory]
    [InlineData(ListOutcome.Complete)]
    [InlineData(ListOutcome.Denied)]
    [InlineData(ListOutcome.NotAvailable)]
    [InlineData(ListOutcome.Incomplete)]
    [InlineData(ListOutcome.Failed)]
    public async Task Every_outcome_is_recorded_and_a_failure_keeps_the_last_success(ListOutcome outcome)
    {
        await ScanAsync(Complete(began: 100));
        _clock.Advance(TimeSpan.FromSeconds(60));

        await ScanAsync(new TypeListed(
            Some.BucketType, Some.At(1050), outcome, outcome == ListOutcome.Complete ? null : "Code", outcome == ListOutcome.Complete ? null : "words"));

        var failed = outcome != ListOutcome.Complete;
        (await CoverageAsync()).ShouldBe(new Coverage
        {
            AccountId = Some.AccountId,
            Region = "global",
            Service = "s3",
            Type = Some.BucketType,
            Outcome = outcome,
            ErrorCode = failed ? "Code" : null,
            Message = failed ? "words" : null,
            CheckedAt = Some.At(1060),
            LastSuccessAt = failed ? Some.At(1000) : Some.At(1060),
            ScanId = "scan-1",
        });
    }

    [Fact]
    public async Task Each_type_of_a_unit_ends_independently()
    {
        await StoredAsync(Some.Bucket("a"), Some.Bucket("point") with { Type = "AWS::S3::AccessPoint" });
        _aws.Answers("a", new SingleCollectionResult.Gone(Some.At(150)));
        _aws.Answers("point", new SingleCollectionResult.Gone(Some.At(150)));

        var result = await ScanAsync(
            new TypeListed("AWS::S3::AccessPoint", Some.At(100), ListOutcome.Denied, "AccessDenied", "no"), Complete(began: 100));

        (await FindAsync("a"))!.DeletedAt.ShouldNotBeNull();
        (await FindAsync("point"))!.DeletedAt.ShouldBeNull();
        result.Errors.Select(e => (e.Type, e.Code)).ShouldBe([("AWS::S3::AccessPoint", "AccessDenied")]);
        (await _stores.Coverage.ListAsync(Some.Org, null, default)).Select(c => (c.Type, c.Outcome)).ShouldBe(
            [("AWS::S3::AccessPoint", ListOutcome.Denied), (Some.BucketType, ListOutcome.Complete)]);
    }

    [Fact]
    public async Task Cancellation_stops_the_unit_without_coverage()
    {
        using var cancel = new CancellationTokenSource();
        _aws.Lists(Listed(Some.Bucket("a", 101)), Complete(began: 100));
        _aws.Before = item => item is TypeListed ? cancel.CancelAsync() : Task.CompletedTask;

        await Should.ThrowAsync<OperationCanceledException>(
            () => _reconciler.ReconcileAsync(Some.Org, Unit, "scan-1", ScanType.Bootstrap, new ScanCounters(), cancel.Token));

        (await _stores.Coverage.ListAsync(Some.Org, null, default)).ShouldBeEmpty();
    }
}
