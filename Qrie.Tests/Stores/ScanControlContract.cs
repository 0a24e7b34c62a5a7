using Qrie.Domain;
using Qrie.Domain.Scans;
using Qrie.Domain.Work;
using Qrie.Tests.Support;

namespace Qrie.Tests.Stores;

/// <summary>
/// Order of accounts, cancellation, sweeping, progress, and the drift reference. Claims are in <see cref="UnitClaimContract"/>, the ends of units in
/// <see cref="ScanStoreContract"/>.
/// </summary>
public abstract class ScanControlContract : StoreContract
{
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan StuckAfter = TimeSpan.FromMinutes(30);

    [Fact]
    public async Task Accounts_take_turns()
    {
        await CreateAsync("scan-1", units: [("A", "ec2"), ("A", "iam"), ("A", "s3"), ("B", "ec2"), ("C", "ec2"), ("C", "s3")]);

        (await ClaimAllAsync(perAccount: 10)).ShouldBe(["A ec2", "B ec2", "C ec2", "A iam", "C s3", "A s3"]);
    }

    [Fact]
    public async Task The_concurrency_per_account_is_limited()
    {
        await CreateAsync("scan-1", units: [("A", "a"), ("A", "b"), ("A", "c"), ("B", "a")]);
        var first = (await ClaimAsync(at: 1, perAccount: 2))!;

        (await ClaimAllAsync(perAccount: 2)).ShouldBe(["B a", "A b"]);
        await EndAsync(first, at: 2);
        (await ClaimAllAsync(perAccount: 2)).ShouldBe(["A c"]);
    }

    [Fact]
    public async Task A_cancelled_scan_ends_with_its_remaining_units()
    {
        await CreateAsync("scan-1", units: [("A", "a"), ("A", "b"), ("A", "c")]);
        await EndAsync((await ClaimAsync(at: 1))!, at: 2);
        var running = (await ClaimAsync(at: 3))!;

        (await Stores.Scans.CancelAsync(Some.Org, "scan-1", Some.At(4), None)).ShouldBeTrue();

        var scan = await ScanAsync();
        (scan.Status, scan.FinishedAt, scan.RemainingUnits).ShouldBe((ScanStatus.Cancelled, Some.At(4), 0));
        (await Stores.Scans.AllUnitsAsync(Some.Org, "scan-1")).Select(u => u.Status).ShouldBe([UnitStatus.Done, UnitStatus.Cancelled, UnitStatus.Cancelled]);
        (await ClaimAsync(at: 5)).ShouldBeNull();
        (await Stores.Scans.RenewAsync(running, Some.Result(), Some.At(5), Lease, None)).ShouldBeFalse();
        (await Stores.Scans.EndAsync(running, UnitStatus.Done, Some.Result(), Some.At(5), None)).ShouldBeFalse();
        await Stores.Scans.ReleaseAsync(running, None);
        (await ClaimAsync(at: 6)).ShouldBeNull();
    }

    [Fact]
    public async Task The_remaining_units_of_an_account_are_removed_from_all_scans_and_scans_without_units_finish()
    {
        await CreateAsync("scan-1", units: [("A", "a"), ("A", "b"), ("B", "a")]);
        await CreateAsync("scan-2", units: [("A", "a")]);
        await CreateAsync("scan-3", units: [("A", "c"), ("B", "c")]);
        var running = (await ClaimAsync(at: 1))!;
        while (await ClaimAsync(at: 1) is { } unit)
        {
            if (unit.AccountId == "B")
            {
                await EndAsync(unit, at: 2);
            }
        }

        (await Stores.Scans.CancelAccountAsync(Some.Org, "A", Some.At(4), None)).ShouldBe(4);

        (await Stores.Scans.EndAsync(running, UnitStatus.Done, Some.Result(), Some.At(5), None)).ShouldBeFalse();
        foreach (var (id, status) in new[] { ("scan-1", ScanStatus.Completed), ("scan-2", ScanStatus.Cancelled), ("scan-3", ScanStatus.Completed) })
        {
            var scan = (await Stores.Scans.FindAsync(Some.Org, id, None))!;
            (scan.ScanId, scan.Status, scan.FinishedAt, scan.RemainingUnits).ShouldBe((id, status, Some.At(4), 0));
        }

        var progress = await Stores.Scans.ReadProgressAsync(Some.Org, "scan-3", None);
        progress.Select(p => (p.AccountId, p.Units.Single()))
            .ShouldBe([("A", KeyValuePair.Create(UnitStatus.Cancelled, 1)), ("B", KeyValuePair.Create(UnitStatus.Done, 1))]);
        (await ClaimAsync(at: 999)).ShouldBeNull();
        (await Stores.Scans.CancelAccountAsync("another", "A", Some.At(4), None)).ShouldBe(0);
    }

