using Microsoft.Extensions.Logging.Abstractions;
using Qrie.Domain;
using Qrie.Domain.Policies;
using Qrie.Domain.Scans;
using Qrie.Domain.Validation;
using Qrie.Domain.Work;
using Qrie.Tests.Stores;
using Qrie.Tests.Support;

namespace Qrie.Tests.Scans;

public sealed class ScanCoordinatorTests : IAsyncLifetime
{
    private readonly FakeClock _clock = new(Some.At(1000));
    private readonly KnownRegions _access = new();
    private readonly MinimalCatalog _catalog = new(
        MinimalCatalog.Policy(), MinimalCatalog.Policy(Some.Unversioned), MinimalCatalog.Policy("Ec2", service: "ec2", type: "AWS::EC2::Instance"));

    private readonly WorkSignal _signal;
    private StoreSet _stores = null!;
    private ScanCoordinator _coordinator = null!;

    public ScanCoordinatorTests() => _signal = new WorkSignal(_clock);

    public async ValueTask InitializeAsync()
    {
        _stores = await SqliteFile.EmptyAsync();
        _coordinator = new ScanCoordinator(
            _stores.Scans, _stores.Accounts, _stores.Policies, _access, _catalog, _signal,
            new ScanCancellations(), _clock, NullLogger<ScanCoordinator>.Instance);
    }

    public async ValueTask DisposeAsync() => await _stores.DisposeAsync();

    [Fact]
    public async Task An_inventory_has_units_by_account_region_and_service_and_wakes_the_workers()
    {
        await AddAccountsAsync();
        var next = _signal.Next;

        var scan = (await StartAsync())!;

        Guid.TryParse(scan.ScanId, out _).ShouldBeTrue();
        (scan.Status, scan.TotalUnits, scan.RemainingUnits, scan.CreatedAt, scan.FinishedAt).ShouldBe((ScanStatus.Queued, 5, 5, Some.At(1000), null));
        (await UnitsAsync(scan)).ShouldBe(
        [
            "111122223333 eu-west-1 ec2", "111122223333 global s3", "111122223333 us-east-1 ec2", "444455556666 eu-west-1 ec2", "444455556666 global s3",
        ]);
        next.IsCompleted.ShouldBeTrue();
        Some.Text(await _stores.Scans.FindAsync(Some.Org, scan.ScanId, default)).ShouldBe(Some.Text(scan));
    }

    [Fact]
    public async Task An_inventory_may_be_restricted_to_an_account_and_a_service()
    {
        await AddAccountsAsync();

        (await UnitsAsync(await StartAsync(filter: new ScanFilter(Service: "s3")))).ShouldBe(["111122223333 global s3", "444455556666 global s3"]);
        (await UnitsAsync(await StartAsync(filter: new ScanFilter(Some.OtherAccountId)))).ShouldBe(["444455556666 eu-west-1 ec2", "444455556666 global s3"]);
        (await UnitsAsync(await StartAsync(filter: new ScanFilter(Some.AccountId, "ec2")))).ShouldBe(
            ["111122223333 eu-west-1 ec2", "111122223333 us-east-1 ec2"]);
    }

    [Fact]
    public async Task A_duplicate_region_is_read_once()
    {
        await AddAccountsAsync();
        _access.Regions[Some.OtherAccountId] = ["eu-west-1", "eu-west-1"];

        (await UnitsAsync(await StartAsync(filter: new ScanFilter(Some.OtherAccountId)))).ShouldBe(["444455556666 eu-west-1 ec2", "444455556666 global s3"]);
    }

    [Fact]
    public async Task An_account_with_unknown_regions_is_read_globally_and_reports_the_error()
    {
        await AddAccountsAsync();
        _access.Regions.Remove(Some.AccountId);

        var scan = (await StartAsync(filter: new ScanFilter(Some.AccountId)))!;

        (await UnitsAsync(scan)).ShouldBe(["111122223333 global s3"]);
        var error = scan.Errors.ShouldHaveSingleItem();
        (error.AccountId, error.Code).ShouldBe((Some.AccountId, "AccessDenied"));
    }

