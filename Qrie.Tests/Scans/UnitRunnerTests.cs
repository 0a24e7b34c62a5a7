using Microsoft.Extensions.Logging.Abstractions;
using Qrie.Domain;
using Qrie.Domain.Findings;
using Qrie.Domain.Inventory;
using Qrie.Domain.Policies;
using Qrie.Domain.Policies.Lookups;
using Qrie.Domain.Scans;
using Qrie.Domain.Validation;
using Qrie.Tests.Stores;
using Qrie.Tests.Support;

namespace Qrie.Tests.Scans;

public sealed class UnitRunnerTests : IAsyncLifetime
{
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(30); // only a test that fails waits for it

    private readonly FakeClock _clock = new(Some.At(1000));
    private readonly ScriptedCollector _aws = new();
    private readonly ScriptedCalls _calls = new();
    private readonly ScanCancellations _cancellations = new();
    private readonly WorkSignal _signal;
    private StoreSet _stores = null!;
    private FlakyScans _scans = null!;
    private UnitRunner _runner = null!;

    public UnitRunnerTests() => _signal = new WorkSignal(_clock);

    public async Task InitializeAsync()
    {
        _stores = await SqliteFile.EmptyAsync();
        _scans = new FlakyScans(_stores.Scans);
        await _stores.Accounts.AddAsync(Some.Account(), default);
        var catalog = new MinimalCatalog(MinimalCatalog.Policy());
        var active = new ActivePolicies(_stores.Policies, catalog);
        _runner = new UnitRunner(
            _scans, _stores.Accounts,
            new InventoryReconciler(_stores.Resources, _stores.Coverage, _aws, new LookupKeys(catalog), _clock, NullLogger<InventoryReconciler>.Instance),
            new FindingsReconciler(
                _stores.Findings, _stores.Resources, active, new ResourceJudge(new ScriptedEvaluator()),
                new RelatedLoader(_stores.Resources), new JudgingTurns(), _clock,
                NullLogger<FindingsReconciler>.Instance),
            _calls, _cancellations, _signal, new ScanLimits { StuckAfter = TimeSpan.FromMinutes(3), Attempts = 3 }, _clock, NullLogger<UnitRunner>.Instance);
        _aws.Lists(
            new ResourcesCollected(Some.BucketType, [Some.Bucket("a", 500, """{"S3BucketPublic":"fail"}""")]),
            new TypeListed(Some.BucketType, Some.At(500), ListOutcome.Complete));
    }

    public async Task DisposeAsync() => await _stores.DisposeAsync();

    [Fact]
    public async Task Without_a_unit_there_is_nothing_to_run()
    {
        (await _runner.RunNextAsync("me", default)).ShouldBeFalse();
    }

    [Fact]
    public async Task An_inventory_unit_is_read_ended_and_noted_on_its_account()
    {
        await CreateAsync("scan-1", "s3");
        var next = _signal.Next;

        (await _runner.RunNextAsync("me", default)).ShouldBeTrue();

        (await _stores.Resources.CountAsync(Some.Org, Some.Buckets, default)).ShouldBe(1);
        (await _stores.Accounts.FindAsync(Some.Org, Some.AccountId, default))!.LastInventoryAt.ShouldBe(Some.At(1000));
        var scan = await ScanAsync();
        (scan.Status, scan.FinishedAt, scan.Counters[ScanCounters.ResourcesCreated]).ShouldBe((ScanStatus.Completed, Some.At(1000), 1));
        next.IsCompleted.ShouldBeTrue();
    }

    [Fact]
    public async Task A_policy_unit_judges_what_is_stored()
    {
        await _stores.Resources.WriteAsync(Some.Org, [Some.Bucket("a", configuration: """{"S3BucketPublic":"fail"}""")], Some.Noon, default);
        await _stores.Policies.LaunchAsync(Some.Policy(), default);
        await CreateAsync("scan-1", ScanKind.Policy, "s3");

        await _runner.RunNextAsync("me", default);

        (await _stores.Findings.FindAsync(Some.Org, Some.S3, Some.ArnOf("a"), Some.Public, default))!.ScanId.ShouldBe("scan-1");
        (await ScanAsync()).Counters[ScanCounters.FindingsCreated].ShouldBe(1);
        (await _stores.Accounts.FindAsync(Some.Org, Some.AccountId, default))!.LastInventoryAt.ShouldBeNull();
    }

