using Qrie.Domain.Inventory;
using Qrie.Domain.Scans;
using Qrie.Domain.Work;
using Qrie.Tests.Support;

namespace Qrie.Tests.Scans;

/// <summary>The results of a unit and their effect on its scan.</summary>
public sealed class UnitRunnerTests : UnitRunnerTest
{
    [Fact]
    public async Task Without_a_unit_nothing_runs()
    {
        (await _runner.RunNextAsync("me", default)).ShouldBeFalse();
    }

    [Fact]
    public async Task An_inventory_unit_is_read_and_ended_and_recorded_on_its_account()
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
    public async Task A_policy_unit_evaluates_stored_resources()
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
    public async Task Denied_calls_do_not_fail_the_unit()
    {
        _aws.Lists(new TypeListed(Some.BucketType, Some.At(500), ListOutcome.Denied, "AccessDenied", "no"));
        await CreateAsync("scan-1", "s3");

        await _runner.RunNextAsync("me", default);

        var scan = await ScanAsync();
        (scan.Status, scan.FailedUnits).ShouldBe((ScanStatus.Completed, 0));
        scan.Errors.Select(e => (e.Type, e.Code)).ShouldBe([(Some.BucketType, "AccessDenied")]);
    }

    [Fact]
    public async Task A_unit_of_a_removed_account_is_skipped_with_the_reason()
    {
        await CreateAsync("scan-1", "s3");
        await _stores.RemoveAccountAsync(Some.Org, Some.AccountId);

        await _runner.RunNextAsync("me", default);

        var scan = await ScanAsync();
        (scan.Status, scan.Errors.Single().Code).ShouldBe((ScanStatus.Completed, "AccountRemoved"));
        (await _stores.Resources.CountAsync(Some.Org, Some.Buckets, default)).ShouldBe(0);
    }

    [Fact]
    public async Task A_failing_unit_does_not_affect_others_and_the_scan_completes_with_errors()
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
    public async Task A_timeout_within_a_unit_is_a_failure_and_not_a_shutdown()
    {
        await CreateAsync("scan-1", "s3");
        _aws.Before = _ => throw new TaskCanceledException("the call took too long");

        (await _runner.RunNextAsync("me", default)).ShouldBeTrue();

        (await ScanAsync()).Status.ShouldBe(ScanStatus.CompletedWithErrors);
    }

    [Fact]
    public async Task Several_workers_run_each_unit_of_a_scan_once()
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
    public async Task The_progress_of_a_running_unit_is_visible()
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
}
