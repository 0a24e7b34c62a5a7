using Microsoft.Extensions.Logging.Abstractions;
using Qrie.Domain;
using Qrie.Domain.Access;
using Qrie.Domain.Access.Audit;
using Qrie.Domain.Compliance;
using Qrie.Domain.Dashboard;
using Qrie.Domain.Events;
using Qrie.Domain.Findings;
using Qrie.Domain.Findings.Triage;
using Qrie.Domain.Management;
using Qrie.Domain.Scans;
using Qrie.Domain.Work;
using Qrie.Tests.Support;

namespace Qrie.Tests.Stores;

/// <summary>What is deleted because it is old, and what is not although it is.</summary>
public abstract class RetentionContract : StoreContract
{
    private const double Day = 86_400;

    /// <summary>Nothing is old enough before.</summary>
    private static readonly DateTimeOffset Cutoff = Some.At(100 * Day);

    private static DateOnly FirstDay => Periods.DayOf(Some.Noon);

    [Fact]
    public async Task Resolved_findings_are_deleted_with_their_triage_and_counts_and_open_ones_keep_their_history()
    {
        var world = await World.NewAsync(Stores);
        await EvaluateAsync(world, 1, at: 0, fails: true); // resolved long ago
        await Stores.Triage.CommentAsync(world.Organization, await IdentityAsync(world, 1), "old", new TriageActor("key", null, Some.At(5)), None);
        await EvaluateAsync(world, 1, at: Day, fails: false);
        await EvaluateAsync(world, 2, at: 0, fails: true); // still open, resolved once in between
        await Stores.Triage.CommentAsync(world.Organization, await IdentityAsync(world, 2), "open", new TriageActor("key", null, Some.At(5)), None);
        await EvaluateAsync(world, 2, at: Day, fails: false);
        await EvaluateAsync(world, 2, at: 2 * Day, fails: true);
        await EvaluateAsync(world, 3, at: 0, fails: true); // resolved recently
        await EvaluateAsync(world, 3, at: 101 * Day, fails: false);
        var opened = (await world.FindingAsync(2))!;

        (await DeleteAllAsync((rows, cancel) => Stores.Retention.DeleteHistoryAsync(world.Organization, Cutoff, rows, cancel))).ShouldBeGreaterThan(0);

        (await world.FindingAsync(1)).ShouldBeNull();
        Some.Text((await world.FindingAsync(2))!).ShouldBe(Some.Text(opened));
        opened.Transitions.Count.ShouldBe(3);
        (await CommentsAsync(world, 2)).ShouldBe(["open"]);
        (await world.FindingAsync(3))!.State.ShouldBe(FindingState.Resolved);
        await world.CountsShouldEqualARecountAsync([1, 2, 3]);
        (await Stores.Summaries.CountFindingsAsync(world.Organization, null, None)).ToDictionary(c => c.State, c => c.N)
            .ShouldBe(new Dictionary<FindingState, long> { [FindingState.Active] = 1, [FindingState.Resolved] = 1 }, ignoreOrder: true);

        await EvaluateAsync(world, 1, at: 102 * Day, fails: true);
        (await world.FindingAsync(1))!.FirstSeen.ShouldBe(Some.At((102 * Day) + 1), "it is another one");
        (await CommentsAsync(world, 1)).ShouldBeEmpty();
        await world.CountsShouldEqualARecountAsync([1, 2, 3]);
    }

