using System.Diagnostics;
using System.Text.Json;
using System.Text.RegularExpressions;
using Qrie.Tests.Api;

namespace Qrie.Tests.Cli;

/// <summary>Scans by <c>qrie qop</c> with a running service: the output of the old system, progress, and cancelled waits.</summary>
public sealed class QopScanTests
{
    private const string Unversioned = """{"Name":"b","Versioning":{}}""";

    private readonly ScriptedCollector _aws = new();

    [Fact]
    public async Task An_inventory_is_run_and_its_numbers_are_printed()
    {
        _aws.With(Unversioned, "one", "two");
        await using var qrie = await RunningQrie.StartAsync(_aws);

        var run = await RunCommand.QopAsync(qrie, "--generate-inventory --service s3 --skip-confirm --region us-east-1 --profile old");

        run.Code.ShouldBe(0, run.ToString());
        run.Lines.Length.ShouldBe(4, run.Output);
        run.Lines[0].ShouldBe("Inventory generation completed:");
        run.Lines[1].ShouldMatch("^  Scan ID: [0-9a-f]{8}-[0-9a-f-]{27}$");
        run.Lines[2].ShouldBe("  Resources found: 2");
        run.Lines[3].ShouldMatch("^  Duration: [0-9]+ms$");
        run.Errors.ShouldContain("Generate inventory\n");
        run.Errors.ShouldContain("[WARNING] --region and --profile have no effect");
        var scan = (await qrie.GetAsync($"/scans/{run.Lines[1].Split(' ')[^1]}")).Body;
        (scan.GetProperty("kind").GetString(), scan.GetProperty("scan_type").GetString(), scan.GetProperty("service").GetString())
            .ShouldBe(("inventory", "bootstrap", "s3"));
    }

    [Theory]
    [InlineData("--scan-account 123456789012")]
    [InlineData("--scan-account --account-id 123456789012 --scan-type anti-entropy")]
    public async Task Only_the_given_account_is_scanned_in_two_steps(string arguments)
    {
        _aws.With(Unversioned, "one", "two", "three");
        await using var qrie = await RunningQrie.StartAsync(_aws);
        await qrie.PostAsync("/accounts", new { account_id = "210987654321" });
        await qrie.LaunchAsync("S3BucketVersioningDisabled");

        var run = await RunCommand.QopAsync(qrie, $"{arguments} --service s3 --skip-confirm");

        run.Code.ShouldBe(0, run.ToString());
        Regex.Replace(run.Output, "Scan ID: .*|[0-9]+ms", "…").Split('\n', StringSplitOptions.RemoveEmptyEntries).ShouldBe(
        [
            "Inventory generation completed:", "  …", "  Resources found: 3", "  Duration: …",
            "Policy scan completed:", "  …", "  Resources processed: 3", "  Findings created: 3", "  Findings closed: 0", "  Duration: …",
        ]);
        var scans = (await qrie.AllAsync("/scans", "scans")).Where(s => s.GetProperty("trigger").GetString() == "manual").ToList();
        scans.Count.ShouldBe(2);
        scans.ShouldAllBe(s => s.GetProperty("account_id").GetString() == "123456789012");
        scans.ShouldAllBe(
            s => s.GetProperty("scan_type").GetString() == (arguments.Contains("anti-entropy", StringComparison.Ordinal) ? "anti-entropy" : "bootstrap"));

        _aws.Without("one");
        _aws.With("""{"Name":"b","Versioning":{"Status":"Enabled"}}""", "two");
        var again = JsonElement.Parse((await RunCommand.QopAsync(qrie, $"{arguments} --service s3 --skip-confirm --json")).Output);

        again.GetProperty("inventory").GetProperty("status").GetString().ShouldBe("completed");
        again.GetProperty("policy").GetProperty("result").GetProperty("findings_closed").GetInt32().ShouldBe(1);
    }

    [Fact]
    public async Task Without_an_active_policy_it_warns_that_none_was_evaluated()
    {
        await using var qrie = await RunningQrie.StartAsync(_aws);

        var run = await RunCommand.QopAsync(qrie, "--scan-account 123456789012 --skip-confirm");

        run.Code.ShouldBe(0, run.ToString());
        run.Errors.ShouldContain("[WARNING] No active policy was evaluated");
    }

    [Fact]
    public async Task A_refusal_of_the_service_is_reported_with_exit_code_1()
    {
        await using var qrie = await RunningQrie.StartAsync(_aws);

        var account = await RunCommand.QopAsync(qrie, "--scan-account 999999999999 --skip-confirm");
        var service = await RunCommand.QopAsync(qrie, "--generate-inventory --service nosuch --skip-confirm --json");

        (account.Code, account.Output).ShouldBe((1, ""), account.ToString());
        account.Errors.ShouldContain("999999999999");
        account.Errors.ShouldContain("Request id: ");
        service.Code.ShouldBe(1);
        JsonElement.Parse(service.Output).GetProperty("error").GetString()!.ShouldContain("nosuch");
    }