    [Fact]
    public async Task Regions_are_not_read_for_global_types_only()
    {
        await AddAccountsAsync();
        _access.Regions.Clear();

        (await StartAsync(filter: new ScanFilter(Service: "s3")))!.Errors.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_policy_scan_has_units_by_account_and_service_of_active_policies()
    {
        await AddAccountsAsync();
        await LaunchAsync(Some.Public);
        await LaunchAsync(Some.Unversioned);
        await LaunchAsync("Ec2");
        await _stores.Policies.SetStatusAsync(Some.Org, "Ec2", PolicyStatus.Suspended, Some.Noon, default);

        (await UnitsAsync(await StartAsync(ScanKind.Policy))).ShouldBe(["111122223333  s3", "444455556666  s3"]);
    }

    [Fact]
    public async Task A_policy_scan_may_be_restricted_to_a_policy()
    {
        await AddAccountsAsync();
        await LaunchAsync(Some.Public);
        await LaunchAsync("Ec2");

        (await UnitsAsync(await StartAsync(ScanKind.Policy, new ScanFilter(PolicyId: "Ec2")))).ShouldBe(["111122223333  ec2", "444455556666  ec2"]);
    }

    [Fact]
    public async Task A_policy_no_longer_in_the_catalog_is_not_scanned()
    {
        await AddAccountsAsync();
        await LaunchAsync("Retired");

        (await StartAsync(ScanKind.Policy))!.TotalUnits.ShouldBe(0);
    }

    [Fact]
    public async Task Unknown_values_are_all_refused_by_field_at_once_and_nothing_is_stored()
    {
        await AddAccountsAsync();

        var refusal = await Should.ThrowAsync<InvalidInputException>(() => StartAsync(ScanKind.Policy, new ScanFilter("999999999999", "s4", "Nothing")));

        refusal.Errors.ByField.Keys.Order().ShouldBe(["account_id", "policy_id", "service"]);
        refusal.Errors.ByField["service"].ShouldBe(["service 's4' is not known; it must be one of all, ec2, s3."]);
        (await _stores.Scans.ListAsync(Some.Org, new PageRequest(10), default)).Items.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_removed_account_is_unknown()
    {
        await AddAccountsAsync();
        await _stores.RemoveAccountAsync(Some.Org, Some.AccountId);

        (await Should.ThrowAsync<InvalidInputException>(() => StartAsync(filter: new ScanFilter(Some.AccountId)))).Errors.ByField.Keys.ShouldBe(["account_id"]);
        (await UnitsAsync(await StartAsync())).ShouldBe(["444455556666 eu-west-1 ec2", "444455556666 global s3"]);
    }

    [Fact]
    public async Task A_policy_that_is_not_active_cannot_be_scanned()
    {
        await AddAccountsAsync();
        await LaunchAsync(Some.Public);
        await _stores.Policies.SetStatusAsync(Some.Org, Some.Public, PolicyStatus.Suspended, Some.Noon, default);

        (await Should.ThrowAsync<InvalidInputException>(() => StartAsync(ScanKind.Policy, new ScanFilter(PolicyId: Some.Public))))
            .Errors.ByField.Keys.ShouldBe(["policy_id"]);
    }

    [Fact]
    public async Task An_inventory_cannot_be_restricted_to_a_policy()
    {
        await AddAccountsAsync();
        await LaunchAsync(Some.Public);

        (await Should.ThrowAsync<InvalidInputException>(() => StartAsync(filter: new ScanFilter(PolicyId: Some.Public))))
            .Errors.ByField.Keys.ShouldBe(["policy_id"]);
    }

    [Theory]
    [InlineData(ScanKind.Inventory, false, "No account is registered; register one with POST /accounts, or give Qrie AWS credentials.")]
    [InlineData(ScanKind.Policy, false, "No account is registered; register one with POST /accounts, or give Qrie AWS credentials.")]
    [InlineData(ScanKind.Policy, true, "No active policies found; launch one with POST /policies/launch.")]
    public async Task A_scan_with_nothing_to_do_completes_with_the_reason(ScanKind kind, bool withAccounts, string reason)
    {
        if (withAccounts)
        {
            await AddAccountsAsync();
        }

        var scan = (await StartAsync(kind))!;

        (scan.Status, scan.TotalUnits, scan.FinishedAt).ShouldBe((ScanStatus.Completed, 0, Some.At(1000)));
        scan.Errors.Select(e => (e.Code, e.Message)).ShouldBe([("NothingToScan", reason)]);
        (await _stores.Scans.FindAsync(Some.Org, scan.ScanId, default))!.Status.ShouldBe(ScanStatus.Completed);
    }

    [Fact]
    public async Task A_scheduled_scan_starts_once()
    {
        await AddAccountsAsync();
        var request = new ScanRequest(Some.Org, ScanKind.Inventory, ScanType.AntiEntropy, "schedule", ScanFilter.Everything, Some.Noon);

        (await _coordinator.StartAsync(request, default)).ShouldNotBeNull();
        (await _coordinator.StartAsync(request, default)).ShouldBeNull();

        (await _stores.Scans.ListAsync(Some.Org, new PageRequest(10), default)).Items.ShouldHaveSingleItem().ScheduledFor.ShouldBe(Some.Noon);
    }

    [Fact]
    public async Task Every_manual_scan_is_separate()
    {
        await AddAccountsAsync();

        (await StartAsync())!.ScanId.ShouldNotBe((await StartAsync())!.ScanId);
    }

    private async Task AddAccountsAsync()
    {
        await _stores.Accounts.AddAsync(Some.Account(), default);
        await _stores.Accounts.AddAsync(Some.Account(Some.OtherAccountId), default);
    }

    private async Task LaunchAsync(string policyId) => (await _stores.Policies.LaunchAsync(Some.Policy(policyId), default)).ShouldNotBeNull();

    private Task<Scan?> StartAsync(ScanKind kind = ScanKind.Inventory, ScanFilter? filter = null) =>
        _coordinator.StartAsync(new ScanRequest(Some.Org, kind, ScanType.Bootstrap, "manual", filter ?? ScanFilter.Everything), default);

    private async Task<IEnumerable<string>> UnitsAsync(Scan? scan) =>
        (await _stores.Scans.AllUnitsAsync(Some.Org, scan!.ScanId)).Select(u => $"{u.AccountId} {u.Region} {u.Service}");
}
