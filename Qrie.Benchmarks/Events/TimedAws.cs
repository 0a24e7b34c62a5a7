using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json;
using Qrie.Aws.Api;

namespace Qrie.Benchmarks.Events;

/// <summary>Records the times of waiting for responses about buckets.</summary>
internal sealed class TimedAws(IAwsApi aws) : IAwsApi
{
    private readonly ConcurrentDictionary<string, ConcurrentQueue<(long From, long To)>> _waits = new(StringComparer.Ordinal);

    public async Task<AwsResult> CallAsync(AwsCall call, CancellationToken cancel)
    {
        var from = Stopwatch.GetTimestamp();
        try
        {
            return await aws.CallAsync(call, cancel);
        }
        finally
        {
            if (BucketOf(call) is { } bucket)
            {
                _waits.GetOrAdd(bucket, _ => new()).Enqueue((from, Stopwatch.GetTimestamp()));
            }
        }
    }

    /// <summary>The time within an interval during which at least one call about a bucket was in progress.</summary>
    public TimeSpan WaitedFor(string bucket, long from, long to)
    {
        var (waited, covered) = (0L, from);
        foreach (var (began, ended) in (_waits.GetValueOrDefault(bucket) ?? []).Order())
        {
            var (start, end) = (Math.Max(began, covered), Math.Min(ended, to));
            if (end > start)
            {
                waited += end - start;
                covered = end;
            }
        }

        return Stopwatch.GetElapsedTime(0, waited);
    }

    private static string? BucketOf(AwsCall call) =>
        call is not { Service: "s3", Parameters.ValueKind: JsonValueKind.Object } ? null
        : call.Parameters.TryGetProperty("Bucket", out var bucket) || call.Parameters.TryGetProperty("Prefix", out bucket) ? bucket.GetString()
        : null;
}
