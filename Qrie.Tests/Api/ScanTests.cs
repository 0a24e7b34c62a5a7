using System.Diagnostics;
using System.Net;
using System.Text.Json;

namespace Qrie.Tests.Api;

/// <summary>Progress, cancellation and history of scans.</summary>
public sealed class ScanTests : IAsyncLifetime
{
    private readonly ScriptedCollector _aws = new ScriptedCollector().With("""{"Name":"x"}""", "a", "b", "c");
    private RunningQrie _qrie = null!;

    public async ValueTask InitializeAsync() => _qrie = await RunningQrie.StartAsync(_aws);

    public async ValueTask DisposeAsync() => await _qrie.DisposeAsync();

    [Fact]
    public async Task A_finished_scan_shows_its_result_its_progress_and_its_units()
    {
        var scan = await _qrie.ScanAsync(new { kind = "inventory", service = "s3" });

        var result = scan.GetProperty("result");
        (result.GetProperty("total_resources").GetInt64(), result.GetProperty("accounts_processed").GetInt32()).ShouldBe((3, 1));
        result.GetProperty("scan_id").GetString().ShouldBe(scan.GetProperty("scan_id").GetString());
        result.GetProperty("scan_duration_ms").GetInt64().ShouldBeGreaterThanOrEqualTo(0);
        var progress = scan.GetProperty("progress")[0];
        (progress.GetProperty("account_id").GetString(), progress.GetProperty("service").GetString(),
            progress.GetProperty("units").GetProperty("done").GetInt32())
            .ShouldBe(("123456789012", "s3", 2));
        scan.GetProperty("unit_list").EnumerateArray()
            .Single(u => u.GetProperty("region").GetString() == "global").GetProperty("counters").GetProperty("resources_found").GetInt64().ShouldBe(3);
        var units = await _qrie.AllAsync($"/scans/{scan.GetProperty("scan_id").GetString()}/units", "units");
        units.Select(u => $"{u.GetProperty("region").GetString()} {u.GetProperty("status").GetString()}")
            .ShouldBe(["global done", "us-east-1 done"], ignoreOrder: true);
    }

    [Fact]
    public async Task A_policy_scan_has_the_fields_of_the_old_system()
    {
        await _qrie.ScanAsync(new { kind = "inventory" });
        await _qrie.LaunchAsync("S3BucketVersioningDisabled");
        var result = (await _qrie.ScanAsync(new { kind = "policy" })).GetProperty("result");

        result.EnumerateObject().Select(p => p.Name).ShouldBe(
        [
            "scan_id", "scan_duration_ms", "accounts_processed", "processed_resources", "skipped_resources", "findings_created", "findings_closed",
            "policies_evaluated",
        ]);
        (result.GetProperty("processed_resources").GetInt64(), result.GetProperty("policies_evaluated").GetInt64()).ShouldBe((3, 1));
    }

    [Fact]
    public async Task A_scan_that_is_cancelled_ends_at_once_and_the_next_one_works()
    {
        _aws.Gate = cancel => Task.Delay(Timeout.Infinite, cancel);
        var (_, started) = await _qrie.PostAsync("/scans", new { kind = "inventory" });
        var id = started.GetProperty("scan_id").GetString()!;
        await RunningAsync(id);

        var waited = Stopwatch.StartNew();
        var (status, cancelled) = await DeleteAsync($"/scans/{id}");
        (status, cancelled.GetProperty("status").GetString()).ShouldBe((HttpStatusCode.OK, "cancelled"));
        _aws.Gate = null;
        var next = await _qrie.ScanAsync(new { kind = "inventory" });

        next.GetProperty("status").GetString().ShouldBe("completed");
        waited.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(20)); // the lease of a worker that does not notice would be a minute
        (await _qrie.GetAsync($"/scans/{id}")).Body.GetProperty("unit_list").EnumerateArray()
            .ShouldAllBe(u => u.GetProperty("status").GetString() == "cancelled");
        (await DeleteAsync($"/scans/{id}")).Status.ShouldBe(HttpStatusCode.Conflict);
        (await DeleteAsync("/scans/nothing")).Status.ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Trends_count_ended_scans_by_week()
    {
        await _qrie.ScanAsync(new { kind = "inventory" });
        await _qrie.ScanAsync(new { kind = "inventory" });

        var weeks = (await _qrie.GetAsync("/scans/trends?kind=inventory&weeks=3")).Body.GetProperty("weeks").EnumerateArray().ToList();

        weeks.Select(w => w.GetProperty("scans").GetInt32()).ShouldBe([0, 0, 2]);
        weeks[2].GetProperty("counters").GetProperty("resources_found").GetInt64().ShouldBe(6);
        weeks[2].GetProperty("week_start").GetDateTimeOffset().DayOfWeek.ShouldBe(DayOfWeek.Monday);
        weeks[0].GetProperty("average_duration_ms").ValueKind.ShouldBe(JsonValueKind.Null);
        (await _qrie.GetAsync("/scans/trends")).Status.ShouldBe(HttpStatusCode.BadRequest);
        (await _qrie.GetAsync("/scans/trends?kind=policy&weeks=0")).Status.ShouldBe(HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task A_slow_account_does_not_delay_the_others()
    {
        for (var i = 0; i < 20; i++)
        {
            await _qrie.PostAsync("/accounts", new { account_id = $"2000000000{i:00}" });
        }

        using var open = new CancellationTokenSource();
        (_aws.Gate, _aws.GatedAccount) =
            (cancel => Task.Delay(Timeout.Infinite, cancel).WaitAsync(open.Token).ContinueWith(_ => { }, TaskScheduler.Default), "123456789012");
        var (_, started) = await _qrie.PostAsync("/scans", new { kind = "inventory" });
        var id = started.GetProperty("scan_id").GetString()!;

        List<JsonElement> others;
        do
        {
            await Task.Delay(50);
            others = [.. (await _qrie.GetAsync($"/scans/{id}")).Body.GetProperty("progress")
                .EnumerateArray().Where(p => p.GetProperty("account_id").GetString() != "123456789012")];
        }
        while (others.Count == 0 || others.Exists(p => !p.GetProperty("units").EnumerateObject().All(u => u.Name == "done")));

        (await _qrie.GetAsync($"/scans/{id}")).Body.GetProperty("status").GetString().ShouldBe("running"); // the slow one is still running
        await open.CancelAsync();
        (await _qrie.FinishedAsync(id)).GetProperty("status").GetString().ShouldBe("completed");
    }

    private async Task RunningAsync(string id)
    {
        while ((await _qrie.GetAsync($"/scans/{id}")).Body.GetProperty("status").GetString() != "running")
        {
            await Task.Delay(20);
        }
    }

    private async Task<(HttpStatusCode Status, JsonElement Body)> DeleteAsync(string path)
    {
        var answer = await _qrie.Http.DeleteAsync(path);
        return (answer.StatusCode, JsonElement.Parse(await answer.Content.ReadAsStringAsync()));
    }
}