    [Theory]
    [InlineData("y", 0)]
    [InlineData("n", 1)]
    [InlineData("", 1)]
    public async Task Nothing_is_changed_without_confirmation(string answer, int code)
    {
        await using var qrie = await RunningQrie.StartAsync(_aws);

        var run = await RunCommand.QopAsync(qrie, "--generate-inventory", input: answer);

        run.Code.ShouldBe(code, run.ToString());
        run.Errors.ShouldContain("Proceed? (y/N)");
        (await qrie.AllAsync("/scans", "scans")).Count.ShouldBe(1 - code);
    }

    [Fact]
    public async Task A_dry_run_prints_the_requests_and_sends_none()
    {
        await using var qrie = await RunningQrie.StartAsync(_aws);

        var run = await RunCommand.QopAsync(qrie, "--scan-account 123456789012 --dry-run --api-key qrie_secret");

        run.Code.ShouldBe(0, run.ToString());
        var curl = $"""curl '{qrie.Http.BaseAddress}scans' -H "Authorization: Bearer $QRIE_API_KEY" -H 'Content-Type: application/json' -d """;
        run.Lines.ShouldBe(
        [
            curl + """'{"kind":"inventory","account_id":"123456789012","service":"all","scan_type":"bootstrap"}'""",
            curl + """'{"kind":"policy","account_id":"123456789012","service":"all","scan_type":"bootstrap"}'""",
        ]);
        (await qrie.AllAsync("/scans", "scans")).ShouldBeEmpty();
    }

    [Theory]
    [InlineData(true, "\r[------------------------]   0 %  inventory: 0 of 2 units, 0 resources")]
    [InlineData(false, "0 % inventory: 0 of 2 units, 0 resources\n")]
    public async Task Cancelling_the_wait_does_not_cancel_the_scan_and_shows_how_to(bool isTerminal, string progress)
    {
        var open = new TaskCompletionSource();
        _aws.Gate = cancel => open.Task.WaitAsync(cancel);
        await using var qrie = await RunningQrie.StartAsync(_aws);
        using var stop = new CancellationTokenSource();
        var running = RunCommand.QopAsync(qrie, "--generate-inventory --service s3 --skip-confirm", isTerminal: isTerminal, cancel: stop.Token);
        await UntilAsync(async () => (await qrie.AllAsync("/scans", "scans")).Any(s => s.GetProperty("status").GetString() == "running"));
        await Task.Delay(300);
        await stop.CancelAsync();

        var run = await running;

        (run.Code, run.Output).ShouldBe((1, ""), run.ToString());
        run.Errors.ShouldContain(progress);
        var scan = (await qrie.AllAsync("/scans", "scans")).ShouldHaveSingleItem();
        var id = scan.GetProperty("scan_id").GetString()!;
        run.Errors.ShouldContain($"[WARNING] Scan {id} continues without this command.");
        run.Errors.ShouldContain($"Cancel it: curl -X DELETE '{qrie.Http.BaseAddress}scans/{id}'");
        open.SetResult();
        (await qrie.FinishedAsync(id)).GetProperty("status").GetString().ShouldBe("completed");
    }

    [Fact]
    public async Task Ctrl_C_ends_the_process_but_not_the_scan()
    {
        var open = new TaskCompletionSource();
        _aws.Gate = cancel => open.Task.WaitAsync(cancel);
        await using var qrie = await RunningQrie.StartAsync(_aws);
        // A shell that runs the tests in the background has them ignore the signal, and what they start.
        using var process = Process.Start(new ProcessStartInfo(
            "/usr/bin/env",
            ["--default-signal=INT", "dotnet", Path.Combine(AppContext.BaseDirectory, "Qrie.Api.dll"), "qop", "--url",
                qrie.Http.BaseAddress!.ToString(), "--generate-inventory", "--service", "s3", "--skip-confirm"])
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        })!;
        var errors = process.StandardError.ReadToEndAsync();
        await UntilAsync(async () => (await qrie.AllAsync("/scans", "scans")).Count > 0);
        await Task.Delay(1000);

        Process.Start("/bin/kill", ["-INT", $"{process.Id}"])!.WaitForExit();
        await process.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(20));

        process.ExitCode.ShouldBe(1, await errors);
        (await errors).ShouldContain("continues without this command");
        open.SetResult();
    }

    [Fact]
    public async Task A_cancelled_scan_is_not_a_success()
    {
        _aws.Gate = cancel => Task.Delay(Timeout.Infinite, cancel);
        await using var qrie = await RunningQrie.StartAsync(_aws);
        var running = RunCommand.QopAsync(qrie, "--generate-inventory --service s3 --skip-confirm");
        await UntilAsync(async () => (await qrie.AllAsync("/scans", "scans")).Count > 0);
        await qrie.DeleteAsync($"/scans/{(await qrie.AllAsync("/scans", "scans"))[0].GetProperty("scan_id").GetString()}");

        var run = await running;

        run.Code.ShouldBe(1, run.ToString());
        run.Lines[0].ShouldBe("Inventory generation cancelled:");
    }

    private static async Task UntilAsync(Func<Task<bool>> condition)
    {
        for (var waited = Stopwatch.StartNew(); !await condition(); await Task.Delay(50))
        {
            waited.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(30));
        }
    }
}
