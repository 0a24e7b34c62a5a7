using Microsoft.Extensions.Logging.Abstractions;
using Qrie.Aws.Api;
using Qrie.Aws.Events;
using Qrie.Aws.Work;
using Qrie.Domain.Scans;
using Qrie.Tests.Emulator;
using Qrie.Tests.Scans;
using Qrie.Tests.Support;

namespace Qrie.Tests.Aws;

/// <summary>Workers are woken by messages of SQS; which unit they run is decided in the store.</summary>
public sealed class SqsWorkHintsTests : UnitRunnerTest
{
    private readonly string _queue = $"work-{Guid.NewGuid():N}";

    private static Task Never => new TaskCompletionSource().Task;

    /// <summary>The emulator may be busy with other tests.</summary>
    private static new readonly TimeSpan Long = TimeSpan.FromMinutes(3);

    [EmulatorFact]
    public async Task A_hint_is_received_once_and_by_one_worker()
    {
        using var aws = await EmulatedAws.StartAsync();
        using var queues = QueuesOf(aws);
        await using var hints = HintsOf(queues);
        var (scan, units) = Some.Scan("scan-1", 900, (Some.AccountId, "s3"), (Some.AccountId, "ec2"));

        await hints.SendAsync(scan, units, default);
        var received = await Task.WhenAll(hints.NextAsync(Never, default), hints.NextAsync(Never, default)).WaitAsync(Long);

        received.Select(h => (h!.Organization, h.ScanId, h.Receives)).ShouldBe([(Some.Org, "scan-1", 1), (Some.Org, "scan-1", 1)]);
        foreach (var hint in received)
        {
            await hint!.DeleteAsync();
        }

        (await LeftAsync(queues)).ShouldBe(0);
        hints.Problem.ShouldBeNull();
    }

    [EmulatorFact]
    public async Task A_hint_without_an_answer_is_returned_and_a_worker_can_be_woken_without_one()
    {
        using var aws = await EmulatedAws.StartAsync();
        using var queues = QueuesOf(aws);
        await using var hints = HintsOf(queues);
        var (scan, units) = Some.Scan("scan-1", 900, (Some.AccountId, "s3"));
        await hints.SendAsync(scan, units, default);

        await using (var first = await hints.NextAsync(Never, default).WaitAsync(Long))
        {
            first!.Receives.ShouldBe(1);
        }

        var second = await hints.NextAsync(Never, default).WaitAsync(Long);
        second!.Receives.ShouldBe(2);
        await second.DeleteAsync();
        (await hints.NextAsync(Task.CompletedTask, default).WaitAsync(Long)).ShouldBeNull();
    }

    [EmulatorFact]
    public async Task A_unit_is_run_upon_a_hint_which_is_deleted_then()
    {
        using var aws = await EmulatedAws.StartAsync();
        using var queues = QueuesOf(aws);
        await using var hints = HintsOf(queues);
        var runner = new HintedUnitRunner(_runner, _stores.Scans, hints, _signal);
        await CreateAsync("scan-1", "s3");
        var scan = await ScanAsync();
        await hints.SendAsync(scan, await UnitsAsync(), default);

        await runner.RunAsync("worker", Never, default).WaitAsync(Long);

        (await ScanAsync()).Status.ShouldBe(ScanStatus.Completed);
        (await LeftAsync(queues)).ShouldBe(0);

        // A second message of the same unit is of a scan that has ended.
        await hints.SendAsync(scan, await UnitsAsync(), default);
        await runner.RunAsync("worker", Never, default).WaitAsync(Long);
        (await LeftAsync(queues)).ShouldBe(0);
    }

    [EmulatorFact]
    public async Task A_hint_of_a_unit_that_must_wait_is_returned_for_later()
    {
        using var aws = await EmulatedAws.StartAsync();
        using var queues = QueuesOf(aws);
        await using var hints = HintsOf(queues);
        var runner = new HintedUnitRunner(_runner, _stores.Scans, hints, _signal);
        await CreateAsync("scan-1", "s3");
        (await _stores.Scans.ClaimNextAsync("other", _clock.GetUtcNow(), TimeSpan.FromMinutes(1), 1, default)).ShouldNotBeNull();
        await hints.SendAsync(await ScanAsync(), await UnitsAsync(), default);

        await runner.RunAsync("worker", Never, default).WaitAsync(Long);

        (await LeftAsync(queues)).ShouldBe(1);
        (await ScanAsync()).FinishedAt.ShouldBeNull();
    }

    [EmulatorFact]
    public async Task Messages_of_others_are_deleted_and_a_missing_queue_is_a_problem_that_does_not_stop_workers()
    {
        using var aws = await EmulatedAws.StartAsync();
        using var queues = QueuesOf(aws);
        await using (var none = HintsOf(queues, create: false))
        {
            var (scan, units) = Some.Scan("scan-1", 900, (Some.AccountId, "s3"));
            await none.SendAsync(scan, units, default);
            none.Problem.ShouldNotBeNull().ShouldContain("Work:Queue");
        }

        await using var hints = HintsOf(queues);
        var queue = (await queues.CreateAsync(_queue, SqsWorkHints.Hidden, default)).Succeeded[0];
        await queue.SendAsync(["hello", """{"Organization":"","ScanId":""}"""], default);
        var waiting = hints.NextAsync(Never, default);
        while (await LeftAsync(queues) > 0)
        {
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }

        waiting.IsCompleted.ShouldBeFalse();
    }

    /// <summary>Their clock stands still: they never look without a hint.</summary>
    private SqsWorkHints HintsOf(SqsQueues queues, bool create = true) =>
        new(queues, _queue, create, _clock, NullLogger<SqsWorkHints>.Instance);

    private static SqsQueues QueuesOf(EmulatedAws aws) => new(aws.Engine, aws.Options, new AwsRegion("us-east-1"));

    /// <summary>Messages of both queues, hidden ones included.</summary>
    private async Task<int> LeftAsync(SqsQueues queues)
    {
        var left = 0;
        foreach (var name in (string[])[_queue, $"{_queue}-priority"])
        {
            if (await queues.FindAsync(name, default) is { Error: null } found)
            {
                var attributes = (await found.Succeeded[0].ReadAttributesAsync(default)).Succeeded[0];
                left += int.Parse(attributes["ApproximateNumberOfMessages"], System.Globalization.CultureInfo.InvariantCulture)
                    + int.Parse(attributes["ApproximateNumberOfMessagesNotVisible"], System.Globalization.CultureInfo.InvariantCulture);
            }
        }

        return left;
    }
}
