using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Qrie.Domain;
using Qrie.Domain.Access;
using Qrie.Domain.Findings;
using Qrie.Domain.Management;
using Qrie.Domain.Policies;
using Qrie.Domain.Scans;
using Qrie.Domain.Validation;
using Qrie.Domain.Work;
using Qrie.Tests.Stores;
using Qrie.Tests.Support;

namespace Qrie.Tests.Policies;

public sealed class PolicyLifeCycleTests : IAsyncLifetime
{
    private static readonly LaunchRequest Plain = new(Some.Org, Some.Public, null, null, null, null);

    private readonly FakeClock _clock = new(Some.At(1000));
    private readonly MinimalCatalog _catalog = new(
        MinimalCatalog.Policy(parameters: new Dictionary<string, JsonElement> { ["days"] = Some.Json("90"), ["strict"] = Some.Json("true") }),
        MinimalCatalog.Policy(Some.Unversioned));

    private StoreSet _stores = null!;
    private PolicyLifeCycle _lifeCycle = null!;

    public async ValueTask InitializeAsync()
    {
        _stores = await SqliteFile.EmptyAsync();
        await _stores.Organizations.AddAsync(new Organization(Some.Org, null, Some.Noon), default);
        await _stores.Accounts.AddAsync(Some.Account(), default);
        var coordinator = new ScanCoordinator(
            _stores.Scans, _stores.Accounts, _stores.Policies, new KnownRegions(), _catalog, new WorkSignal(_clock), new ScanCancellations(), _clock,
            NullLogger<ScanCoordinator>.Instance);
        _lifeCycle = new PolicyLifeCycle(_stores.Policies, _stores.Findings, coordinator, _catalog, _clock);
    }

    public async ValueTask DisposeAsync() => await _stores.DisposeAsync();

    [Fact]
    public async Task A_launch_makes_the_policy_active_and_starts_its_bootstrap_scan()
    {
        var result = await _lifeCycle.LaunchAsync(
            Plain with { Severity = 100, Params = new Dictionary<string, JsonElement> { ["days"] = Some.Json("30"), ["strict"] = Some.Json("false") } },
            default);

        (result.Policy.Status, result.Policy.Severity, result.Policy.Revision, result.Policy.CreatedAt)
            .ShouldBe((PolicyStatus.Active, 100, 1, Some.At(1000)));
        var scan = (await _stores.Scans.FindAsync(Some.Org, result.ScanId, default))!;
        (scan.Kind, scan.ScanType, scan.Trigger, scan.Filter, scan.TotalUnits)
            .ShouldBe((ScanKind.Policy, ScanType.Bootstrap, "launch", new ScanFilter(PolicyId: Some.Public), 1));
    }

    [Theory]
    [InlineData("launched")]
    [InlineData("changed")]
    [InlineData("activated")]
    public async Task A_missing_scan_is_started_once_after_any_interruption_of_the_launch(string cutOff)
    {
        var missingScans = new MissingPolicyScans(_stores.Organizations, _stores.Policies, _stores.Scans, _lifeCycle, _catalog, _clock,
            NullLogger<MissingPolicyScans>.Instance);
        if (cutOff != "launched")
        {
            await _lifeCycle.LaunchAsync(Plain, default);
            _clock.Advance(TimeSpan.FromHours(1));
        }

        // The state that the life cycle writes before it starts the scan.
        await (cutOff switch
        {
            "launched" => _stores.Policies.LaunchAsync(Some.Policy() with { CreatedAt = _clock.Now, UpdatedAt = _clock.Now }, default),
            "changed" => _stores.Policies.UpdateAsync(Some.Org, Some.Public, PolicyChange.Nothing with { Severity = 1 }, _clock.Now, default),
            _ => _stores.Policies.SetStatusAsync(Some.Org, Some.Public, PolicyStatus.Active, _clock.Now, default),
        });
        var before = await ScansAsync();
        await missingScans.StartAsync(TimeSpan.FromMinutes(1), default);
        (await ScansAsync()).Count.ShouldBe(before.Count); // the writer may be about to start it

        await missingScans.StartAsync(TimeSpan.Zero, default);

        var scan = (await ScansAsync()).ExceptBy(before.Select(s => s.ScanId), s => s.ScanId).ShouldHaveSingleItem();
        (scan.Kind, scan.ScanType, scan.Filter, scan.CreatedAt)
            .ShouldBe((ScanKind.Policy, ScanType.Bootstrap, new ScanFilter(PolicyId: Some.Public), _clock.Now));
        await missingScans.StartAsync(TimeSpan.Zero, default);
        (await ScansAsync()).Count.ShouldBe(before.Count + 1);
    }

    [Fact]
    public async Task No_scan_is_missing_after_a_wider_scan_for_inactive_or_undefined_policies_or_text_changes()
    {
        var missingScans = new MissingPolicyScans(_stores.Organizations, _stores.Policies, _stores.Scans, _lifeCycle, _catalog, _clock,
            NullLogger<MissingPolicyScans>.Instance);
        await _stores.Policies.LaunchAsync(Some.Policy("GoneFromTheCatalog") with { CreatedAt = _clock.Now, UpdatedAt = _clock.Now }, default);
        await _lifeCycle.LaunchAllAsync(new BulkLaunchRequest(Some.Org, [Some.Public, Some.Unversioned], null), default);
        _clock.Advance(TimeSpan.FromHours(1));
        await _stores.Policies.UpdateAsync(Some.Org, Some.Public, PolicyChange.Nothing with { Remediation = "Fix it." }, _clock.Now, default);
        await _lifeCycle.SuspendAsync(Some.Org, Some.Unversioned, default);

        await missingScans.StartAsync(TimeSpan.Zero, default);

        (await ScansAsync()).Count.ShouldBe(1); // that of the launches
    }