    [Fact]
    public async Task What_AWS_refuses_leaves_the_unit_done()
    {
        _aws.Lists(new TypeListed(Some.BucketType, Some.At(500), ListOutcome.Denied, "AccessDenied", "no"));
        await CreateAsync("scan-1", "s3");

        await _runner.RunNextAsync("me", default);

        var scan = await ScanAsync();
        (scan.Status, scan.FailedUnits).ShouldBe((ScanStatus.Completed, 0));
        scan.Errors.Select(e => (e.Type, e.Code)).ShouldBe([(Some.BucketType, "AccessDenied")]);
    }

    [Fact]
    public async Task A_unit_of_an_account_that_was_removed_meanwhile_reads_nothing_and_says_so()
    {
        await CreateAsync("scan-1", "s3");
        await _stores.RemoveAccountAsync(Some.Org, Some.AccountId);

        await _runner.RunNextAsync("me", default);

        var scan = await ScanAsync();
        (scan.Status, scan.Errors.Single().Code).ShouldBe((ScanStatus.Completed, "AccountRemoved"));
        (await _stores.Resources.CountAsync(Some.Org, Some.Buckets, default)).ShouldBe(0);
    }

    [Fact]
    public async Task A_unit_that_breaks_fails_alone_and_the_scan_completes_with_errors()
    {
        await CreateAsync("scan-1", "ec2", "s3");
        var first = true;
        _aws.Before = _ => Once(ref first) ? throw new InvalidOperationException("it broke") : Task.CompletedTask;

        (await _runner.RunNextAsync("me", default)).ShouldBeTrue();
        (await _runner.RunNextAsync("me", default)).ShouldBeTrue();

        (await UnitsAsync()).Select(u => u.Status).ShouldBe([UnitStatus.Failed, UnitStatus.Done]);
        var scan = await ScanAsync();
        scan.Status.ShouldBe(ScanStatus.CompletedWithErrors);
        scan.Errors.ShouldBe([new ScanError(Some.AccountId, "global", "ec2", null, "InvalidOperationException", "it broke")]);
    }

    [Fact]
    public async Task A_timeout_inside_a_unit_is_a_failure_and_not_a_stop()
    {
        await CreateAsync("scan-1", "s3");
        _aws.Before = _ => throw new TaskCanceledException("the call took too long");

        (await _runner.RunNextAsync("me", default)).ShouldBeTrue();

        (await ScanAsync()).Status.ShouldBe(ScanStatus.CompletedWithErrors);
    }

    [Fact]
    public async Task Stopping_gives_the_unit_back()
    {
        await CreateAsync("scan-1", "s3");
        using var stop = new CancellationTokenSource();
        _aws.Before = _ => stop.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(() => _runner.RunNextAsync("me", stop.Token));

        (await UnitsAsync()).Single().Status.ShouldBe(UnitStatus.Pending);
        _aws.Before = _ => Task.CompletedTask;
        (await _runner.RunNextAsync("me", default)).ShouldBeTrue();
        (await ScanAsync()).Status.ShouldBe(ScanStatus.Completed);
    }

    [Fact]
    public async Task What_breaks_because_of_stopping_is_given_back_and_not_failed()
    {
        await CreateAsync("scan-1", "s3");
        using var stop = new CancellationTokenSource();
        _aws.Before = async _ =>
        {
            await stop.CancelAsync();
            throw new ObjectDisposedException("connection");
        };

        await Should.ThrowAsync<OperationCanceledException>(() => _runner.RunNextAsync("me", stop.Token));

        (await UnitsAsync()).Single().Status.ShouldBe(UnitStatus.Pending);
    }

