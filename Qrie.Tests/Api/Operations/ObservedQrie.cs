using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;
using Qrie.Api.Observability;
using Qrie.Domain.Scans;
using Qrie.Domain.Work;
using Qrie.Tests.Emulator;
using Qrie.Tests.Support;
using Qrie.Tests.Support.Telemetry;

namespace Qrie.Tests.Api.Operations;

/// <summary>A service on the emulator that did some of everything: a scan with a throttled call, a policy scan, events. Observed from all sides.</summary>
public sealed class ObservedQrie : IAsyncLifetime
{
    public const string Policy = "S3BucketVersioningDisabled";

    private static readonly TimeSpan TimeLimit = TimeSpan.FromMinutes(3);

    private readonly Estate _base = Estate.Of(MotoServer.BaseAccount);
    private readonly InMemory _memory = new();
    private FaultProxy? _proxy;
    private OtlpSink? _sink;
    private RunningQrie? _qrie;

    /// <summary>The inventory.</summary>
    public string ScanId { get; private set; } = "";

    public string AccountId { get; private set; } = "";

    /// <summary><c>GET /metrics</c> at the end.</summary>
    public string Metrics { get; private set; } = "";

    /// <summary><c>GET /metrics</c> now.</summary>
    public Task<string> ReadMetricsAsync() => _qrie!.Http.GetStringAsync("/metrics");

    internal IReadOnlyCollection<Activity> Activities => _memory.Activities;

    internal IReadOnlyCollection<MeasuredPoint> Measured => _memory.Points;

    internal IReadOnlyCollection<TracedSpan> SentSpans => _sink!.Spans;

    internal IReadOnlyCollection<MeasuredPoint> SentPoints => _sink!.Points;

    public async ValueTask InitializeAsync()
    {
        if (Requirements.MissingProgram("moto_server") is not null)
        {
            return; // the tests are skipped
        }

        var queue = await QueueAsync($"observed-{Guid.NewGuid():N}");
        var estate = Estate.Create();
        AccountId = estate.AccountId;
        _sink = await OtlpSink.StartAsync();
        _proxy = await FaultProxy.StartAsync();
        _proxy.On("s3:ListBuckets").Nth(1).Throttle();
        _proxy.On("s3:GetBucketLogging").AccessDenied();
        _qrie = await RunningQrie.StartAtAsync(
            _proxy.Url, _memory.AddTo, store: null, "--Telemetry:Prometheus=true", $"--Telemetry:Otlp={_sink.Url}", $"--Events:QueueUrl={queue}",
            "--Aws:Regions=us-east-1");
        (await _qrie.PostAsync("/accounts", new { account_id = AccountId, external_id = "an-external-id" })).Status.ShouldBe(HttpStatusCode.Created);
        var bucket = estate.Unique("observed");
        await estate.DoAsync("s3", "CreateBucket", new { Bucket = bucket });
        ScanId = (await _qrie.ScanAsync(new { kind = "inventory", account_id = AccountId, service = "s3" })).GetProperty("scan_id").GetString()!;
        await _qrie.LaunchAsync(Policy);
        await estate.DoAsync("s3", "PutBucketVersioning", new { Bucket = bucket, VersioningConfiguration = new { Status = "Enabled" } });
        await SendAsync(queue, Record(bucket), "not JSON {");
        await UntilAsync(async () => (await _qrie.GetAsync("/events/health")).Body.GetProperty("processed").GetInt32() > 0
            && (await _qrie.GetAsync("/findings?state=RESOLVED")).Body.GetProperty("findings").GetArrayLength() == 1);
        await UntilAsync(async () => (await _qrie.GetAsync("/events/dead")).Body.GetProperty("dead").GetArrayLength() == 1);
        var (full, _) = Some.Scan("full");
        await _qrie.Services.GetRequiredService<IScanStore>().CreateAsync(
            full with { ScanType = ScanType.AntiEntropy, Status = ScanStatus.Completed, FinishedAt = DateTimeOffset.UtcNow.AddHours(-1) }, [], default);
        var worker = ActivatorUtilities.CreateInstance<StateMetricsWorker>(_qrie.Services);
        await worker.StartAsync(default); // the host's own has read the state at the start, and waits for a minute
        await UntilAsync(async () => (Metrics = await _qrie.Http.GetStringAsync("/metrics")).Contains("qrie_verdicts_current{", StringComparison.Ordinal)
            && Metrics.Contains("qrie_scan_age_seconds{", StringComparison.Ordinal));
        await worker.StopAsync(default);
        worker.Dispose();
        _qrie.Services.GetRequiredService<TracerProvider>().ForceFlush().ShouldBeTrue();
        _ = _qrie.Services.GetRequiredService<MeterProvider>().ForceFlush(); // false, because Prometheus's reader only answers requests
    }

    public async ValueTask DisposeAsync()
    {
        await (_qrie?.DisposeAsync() ?? ValueTask.CompletedTask);
        await (_proxy?.DisposeAsync() ?? ValueTask.CompletedTask);
        await (_sink?.DisposeAsync() ?? ValueTask.CompletedTask);
        _memory.Dispose();
    }

    private static async Task UntilAsync(Func<Task<bool>> condition)
    {
        for (var waited = Stopwatch.StartNew(); !await condition(); await Task.Delay(100))
        {
            waited.Elapsed.ShouldBeLessThan(TimeLimit);
        }
    }

    private async Task<string> QueueAsync(string name) =>
        (await _base.DoAsync("sqs", "CreateQueue", new { QueueName = name })).GetProperty("QueueUrl").GetString()!;

    private async Task SendAsync(string queue, params string[] bodies)
    {
        foreach (var body in bodies)
        {
            await _base.DoAsync("sqs", "SendMessage", new { QueueUrl = queue, MessageBody = body });
        }
    }

    private string Record(string bucket) => JsonSerializer.Serialize(new Dictionary<string, object?>
    {
        ["detail-type"] = "AWS API Call via CloudTrail",
        ["account"] = AccountId,
        ["region"] = "us-east-1",
        ["detail"] = new
        {
            eventSource = "s3.amazonaws.com",
            eventName = "PutBucketVersioning",
            awsRegion = "us-east-1",
            eventTime = DateTimeOffset.UtcNow.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture),
            recipientAccountId = AccountId,
            requestParameters = new { bucketName = bucket },
        },
    });
}
