using Microsoft.Extensions.Logging.Abstractions;
using Qrie.Domain.Management;
using Qrie.Domain.Policies;
using Qrie.Domain.Scans;
using Qrie.Domain.Validation;
using Qrie.Domain.Work;
using Qrie.Tests.Stores;
using Qrie.Tests.Support;

namespace Qrie.Tests.Policies;

/// <summary>Bulk launches: launched and skipped policies, and the single scan for all of them.</summary>
public sealed class BulkLaunchTests : IAsyncLifetime
{
    private const string Group = "EC2SecurityGroupOpenToWorld";

    private readonly FakeClock _clock = new(Some.At(1000));
    private readonly MinimalCatalog _catalog = new(
        MinimalCatalog.Policy(aliases: ["S3BucketOpen"]),
        MinimalCatalog.Policy(Some.Unversioned),
        MinimalCatalog.Policy("S3BucketOld", deprecated: true),
        MinimalCatalog.Policy(Group, service: "ec2", type: "AWS::EC2::SecurityGroup"));

    private StoreSet _stores = null!;
    private PolicyLifeCycle _lifeCycle = null!;

    public async ValueTask InitializeAsync()
    {
        _stores = await SqliteFile.EmptyAsync();
        await _stores.Accounts.AddAsync(Some.Account(), default);
        _lifeCycle = LifeCycleOn(_stores.Policies);
    }

    public async ValueTask DisposeAsync() => await _stores.DisposeAsync();

    [Fact]
    public async Task All_are_active_and_evaluated_by_one_bootstrap_scan()
    {
        var scope = new PolicyScope { IncludeAccounts = [Some.AccountId] };
        var result = await _lifeCycle.LaunchAllAsync(new BulkLaunchRequest(Some.Org, [Some.Public, Group], scope), default);

        result.Launched.Select(p => p.PolicyId).ShouldBe([Some.Public, Group]);
        result.Skipped.ShouldBeEmpty();
        (await ActiveAsync()).ShouldBe([Group, Some.Public]);
        (await _stores.Policies.FindAsync(Some.Org, Group, default))!.Scope.IncludeAccounts.ShouldBe([Some.AccountId]);
        var scan = (await ScansAsync()).ShouldHaveSingleItem();
        (scan.ScanId, scan.Kind, scan.ScanType, scan.Trigger, scan.Filter)
            .ShouldBe((result.ScanId, ScanKind.Policy, ScanType.Bootstrap, "launch", ScanFilter.Everything));
        (await _stores.Scans.AllUnitsAsync(Some.Org, scan.ScanId)).Select(u => u.Service).ShouldBe(["ec2", "s3"]);
    }

    [Fact]
    public async Task Policies_that_cannot_be_launched_are_skipped_with_the_reason_and_the_rest_is_launched()
    {
        await _lifeCycle.LaunchAsync(new LaunchRequest(Some.Org, Some.Unversioned, null, 20, null, null), default);

        var result = await _lifeCycle.LaunchAllAsync(
            new BulkLaunchRequest(Some.Org, ["s3bucketpublik", Some.Unversioned, "S3BucketOld", "S3BucketOpen", Some.Public, null]), default);

        result.Launched.Select(p => p.PolicyId).ShouldBe([Some.Public]);
        result.Skipped.Select(s => (s.PolicyId, s.Reason)).ShouldBe(
            [
                ("s3bucketpublik", LaunchSkipReason.Unknown), (Some.Unversioned, LaunchSkipReason.AlreadyActive), ("S3BucketOld", LaunchSkipReason.Deprecated),
                (Some.Public, LaunchSkipReason.Repeated), ("", LaunchSkipReason.Unknown),
            ]);
        result.Skipped[0].Message.ShouldContain("Did you mean S3BucketPublic");
        (await ActiveAsync()).ShouldBe([Some.Public, Some.Unversioned]);
        (await _stores.Policies.FindAsync(Some.Org, Some.Unversioned, default))!.Severity.ShouldBe(20, "an active policy stays unchanged");
        (await ScansAsync()).Single(s => s.ScanId == result.ScanId).Filter.ShouldBe(new ScanFilter(PolicyId: Some.Public));
    }

    [Fact]
    public async Task Policies_of_one_service_are_scanned_in_that_service_only()
    {
        await _lifeCycle.LaunchAsync(new LaunchRequest(Some.Org, Group, null, null, null, null), default);

        var result = await _lifeCycle.LaunchAllAsync(new BulkLaunchRequest(Some.Org, [Some.Public, Some.Unversioned]), default);

        (await _stores.Scans.AllUnitsAsync(Some.Org, result.ScanId!)).Select(u => u.Service).ShouldBe(["s3"]);
    }