    [Fact]
    public async Task A_unit_that_finished_while_the_process_stops_is_ended()
    {
        await CreateAsync("scan-1", "s3");
        using var stop = new CancellationTokenSource();
        _scans.BeforeEnd = stop.CancelAsync;

        await _runner.RunNextAsync("me", stop.Token);

        (await ScanAsync()).Status.ShouldBe(ScanStatus.Completed);
    }

    [Fact]
    public async Task The_lease_is_renewed_while_the_unit_runs()
    {
        await CreateAsync("scan-1", "s3");
        var first = true;
        _aws.Before = async _ =>
        {
            for (var i = 0; i < 24 && first; i++)
            {
                await RenewalAsync();
            }

            first = false;
        };

        await _runner.RunNextAsync("me", default).WaitAsync(Long);

        _scans.Renewals.ShouldBe(24); // two minutes, twice as long as the lease
        var unit = (await UnitsAsync()).Single();
        (unit.Status, unit.Epoch).ShouldBe((UnitStatus.Done, 1));
    }

    [Fact]
    public async Task A_renewal_that_fails_is_tried_again()
    {
        await CreateAsync("scan-1", "s3");
        _scans.FailingRenewals = 2;
        var first = true;
        _aws.Before = async _ =>
        {
            for (var i = 0; i < 4 && first; i++)
            {
                await RenewalAsync();
            }

            first = false;
        };

        await _runner.RunNextAsync("me", default).WaitAsync(Long);

        _scans.Renewals.ShouldBe(4);
    }

    [Fact]
    public async Task Who_lost_the_unit_stops_and_changes_nothing()
    {
        await CreateAsync("scan-1", "s3");
        _aws.Before = async _ =>
        {
            await _stores.Scans.RecoverAsync(_clock.Now, TimeSpan.FromHours(1), default); // as a restart elsewhere takes it
            _clock.Advance(TimeSpan.FromSeconds(15));
            await Task.Delay(Timeout.Infinite, _aws.Cancel).WaitAsync(Long);
        };

        (await _runner.RunNextAsync("me", default).WaitAsync(Long)).ShouldBeTrue();

        var unit = (await UnitsAsync()).Single();
        (unit.Status, unit.Epoch, unit.Owner).ShouldBe((UnitStatus.Pending, 2, null));
        (await ScanAsync()).RemainingUnits.ShouldBe(1);
    }

    [Fact]
    public async Task Who_lost_the_unit_without_noticing_does_not_end_it()
    {
        await CreateAsync("scan-1", "s3");
        _aws.Before = async _ => await _stores.Scans.RecoverAsync(_clock.Now, TimeSpan.FromHours(1), default);

        (await _runner.RunNextAsync("me", default)).ShouldBeTrue();

        (await UnitsAsync()).Single().Status.ShouldBe(UnitStatus.Pending);
        (await ScanAsync()).Status.ShouldBe(ScanStatus.Running);
    }

    [Fact]
    public async Task Several_workers_work_off_a_scan_each_unit_once()
    {
        await CreateAsync("scan-1", [.. Enumerable.Range(0, 12).Select(i => Some.Numbered("s", i))]);

        var run = await Task.WhenAll(Enumerable.Range(0, 4).Select(worker => Task.Run(async () =>
        {
            var units = 0;
            while (await _runner.RunNextAsync($"worker-{worker}", default))
            {
                units++;
            }

            return units;
        })));

        run.Sum().ShouldBe(12);
        (await UnitsAsync()).ShouldAllBe(u => u.Status == UnitStatus.Done && u.Epoch == 1);
        (await ScanAsync()).Status.ShouldBe(ScanStatus.Completed);
    }

