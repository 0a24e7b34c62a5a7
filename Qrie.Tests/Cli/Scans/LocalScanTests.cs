using System.Net;
using System.Text.Json;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Qrie.Api.Cli.Scans;
using Qrie.Aws.Api;
using Qrie.Aws.Api.Metering;
using Qrie.Aws.Api.Models;
using Qrie.Domain;
using Qrie.Domain.Accounts;
using Qrie.Domain.Catalog;
using Qrie.Domain.Management;
using Qrie.Tests.Api;
using Qrie.Tests.Catalog;
using Qrie.Tests.Emulator;

namespace Qrie.Tests.Cli.Scans;

/// <summary><c>qrie scan</c> against the emulator: the same findings as the service, exit codes, interruption.</summary>
public sealed class LocalScanTests : IAsyncLifetime
{
    private static readonly string[] s_services = ["s3", "iam"];

    private readonly Estate _estate = Estate.Create();
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("qrie-scan-test-");
    private FaultProxy _proxy = null!;

    public async ValueTask InitializeAsync() => _proxy = await FaultProxy.StartAsync();

    public async ValueTask DisposeAsync()
    {
        await _proxy.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    [EmulatorFact]
    public async Task A_local_scan_finds_what_the_service_finds_and_a_baseline_makes_it_clean()
    {
        await BuildAsync();
        _proxy.On("s3:GetBucketPolicy").ForAccount(_estate.AccountId).About(_estate.Unique("secret")).AccessDenied();
        var expected = await OfServiceAsync();

        var first = await ScanAsync($"--services {string.Join(',', s_services)} --format jsonl -o {_folder.FullName}");

        first.Code.ShouldBe(3, first.ToString());
        var file = Path.Combine(_folder.FullName, "findings.jsonl");
        var rows = (await File.ReadAllLinesAsync(file)).Select(line => JsonElement.Parse(line)).ToList();
        rows.Where(r => r.GetProperty("state").ValueEquals("ACTIVE")).Select(Described).ShouldBe(expected.Findings, ignoreOrder: true);
        rows.Where(r => r.GetProperty("state").ValueEquals("UNKNOWN"))
            .Select(r => $"{r.GetProperty("policy")} {r.GetProperty("arn")} {r.GetProperty("unknown").GetProperty("code")}")
            .ShouldBe(expected.Unknown, ignoreOrder: true);
        expected.Findings.Count.ShouldBeGreaterThan(10);
        expected.Unknown.ShouldContain(u => u.EndsWith("AccessDenied", StringComparison.Ordinal));
        first.Output.ShouldContain("Findings by service and severity");
        first.Output.ShouldContain("AccessDenied on s3 Policy");
        first.Output.ShouldContain("Exit code 3.");
        first.Errors.ShouldContain("reading: ");
        first.Errors.ShouldNotContain("\u001b");

        var bucket = _estate.Unique("later");
        await _estate.DoAsync("s3", "CreateBucket", new { Bucket = bucket });
        var second = await ScanAsync($"--services s3 --baseline {file} --fail-on critical --format jsonl");
        second.Code.ShouldBe(3, second.ToString());
        var lines = second.Lines.Select(line => JsonElement.Parse(line)).Where(r => r.GetProperty("state").ValueEquals("ACTIVE")).ToList();
        lines.ShouldAllBe(r => r.GetProperty("baseline").ValueEquals("new") == r.GetProperty("arn").GetString()!.EndsWith(bucket, StringComparison.Ordinal));
        second.Errors.ShouldContain("not among the");

        (await ScanAsync($"--services iam --baseline {file}")).Code.ShouldBe(0);
        (await ScanAsync("--services iam --fail-on none")).Code.ShouldBe(0);
    }

    [EmulatorFact]
    public async Task An_interrupted_scan_leaves_a_marked_result()
    {
        await BuildAsync();
        using var stop = new CancellationTokenSource();
        var released = new TaskCompletionSource();
        _proxy.On("iam:ListUsers").Before(async _ =>
        {
            await stop.CancelAsync();
            await released.Task;
        });
        var whole = Path.Combine(_folder.FullName, "findings.sarif");
        await File.WriteAllTextAsync(whole, "{}");

        var run = await ScanAsync($"--services s3,iam --format sarif,junit -o {_folder.FullName}", stop: stop.Token);

        released.SetResult();
        run.Code.ShouldBe(1, run.ToString());
        run.Output.ShouldContain("INCOMPLETE: The scan was interrupted after ");
        File.Exists(whole).ShouldBeFalse();
        var sarif = JsonElement.Parse(await File.ReadAllTextAsync(Path.Combine(_folder.FullName, "findings.partial.sarif")));
        sarif.GetProperty("runs")[0].GetProperty("invocations")[0].GetProperty("executionSuccessful").GetBoolean().ShouldBeFalse();
        (await File.ReadAllTextAsync(Path.Combine(_folder.FullName, "findings.partial.junit.xml")))
            .ShouldContain("<error type=\"error\" message=\"The scan was interrupted");
        _folder.GetFiles("*.tmp").ShouldBeEmpty();
    }

    [EmulatorFact]
    public async Task An_account_that_cannot_be_read_is_not_a_clean_result()
    {
        _proxy.On("sts:AssumeRole").AccessDenied();

        var run = await ScanAsync("--services s3 --format markdown");

        run.Code.ShouldBe(1, run.ToString());
        run.Output.ShouldContain($"**Incomplete:** Nothing could be read in {_estate.AccountId}");
        run.Errors.ShouldContain("Could not be listed");
        run.Errors.ShouldContain("AccessDenied");
    }

    [EmulatorFact]
    public async Task Findings_are_sent_to_Security_Hub_in_batches()
    {
        const string Import = "/findings/import";
        for (var i = 0; i < 12; i++)
        {
            await _estate.DoAsync("s3", "CreateBucket", new { Bucket = _estate.Unique($"many-{i}") });
        }

        var run = await ScanAsync("--services s3 --format asff --send-to-security-hub");

        run.Code.ShouldBe(3, run.ToString());
        var findings = JsonElement.Parse(run.Output).EnumerateArray().ToList();
        findings.Count.ShouldBeGreaterThan(50);
        run.Errors.ShouldContain($"Security Hub: {findings.Count} rows imported, 0 not.");
        var batches = _proxy.Requests.Where(r => r.Path == Import).ToList();
        batches.Count.ShouldBe((findings.Count + 99) / 100);
        batches.ShouldAllBe(b => b.AccountId == _estate.AccountId && b.Region == "us-east-1");

        _proxy.On("*").Where(r => r.Path == Import).Answer(_ => new FaultResponse(
            401, "application/json", """{"Message":"Account is not subscribed to AWS Security Hub"}""",
            new Dictionary<string, string> { ["x-amzn-errortype"] = "InvalidAccessException" }));
        var refused = await ScanAsync("--policies S3BucketVersioningDisabled --fail-on none --send-to-security-hub");
        refused.Code.ShouldBe(1, refused.ToString());
        refused.Output.ShouldContain("Security Hub: 0 rows imported, 12 not.");
        refused.Output.ShouldContain("InvalidAccessException: Account is not subscribed");
    }

    [EmulatorFact]
    public async Task Without_credentials_nothing_is_scanned()
    {
        var run = await ScanAsync("--services s3", adjust: services => services.AddSingleton<IAwsAccess>(new NoAccess()));

        run.Code.ShouldBe(1);
        run.Errors.ShouldBe("[ERROR] There are no credentials.\n");
    }

    [EmulatorFact]
    public async Task On_a_terminal_there_are_bars_and_tables()
    {
        await _estate.DoAsync("s3", "CreateBucket", new { Bucket = _estate.Unique("only") });

        var run = await ScanAsync("--policies S3BucketVersioningDisabled", isTerminal: true);

        run.Code.ShouldBe(3, run.ToString());
        run.Errors.ShouldContain("\u001b");
        run.Errors.ShouldContain("evaluating: ");
        run.Output.ShouldContain("╭");
        run.Output.ShouldContain("1 finding; 0 unknown verdicts. 1 policies on ");
    }

    private static string Described(JsonElement finding) =>
        $"{finding.GetProperty("finding_id")} {finding.GetProperty("severity")} {finding.GetProperty("region")} {finding.GetProperty("evidence").GetRawText()}";

    private async Task BuildAsync()
    {
        foreach (var name in (string[])["plain", "secret"])
        {
            await _estate.DoAsync("s3", "CreateBucket", new { Bucket = _estate.Unique(name) });
        }

        await _estate.DoAsync(
            "s3", "PutBucketVersioning", new { Bucket = _estate.Unique("plain"), VersioningConfiguration = new { Status = "Enabled" } });
        await _estate.DoAsync("iam", "CreateUser", new { UserName = "anna" });
        await _estate.DoAsync("iam", "CreateLoginProfile", new { UserName = "anna", Password = "Correct-horse-battery-9" });
    }

    private async Task<(List<string> Findings, List<string> Unknown)> OfServiceAsync()
    {
        await using var qrie = await RunningQrie.StartAtAsync(_proxy.Url, settings: "--Aws:Regions=us-east-1");
        (await qrie.PostAsync("/accounts", new { account_id = _estate.AccountId })).Status.ShouldBe(HttpStatusCode.Created);
        foreach (var service in s_services)
        {
            await qrie.ScanAsync(new { kind = "inventory", account_id = _estate.AccountId, service });
        }

        var launch = await qrie.Services.GetRequiredService<PolicyLifeCycle>().LaunchAllAsync(
            new BulkLaunchRequest(
                Organizations.Default,
                [.. ShippedCatalog.Instance.Policies.Where(p => !p.Deprecated && s_services.Contains(p.Service)).Select(p => p.Id)]),
            CancellationToken.None);
        await qrie.FinishedAsync(launch.ScanId!);
        var unknown = (await qrie.Http.GetStringAsync($"/findings?format=jsonl&include_unknown=true&account={_estate.AccountId}"))
            .Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonElement.Parse(line)).Where(r => r.TryGetProperty("unknown", out _));
        return (
            [.. (await qrie.AllAsync($"/findings?state=ACTIVE&account={_estate.AccountId}", "findings")).Select(Described)],
            [.. unknown.Select(r => $"{r.GetProperty("policy")} {r.GetProperty("arn")} {r.GetProperty("unknown").GetProperty("code")}")]);
    }

