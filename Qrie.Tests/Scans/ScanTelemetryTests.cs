using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using Qrie.Domain.Scans;
using Qrie.Tests.Support;

namespace Qrie.Tests.Scans;

/// <summary>Metrics and traces of units, as any listener receives them.</summary>
public sealed class ScanTelemetryTests : UnitRunnerTest
{
    [Fact]
    public async Task A_unit_that_ended_is_counted_and_traced_with_its_scan()
    {
        // Other tests run units meanwhile: the listeners see theirs, too.
        var scanId = $"scan-{Guid.NewGuid():N}";
        var service = $"s3-{Guid.NewGuid():N}";
        var traces = new ConcurrentBag<Activity>();
        var units = new ConcurrentBag<(long N, string Kind, string Status)>();
        var durations = new ConcurrentBag<double>();
        using var activities = new ActivityListener
        {
            ShouldListenTo = source => source.Name == ScanTelemetry.Name,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = traces.Add,
        };
        ActivitySource.AddActivityListener(activities);
        using var metrics = new MeterListener
        {
            InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Meter.Name == ScanTelemetry.Name)
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            },
        };
        metrics.SetMeasurementEventCallback<long>((instrument, n, tags, _) =>
        {
            if (instrument.Name == "qrie.scan.units" && Tag(tags, "service") == service)
            {
                units.Add((n, Tag(tags, "kind")!, Tag(tags, "status")!));
            }
        });
        metrics.SetMeasurementEventCallback<double>((_, seconds, tags, _) =>
        {
            if (Tag(tags, "service") == service)
            {
                durations.Add(seconds);
            }
        });
        metrics.Start();
        await CreateAsync(scanId, service);
        var first = true;
        _aws.Before = _ =>
        {
            _clock.Advance(Once(ref first) ? TimeSpan.FromSeconds(3) : TimeSpan.Zero);
            return Task.CompletedTask;
        };

        (await _runner.RunNextAsync("me", default)).ShouldBeTrue();

        var trace = traces.Where(t => (string?)t.GetTagItem("scan_id") == scanId).ShouldHaveSingleItem();
        (trace.GetTagItem("account_id"), trace.GetTagItem("service"), trace.GetTagItem("status")).ShouldBe((Some.AccountId, service, "done"));
        units.ShouldBe([(1, "inventory", "done")]);
        durations.ShouldHaveSingleItem().ShouldBe(3, tolerance: 0.001);
    }

    private static string? Tag(ReadOnlySpan<KeyValuePair<string, object?>> tags, string name)
    {
        foreach (var (key, value) in tags)
        {
            if (key == name)
            {
                return value as string;
            }
        }

        return null;
    }
}
