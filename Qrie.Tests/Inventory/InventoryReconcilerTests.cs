using Microsoft.Extensions.Logging.Abstractions;
using Qrie.Domain.Findings;
using Qrie.Domain.Inventory;
using Qrie.Domain.Policies.Lookups;
using Qrie.Domain.Scans;
using Qrie.Tests.Stores;
using Qrie.Tests.Support;

namespace Qrie.Tests.Inventory;

/// <summary>The rules of design.md section 4 about order and deletion, over a real store and an AWS that says what the test wants.</summary>
public sealed class InventoryReconcilerTests : IAsyncLifetime
{
    private static readonly CollectionUnit Unit = new(Some.Account(), Regions.Global, "s3");

    private readonly ScriptedCollector _aws = new();
    private readonly FakeClock _clock = new(Some.At(1000));
    private StoreSet _stores = null!;
    private InventoryReconciler _reconciler = null!;

    public async Task InitializeAsync()
    {
        _stores = await SqliteFile.EmptyAsync();
        await _stores.Accounts.AddAsync(Some.Account(), default);
        _reconciler = new InventoryReconciler(
            _stores.Resources, _stores.Coverage, _aws, new LookupKeys(new MinimalCatalog()), _clock, NullLogger<InventoryReconciler>.Instance);
    }

    public async Task DisposeAsync() => await _stores.DisposeAsync();

    [Fact]
    public async Task What_a_list_shows_is_written_and_counted()
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

    [Fact]
    public async Task A_resource_that_a_complete_list_lacks_and_AWS_says_is_gone_gets_a_tombstone_with_the_time_of_that_call()
    {
        await StoredAsync(Some.Bucket("a"), Some.Bucket("b"));
        _aws.Answers("a", new CollectedOne.Gone(Some.At(150)));

        var result = await ScanAsync(Listed(Some.Bucket("b", 101)), Complete(began: 100));

        (await FindAsync("a"))!.DeletedAt.ShouldBe(Some.At(150));
        (await FindAsync("b"))!.DeletedAt.ShouldBeNull();
        _aws.Asked.ShouldBe(["a"]);
        result.Counters[ScanCounters.ResourcesDeleted].ShouldBe(1);
    }

    [Fact]
    public async Task A_resource_that_a_complete_list_lacks_and_AWS_still_has_stays_and_is_written()
    {
        await StoredAsync(Some.Bucket("a"));
        _aws.Answers("a", new CollectedOne.Found(Some.Bucket("a", 150, """{"v":2}""")));

        var result = await ScanAsync(Complete(began: 100));

        var stored = (await FindAsync("a"))!;
        (stored.DeletedAt, stored.DescribeTime, stored.Configuration!.Value.GetRawText()).ShouldBe((null, Some.At(150), """{"v":2}"""));
        (result.Counters[ScanCounters.ResourcesDeleted], result.Counters[ScanCounters.ResourcesChanged]).ShouldBe((0, 1));
    }

    [Fact]
    public async Task Without_a_clear_answer_the_first_absence_is_a_suspicion_and_the_second_a_deletion()
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
    public async Task A_suspect_that_shows_up_again_must_be_absent_twice_more()
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
    public async Task A_list_that_is_not_complete_deletes_nothing_asks_nothing_and_is_no_absence(ListOutcome outcome)
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
    public async Task A_list_that_failed_between_two_absences_does_not_make_three_of_them()
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
    public async Task A_description_that_failed_does_not_keep_others_from_being_deleted()
    {
        await StoredAsync(Some.Bucket("a"), Some.Bucket("gone"));
        _aws.Answers("gone", new CollectedOne.Gone(Some.At(150)));

        await ScanAsync(Listed(Some.Bucket("a", 101, unknown: Some.Denied("Acl"))), Complete(began: 100));

        (await FindAsync("gone"))!.DeletedAt.ShouldBe(Some.At(150));
    }

    [Theory]
    [InlineData(100)]
    [InlineData(101)]
    public async Task What_was_described_since_the_list_began_is_not_touched(double described)
    {
        await StoredAsync(Some.Bucket("a", at: described));
        _aws.Answers("a", new CollectedOne.Gone(Some.At(150)));

        await ScanAsync(Complete(began: 100));
        await ScanAsync(Complete(began: 100));

        (await FindAsync("a"))!.DeletedAt.ShouldBeNull();
        _aws.Asked.ShouldBeEmpty();
    }

