using Qrie.Domain.Scans;
using Qrie.Tests.Support;

namespace Qrie.Tests.Stores;

/// <summary>Claims and leases of units.</summary>
public abstract class UnitClaimContract : ScanContract
{
    [Fact]
    public async Task A_claim_takes_the_unit_and_starts_its_scan()
    {
        await CreateAsync("scan-1", 0, "s3");

        var unit = (await ClaimAsync(at: 10, owner: "me"))!;

        (unit.ScanId, unit.Service, unit.Status, unit.Owner, unit.Epoch, unit.Attempts).ShouldBe(("scan-1", "s3", UnitStatus.Running, "me", 1, 1));
        (unit.LeaseUntil, unit.StartedAt).ShouldBe((Some.At(70), Some.At(10)));
        var scan = (await ScanAsync("scan-1"))!;
        (scan.Status, scan.StartedAt, scan.FinishedAt).ShouldBe((ScanStatus.Running, Some.At(10), null));
    }

    [Fact]
    public async Task Without_a_claimable_unit_the_result_is_null()
    {
        (await ClaimAsync(at: 0)).ShouldBeNull();
    }

    [Fact]
    public async Task Concurrent_workers_claim_every_unit_exactly_once()
    {
        await CreateAsync("scan-1", 0, [.. Enumerable.Range(0, 20).Select(i => Some.Numbered("s", i))]);

        var claimed = await Task.WhenAll(Enumerable.Range(0, 8).Select(worker => Task.Run(async () =>
        {
            var mine = new List<string>();
            while (await ClaimAsync(at: 1, owner: $"worker-{worker}") is { } unit)
            {
                mine.Add(unit.Service);
            }

            return mine;
        })));

        claimed.SelectMany(c => c).Order().ShouldBe(Enumerable.Range(0, 20).Select(i => Some.Numbered("s", i)));
    }

    [Fact]
    public async Task A_unit_with_a_valid_lease_cannot_be_claimed()
    {
        await CreateAsync("scan-1", 0, "s3");
        await ClaimAsync(at: 0);

        (await ClaimAsync(at: 60)).ShouldBeNull();
    }

    [Fact]
    public async Task A_unit_with_an_expired_lease_is_claimed_with_a_new_epoch()
    {
        await CreateAsync("scan-1", 0, "s3");
        await ClaimAsync(at: 0, owner: "first");

        var unit = (await ClaimAsync(at: 61, owner: "second"))!;

        (unit.Owner, unit.Epoch, unit.Attempts, unit.StartedAt).ShouldBe(("second", 2, 2, Some.Noon));
    }

    [Fact]
    public async Task A_renewed_lease_expires_later()
    {
        await CreateAsync("scan-1", 0, "s3");
        var unit = (await ClaimAsync(at: 0))!;

        (await Stores.Scans.RenewAsync(unit, Some.Result(), Some.At(50), Lease, None)).ShouldBeTrue();

        (await ClaimAsync(at: 110)).ShouldBeNull();
        (await ClaimAsync(at: 111)).ShouldNotBeNull();
    }

    [Fact]
    public async Task A_worker_that_lost_a_unit_can_neither_renew_nor_end_nor_release_it()
    {
        await CreateAsync("scan-1", 0, "s3", "ec2");
        var lost = (await ClaimAsync(at: 0, owner: "slow"))!;
        var held = (await ClaimAsync(at: 61, owner: "fast"))!;
        held.Service.ShouldBe(lost.Service);

        (await Stores.Scans.RenewAsync(lost, Some.Result(), Some.At(62), Lease, None)).ShouldBeFalse();
        (await Stores.Scans.EndAsync(lost, UnitStatus.Failed, Some.Result(("resources_found", 7)), Some.At(62), None)).ShouldBeFalse();
        await Stores.Scans.ReleaseAsync(lost, None);

        var unit = (await Stores.Scans.AllUnitsAsync(Some.Org, "scan-1")).Single(u => u.Service == held.Service);
        (unit.Owner, unit.Status, unit.Epoch, unit.Counters.Values.Count).ShouldBe(("fast", UnitStatus.Running, 2, 0));
        var scan = (await ScanAsync("scan-1"))!;
        (scan.RemainingUnits, scan.FailedUnits, scan.Counters.Values.Count).ShouldBe((2, 0, 0));
    }