    [Fact]
    public async Task Old_weeks_are_deleted_and_the_weeks_that_are_shown_stay_the_same()
    {
        var world = await World.NewAsync(Stores);
        await EvaluateAsync(world, 1, at: 0, fails: true);
        await EvaluateAsync(world, 1, at: 10 * Day, fails: false);
        await EvaluateAsync(world, 2, at: 20 * Day, fails: true);
        await EvaluateAsync(world, 3, at: 110 * Day, fails: true);
        await EvaluateAsync(world, 2, at: 120 * Day, fails: false);
        var last = Periods.WeekOf(Some.At(120 * Day));
        async Task<IReadOnlyList<FindingWeek>> WeeksAsync()
        {
            var history = await Stores.Summaries.ReadPolicyHistoryAsync(world.Organization, Some.Public, default, None);
            return FindingWeek.Of(history.Total, history.Open, history.Changes.Where(c => c.Period >= Periods.WeekOf(Cutoff)), last, last);
        }

        var before = (await WeeksAsync()).Where(w => w.WeekStart > Periods.DayOf(Cutoff)).ToList();

        await DeleteAllAsync((rows, cancel) => Stores.Retention.DeleteHistoryAsync(world.Organization, Cutoff, rows, cancel));

        // The finding of the first bucket is no longer known, so the totals have one less; what happened in a week is the same.
        (await WeeksAsync()).Where(w => w.WeekStart > Periods.DayOf(Cutoff)).ShouldBe(before.Select(w => w with { Total = w.Total - 1 }));
        (await Stores.Summaries.ReadPolicyHistoryAsync(world.Organization, Some.Public, default, None)).Changes
            .ShouldAllBe(c => c.Period >= Periods.MonthOf(Cutoff));
    }

    [Fact]
    public async Task Of_scores_the_last_one_before_the_time_stays()
    {
        RecordedScore Score(int passed) => new(
            default, "demo", RecordedScore.Everything, null, "1", "d", "p", new Score(passed, 1, 0, 0, 0, 0, 0, PairCounts.None with { Passed = passed }));
        foreach (var (day, passed) in ((int, int)[])[(0, 1), (10, 2), (90, 3), (110, 4)])
        {
            await Stores.Compliance.SaveDayAsync(Some.Org, FirstDay.AddDays(day), [Score(passed)], None);
        }

        await DeleteAllAsync((rows, cancel) => Stores.Retention.DeleteHistoryAsync(Some.Org, Cutoff, rows, cancel));

        (await Stores.Compliance.ListDaysAsync(Some.Org, "demo", RecordedScore.Everything, null, FirstDay, FirstDay.AddDays(200), None))
            .Select(d => d.Score.Passed).ShouldBe([3, 4]);
    }

    [Fact]
    public async Task Old_counts_of_events_and_refused_logins_are_deleted()
    {
        foreach (var at in (double[])[0, 101 * Day])
        {
            await Stores.Events.SaveBatchAsync(
                new EventBatch(
                    [new MessageResult(Some.Org, Some.AccountId, "us-east-1", MessageOutcome.Processed, Some.At(at), TimeSpan.FromSeconds(1), null)],
                    [], [], Some.At(at)),
                None);
            await Stores.RefusedLogins.AddAsync([new RefusedLoginCount(Periods.DayOf(Some.At(at)), default, 1)], None);
        }

        await DeleteAllAsync((rows, cancel) => Stores.Retention.DeleteHistoryAsync(Some.Org, Cutoff, rows, cancel));
        await DeleteAllAsync((rows, cancel) => Stores.Retention.DeleteRefusedLoginsAsync(Cutoff, rows, cancel));

        var health = await Stores.Events.ReadHealthAsync(Some.Org, Some.Noon, None);
        (health.Outcomes.Sum(o => o.N), health.Lags.Sum(l => l.N), health.Places.Count).ShouldBe((1, 1, 1));
        (await Stores.RefusedLogins.ListAsync(FirstDay, None)).ShouldHaveSingleItem();
    }