    [Fact]
    public async Task A_scan_may_wait_for_another_to_end()
    {
        await CreateAsync("scan-1", units: [("A", "a")]);
        var (scan, units) = Some.Scan("scan-0", -5, ("A", "b"), ("B", "b"));
        await Stores.Scans.CreateAsync(scan with { AfterScanId = "scan-1" }, units, None);
        (await Stores.Scans.FindAsync(Some.Org, "scan-0", None))!.AfterScanId.ShouldBe("scan-1");

        var first = (await ClaimAsync(at: 1))!;
        (first.ScanId, await ClaimAsync(at: 1)).ShouldBe(("scan-1", null));
        await EndAsync(first, at: 2);

        (await ClaimAllAsync(perAccount: 10)).ShouldBe(["A b", "B b"]);
    }

    [Fact]
    public async Task Ended_scans_and_those_of_other_organizations_are_not_cancelled()
    {
        await CreateAsync("scan-1", units: [("A", "a")]);
        (await Stores.Scans.CancelAsync("another", "scan-1", Some.At(1), None)).ShouldBeFalse();
        await EndAsync((await ClaimAsync(at: 1))!, at: 2);

        (await Stores.Scans.CancelAsync(Some.Org, "scan-1", Some.At(3), None)).ShouldBeFalse();
        (await Stores.Scans.CancelAsync(Some.Org, "scan-2", Some.At(3), None)).ShouldBeFalse();

        (await ScanAsync()).Status.ShouldBe(ScanStatus.Completed);
    }

    [Fact]
    public async Task A_sweep_releases_units_with_expired_leases_only()
    {
        await CreateAsync("scan-1", units: [("A", "a"), ("B", "b")]);
        var lost = (await ClaimAsync(at: 0))!;
        var held = (await ClaimAsync(at: 50))!;

        (await SweepAsync(at: 61)).ShouldBe(new SweepResult(1, 0));

        (await Stores.Scans.EndAsync(lost, UnitStatus.Done, Some.Result(), Some.At(62), None)).ShouldBeFalse();
        (await Stores.Scans.RenewAsync(held, Some.Result(), Some.At(62), Lease, None)).ShouldBeTrue();
    }

    [Fact]
    public async Task A_lease_from_before_the_clock_was_set_back_is_not_valid()
    {
        await CreateAsync("scan-1", units: [("A", "a"), ("B", "b")]);
        var before = (await ClaimAsync(at: 3600))!;
        var after = (await ClaimAsync(at: 0))!;

        (await SweepAsync(at: 1)).ShouldBe(new SweepResult(1, 0));

        (await Stores.Scans.EndAsync(before, UnitStatus.Done, Some.Result(), Some.At(2), None)).ShouldBeFalse();
        (await Stores.Scans.RenewAsync(after, Some.Result(), Some.At(2), Lease, None)).ShouldBeTrue();
        (await ClaimAsync(at: 3))!.AccountId.ShouldBe("A");
    }

    [Fact]
    public async Task A_scan_waiting_for_a_worker_is_never_abandoned()
    {
        await CreateAsync("scan-1", units: [("A", "a")]);
        for (var minutes = 0; minutes <= 120; minutes += 20)
        {
            (await SweepAsync(at: minutes * 60)).ShouldBe(new SweepResult(0, 0));
        }

        (await ClaimAsync(at: 7201)).ShouldNotBeNull();
    }

    [Fact]
    public async Task A_scan_that_cannot_complete_is_abandoned()
    {
        var (scan, _) = Some.Scan("scan-1", 0, ("A", "a"));
        await Stores.Scans.CreateAsync(scan, [], None); // it counts a missing unit

        (await SweepAsync(at: 1799)).Abandoned.ShouldBe(0);
        (await SweepAsync(at: 1801)).Abandoned.ShouldBe(1);

        (await ScanAsync()).Errors.Single().Code.ShouldBe("ABANDONED");
    }