    [Fact]
    public async Task A_released_unit_can_be_claimed_at_once()
    {
        await CreateAsync("scan-1", 0, "s3");
        var unit = (await ClaimAsync(at: 0))!;

        await Stores.Scans.ReleaseAsync(unit, None);

        (await Stores.Scans.AllUnitsAsync(Some.Org, "scan-1")).Single().Status.ShouldBe(UnitStatus.Pending);
        (await ClaimAsync(at: 1))!.Epoch.ShouldBe(2);
    }

    [Fact]
    public async Task Units_over_the_same_account_region_and_service_run_one_after_another()
    {
        await CreateAsync("scan-1", 0, "s3");
        await CreateAsync("scan-2", 1, "s3");
        var first = (await ClaimAsync(at: 2))!;

        (await ClaimAsync(at: 3)).ShouldBeNull();
        await EndAsync(first, at: 4);
        (await ClaimAsync(at: 5))!.ScanId.ShouldBe("scan-2");
    }

    [Fact]
    public async Task Units_of_another_kind_account_region_or_service_run_concurrently()
    {
        var (scan, units) = Some.Scan("scan-1", 0, (Some.AccountId, "s3"), (Some.OtherAccountId, "s3"), (Some.AccountId, "ec2"));
        await Stores.Scans.CreateAsync(scan, [.. units, units[0] with { Region = "eu-west-1" }], None);
        var (policyScan, policyUnits) = Some.Scan("scan-2", 0, (Some.AccountId, "s3"));
        await Stores.Scans.CreateAsync(
            policyScan with { Kind = ScanKind.Policy }, [.. policyUnits.Select(u => u with { Kind = ScanKind.Policy })], None);

        var claimed = new List<Unit>();
        while (await ClaimAsync(at: 1) is { } unit)
        {
            claimed.Add(unit);
        }

        claimed.Count.ShouldBe(5);
    }

    [Fact]
    public async Task A_lost_unit_does_not_run_concurrently_with_the_one_that_replaced_it()
    {
        // Both read the same bucket list; the first worker slept longer than its lease, and the second scan continued.
        await CreateScheduledAsync("scan-1", 0, "s3");
        var slept = (await ClaimAsync(at: 0))!;
        await CreateAsync("scan-2", 10, "s3");
        var other = (await ClaimAsync(at: 61))!;
        other.ScanId.ShouldBe("scan-2");

        (await Stores.Scans.RenewAsync(slept, Some.Result(), Some.At(62), Lease, None)).ShouldBeFalse();
        await EndAsync(other, at: 63);
        (await ClaimAsync(at: 64))!.ScanId.ShouldBe("scan-1");
    }

    [Fact]
    public async Task A_worker_may_renew_an_expired_lease_if_no_other_worker_claimed_the_unit()
    {
        await CreateAsync("scan-1", 0, "s3");
        var unit = (await ClaimAsync(at: 0))!;

        (await Stores.Scans.RenewAsync(unit, Some.Result(), Some.At(100), Lease, None)).ShouldBeTrue();

        (await ClaimAsync(at: 101)).ShouldBeNull();
    }

    [Fact]
    public async Task Bootstrap_scans_precede_scheduled_ones_and_older_scans_newer_ones()
    {
        await CreateScheduledAsync("scheduled", 0, "a");
        await CreateAsync("late", 2, "b");
        await CreateAsync("early", 1, "c");

        var order = new List<string>();
        while (await ClaimAsync(at: 10) is { } unit)
        {
            order.Add(unit.ScanId);
        }

        order.ShouldBe(["early", "late", "scheduled"]);
    }
}
