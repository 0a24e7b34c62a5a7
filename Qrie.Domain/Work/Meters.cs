using System.Diagnostics.Metrics;
using System.Text.Json;

namespace Qrie.Domain.Work;

/// <summary>What Qrie's meters have in common.</summary>
public static class Meters
{
    /// <summary>A histogram of seconds.</summary>
    /// <param name="bounds">Of its buckets. The defaults of OpenTelemetry are for milliseconds: all of these would be in the first one.</param>
    public static Histogram<double> CreateSeconds(this Meter meter, string name, string description, IReadOnlyList<double> bounds) =>
        meter.CreateHistogram(name, "s", description, null, new InstrumentAdvice<double> { HistogramBucketBoundaries = bounds });

    /// <summary>The value of a label, <c>not_applicable</c>.</summary>
    public static string Label<T>(T value)
        where T : struct, Enum => Label(value.ToString());

    /// <inheritdoc cref="Label{T}"/>
    public static string Label(string name) => JsonNamingPolicy.SnakeCaseLower.ConvertName(name);
}
