using System.Net;

namespace Qrie.Tests.Api.OldDefects;

/// <summary>
/// 20: no history of scans, no protection against two at once, no progress, no cancellation; partial scans overwrote the figures of full ones.
/// </summary>
public sealed class Defect20_ScansAreRetainedTests : OldDefectTest
{
    [Fact]
    public async Task Every_scan_keeps_its_own_figures()
    {
        Aws.With(Bad, "a", "b");
        var whole = await Qrie.ScanAsync(new { kind = "inventory", scan_type = "anti-entropy" });
        var clockOfDrift = (await Qrie.GetAsync("/schedules")).Body.ToString();
        Aws.With(Bad, "c");
        Clock.Offset = TimeSpan.FromHours(1);
        var part = await Qrie.ScanAsync(new { kind = "inventory", scan_type = "anti-entropy", service = "s3", account_id = Account });

        (await Qrie.GetAsync("/schedules")).Body.ToString().ShouldBe(clockOfDrift);
        var kept = (await Qrie.GetAsync("/scans")).Body.GetProperty("scans").EnumerateArray().ToList();
        kept.Select(s => (Text(s, "scan_id"), s.GetProperty("counters").GetProperty("resources_found").GetInt32())).ShouldBe(
            [(Text(part, "scan_id"), 3), (Text(whole, "scan_id"), 2)]);
    }

    [Fact]
    public async Task Concurrent_scans_take_turns_on_the_same_unit_show_progress_and_can_be_cancelled()
    {
        var (inside, most, opened) = (0, 0, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        Aws.With(Bad, "a");
        Aws.Gate = async cancel =>
        {
            most = Math.Max(most, Interlocked.Increment(ref inside));
            try
            {
                await opened.Task.WaitAsync(cancel);
            }
            finally
            {
                Interlocked.Decrement(ref inside);
            }
        };
        var ids = new List<string>();
        for (var i = 0; i < 3; i++)
        {
            ids.Add((await Qrie.PostAsync("/scans", new { kind = "inventory", service = "s3" })).Body.GetProperty("scan_id").GetString()!);
        }

        var running = await UntilRunningAsync(ids[0]);
        running.GetProperty("progress")[0].GetProperty("service").GetString().ShouldBe("s3");
        (await Qrie.DeleteAsync($"/scans/{ids[2]}")).Status.ShouldBe(HttpStatusCode.OK);
        opened.SetResult();

        Text(await Qrie.FinishedAsync(ids[0]), "status").ShouldBe("completed");
        Text(await Qrie.FinishedAsync(ids[1]), "status").ShouldBe("completed");
        Text(await Qrie.FinishedAsync(ids[2]), "status").ShouldBe("cancelled");
        // The scans wait for each other at both units of the service: that of the account and that of the region.
        most.ShouldBe(2);
    }

    private async Task<System.Text.Json.JsonElement> UntilRunningAsync(string id)
    {
        for (var tries = 0; tries < 300; tries++)
        {
            var (_, scan) = await Qrie.GetAsync($"/scans/{id}");
            if (Text(scan, "status") == "running")
            {
                return scan;
            }

            await Task.Delay(50);
        }

        throw new TimeoutException($"Scan {id} did not begin.");
    }
}