    [Fact]
    public async Task Without_a_launched_policy_no_scan_starts()
    {
        await _lifeCycle.LaunchAllAsync(new BulkLaunchRequest(Some.Org, [Some.Public]), default);

        var again = await _lifeCycle.LaunchAllAsync(new BulkLaunchRequest(Some.Org, [Some.Public]), default);

        again.Launched.ShouldBeEmpty();
        again.ScanId.ShouldBeNull();
        (await ScansAsync()).Count.ShouldBe(1);
    }

    [Fact]
    public async Task Policies_launched_before_a_store_failure_have_their_scan()
    {
        var lifeCycle = LifeCycleOn(new BreakingPolicyStore(_stores.Policies, breaksAt: 2));

        await Should.ThrowAsync<StoreUnavailableException>(() => lifeCycle.LaunchAllAsync(new BulkLaunchRequest(Some.Org, [Some.Public, Group]), default));

        (await ActiveAsync()).ShouldBe([Some.Public]);
        (await ScansAsync()).ShouldHaveSingleItem().Filter.ShouldBe(new ScanFilter(PolicyId: Some.Public));
    }

    [Fact]
    public async Task A_disconnecting_caller_leaves_no_policy_without_its_scan()
    {
        using var cancel = new CancellationTokenSource();
        var lifeCycle = LifeCycleOn(new BreakingPolicyStore(_stores.Policies, breaksAt: 2, cancel));

        await Should.ThrowAsync<OperationCanceledException>(
            () => lifeCycle.LaunchAllAsync(new BulkLaunchRequest(Some.Org, [Some.Public, Group]), cancel.Token));

        (await ActiveAsync()).ShouldBe([Some.Public]);
        (await ScansAsync()).ShouldHaveSingleItem().Filter.ShouldBe(new ScanFilter(PolicyId: Some.Public));
    }

    public static TheoryData<string, BulkLaunchRequest> Wrong => new()
    {
        { "policy_ids", new BulkLaunchRequest(Some.Org, []) },
        { "scope", new BulkLaunchRequest(Some.Org, [Some.Public], new PolicyScope { ExcludeAccounts = ["12345"] }) },
    };

    [Theory]
    [MemberData(nameof(Wrong))]
    public async Task Invalid_settings_are_refused_and_nothing_is_launched(string field, BulkLaunchRequest request)
    {
        (await Should.ThrowAsync<InvalidInputException>(() => _lifeCycle.LaunchAllAsync(request, default))).Errors.ByField.Keys.ShouldBe([field]);

        (await ActiveAsync()).ShouldBeEmpty();
        (await ScansAsync()).ShouldBeEmpty();
    }

    private PolicyLifeCycle LifeCycleOn(IPolicyStore policies)
    {
        var coordinator = new ScanCoordinator(
            _stores.Scans, _stores.Accounts, _stores.Policies, new KnownRegions(), _catalog,
            new WorkSignal(_clock), new ScanCancellations(), _clock, NullLogger<ScanCoordinator>.Instance);
        return new PolicyLifeCycle(policies, _stores.Findings, coordinator, _catalog, _clock);
    }

    private async Task<IEnumerable<string>> ActiveAsync() =>
        (await _stores.Policies.ListAsync(Some.Org, default)).Where(p => p.Status == PolicyStatus.Active).Select(p => p.PolicyId);

    private async Task<IReadOnlyList<Scan>> ScansAsync() => (await _stores.Scans.ListAsync(Some.Org, new Qrie.Domain.PageRequest(10), default)).Items;

    /// <summary>The real store, which becomes unavailable at the n-th launch, or whose caller disconnects then.</summary>
    private sealed class BreakingPolicyStore(IPolicyStore store, int breaksAt, CancellationTokenSource? leaves = null) : IPolicyStore
    {
        private int _launches;

        public async Task<LaunchedPolicy?> LaunchAsync(LaunchedPolicy policy, CancellationToken cancel)
        {
            if (++_launches == breaksAt)
            {
                await (leaves ?? throw new StoreUnavailableException("The disk is full; free some space.")).CancelAsync();
                cancel.ThrowIfCancellationRequested();
            }

            return await store.LaunchAsync(policy, cancel);
        }

        public Task<LaunchedPolicy?> UpdateAsync(string organization, string policyId, PolicyChange change, DateTimeOffset now, CancellationToken cancel) =>
            store.UpdateAsync(organization, policyId, change, now, cancel);

        public Task<LaunchedPolicy?> SetStatusAsync(string organization, string policyId, PolicyStatus status, DateTimeOffset now, CancellationToken cancel) =>
            store.SetStatusAsync(organization, policyId, status, now, cancel);

        public Task<LaunchedPolicy?> FindAsync(string organization, string policyId, CancellationToken cancel) =>
            store.FindAsync(organization, policyId, cancel);

        public Task<IReadOnlyList<LaunchedPolicy>> ListAsync(string organization, CancellationToken cancel) => store.ListAsync(organization, cancel);

        public Task<IReadOnlyList<LaunchedPolicy>> ListAsync(string organization, IEnumerable<string> policyIds, CancellationToken cancel) =>
            store.ListAsync(organization, policyIds, cancel);
    }
}