    [Fact]
    public async Task What_is_stored_from_later_than_now_stays_and_the_clock_is_reported()
    {
        await StoredAsync(Some.Bucket("a", at: 4000), Some.Bucket("b", at: 2000)); // before the clock was set back to 1000

        var result = await ScanAsync(
            Listed(Some.Bucket("a", 999, """{"v":2}"""), Some.Bucket("b", 999), Some.Bucket("new", 999)), Complete(began: 998));

        var error = result.Errors.Single();
        (error.Type, error.Outcome, error.Code).ShouldBe((null, "RefusedAsOlder", "ClockBehind"));
        error.Message.ShouldStartWith("2 resources keep the state that is stored: it was described up to 00:50:00 later");
        result.Counters[ScanCounters.ResourcesRefused].ShouldBe(2);
        (await FindAsync("a"))!.DescribeTime.ShouldBe(Some.At(4000));
        (await FindAsync("new")).ShouldNotBeNull();
        _aws.Asked.ShouldBeEmpty(); // asking again would not help
    }

    [Fact]
    public async Task What_an_event_describes_while_the_list_runs_is_not_touched()
    {
        await StoredAsync(Some.Bucket("a"));
        await ScanAsync(Complete(began: 50)); // a suspect already
        _aws.Before = async item =>
        {
            if (item is TypeListed)
            {
                await _stores.Resources.WriteAsync(Some.Org, [Some.Bucket("a", 120)], Some.At(120), default);
            }
        };

        await ScanAsync(Complete(began: 100));

        (await FindAsync("a"))!.DeletedAt.ShouldBeNull();
    }

    [Fact]
    public async Task What_an_event_describes_after_AWS_said_that_it_is_gone_stays()
    {
        await StoredAsync(Some.Bucket("a", at: 0));
        _aws.Answers("a", new CollectedOne.Gone(Some.At(150)));
        await ScanAsync(Complete(began: 100));

        await StoredAsync(Some.Bucket("a", at: 160, """{"v":"made again"}"""));
        await ScanAsync(Complete(began: 155));

        (await FindAsync("a"))!.DeletedAt.ShouldBeNull();
    }

    [Fact]
    public async Task What_was_listed_is_not_absent_though_a_call_that_it_shares_with_other_types_was_sent_before_the_list_began()
    {
        await StoredAsync(Some.Bucket("a"), Some.Bucket("gone"));

        await ScanAsync(Listed(Some.Bucket("a", 90)), Complete(began: 100));
        await ScanAsync(Listed(Some.Bucket("a", 190)), Complete(began: 200));

        (await FindAsync("a"))!.DeletedAt.ShouldBeNull();
        (await FindAsync("gone"))!.DeletedAt.ShouldNotBeNull();
        _aws.Asked.ShouldBe(["gone", "gone"]);
    }

    [Fact]
    public async Task Other_regions_and_types_are_no_part_of_the_list()
    {
        await StoredAsync(Some.Bucket("region") with { ListedIn = "eu-west-1" }, Some.Bucket("type") with { Type = "AWS::S3::AccessPoint" });

        await ScanAsync(Complete(began: 100));
        await ScanAsync(Complete(began: 200));

        (await FindAsync("region"))!.DeletedAt.ShouldBeNull();
        (await FindAsync("type"))!.DeletedAt.ShouldBeNull();
    }

    [Fact]
    public async Task When_more_than_half_and_more_than_twenty_vanish_only_the_confirmed_ones_go_and_the_list_is_suspicious()
    {
        await StoredAsync(Many(41));
        await ScanAsync(Complete(began: 50)); // all of them are suspects from here on
        _aws.Answers(Name(0), new CollectedOne.Gone(Some.At(150)));

        var result = await ScanAsync(Listed([.. Many(41, at: 101).Skip(21)]), Complete(began: 100));

        (await AliveAsync()).ShouldBe(40);
        (await FindAsync(Name(0)))!.DeletedAt.ShouldBe(Some.At(150));
        (result.Counters[ScanCounters.ResourcesDeleted], result.Counters[ScanCounters.ResourcesSuspected]).ShouldBe((1, 20));
        (await CoverageAsync()).Suspicious.ShouldBeTrue();
    }

    [Theory]
    [InlineData(39, 20)] // more than half, but not more than twenty
    [InlineData(42, 21)] // more than twenty, but not more than half
    public async Task Up_to_half_or_up_to_twenty_may_vanish_at_once(int stored, int vanished)
    {
        await StoredAsync(Many(stored));
        await ScanAsync(Listed([.. Many(stored, at: 51).Skip(vanished)]), Complete(began: 50));

        await ScanAsync(Listed([.. Many(stored, at: 101).Skip(vanished)]), Complete(began: 100));

        (await AliveAsync()).ShouldBe(stored - vanished);
        (await CoverageAsync()).Suspicious.ShouldBeFalse();
    }

