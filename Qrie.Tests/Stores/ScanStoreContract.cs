using Qrie.Domain;
using Qrie.Domain.Scans;
using Qrie.Domain.Work;
using Qrie.Tests.Support;

namespace Qrie.Tests.Stores;

/// <summary>Storage of scans, their end with their units, and recovery after a restart.</summary>
public abstract class ScanStoreContract : ScanContract
{
    [Fact]
    public async Task A_scan_is_returned_as_created()
    {
        var (scan, units) = Some.Scan("scan-1", 5, (Some.AccountId, "s3"), (Some.AccountId, "ec2"));
        scan = scan with
        {
            Kind = ScanKind.Policy,
            ScanType = ScanType.AntiEntropy,
            Trigger = "schedule",
            Filter = new ScanFilter(Some.AccountId, "s3", Some.Public),
            ScheduledFor = Some.At(1),
            Errors = [new ScanError(Some.AccountId, null, "s3", null, "AccessDenied", "no regions")],
        };

        (await Stores.Scans.CreateAsync(scan, units, None)).ShouldBeTrue();

        Some.Text(await Stores.Scans.FindAsync(Some.Org, "scan-1", None)).ShouldBe(Some.Text(scan));
        (await Stores.Scans.AllUnitsAsync(Some.Org, "scan-1")).Select(u => (u.Service, u.Status, u.Epoch, u.Attempts)).ShouldBe(
            [("ec2", UnitStatus.Pending, 0, 0), ("s3", UnitStatus.Pending, 0, 0)]);
    }

    [Fact]
    public async Task A_scan_of_another_organization_is_not_found()
    {
        await CreateAsync("scan-1");

        (await Stores.Scans.FindAsync("another", "scan-1", None)).ShouldBeNull();
        (await Stores.Scans.AllUnitsAsync("another", "scan-1")).ShouldBeEmpty();
        (await Stores.Scans.ListAsync("another", new PageRequest(10), None)).Items.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_full_scan_of_a_policy_counts_regardless_of_its_outcome()
    {
        foreach (var (id, org, kind, filter) in new[]
        {
            ("of another organization", "another", ScanKind.Policy, ScanFilter.Everything),
            ("an inventory", Some.Org, ScanKind.Inventory, ScanFilter.Everything),
            ("of one account", Some.Org, ScanKind.Policy, new ScanFilter(Some.AccountId, PolicyId: Some.Public)),
            ("of another policy", Some.Org, ScanKind.Policy, new ScanFilter(PolicyId: Some.Unversioned)),
            ("of another service", Some.Org, ScanKind.Policy, new ScanFilter(Service: "ec2")),
        })
        {
            await Stores.Scans.CreateAsync(Some.Scan(id, 5).Scan with { Organization = org, Kind = kind, Filter = filter }, [], None);
            (await HasScanAsync(0)).ShouldBeFalse(id);
        }

        var at = 10;
        foreach (var filter in (ScanFilter[])[ScanFilter.Everything, new(Service: "s3"), new(PolicyId: Some.Public), new(Service: "s3", PolicyId: Some.Public)])
        {
            (await HasScanAsync(at)).ShouldBeFalse(filter.ToString());
            await Stores.Scans.CreateAsync(Some.Scan($"scan-{at}", at).Scan with { Kind = ScanKind.Policy, Filter = filter }, [], None);
            (await HasScanAsync(at)).ShouldBeTrue(filter.ToString());
            at++;
        }

        Task<bool> HasScanAsync(double since) => Stores.Scans.HasPolicyScanAsync(Some.Org, Some.Public, "s3", Some.At(since), None);
    }

    [Fact]
    public async Task Scans_are_paged_newest_first_without_gaps_or_duplicates()
    {
        foreach (var (id, at) in new[] { ("a", 1), ("c", 2), ("b", 2), ("d", 3), ("e", 2) })
        {
            await Stores.Scans.CreateAsync(Some.Scan(id, at).Scan, [], None);
        }

        var pages = new List<Page<Scan>>();
        do
        {
            pages.Add(await Stores.Scans.ListAsync(Some.Org, new PageRequest(2, pages.Count == 0 ? null : pages[^1].Next), None));
        }
        while (pages[^1].Next is not null);

        pages.Select(p => string.Concat(p.Items.Select(s => s.ScanId))).ShouldBe(["db", "ce", "a"]);
    }

    [Fact]
    public async Task A_scheduled_scan_is_created_once_by_concurrent_attempts()
    {
        var created = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => Task.Run(() =>
            Stores.Scans.CreateAsync(Some.Scan($"scan-{i}", 1, (Some.AccountId, "s3")).Scan with { ScheduledFor = Some.Noon }, [], None))));

