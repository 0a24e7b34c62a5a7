using System.Diagnostics;
using System.Text.Json;
using Qrie.Api.Hosting;
using Qrie.Tests.Emulator;

namespace Qrie.Soak.Tests.Cli;

/// <summary>Ctrl-C during <c>qrie scan</c>, as a signal to a process.</summary>
public sealed class InterruptedScanTests : IDisposable
{
    private static readonly TimeSpan TimeLimit = TimeSpan.FromMinutes(2);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("qrie-interrupted-");

    public void Dispose() => _folder.Delete(recursive: true);

    [SoakFact("moto_server")]
    public async Task A_signal_leaves_a_marked_result()
    {
        await using var proxy = await FaultProxy.StartAsync();
        var estate = Estate.Of(MotoServer.BaseAccount);
        await estate.DoAsync("s3", "CreateBucket", new { Bucket = estate.Unique("interrupted") });
        // Still being read when the signal arrives.
        proxy.On("rds:DescribeDBInstances").Hang();

        var interrupted = await InterruptAsync(proxy);

        interrupted.Code.ShouldBe(1, interrupted.Output);
        interrupted.Output.ShouldContain("Interrupted: evaluating what was read.");
        var sarif = JsonElement.Parse(await File.ReadAllTextAsync(Path.Combine(interrupted.Folder, "findings.partial.sarif")));
        sarif.GetProperty("runs")[0].GetProperty("invocations")[0].GetProperty("executionSuccessful").GetBoolean().ShouldBeFalse();
        File.Exists(Path.Combine(interrupted.Folder, "findings.sarif")).ShouldBeFalse();
    }

    private async Task<(int Code, string Output, string Folder)> InterruptAsync(FaultProxy proxy)
    {
        var folder = _folder.FullName;
        var start = new ProcessStartInfo("env")
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment =
            {
                ["AWS_ACCESS_KEY_ID"] = "testing",
                ["AWS_SECRET_ACCESS_KEY"] = "testing",
                ["AWS_EC2_METADATA_DISABLED"] = "true",
                ["AWS_ENDPOINT_URL"] = proxy.Url.ToString(),
            },
        };
        // A shell starts what runs in the background with this signal ignored, and so would be the tests, and the scan.
        string[] arguments =
        [
            "--default-signal=INT", "dotnet", typeof(QrieHost).Assembly.Location, "scan", "--regions", "us-east-1", "--services", "s3,rds", "-o", folder,
            "--format", "sarif",
        ];
        Array.ForEach(arguments, start.ArgumentList.Add);
        using var process = Process.Start(start)!;
        var output = Task.WhenAll(process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        var waited = Stopwatch.StartNew();
        while (!proxy.Requests.Any(r => r.Operation == "DescribeDBInstances") && !process.HasExited)
        {
            waited.Elapsed.ShouldBeLessThan(TimeLimit, "rds was never read");
            await Task.Delay(50);
        }

        using var kill = Process.Start("kill", ["-INT", $"{process.Id}"])!;
        await process.WaitForExitAsync().WaitAsync(TimeLimit);
        return (process.ExitCode, string.Concat(await output), folder);
    }
}