    private async Task<IReadOnlyList<Scan>> ScansAsync() => (await _stores.Scans.ListAsync(Some.Org, new PageRequest(100), default)).Items;

    [Fact]
    public async Task An_active_policy_is_not_launched_again()
    {
        await _lifeCycle.LaunchAsync(Plain, default);

        await Should.ThrowAsync<ConflictException>(() => _lifeCycle.LaunchAsync(Plain, default));
    }

    [Fact]
    public async Task A_policy_that_is_not_in_the_catalog_is_not_found_and_similar_names_are_suggested()
    {
        (await Should.ThrowAsync<NotFoundException>(() => _lifeCycle.LaunchAsync(Plain with { PolicyId = "s3bucketpublik" }, default)))
            .Message.ShouldContain("Did you mean S3BucketPublic");
    }

    public static TheoryData<string, LaunchRequest> Wrong => new()
    {
        { "policy_id", Plain with { PolicyId = null } },
        { "policy_id", Plain with { PolicyId = " " } },
        { "severity", Plain with { Severity = -1 } },
        { "severity", Plain with { Severity = 101 } },
        { "remediation", Plain with { Remediation = new string('x', 20_001) } },
        { "scope", Plain with { Scope = new PolicyScope { IncludeAccounts = ["12345"] } } },
        { "scope", Plain with { Scope = new PolicyScope { ExcludeAccounts = [null!] } } },
        { "params", Plain with { Params = new Dictionary<string, JsonElement> { ["weeks"] = Some.Json("1") } } },
        { "params", Plain with { Params = new Dictionary<string, JsonElement> { ["days"] = Some.Json("\"1\"") } } },
        { "params", Plain with { Params = new Dictionary<string, JsonElement> { ["days"] = Some.Json("null") } } },
        { "params", Plain with { PolicyId = Some.Unversioned, Params = new Dictionary<string, JsonElement> { ["days"] = Some.Json("1") } } },
    };

    [Theory]
    [MemberData(nameof(Wrong))]
    public async Task Invalid_settings_are_refused_by_field_and_nothing_is_launched(string field, LaunchRequest request)
    {
        (await Should.ThrowAsync<InvalidInputException>(() => _lifeCycle.LaunchAsync(request, default))).Errors.ByField.Keys.ShouldBe([field]);

        (await _stores.Policies.ListAsync(Some.Org, default)).ShouldBeEmpty();
    }

    [Fact]
    public async Task Suspending_resolves_every_finding_however_many()
    {
        await FailedAsync(buckets: 501);

        (await _lifeCycle.SuspendAsync(Some.Org, Some.Public, default)).ShouldBe(501);

        (await ActiveAsync()).ShouldBe(0);
        var finding = (await FindingAsync())!;
        (finding.ResolvedReason, finding.ResolvedAt).ShouldBe((ResolvedReason.PolicySuspended, Some.At(1000)));
    }

    [Fact]
    public async Task Deleting_resolves_findings_as_deleted_and_a_policy_that_is_not_launched_cannot_be_deleted()
    {
        await FailedAsync(buckets: 1);

        (await _lifeCycle.DeleteAsync(Some.Org, Some.Public, default)).ShouldBe(1);
        (await _lifeCycle.DeleteAsync(Some.Org, Some.Public, default)).ShouldBeNull();

        (await FindingAsync())!.ResolvedReason.ShouldBe(ResolvedReason.PolicyDeleted);
    }

    [Theory]
    [InlineData(PolicyStatus.Suspended, ResolvedReason.PolicySuspended)]
    [InlineData(PolicyStatus.Deleted, ResolvedReason.PolicyDeleted)]
    public async Task An_interrupted_purge_is_completed_at_the_next_start(PolicyStatus status, ResolvedReason reason)
    {
        await FailedAsync(buckets: 3);
        await _stores.Policies.SetStatusAsync(Some.Org, Some.Public, status, Some.At(900), default);
        await _stores.Findings.ResolvePolicyAsync(Some.Org, Some.Public, reason, Some.At(900), 1, default); // then the process is killed

        (await _lifeCycle.FinishPurgesAsync(Some.Org, default)).ShouldBe(2);

        (await ActiveAsync()).ShouldBe(0);
        (await _stores.Findings.FindAsync(Some.Org, Some.S3, Some.ArnOf("b0002"), Some.Public, default))!.ResolvedReason.ShouldBe(reason);
    }

    [Fact]
    public async Task Completing_purges_does_not_affect_active_policies()
    {
        await FailedAsync(buckets: 2);

        (await _lifeCycle.FinishPurgesAsync(Some.Org, default)).ShouldBe(0);

        (await ActiveAsync()).ShouldBe(2);
    }

    private async Task FailedAsync(int buckets)
    {
        await _lifeCycle.LaunchAsync(Plain, default);
        var all = Enumerable.Range(0, buckets).Select(i => Some.Bucket(Some.Numbered("b", i))).ToList();
        await _stores.Resources.WriteAsync(Some.Org, all, Some.Noon, default);
        await _stores.Findings.ApplyAsync(Some.Org, [.. all.Select(b => Some.Evaluated(b, Some.Fails()))], null, default);
    }

    private async Task<long> ActiveAsync() => (await _stores.Findings.CountActiveByPolicyAsync(Some.Org, default)).GetValueOrDefault(Some.Public);

    private Task<Finding?> FindingAsync() => _stores.Findings.FindAsync(Some.Org, Some.S3, Some.ArnOf("b0000"), Some.Public, default);
}
