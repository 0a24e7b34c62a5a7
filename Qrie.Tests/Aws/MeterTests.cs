using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Qrie.Aws.Api;
using Qrie.Aws.Api.Metering;
using Qrie.Tests.Emulator;
using Qrie.Tests.Support;

namespace Qrie.Tests.Aws;

public sealed class MeterTests
{
    [EmulatorFact]
    public async Task Calls_attempts_throttles_errors_bytes_and_time_are_counted_per_operation()
    {
        await using var proxy = await FaultProxy.StartAsync();
        using var aws = EmulatedAws.At(proxy.Url);
        var estate = Estate.Create();
        proxy.On("kms:ListKeys").Times(2).Throttle();
        proxy.On("kms:ListAliases").AccessDenied();

        await aws.Api.CallAsync(estate.Call("kms", "ListKeys"), default);
        await aws.Api.CallAsync(estate.Call("kms", "ListAliases", region: "eu-west-1"), default);

        var counts = aws.Meter.Snapshot();
        var keys = counts[new CallKey(estate.AccountId, "us-east-1", "kms", "ListKeys")];
        (keys.Calls, keys.Attempts, keys.Retries, keys.Throttles, keys.Errors).ShouldBe((1, 3, 2, 2, 0));
        keys.Bytes.ShouldBeGreaterThan(20);
        keys.Duration.ShouldBeGreaterThan(TimeSpan.Zero);
        var aliases = counts[new CallKey(estate.AccountId, "eu-west-1", "kms", "ListAliases")];
        (aliases.Calls, aliases.Attempts, aliases.Errors).ShouldBe((1, 1, 1));
    }

    [EmulatorFact]
    public async Task A_scope_counts_its_own_work_on_other_threads_too()
    {
        using var aws = await EmulatedAws.StartAsync();
        var estate = Estate.Create();
        await aws.Api.CallAsync(estate.Call("kms", "ListKeys"), default);

        using var scope = aws.Meter.Begin();
        await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => Task.Run(() => aws.Api.CallAsync(estate.Call("sns", "ListTopics"), default))));
        await OutsideAsync(() => aws.Api.CallAsync(estate.Call("kms", "ListKeys"), default));

        var counted = scope.Snapshot();
        counted.Keys.Select(k => (k.Service, k.Operation)).ShouldBe([("sns", "ListTopics")]);
        counted.Single().Value.Calls.ShouldBe(3);
    }

    [EmulatorFact]
    public async Task The_same_figures_are_available_as_metrics()
    {
        var seen = new ConcurrentBag<(string Name, double Value, string Tags)>();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, l) =>
            {
                if (instrument.Meter.Name == CallMeter.MeterName)
                {
                    l.EnableMeasurementEvents(instrument);
                }
            },
        };
        void Record(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags) =>
            seen.Add((instrument.Name, value, string.Join(' ', tags.ToArray().Select(t => $"{t.Key}={t.Value}"))));
        listener.SetMeasurementEventCallback<long>((i, value, tags, _) => Record(i, value, tags));
        listener.SetMeasurementEventCallback<double>((i, value, tags, _) => Record(i, value, tags));
        listener.Start();

        await using var proxy = await FaultProxy.StartAsync();
        using var aws = EmulatedAws.At(proxy.Url);
        var estate = Estate.Create();
        proxy.On("kms:ListKeys").AccessDenied();
        await aws.Api.CallAsync(estate.Call("kms", "ListKeys"), default);

        var mine = seen.Where(s => s.Tags.Contains(estate.AccountId) && s.Tags.Contains("rpc.method=ListKeys")).ToList();
        mine.ShouldContain(s => s.Name == "qrie.aws.calls" && s.Value == 1 && s.Tags.Contains("error.type=Denied"));
        mine.ShouldContain(s => s.Name == "qrie.aws.attempt.duration" && s.Value > 0);
    }

    [Fact]
    public void Idle_counters_are_summed_up_and_no_call_is_lost()
    {
        var clock = new FakeClock(DateTimeOffset.UnixEpoch);
        using var meter = new CallMeter(clock);
        for (var account = 0; account < 500; account++)
        {
            var key = new CallKey($"{account}", "us-east-1", "s3", "ListBuckets");
            meter.Attempt(key, number: 0, isThrottled: account == 7, bytes: 10, TimeSpan.FromMilliseconds(2));
            meter.Ended(key, account == 8 ? AwsErrorKind.Denied : null);
        }

        clock.Advance(TimeSpan.FromMinutes(30));
        var used = new CallKey("0", "us-east-1", "s3", "ListBuckets");
        meter.Ended(used, null);
        meter.Snapshot().Count.ShouldBe(500);

        clock.Advance(TimeSpan.FromMinutes(40));
        meter.Ended(used, null);

        meter.Snapshot().ShouldBe(new Dictionary<CallKey, CallCounts>
        {
            [used] = new CallCounts(3, 1, 0, 0, 10, TimeSpan.FromMilliseconds(2)),
            [new CallKey("*", "*", "s3", "ListBuckets")] = new CallCounts(499, 499, 1, 1, 4990, TimeSpan.FromMilliseconds(998)) { Denied = 1 },
        }, ignoreOrder: true);
    }

    private static Task OutsideAsync(Func<Task> work)
    {
        using (ExecutionContext.SuppressFlow())
        {
            return Task.Run(work);
        }
    }
}