    private Task<CommandRun> ScanAsync(
        string options, Action<IServiceCollection>? adjust = null, bool isTerminal = false, CancellationToken stop = default) => RunCommand.OfAsync(
        console => ScanCommand.Build(
            isTerminal ? console with { OutputIsTerminal = true } : console,
            () => new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
            {
                ["Aws:Endpoint"] = _proxy.Url.ToString(),
                ["Aws:RetryDelay"] = "00:00:00.020",
            }).Build(),
            builder =>
            {
                ShareAndSign(builder);
                adjust?.Invoke(builder.Services);
            }),
        [.. $"--accounts {_estate.AccountId} --regions us-east-1 {options}".Split(' ')], isTerminal: isTerminal, cancel: stop);

    /// <summary>What does not change between hosts is shared, and calls are made with the emulator's credentials.</summary>
    private static void ShareAndSign(IHostApplicationBuilder builder)
    {
        builder.Services.AddSingleton(EmulatedAws.Models);
        builder.Services.AddSingleton(EmulatedAws.Reads);
        builder.Services.AddSingleton(_ => new CatalogHolder(ShippedCatalog.Instance));
        builder.Services.AddSingleton(p => new AwsEngine(
            p.GetRequiredService<ModelCatalog>(), p.GetRequiredService<IOptions<AwsApiOptions>>().Value, p.GetRequiredService<AwsRegion>(),
            p.GetRequiredService<CallMeter>(), p.GetRequiredService<TimeProvider>(), p.GetRequiredService<ILogger<AwsApi>>(), EmulatedAws.TestCredentials));
    }

    private sealed class NoAccess : IAwsAccess
    {
        public Task<AmbientAccount> FindAmbientAccountAsync(CancellationToken cancel) =>
            Task.FromResult(new AmbientAccount(null, null, "There are no credentials."));

        public Task<(IReadOnlyList<string>? Regions, string? ErrorCode)> FindRegionsAsync(
            Account account, CancellationToken cancel) => throw new NotSupportedException();

        public bool ReadsRegion(Account account, string region) => throw new NotSupportedException();
    }
}