    [Fact]
    public async Task Even_all_of_twenty_may_vanish_at_once()
    {
        await StoredAsync(Many(20));
        await ScanAsync(Complete(began: 50));

        await ScanAsync(Complete(began: 100));

        (await AliveAsync()).ShouldBe(0);
        (await CoverageAsync()).Suspicious.ShouldBeFalse();
    }

    [Fact]
    public async Task Suspiciously_many_go_all_the_same_when_AWS_confirms_each()
    {
        await StoredAsync(Many(450)); // more than two batches of deletions
        for (var i = 0; i < 450; i++)
        {
            _aws.Answers(Name(i), new CollectedOne.Gone(Some.At(150)));
        }

        var result = await ScanAsync(Complete(began: 100));

        (await AliveAsync()).ShouldBe(0);
        result.Counters[ScanCounters.ResourcesDeleted].ShouldBe(450);
        _aws.Asked.Order().ShouldBe(Enumerable.Range(0, 450).Select(Name));
        (await CoverageAsync()).Suspicious.ShouldBeTrue();
    }

    [Fact]
    public async Task The_next_ordinary_list_is_not_suspicious_any_more()
    {
        await StoredAsync(Many(41));
        await ScanAsync(Complete(began: 100));
        (await CoverageAsync()).Suspicious.ShouldBeTrue();
        _clock.Advance(TimeSpan.FromHours(1));

        await ScanAsync(Listed(Many(41, at: 201)), Complete(began: 200));

        (await CoverageAsync()).Suspicious.ShouldBeFalse();
    }

    [Fact]
    public async Task The_findings_of_what_is_gone_are_resolved()
    {
        await StoredAsync(Some.Bucket("a"));
        await _stores.Policies.LaunchAsync(Some.Policy(), default);
        await _stores.Findings.ApplyAsync(Some.Org, [Some.Judged(Some.Bucket("a"), Some.Fails())], null, default);
        _aws.Answers("a", new CollectedOne.Gone(Some.At(150)));

        await ScanAsync(Complete(began: 100));

        var finding = (await _stores.Findings.FindAsync(Some.Org, Some.S3, Some.ArnOf("a"), Some.Public, default))!;
        (finding.State, finding.ResolvedReason, finding.ResolvedAt).ShouldBe((FindingState.Resolved, ResolvedReason.ResourceDeleted, Some.At(1000)));
    }

    [Fact]
    public async Task What_was_listed_and_was_gone_before_it_was_described_is_deleted()
    {
        await StoredAsync(Some.Bucket("a"));

        var result = await ScanAsync(
            new ResourceGone(Some.BucketType, "a", Some.At(105)), new ResourceGone(Some.BucketType, "never stored", Some.At(105)), Complete(began: 100));

        (await FindAsync("a"))!.DeletedAt.ShouldBe(Some.At(105));
        result.Counters[ScanCounters.ResourcesDeleted].ShouldBe(1);
        _aws.Asked.ShouldBeEmpty();
    }

    [Fact]
    public async Task What_was_described_after_it_was_found_gone_is_not_deleted()
    {
        await StoredAsync(Some.Bucket("a", at: 106));

        await ScanAsync(new ResourceGone(Some.BucketType, "a", Some.At(105)), Complete(began: 100));

        (await FindAsync("a"))!.DeletedAt.ShouldBeNull();
    }

    [Fact]
    public async Task An_older_description_does_not_resurrect_a_tombstone_and_a_newer_one_does()
    {
        await StoredAsync(Some.Bucket("a"));
        await _stores.Resources.DeleteAsync(Some.Org, [Some.Deletion("a", 100)], Some.At(100), default);

        await _reconciler.WriteDescribedAsync(Some.Org, [new DescribedResource(Unit, Some.Bucket("a", 60))], new ScanCounters(), default);
        (await FindAsync("a"))!.DeletedAt.ShouldBe(Some.At(100));

        await _reconciler.WriteDescribedAsync(Some.Org, [new DescribedResource(Unit, Some.Bucket("a", 101))], new ScanCounters(), default);
        (await FindAsync("a"))!.DeletedAt.ShouldBeNull();
    }

    [Fact]
    public async Task A_write_that_is_older_by_less_than_thirty_seconds_is_described_again()
    {
        await StoredAsync(Some.Bucket("a", at: 129.999, """{"v":"other replica"}"""));
        _aws.Answers("a", new CollectedOne.Found(Some.Bucket("a", 131, """{"v":"now"}""")));

        var result = await ScanAsync(Listed(Some.Bucket("a", 100, """{"v":"here"}""")), Complete(began: 100));

        (await FindAsync("a"))!.Configuration!.Value.GetRawText().ShouldBe("""{"v":"now"}""");
        _aws.Asked.ShouldBe(["a"]);
        (result.Counters[ScanCounters.ResourcesChanged], result.Counters[ScanCounters.ResourcesRefused]).ShouldBe((1, 0));
    }