    [Fact]
    public async Task What_a_unit_has_done_so_far_is_seen_while_it_runs()
    {
        await CreateAsync("scan-1", "s3");
        IReadOnlyList<ScanProgress> progress = [];
        _aws.Before = async item =>
        {
            if (item is TypeListed)
            {
                _calls.Made = [new CountedCalls("s3:ListBuckets", 4, 1, 2, 2, 1000, 50)];
                await RenewalAsync();
                progress = await _stores.Scans.ReadProgressAsync(Some.Org, "scan-1", default);
            }
        };

        await _runner.RunNextAsync("me", default).WaitAsync(Long);

        var running = progress.ShouldHaveSingleItem();
        (running.AccountId, running.Service, running.Units[UnitStatus.Running]).ShouldBe((Some.AccountId, "s3", 1));
        (running.Counters[ScanCounters.ResourcesFound], running.Counters[ScanCounters.Calls], running.Counters[ScanCounters.CallThrottles]).ShouldBe((1, 4, 2));
        (await UnitsAsync()).Single().Calls.ShouldBe(_calls.Made);
        (await ScanAsync()).Counters[ScanCounters.CallErrors].ShouldBe(1);
    }

    [Fact]
    public async Task Cancelling_the_scan_stops_its_unit_at_once()
    {
        await CreateAsync("scan-1", "s3");
        _aws.Before = async _ =>
        {
            await _stores.Scans.CancelAsync(Some.Org, "scan-1", _clock.Now, default);
            await _cancellations.CancelAsync("scan-1");
            await Task.Delay(Timeout.Infinite, _aws.Cancel).WaitAsync(Long);
        };

        (await _runner.RunNextAsync("me", default).WaitAsync(Long)).ShouldBeTrue();

        (await UnitsAsync()).Single().Status.ShouldBe(UnitStatus.Cancelled);
        (await ScanAsync()).Status.ShouldBe(ScanStatus.Cancelled);
    }

    [Fact]
    public async Task A_unit_in_which_nothing_happens_is_given_up()
    {
        await CreateAsync("scan-1", "s3");
        _aws.Before = async _ =>
        {
            for (var i = 0; i < 45 && !_aws.Cancel.IsCancellationRequested; i++)
            {
                await RenewalAsync(); // almost four minutes
            }

            await Task.Delay(Timeout.Infinite, _aws.Cancel).WaitAsync(Long);
        };

        (await _runner.RunNextAsync("me", default).WaitAsync(Long)).ShouldBeTrue();

        var unit = (await UnitsAsync()).Single();
        (unit.Status, unit.Errors.Single().Code).ShouldBe((UnitStatus.Failed, "Stuck"));
        (await ScanAsync()).Status.ShouldBe(ScanStatus.CompletedWithErrors);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(1)]
    public async Task A_clock_that_is_set_makes_no_unit_stuck(int hours)
    {
        await CreateAsync("scan-1", "s3");
        var first = true;
        _aws.Before = async _ =>
        {
            for (var i = 0; i < 3 && first; i++)
            {
                await RenewalAsync();
                _clock.SetBy(i == 0 ? TimeSpan.FromHours(hours) : TimeSpan.Zero);
            }

            first = false;
        };

        await _runner.RunNextAsync("me", default).WaitAsync(Long);

        (await UnitsAsync()).Single().Status.ShouldBe(UnitStatus.Done);
    }

    [Fact]
    public async Task A_unit_in_which_nothing_happens_is_given_up_though_the_clock_was_set_back()
    {
        await CreateAsync("scan-1", "s3");
        _aws.Before = async _ =>
        {
            await RenewalAsync();
            _clock.SetBy(TimeSpan.FromHours(-1));
            for (var i = 0; i < 45 && !_aws.Cancel.IsCancellationRequested; i++)
            {
                await RenewalAsync();
            }

            await Task.Delay(Timeout.Infinite, _aws.Cancel).WaitAsync(Long);
        };

        (await _runner.RunNextAsync("me", default).WaitAsync(Long)).ShouldBeTrue();

        (await UnitsAsync()).Single().Errors.Single().Code.ShouldBe("Stuck");
    }

