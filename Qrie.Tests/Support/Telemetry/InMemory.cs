using System.Collections.Concurrent;
using System.Diagnostics;
using Microsoft.AspNetCore.Builder;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;

namespace Qrie.Tests.Support.Telemetry;

/// <summary>What the host's providers export, kept in memory.</summary>
internal sealed class InMemory : IDisposable
{
    private readonly Kept<Activity> _traces = new();
    private readonly PointExporter _metrics = new();

    public IReadOnlyCollection<Activity> Activities => [.. _traces.Items];

    /// <summary>All points of all exports: the last of a label set is the current one.</summary>
    public IReadOnlyCollection<MeasuredPoint> Points => [.. _metrics.Items];

    /// <summary>Adds the exporters to those of the settings.</summary>
    public void AddTo(WebApplicationBuilder builder)
    {
        builder.Services.ConfigureOpenTelemetryTracerProvider(traces => traces.AddProcessor(new SimpleActivityExportProcessor(_traces)));
        builder.Services.ConfigureOpenTelemetryMeterProvider(metrics => metrics.AddReader(new BaseExportingMetricReader(_metrics)));
    }

    public void Dispose()
    {
        _traces.Dispose();
        _metrics.Dispose();
    }

    private sealed class Kept<T> : BaseExporter<T>
        where T : class
    {
        public ConcurrentQueue<T> Items { get; } = new();

        public override ExportResult Export(in Batch<T> batch)
        {
            foreach (var item in batch)
            {
                Items.Enqueue(item);
            }

            return ExportResult.Success;
        }
    }

    /// <summary>Metrics are changed after the export: their points are copied.</summary>
    private sealed class PointExporter : BaseExporter<Metric>
    {
        public ConcurrentQueue<MeasuredPoint> Items { get; } = new();

        public override ExportResult Export(in Batch<Metric> batch)
        {
            foreach (var metric in batch)
            {
                foreach (ref readonly var point in metric.GetMetricPoints())
                {
                    var labels = new Dictionary<string, string>();
                    foreach (var (key, value) in point.Tags)
                    {
                        labels[key] = value?.ToString() ?? "";
                    }

                    Items.Enqueue(new MeasuredPoint(metric.Name, labels, ValueOf(metric.MetricType, point)));
                }
            }

            return ExportResult.Success;
        }

        private static double ValueOf(MetricType type, in MetricPoint point) => type switch
        {
            MetricType.LongSum or MetricType.LongSumNonMonotonic => point.GetSumLong(),
            MetricType.DoubleSum or MetricType.DoubleSumNonMonotonic => point.GetSumDouble(),
            MetricType.LongGauge => point.GetGaugeLastValueLong(),
            MetricType.DoubleGauge => point.GetGaugeLastValueDouble(),
            _ => point.GetHistogramCount(),
        };
    }
}