    [Fact]
    public async Task A_write_that_is_older_by_thirty_seconds_is_dropped()
    {
        await StoredAsync(Some.Bucket("a", at: 130, """{"v":"newer"}"""));
        _aws.Answers("a", new CollectedOne.Found(Some.Bucket("a", 131, """{"v":"now"}""")));

        var result = await ScanAsync(Listed(Some.Bucket("a", 100, """{"v":"here"}""")), Complete(began: 100));

        (await FindAsync("a"))!.Configuration!.Value.GetRawText().ShouldBe("""{"v":"newer"}""");
        _aws.Asked.ShouldBeEmpty();
        result.Counters[ScanCounters.ResourcesRefused].ShouldBe(1);
    }

    [Fact]
    public async Task It_is_described_again_three_times_at_most()
    {
        await StoredAsync(Some.Bucket("a", at: 129, """{"v":"fast clock"}"""));
        _aws.Answers("a",
            new CollectedOne.Found(Some.Bucket("a", 101, """{"v":"1"}""")), new CollectedOne.Found(Some.Bucket("a", 102, """{"v":"2"}""")),
            new CollectedOne.Found(Some.Bucket("a", 103, """{"v":"3"}""")), new CollectedOne.Found(Some.Bucket("a", 140, """{"v":"4"}""")));

        var result = await ScanAsync(Listed(Some.Bucket("a", 100, """{"v":"0"}""")), Complete(began: 100));

        _aws.Asked.ShouldBe(["a", "a", "a"]);
        (await FindAsync("a"))!.Configuration!.Value.GetRawText().ShouldBe("""{"v":"fast clock"}""");
        result.Counters[ScanCounters.ResourcesRefused].ShouldBe(1);
    }

    [Fact]
    public async Task A_description_that_cannot_be_had_again_is_dropped()
    {
        await StoredAsync(Some.Bucket("a", at: 110, """{"v":"newer"}"""));

        var result = await ScanAsync(Listed(Some.Bucket("a", 100)), Complete(began: 100));

        _aws.Asked.ShouldBe(["a"]);
        result.Counters[ScanCounters.ResourcesRefused].ShouldBe(1);
        (await FindAsync("a"))!.DescribeTime.ShouldBe(Some.At(110));
    }

    [Fact]
    public async Task When_describing_again_shows_that_it_is_gone_it_is_deleted()
    {
        await StoredAsync(Some.Bucket("a", at: 110));
        _aws.Answers("a", new CollectedOne.Gone(Some.At(120)));

        var result = await ScanAsync(Listed(Some.Bucket("a", 100, """{"v":"old"}""")), Complete(began: 100));

        (await FindAsync("a"))!.DeletedAt.ShouldBe(Some.At(120));
        result.Counters[ScanCounters.ResourcesDeleted].ShouldBe(1);
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
    public async Task Each_type_of_a_unit_ends_by_itself()
    {
        await StoredAsync(Some.Bucket("a"), Some.Bucket("point") with { Type = "AWS::S3::AccessPoint" });
        _aws.Answers("a", new CollectedOne.Gone(Some.At(150)));
        _aws.Answers("point", new CollectedOne.Gone(Some.At(150)));

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

    private static string Name(int number) => Some.Numbered("bucket-", number);

    private static CollectedResource[] Many(int count, double at = 0) => [.. Enumerable.Range(0, count).Select(i => Some.Bucket(Name(i), at))];

    private static ResourcesCollected Listed(params CollectedResource[] buckets) => new(Some.BucketType, buckets);

    private static TypeListed Complete(double began) => new(Some.BucketType, Some.At(began), ListOutcome.Complete);

    private async Task<UnitResult> ScanAsync(params CollectedItem[] items)
    {
        _aws.Lists(items);
        var counters = new ScanCounters();
        return new UnitResult(counters, await _reconciler.ReconcileAsync(Some.Org, Unit, "scan-1", ScanType.Bootstrap, counters, default));
    }

    private async Task StoredAsync(params CollectedResource[] buckets) => await _stores.Resources.WriteAsync(Some.Org, buckets, Some.Noon, default);

    private Task<StoredResource?> FindAsync(string name) => _stores.Resources.FindAsync(Some.Org, Some.S3, Some.ArnOf(name), default);

    private Task<long> AliveAsync() => _stores.Resources.CountAsync(Some.Org, Some.Buckets, default);

    private async Task<Coverage> CoverageAsync() => (await _stores.Coverage.ListAsync(Some.Org, null, default)).ShouldHaveSingleItem();
}