    [Fact]
    public async Task Old_entries_of_the_audit_log_of_the_organization_are_deleted()
    {
        foreach (var (organization, i, at) in ((string, int, double)[])[(Some.Org, 1, 0), (Some.Org, 2, 99 * Day), (Some.Org, 3, 100 * Day), ("other", 4, 0)])
        {
            await Stores.Audit.BeginAsync(
                new AuditEntry
                {
                    Organization = organization,
                    AuditId = $"{i}",
                    At = Some.At(at),
                    Actor = new Actor("key", null, Role.Admin, null, null),
                    Action = "policy.launch",
                    Subject = "policy",
                    Status = AuditStatus.Done,
                },
                None);
        }

        (await DeleteAllAsync((rows, cancel) => Stores.Retention.DeleteAuditAsync(Some.Org, Cutoff, rows, cancel))).ShouldBe(2);

        async Task<IEnumerable<string>> IdsAsync(string organization) =>
            (await Stores.Audit.ListAsync(organization, new AuditFilter(), new PageRequest(10), None)).Items.Select(e => e.AuditId);
        (await IdsAsync(Some.Org)).ShouldBe(["3"]);
        (await IdsAsync("other")).ShouldBe(["4"]);
    }

    [Fact]
    public async Task Old_scans_are_deleted_except_those_that_others_rely_on()
    {
        await CreateAsync("deleted", 0);
        await CreateAsync("deleted-failed", 1, failed: true);
        await CreateAsync("full-inventory", 2, type: ScanType.AntiEntropy);
        await CreateAsync("full-policy", 3, ScanKind.Policy, ScanType.AntiEntropy);
        await CreateAsync("last-of-a-policy", 4, ScanKind.Policy, filter: new ScanFilter(PolicyId: Some.Public));
        await CreateAsync("last-complete-of-an-account", 5, filter: new ScanFilter(AccountId: Some.AccountId));
        await CreateAsync("last-of-an-account", 6, filter: new ScanFilter(AccountId: Some.AccountId), failed: true);
        await CreateAsync("scheduled-before", 7, scheduledFor: 7);
        await CreateAsync("last-scheduled", 8, scheduledFor: 8);
        await CreateAsync("awaited", 9);
        await CreateAsync("recent", 101 * Day);
        await CreateAsync("waiting", 10, after: "awaited", ends: false);

        (await DeleteAllAsync((rows, cancel) => Stores.Retention.DeleteScansAsync(Some.Org, Cutoff, rows, cancel))).ShouldBeGreaterThan(3);

        (await Stores.Scans.ListAsync(Some.Org, new PageRequest(100), None)).Items.Select(s => s.ScanId).ShouldBe(
            [
                "recent", "waiting", "awaited", "last-scheduled", "last-of-an-account", "last-complete-of-an-account", "last-of-a-policy", "full-policy",
                "full-inventory",
            ]);
        (await Stores.Scans.AllUnitsAsync(Some.Org, "deleted")).ShouldBeEmpty();
        (await Stores.Scans.ReadProgressAsync(Some.Org, "deleted", None)).ShouldBeEmpty();
        (await Stores.Scans.ReadOperationsAsync(Some.Org, "deleted", None)).ShouldBeEmpty();
        (await Stores.Scans.AllUnitsAsync(Some.Org, "full-inventory")).Count.ShouldBe(3);
        (await Stores.Scans.FindLastFullAsync(Some.Org, ScanKind.Inventory, None))!.ScanId.ShouldBe("full-inventory");
        (await Stores.Scans.FindLastScheduledAsync(Some.Org, ScanKind.Inventory, None)).ShouldBe(Some.At(8));
        (await Stores.Scans.HasPolicyScanAsync(Some.Org, Some.Public, "s3", Some.Noon, None)).ShouldBeTrue();
        (await Stores.Retention.DeleteScansAsync("other", Cutoff, 2, None)).ShouldBe(0);
    }