    [Fact]
    public async Task A_store_that_fails_does_not_fail_the_unit()
    {
        await CreateAsync("scan-1", "s3");
        var first = true;
        _aws.Before = _ => Once(ref first) ? throw new StoreUnavailableException("the disk is full") : Task.CompletedTask;

        await Should.ThrowAsync<StoreUnavailableException>(() => _runner.RunNextAsync("me", default));
        (await UnitsAsync()).Single().Status.ShouldBe(UnitStatus.Pending);
        await _runner.RunNextAsync("me", default);

        var unit = (await UnitsAsync()).Single();
        (unit.Status, unit.Attempts).ShouldBe((UnitStatus.Done, 1)); // the unit did not break anything
        (await ScanAsync()).Status.ShouldBe(ScanStatus.Completed);
    }

    [Fact]
    public async Task A_unit_whose_end_cannot_be_stored_is_given_back_when_the_store_is_there_again_and_counts_once()
    {
        await CreateAsync("scan-1", "s3");
        _scans.FailingReleases = 2;
        _scans.BeforeEnd = () => throw new StoreUnavailableException("the disk is full");

        var running = _runner.RunNextAsync("me", default);
        while (_scans.FailingReleases > 0)
        {
            _clock.Advance(TimeSpan.FromSeconds(5));
            await Task.Delay(10);
        }

        _clock.Advance(TimeSpan.FromSeconds(5));
        await Should.ThrowAsync<StoreUnavailableException>(() => running.WaitAsync(Long));
        (await UnitsAsync()).Single().Status.ShouldBe(UnitStatus.Pending);
        _scans.BeforeEnd = () => Task.CompletedTask;
        await _runner.RunNextAsync("me", default);

        (await ScanAsync()).Counters[ScanCounters.ResourcesFound].ShouldBe(1);
    }

    [Fact]
    public async Task A_unit_that_calls_is_not_given_up_however_long_it_takes()
    {
        await CreateAsync("scan-1", "s3");
        var first = true;
        _aws.Before = async _ =>
        {
            for (var i = 0; i < 90 && first; i++)
            {
                _calls.Made = [new CountedCalls("s3:ListBuckets", i, 0, 0, 0, 0, 0)];
                await RenewalAsync();
            }

            first = false;
        };

        await _runner.RunNextAsync("me", default).WaitAsync(Long);

        (await UnitsAsync()).Single().Status.ShouldBe(UnitStatus.Done);
    }

    [Fact]
    public async Task A_unit_that_ends_the_process_again_and_again_is_given_up()
    {
        await CreateAsync("scan-1", "s3");
        for (var i = 0; i < 3; i++)
        {
            (await _stores.Scans.ClaimNextAsync("dies", _clock.Now, TimeSpan.FromMinutes(1), 1, default)).ShouldNotBeNull();
            await _stores.Scans.RecoverAsync(_clock.Now, TimeSpan.FromHours(1), default);
        }

        await _runner.RunNextAsync("me", default);

        var unit = (await UnitsAsync()).Single();
        (unit.Status, unit.Errors.Single().Code).ShouldBe((UnitStatus.Failed, "GaveUp"));
    }

    private static bool Once(ref bool first)
    {
        var was = first;
        first = false;
        return was;
    }

    /// <summary>Lets the time of one renewal pass, and the renewal happen.</summary>
    private async Task RenewalAsync()
    {
        var renewed = _clock.NextTimer;
        _clock.Advance(TimeSpan.FromSeconds(5));
        await renewed.WaitAsync(Long);
    }

    private Task CreateAsync(string id, params string[] services) => CreateAsync(id, ScanKind.Inventory, services);

    private async Task CreateAsync(string id, ScanKind kind, params string[] services)
    {
        var (scan, units) = Some.Scan(id, 900, [.. services.Select(s => (Some.AccountId, s))]);
        await _stores.Scans.CreateAsync(scan with { Kind = kind }, [.. units.Select(u => u with { Kind = kind })], default);
    }

    private async Task<Scan> ScanAsync() => (await _stores.Scans.FindAsync(Some.Org, "scan-1", default))!;

