using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Qrie.Benchmarks.Crash;
using Qrie.Tests.Api;
using Qrie.Tests.Stores;
using Qrie.Tests.Support;
using ScriptedCollector = Qrie.Tests.Api.ScriptedCollector;

namespace Qrie.Tests.Crash;

/// <summary>
/// The clock is set back by an hour. Writes are ordered by describe time, so descriptions within that hour look older than stored ones: they are refused and
/// reported, never applied in the wrong order. After that hour, or when the clock is correct again, the next inventory applies the changes.
/// </summary>
public sealed class ClockSetBackTests : IAsyncLifetime, IDisposable
{
    private const string Versioned = """{"Name":"x","Versioning":{"Status":"Enabled"}}""";
    private const string Unversioned = """{"Name":"x","Versioning":{"Status":"Suspended"}}""";
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    private readonly SqliteFile _file = new();
    private readonly OffsetClock _clock = new(TimeSpan.Zero);
    private readonly ScriptedCollector _aws;
    private RunningQrie _qrie = null!;

    public ClockSetBackTests() => _aws = new ScriptedCollector { Clock = _clock }.With(Unversioned, "changing").With(Versioned, "staying");

    public async ValueTask InitializeAsync()
    {
        _qrie = await StartAsync();
        await _qrie.ScanAsync(new { kind = "inventory" });
        await _qrie.LaunchAsync("S3BucketVersioningDisabled");
    }

    public async ValueTask DisposeAsync()
    {
        await _qrie.DisposeAsync();
        (await StoreFile.ViolationsAsync(_file.Path, default)).ShouldBeEmpty();
        Dispose(); // the test runner calls only one of the two
    }

    public void Dispose() => _file.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Changes_within_the_hour_are_reported_and_applied_afterwards(bool restarted)
    {
        await SetBackAsync(restarted);
        _aws.With(Versioned, "changing").With(Unversioned, "new");

        var scan = await _qrie.ScanAsync(new { kind = "inventory" });
        await _qrie.ScanAsync(new { kind = "policy" });

        scan.GetProperty("status").GetString().ShouldBe("completed");
        scan.GetProperty("counters").GetProperty("resources_refused").GetInt64().ShouldBe(2);
        scan.GetProperty("counters").GetProperty("resources_created").GetInt64().ShouldBe(1);
        var error = scan.GetProperty("errors").EnumerateArray().Single();
        error.GetProperty("code").GetString().ShouldBe("ClockBehind");
        error.GetProperty("message").GetString()!.ShouldContain("correct it");
        (await ActiveAsync()).ShouldBe(["arn:aws:s3:::changing", "arn:aws:s3:::new"]);

        _clock.Offset = TimeSpan.Zero;
        scan = await _qrie.ScanAsync(new { kind = "inventory" });
        await _qrie.ScanAsync(new { kind = "policy" });

        scan.GetProperty("errors").GetArrayLength().ShouldBe(0);
        scan.GetProperty("counters").GetProperty("resources_changed").GetInt64().ShouldBe(1);
        (await ActiveAsync()).ShouldBe(["arn:aws:s3:::new"]);
    }

    [Fact]
    public async Task A_policy_launched_within_the_hour_evaluates_stored_resources()
    {
        await SetBackAsync(restarted: false);

        await _qrie.LaunchAsync("S3BucketLoggingDisabled");
        await _qrie.ScanAsync(new { kind = "policy" });

        (await _qrie.AllAsync("/findings?policy=S3BucketLoggingDisabled", "findings")).Count.ShouldBe(2);
        (await ActiveAsync()).ShouldBe(["arn:aws:s3:::changing"]);
    }

    [Fact]
    public async Task A_unit_that_runs_while_the_clock_is_set_back_ends_once()
    {
        var (entered, goOn) = (new TaskCompletionSource(), new TaskCompletionSource());
        _aws.Gate = async cancel =>
        {
            entered.TrySetResult();
            await goOn.Task.WaitAsync(cancel);
        };
        var (_, started) = await _qrie.PostAsync("/scans", new { kind = "inventory", service = "s3" });
        await entered.Task.WaitAsync(TimeSpan.FromSeconds(30));

        _clock.Offset = -Hour;
        await Task.Delay(TimeSpan.FromSeconds(6)); // a renewal with the new time
        goOn.SetResult();
        var scan = await _qrie.FinishedAsync(started.GetProperty("scan_id").GetString()!);

        (scan.GetProperty("status").GetString(), scan.GetProperty("unit_list").EnumerateArray().Max(u => u.GetProperty("attempts").GetInt32()))
            .ShouldBe(("completed", 1));
    }

    [Fact]
    public async Task An_interrupted_scan_continues_although_its_heartbeat_is_in_the_future()
    {
        var entered = new TaskCompletionSource();
        _aws.Gate = async cancel =>
        {
            entered.TrySetResult();
            await Task.Delay(Timeout.Infinite, cancel);
        };
        var (_, started) = await _qrie.PostAsync("/scans", new { kind = "inventory", service = "s3" });
        await entered.Task.WaitAsync(TimeSpan.FromSeconds(30));

        await _qrie.DisposeAsync();
        _clock.Offset = -Hour;
        _aws.Gate = null;
        _qrie = await StartAsync();

        (await _qrie.FinishedAsync(started.GetProperty("scan_id").GetString()!)).GetProperty("status").GetString().ShouldBe("completed");
    }

    private Task<RunningQrie> StartAsync() =>
        RunningQrie.StartAsync(_aws, store: _file.Path, adjust: builder => builder.Services.AddSingleton<TimeProvider>(_clock));

    private async Task SetBackAsync(bool restarted)
    {
        if (restarted)
        {
            await _qrie.DisposeAsync();
        }

        _clock.Offset = -Hour;
        _qrie = restarted ? await StartAsync() : _qrie;
    }

    private async Task<IEnumerable<string>> ActiveAsync() =>
        (await _qrie.AllAsync("/findings?policy=S3BucketVersioningDisabled&state=ACTIVE", "findings"))
            .Select((JsonElement f) => f.GetProperty("arn").GetString()!).Order();
}