    [Fact]
    public async Task What_has_no_limit_is_kept_and_the_age_counts_from_now()
    {
        await Stores.Organizations.AddAsync(new Organization(Some.Org, null, Some.Noon), None);
        var world = await World.NewAsync(Stores);
        await Stores.Organizations.AddAsync(new Organization(world.Organization, null, Some.Noon), None);
        await EvaluateAsync(world, 1, at: 0, fails: true);
        await EvaluateAsync(world, 1, at: Day, fails: false);
        await CreateAsync("old", 0);
        await CreateAsync("new", 50 * Day);
        var clock = new FakeClock();
        async Task RunAsync(RetentionSettings settings) =>
            await new Retention(Stores.Retention, Stores.Organizations, settings, clock, NullLogger<Retention>.Instance).RunAsync(None);
        async Task<(bool Finding, bool Scan)> LeftAsync() =>
            (await world.FindingAsync(1) is not null, await Stores.Scans.FindAsync(Some.Org, "old", None) is not null);

        clock.Advance(TimeSpan.FromDays(400));
        await RunAsync(new RetentionSettings(null, null, null));
        (await LeftAsync()).ShouldBe((true, true));
        await RunAsync(new RetentionSettings(TimeSpan.FromDays(400), null, TimeSpan.FromDays(500)));
        (await LeftAsync()).ShouldBe((true, true), "it was resolved 399 days ago");
        await RunAsync(new RetentionSettings(TimeSpan.FromDays(398), null, null));
        (await LeftAsync()).ShouldBe((false, true));
        await RunAsync(new RetentionSettings(null, null, TimeSpan.FromDays(399)));
        (await LeftAsync()).ShouldBe((false, false));
    }

    /// <summary>Two rows at a time. Returns how many were deleted.</summary>
    private static async Task<int> DeleteAllAsync(Func<int, CancellationToken, Task<int>> deleteAsync)
    {
        var total = 0;
        for (int deleted; (deleted = await deleteAsync(2, None)) > 0; total += deleted)
        {
            deleted.ShouldBeLessThanOrEqualTo(2);
        }

        return total;
    }

    private static async Task EvaluateAsync(World world, int name, double at, bool fails)
    {
        var bucket = world.Bucket(name, at, 1);
        await world.WriteAsync(bucket);
        (await world.ApplyAsync(Some.Evaluated(bucket, fails ? Some.Fails() : Some.Passes()))).ShouldBe(ApplyOutcome.Applied);
    }

    private static async Task<FindingIdentity> IdentityAsync(World world, int name)
    {
        var finding = (await world.FindingAsync(name))!;
        return new FindingIdentity(finding.AccountService, finding.Arn, finding.PolicyId);
    }

    private async Task<IEnumerable<string?>> CommentsAsync(World world, int name) =>
        (await Stores.Triage.ListAsync(world.Organization, await IdentityAsync(world, name), commentsOnly: true, new PageRequest(10), None))
            .Items.Select(e => e.Text);

    /// <summary>A scan with three units, one second of work each.</summary>
    private async Task CreateAsync(
        string id, double at, ScanKind kind = ScanKind.Inventory, ScanType type = ScanType.Bootstrap, ScanFilter? filter = null, bool failed = false,
        double? scheduledFor = null, string? after = null, bool ends = true)
    {
        var (scan, units) = Some.Scan(id, at, (Some.AccountId, "s3"), (Some.AccountId, "ec2"), (Some.AccountId, "iam"));
        (await Stores.Scans.CreateAsync(
            scan with
            {
                Kind = kind,
                ScanType = type,
                Filter = filter ?? ScanFilter.Everything,
                AfterScanId = after,
                ScheduledFor = scheduledFor is { } time ? Some.At(time) : null,
            },
            [.. units.Select(u => u with { Kind = kind })], None)).ShouldBeTrue();
        for (var i = 0; ends && i < units.Count; i++)
        {
            var unit = (await Stores.Scans.ClaimNextAsync("worker", Some.At(at + 1), TimeSpan.FromMinutes(1), 10, None))!;
            unit.ScanId.ShouldBe(id);
            (await Stores.Scans.EndAsync(
                unit, failed ? UnitStatus.Failed : UnitStatus.Done,
                Some.Result((ScanCounters.Calls, 1)) with { Calls = [new CountedCalls("s3:ListBuckets", 1, 0, 0, 0, 0, 0)] },
                Some.At(at + 2), None)).ShouldBeTrue();
        }
    }
}
