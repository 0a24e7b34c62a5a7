using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Qrie.Aws.Api;
using Qrie.Aws.Api.Recording;
using Qrie.Benchmarks.Load;
using Qrie.Domain;
using Qrie.Domain.Events;
using Qrie.Domain.Inventory;

namespace Qrie.Benchmarks.Events;

/// <summary>
/// The service with the demo's recorded responses of AWS and a queue in its process: processes events of the recorded resources at a fixed rate, from the queue
/// to the stored verdict.
/// </summary>
internal sealed class EventLoad(int perSecond, TimeSpan duration, FigureWriter figures)
{
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan TimeLimit = TimeSpan.FromMinutes(3);

    /// <summary>With more unfinished messages than this the service cannot keep up, and sending waits.</summary>
    private const int OpenAtMost = 5_000;

    private long _number;

    public async Task RunAsync(CancellationToken cancel)
    {
        MeasuredQueue? measured = null;
        await using var app = await InProcessService.StartDemoAsync(
            builder =>
            {
                builder.Services.AddSingleton<IAwsApi>(p => new PrefixedBuckets(p.GetRequiredService<LayeredReplay>()));
                builder.Services.AddSingleton(
                    p => new EventChannel(measured = new MeasuredQueue(new InProcessEventQueue(p.GetRequiredService<TimeProvider>()))));
            },
            cancel);
        var targets = await TargetsAsync(app.Services.GetRequiredService<IResourceStore>(), cancel);
        using var memory = new PeakMemory();
        var (began, cpu, sent, half) = (Stopwatch.StartNew(), Environment.CpuUsage.TotalTime, 0L, 0d);
        while (began.Elapsed < duration)
        {
            var due = (long)(began.Elapsed.TotalSeconds * perSecond) - sent;
            if (due > 0 && measured!.Open < OpenAtMost)
            {
                await measured.SendAsync([.. Enumerable.Range(0, (int)due).Select(_ => Record(targets))], cancel);
                sent += due;
            }

            await Task.Delay(Tick, TimeProvider.System, cancel);
            half = half == 0 && began.Elapsed > duration / 2 ? memory.Megabytes : half;
        }

        while (measured!.Open > 0 && began.Elapsed < duration + TimeLimit)
        {
            await Task.Delay(Tick, TimeProvider.System, cancel);
        }

        var elapsed = began.Elapsed;
        var lags = measured.Milliseconds;
        figures.Write("events.sent", sent, "events");
        figures.Write("events.done", measured.Done, "events");
        figures.Write("events.sustained", measured.Done / elapsed.TotalSeconds, "events/s");
        figures.Write("events.p50", lags[lags.Count / 2], "ms");
        figures.Write("events.p99", lags[(int)(lags.Count * 0.99)], "ms");
        figures.Write("events.cpu", (Environment.CpuUsage.TotalTime - cpu).TotalSeconds, "s");
        figures.Write("events.rss_at_half", half, "MB");
        figures.Write("events.rss", memory.Megabytes, "MB");
        await app.StopAsync(cancel);
    }

    private static async Task<List<(string Account, string Bucket)>> TargetsAsync(IResourceStore resources, CancellationToken cancel)
    {
        var targets = new List<(string, string)>();
        PageRequest? page = new(100);
        while (page is not null)
        {
            var found = await resources.ListAsync(Organizations.Default, new ResourceFilter(Type: "AWS::S3::Bucket"), page, cancel);
            targets.AddRange(found.Items.Select(r => (r.AccountId, r.Id)));
            page = found.Next is null ? null : new PageRequest(100, found.Next);
        }

        return targets;
    }

    private string Record(List<(string Account, string Bucket)> targets)
    {
        var (account, bucket) = targets[(int)(_number++ % targets.Count)];
        return JsonSerializer.Serialize(new Dictionary<string, object>
        {
            ["id"] = _number,
            ["detail-type"] = "AWS API Call via CloudTrail",
            ["account"] = account,
            ["region"] = "us-east-1",
            ["detail"] = new
            {
                eventID = string.Create(CultureInfo.InvariantCulture, $"event-{_number}"),
                eventSource = "s3.amazonaws.com",
                eventName = "PutBucketTagging",
                awsRegion = "us-east-1",
                eventTime = TimeProvider.System.GetUtcNow().ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture),
                recipientAccountId = account,
                requestParameters = new { bucketName = bucket },
            },
        });
    }
}