        created.Count(c => c).ShouldBe(1);
        (await Stores.Scans.ListAsync(Some.Org, new PageRequest(10), None)).Items.ShouldHaveSingleItem();
    }

    [Fact]
    public async Task Scans_that_differ_in_time_kind_or_organization_are_not_duplicates()
    {
        var scan = Some.Scan("1").Scan with { ScheduledFor = Some.Noon };

        (await Stores.Scans.CreateAsync(scan, [], None)).ShouldBeTrue();
        (await Stores.Scans.CreateAsync(scan with { ScanId = "2", ScheduledFor = Some.At(1) }, [], None)).ShouldBeTrue();
        (await Stores.Scans.CreateAsync(scan with { ScanId = "3", Kind = ScanKind.Policy }, [], None)).ShouldBeTrue();
        (await Stores.Scans.CreateAsync(scan with { ScanId = "4", Organization = "another" }, [], None)).ShouldBeTrue();
        (await Stores.Scans.CreateAsync(scan with { ScanId = "5", ScheduledFor = null }, [], None)).ShouldBeTrue();
        (await Stores.Scans.CreateAsync(scan with { ScanId = "6", ScheduledFor = null }, [], None)).ShouldBeTrue();
    }

    [Fact]
    public async Task An_ended_unit_is_added_to_its_scan_and_the_last_one_finishes_it()
    {
        await CreateAsync("scan-1", 0, "ec2", "s3");
        var first = (await ClaimAsync(at: 1))!;
        var second = (await ClaimAsync(at: 2))!;

        await EndAsync(first, at: 10, result: Some.Result(("resources_found", 3)));
        var between = (await ScanAsync("scan-1"))!;
        await EndAsync(second, at: 20, result: Some.Result(("resources_found", 4), ("resources_created", 1)));

        (between.Status, between.RemainingUnits, between.FinishedAt).ShouldBe((ScanStatus.Running, 1, null));
        var scan = (await ScanAsync("scan-1"))!;
        (scan.Status, scan.RemainingUnits, scan.FailedUnits, scan.FinishedAt).ShouldBe((ScanStatus.Completed, 0, 0, Some.At(20)));
        scan.Counters.Values.ShouldBe(new Dictionary<string, long> { ["resources_created"] = 1, ["resources_found"] = 7 });
        var unit = (await Stores.Scans.AllUnitsAsync(Some.Org, "scan-1"))[0];
        (unit.Status, unit.FinishedAt, unit.LeaseUntil, unit.Counters[ScanCounters.ResourcesFound]).ShouldBe((UnitStatus.Done, Some.At(10), null, 3));
    }

    [Fact]
    public async Task A_unit_ends_once()
    {
        await CreateAsync("scan-1", 0, "ec2", "s3");
        var unit = (await ClaimAsync(at: 1))!;
        await EndAsync(unit, at: 2, result: Some.Result(("resources_found", 3)));

        (await Stores.Scans.EndAsync(unit, UnitStatus.Done, Some.Result(("resources_found", 3)), Some.At(3), None)).ShouldBeFalse();

        var scan = (await ScanAsync("scan-1"))!;
        (scan.RemainingUnits, scan.Counters["resources_found"]).ShouldBe((1, 3));
    }

    [Fact]
    public async Task Units_that_end_concurrently_are_all_counted_and_finish_the_scan_once()
    {
        await CreateAsync("scan-1", 0, [.. Enumerable.Range(0, 16).Select(i => Some.Numbered("s", i))]);

        await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => Task.Run(async () =>
        {
            var unit = (await ClaimAsync(at: 1))!;
            await EndAsync(unit, at: 2, result: Some.Result(("resources_found", 1)));
        })));

        var scan = (await ScanAsync("scan-1"))!;
        (scan.Status, scan.RemainingUnits, scan.Counters["resources_found"]).ShouldBe((ScanStatus.Completed, 0, 16));
    }

    [Fact]
    public async Task A_failed_unit_makes_the_scan_completed_with_errors_with_its_location()
    {
        await CreateAsync("scan-1", 0, "ec2", "s3");
        await EndAsync(
            (await ClaimAsync(at: 1))!, at: 2, UnitStatus.Failed, new UnitResult(new ScanCounters(), [new UnitError(null, "Failed", "Boom", "it broke")]));
        await EndAsync(
            (await ClaimAsync(at: 1))!, at: 2, result: new UnitResult(new ScanCounters(), [new UnitError(Some.BucketType, "Denied", "AccessDenied", "no")]));

        var scan = (await ScanAsync("scan-1"))!;
        (scan.Status, scan.FailedUnits).ShouldBe((ScanStatus.CompletedWithErrors, 1));
        scan.Errors.ShouldBe(
        [
            new ScanError(Some.AccountId, "global", "ec2", null, "Boom", "it broke"),
            new ScanError(Some.AccountId, "global", "s3", Some.BucketType, "AccessDenied", "no"),
        ]);
    }

    [Fact]
    public async Task A_scan_keeps_its_first_fifty_errors()
    {
        await CreateAsync("scan-1", 0, "s3");

        await EndAsync((await ClaimAsync(at: 1))!, at: 2, result: new UnitResult(
            new ScanCounters(), [.. Enumerable.Range(0, 60).Select(i => new UnitError(null, "Denied", Some.Numbered("e", i), ""))]));

        var errors = (await ScanAsync("scan-1"))!.Errors;
        (errors.Count, errors[^1].Code).ShouldBe((50, "e0049"));
        (await Stores.Scans.AllUnitsAsync(Some.Org, "scan-1")).Single().Errors.Count.ShouldBe(60);
    }

    [Fact]
    public async Task A_scan_with_a_recent_heartbeat_is_resumed_after_a_restart()
    {
        await CreateAsync("scan-1", 0, "ec2", "s3");
        var held = (await ClaimAsync(at: 100))!;

        (await Stores.Scans.RecoverAsync(Some.At(100 + 1800), TimeSpan.FromMinutes(30), None)).ShouldBe((0, 1));

        (await Stores.Scans.EndAsync(held, UnitStatus.Done, Some.Result(), Some.At(2000), None)).ShouldBeFalse();
        (await ClaimAsync(at: 2000))!.ScanId.ShouldBe("scan-1");
        (await ClaimAsync(at: 2000))!.ScanId.ShouldBe("scan-1");
        (await ScanAsync("scan-1"))!.Status.ShouldBe(ScanStatus.Running);
    }

    [Fact]
    public async Task A_start_releases_a_living_lease_only_if_no_other_process_can_hold_it()
    {
        await CreateAsync("scan-1", 0, "s3");
        var held = (await ClaimAsync(at: 100))!;
        var isShared = (await Stores.Installation.DescribeStoreAsync(None)).Kind is "postgres" or "dynamodb";

        (await Stores.Scans.RecoverAsync(Some.At(110), TimeSpan.FromMinutes(30), None)).ShouldBe((0, isShared ? 0 : 1));

        (await Stores.Scans.RenewAsync(held, Some.Result(), Some.At(111), TimeSpan.FromMinutes(1), None)).ShouldBe(isShared);
        (await Stores.Scans.EndAsync(held, UnitStatus.Done, Some.Result(), Some.At(112), None)).ShouldBe(isShared);
    }

    [Fact]
    public async Task A_scan_without_a_recent_heartbeat_is_abandoned_and_keeps_its_results()
    {
        await CreateAsync("scan-1", 0, "ec2", "s3");
        await EndAsync((await ClaimAsync(at: 10))!, at: 20, result: new UnitResult(
            new ScanCounters([KeyValuePair.Create("resources_found", 3L)]), [new UnitError(Some.BucketType, "Denied", "AccessDenied", "no")]));
        var held = (await ClaimAsync(at: 30))!;

        (await Stores.Scans.RecoverAsync(Some.At(30 + 1801), TimeSpan.FromMinutes(30), None)).ShouldBe((1, 0));

        var scan = (await ScanAsync("scan-1"))!;
        (scan.Status, scan.FinishedAt, scan.Counters["resources_found"]).ShouldBe((ScanStatus.Failed, Some.At(1831), 3));
        scan.Errors.Select(e => e.Code).ShouldBe(["AccessDenied", "ABANDONED"]);
        (await Stores.Scans.AllUnitsAsync(Some.Org, "scan-1")).Select(u => u.Status).ShouldBe([UnitStatus.Done, UnitStatus.Failed]);
        (await ClaimAsync(at: 3000)).ShouldBeNull();
        (await Stores.Scans.EndAsync(held, UnitStatus.Done, Some.Result(), Some.At(2000), None)).ShouldBeFalse();
    }

    [Fact]
    public async Task Recovery_does_not_change_a_finished_scan()
    {
        await CreateAsync("scan-1", 0, "s3");
        await EndAsync((await ClaimAsync(at: 1))!, at: 2);

        (await Stores.Scans.RecoverAsync(Some.At(100_000), TimeSpan.FromMinutes(30), None)).ShouldBe((0, 0));

        (await ScanAsync("scan-1"))!.Status.ShouldBe(ScanStatus.Completed);
    }
}