    [Fact]
    public async Task A_released_unit_counts_as_not_started()
    {
        await CreateAsync("scan-1", units: [("A", "a")]);
        await Stores.Scans.ReleaseAsync((await ClaimAsync(at: 0))!, None);

        (await ClaimAsync(at: 1))!.Attempts.ShouldBe(1);
    }

    [Fact]
    public async Task Progress_is_reported_by_account_and_service()
    {
        await CreateAsync("scan-1", units: [("A", "s3"), ("B", "s3")], regions: ["eu-west-1", "us-east-1"]);
        var first = (await ClaimAsync(at: 1))!;
        var second = (await ClaimAsync(at: 1))!;
        await Stores.Scans.EndAsync(
            first, UnitStatus.Failed,
            new UnitResult(new ScanCounters([KeyValuePair.Create("resources_found", 3L)]), [new UnitError(null, "Failed", "Boom", "")]), Some.At(2), None);
        await Stores.Scans.RenewAsync(second, Some.Result(("resources_found", 5)), Some.At(2), Lease, None);

        var progress = await Stores.Scans.ReadProgressAsync(Some.Org, "scan-1", None);

        progress.Select(p => (p.AccountId, p.Service, p.Counters["resources_found"], p.Errors)).ShouldBe([("A", "s3", 3, 1), ("B", "s3", 5, 0)]);
        progress[0].Units.ShouldBe(new Dictionary<UnitStatus, int> { [UnitStatus.Failed] = 1, [UnitStatus.Pending] = 1 }, ignoreOrder: true);
        progress[1].Units.ShouldBe(new Dictionary<UnitStatus, int> { [UnitStatus.Running] = 1, [UnitStatus.Pending] = 1 }, ignoreOrder: true);
    }

    [Fact]
    public async Task Units_are_paged_without_gaps_or_duplicates()
    {
        await CreateAsync("scan-1", units: [("A", "ec2"), ("A", "s3"), ("B", "ec2"), ("B", "s3"), ("C", "s3")]);

        var pages = new List<Page<Unit>>();
        do
        {
            pages.Add(await Stores.Scans.ListUnitsAsync(Some.Org, "scan-1", new PageRequest(2, pages.Count == 0 ? null : pages[^1].Next), None));
        }
        while (pages[^1].Next is not null);

        pages.Select(p => string.Join(' ', p.Items.Select(u => $"{u.AccountId}{u.Service}"))).ShouldBe(["Aec2 As3", "Bec2 Bs3", "Cs3"]);
    }

    [Theory]
    [InlineData(ScanType.AntiEntropy, null, true)]
    [InlineData(ScanType.Bootstrap, null, false)]
    [InlineData(ScanType.AntiEntropy, "s3", false)]
    public async Task Only_a_full_anti_entropy_scan_updates_the_drift_reference(ScanType type, string? service, bool moves)
    {
        await CreateAsync("scan-0", type: ScanType.AntiEntropy, units: [("A", "s3")]);
        await EndAsync((await ClaimAsync(at: 1))!, at: 2);
        await CreateAsync("scan-1", type, new ScanFilter(Service: service), [("A", "s3")]);
        (await FullAsync()).ShouldBe("scan-0"); // not before it has ended
        await EndAsync((await ClaimAsync(at: 3))!, at: 4);

        (await FullAsync()).ShouldBe(moves ? "scan-1" : "scan-0");
        (await Stores.Scans.FindLastFullAsync(Some.Org, ScanKind.Policy, None)).ShouldBeNull();
    }

    [Fact]
    public async Task A_cancelled_or_abandoned_scan_does_not_update_the_drift_reference()
    {
        await CreateAsync("scan-1", type: ScanType.AntiEntropy, units: [("A", "s3")]);
        await Stores.Scans.CancelAsync(Some.Org, "scan-1", Some.At(1), None);
        await CreateAsync("scan-2", type: ScanType.AntiEntropy, units: [("A", "s3")]);
        await Stores.Scans.RecoverAsync(Some.At(100_000), StuckAfter, None);

        (await FullAsync()).ShouldBeNull();
    }

    [Fact]
    public async Task A_full_scan_without_units_updates_the_drift_reference()
    {
        await CreateAsync("scan-1", type: ScanType.AntiEntropy);

        (await FullAsync()).ShouldBe("scan-1");
    }