    private Task<IReadOnlyList<Unit>> UnitsAsync() => _stores.Scans.AllUnitsAsync(Some.Org, "scan-1");

    /// <summary>The store, with renewals that fail and a moment before the end.</summary>
    private sealed class FlakyScans(IScanStore inner) : IScanStore
    {
        public int FailingRenewals { get; set; }

        public int FailingReleases { get; set; }

        public int Renewals { get; private set; }

        public Func<Task> BeforeEnd { get; set; } = () => Task.CompletedTask;

        public Task<bool> CreateAsync(Scan scan, IReadOnlyList<Unit> units, CancellationToken cancel) => inner.CreateAsync(scan, units, cancel);

        public Task<Scan?> FindAsync(string organization, string scanId, CancellationToken cancel) => inner.FindAsync(organization, scanId, cancel);

        public Task<Page<Scan>> ListAsync(string organization, PageRequest page, CancellationToken cancel) => inner.ListAsync(organization, page, cancel);

        public Task<Page<Unit>> ListUnitsAsync(string organization, string scanId, PageRequest page, CancellationToken cancel) =>
            inner.ListUnitsAsync(organization, scanId, page, cancel);

        public Task<IReadOnlyList<ScanProgress>> ReadProgressAsync(string organization, string scanId, CancellationToken cancel) =>
            inner.ReadProgressAsync(organization, scanId, cancel);

        public Task<IReadOnlyList<ScanOperation>> ReadOperationsAsync(string organization, string scanId, CancellationToken cancel) =>
            inner.ReadOperationsAsync(organization, scanId, cancel);

        public Task<Scan?> FindLastFullAsync(string organization, ScanKind kind, CancellationToken cancel) =>
            inner.FindLastFullAsync(organization, kind, cancel);

        public Task<DateTimeOffset?> FindLastScheduledAsync(string organization, ScanKind kind, CancellationToken cancel) =>
            inner.FindLastScheduledAsync(organization, kind, cancel);

        public Task<bool> HasPolicyScanAsync(string organization, string policyId, string service, DateTimeOffset since, CancellationToken cancel) =>
            inner.HasPolicyScanAsync(organization, policyId, service, since, cancel);

        public Task<Unit?> ClaimNextAsync(string owner, DateTimeOffset now, TimeSpan lease, int perAccount, CancellationToken cancel) =>
            inner.ClaimNextAsync(owner, now, lease, perAccount, cancel);

        public Task<bool> RenewAsync(Unit unit, UnitResult soFar, DateTimeOffset now, TimeSpan lease, CancellationToken cancel) =>
            ++Renewals <= FailingRenewals ? throw new StoreUnavailableException("for a moment") : inner.RenewAsync(unit, soFar, now, lease, cancel);

        public async Task<bool> EndAsync(Unit unit, UnitStatus status, UnitResult result, DateTimeOffset now, CancellationToken cancel)
        {
            await BeforeEnd();
            return await inner.EndAsync(unit, status, result, now, cancel);
        }

        public Task ReleaseAsync(Unit unit, CancellationToken cancel) =>
            FailingReleases-- > 0 ? throw new StoreUnavailableException("for a moment") : inner.ReleaseAsync(unit, cancel);

        public Task<bool> CancelAsync(string organization, string scanId, DateTimeOffset now, CancellationToken cancel) =>
            inner.CancelAsync(organization, scanId, now, cancel);

        public Task<int> CancelAccountAsync(string organization, string accountId, DateTimeOffset now, CancellationToken cancel) =>
            inner.CancelAccountAsync(organization, accountId, now, cancel);

        public Task<SweepResult> SweepAsync(DateTimeOffset now, TimeSpan stuckAfter, CancellationToken cancel) => inner.SweepAsync(now, stuckAfter, cancel);

        public Task<(int Abandoned, int Resumed)> RecoverAsync(DateTimeOffset now, TimeSpan stuckAfter, CancellationToken cancel) =>
            inner.RecoverAsync(now, stuckAfter, cancel);
    }
}