    [Fact]
    public async Task Units_of_inventories_can_be_claimed_alone_and_leave_policy_scans_their_places()
    {
        await CreateAsync("inventory", units: [("A", "a"), ("A", "b"), ("A", "c")]);
        var (scan, units) = Some.Scan("policies", 1, ("A", "a"), ("A", "b"));
        await Stores.Scans.CreateAsync(scan with { Kind = ScanKind.Policy }, [.. units.Select(u => u with { Kind = ScanKind.Policy })], None);
        Task<Unit?> Claim(ScanKind? only) => Stores.Scans.ClaimNextAsync("worker", Some.At(2), Lease, 2, None, only);

        (await Claim(ScanKind.Inventory))!.Service.ShouldBe("a");
        (await Claim(ScanKind.Inventory))!.Service.ShouldBe("b");
        (await Claim(ScanKind.Inventory)).ShouldBeNull("two of the account are running");

        var policies = new[] { await Claim(null), await Claim(null) };
        policies.ShouldAllBe(u => u!.Kind == ScanKind.Policy);
        (await Claim(null)).ShouldBeNull();
    }

    [Fact]
    public async Task The_last_scheduled_time_is_the_latest_one()
    {
        (await Stores.Scans.FindLastScheduledAsync(Some.Org, ScanKind.Inventory, None)).ShouldBeNull();
        foreach (var at in new[] { 5, 9, 7 })
        {
            await Stores.Scans.CreateAsync(Some.Scan($"scan-{at}").Scan with { ScheduledFor = Some.At(at) }, [], None);
        }

        (await Stores.Scans.FindLastScheduledAsync(Some.Org, ScanKind.Inventory, None)).ShouldBe(Some.At(9));
    }

    [Fact]
    public async Task A_denied_region_is_one_error_of_the_scan()
    {
        await CreateAsync("scan-1", units: [("A", "ec2"), ("A", "rds")]);
        foreach (var service in new[] { "ec2", "rds" })
        {
            await Stores.Scans.EndAsync(
                (await ClaimAsync(at: 1))!, UnitStatus.Done,
                new UnitResult(
                    new ScanCounters(),
                    [new UnitError($"{service} 1", "Denied", "AccessDenied", "no"), new UnitError($"{service} 2", "Denied", "AccessDenied", "no")]),
                Some.At(2), None);
        }

        (await ScanAsync()).Errors.ShouldBe([new ScanError("A", Domain.Inventory.Regions.Global, null, null, "AccessDenied", "no", 4)]);
    }

    private async Task CreateAsync(
        string id, ScanType type = ScanType.Bootstrap, ScanFilter? filter = null, (string Account, string Service)[]? units = null, string[]? regions = null)
    {
        var (scan, made) = Some.Scan(id, 0, units ?? []);
        made = regions is null ? made : [.. made.SelectMany(u => regions.Select(r => u with { Region = r }))];
        scan = scan with { ScanType = type, Filter = filter ?? ScanFilter.Everything, TotalUnits = made.Count, RemainingUnits = made.Count };
        (await Stores.Scans.CreateAsync(scan, made, None)).ShouldBeTrue();
    }

    private Task<Unit?> ClaimAsync(double at, int perAccount = 10) => Stores.Scans.ClaimNextAsync("worker", Some.At(at), Lease, perAccount, None);

    private async Task<List<string>> ClaimAllAsync(int perAccount)
    {
        var claimed = new List<string>();
        while (await ClaimAsync(at: 1, perAccount) is { } unit)
        {
            claimed.Add($"{unit.AccountId} {unit.Service}");
        }

        return claimed;
    }

    private async Task EndAsync(Unit unit, double at) => (await Stores.Scans.EndAsync(unit, UnitStatus.Done, Some.Result(), Some.At(at), None)).ShouldBeTrue();

    private Task<SweepResult> SweepAsync(double at) => Stores.Scans.SweepAsync(Some.At(at), StuckAfter, None);

    private async Task<Scan> ScanAsync() => (await Stores.Scans.FindAsync(Some.Org, "scan-1", None))!;

    private async Task<string?> FullAsync() => (await Stores.Scans.FindLastFullAsync(Some.Org, ScanKind.Inventory, None))?.ScanId;
}
