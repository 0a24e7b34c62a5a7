using System.Text.Json;
using Amazon.Runtime;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Qrie.Api.Cli.Doctor;
using Qrie.Aws.Api;
using Qrie.Aws.Api.Metering;
using Qrie.Aws.Api.Models;
using Qrie.Sql.Database;
using Qrie.Tests.Api;
using Qrie.Tests.Emulator;
using Qrie.Tests.Support;

namespace Qrie.Tests.Cli;

/// <summary><c>qrie doctor</c> on the emulator: passed checks, and problems with remedies.</summary>
public sealed class DoctorTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("qrie-doctor-");
    private readonly Estate _estate = Estate.Create();
    private readonly Estate _own = Estate.Of(MotoServer.BaseAccount);

    private string Store => Path.Combine(_folder.FullName, "qrie.db");

    public void Dispose() => _folder.Delete(recursive: true);

    [EmulatorFact]
    public async Task Without_problems_every_check_is_ok()
    {
        await using var proxy = await StartProxyAsync();
        await RegisterAsync(proxy);
        var queue = await MakeQueueAsync(maxReceives: 3);

        var run = await RunAsync(proxy, $"--Events:QueueUrl={queue}");

        run.Code.ShouldBe(0, run.ToString());
        run.Output.ShouldContain($"ok       credentials: arn:aws:sts::{MotoServer.BaseAccount}:");
        run.Output.ShouldContain("ok       clock: matches AWS's clock");
        run.Output.ShouldMatch("ok       regions: [0-9]+ are enabled, calls start from us-east-1\n");
        run.Output.ShouldContain($"ok       queue {queue}: readable and empty\n");
        run.Output.ShouldContain($"ok       dead-letter queue {queue}-dead: empty; messages move here after 3 receives\n");
        run.Output.ShouldMatch($"ok       store {Store}: sqlite [0-9.]+, schema [0-9]+\n");
        run.Output.ShouldContain("ok       accounts: 2 of 2 are accessible\n");
        run.Lines.Where(l => l.StartsWith("ok       services", StringComparison.Ordinal)).Select(l => l.Split(' ', ':')[^5])
            .ShouldBe(Catalog.ShippedCatalog.Instance.Services.Select(s => s.Key), run.Output);
        run.Lines.ShouldNotContain(l => l.StartsWith("problem ", StringComparison.Ordinal));
        proxy.RequestsFor("AssumeRole").Count.ShouldBe(1);
    }

    [EmulatorFact]
    public async Task Files_readable_by_others_are_reported_before_their_mode_is_corrected()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "There are no Unix modes.");
        await using var proxy = await StartProxyAsync();
        await RegisterAsync(proxy);
        File.SetUnixFileMode(Store, (UnixFileMode)0b110_100_100);
        File.SetUnixFileMode(_folder.FullName, (UnixFileMode)0b111_101_101);

        var run = await RunAsync(proxy);

        run.Code.ShouldBe(0, run.ToString());
        run.Output.ShouldContain($"warning  files {Store}: It has the mode 0644; others than its owner may use it.\n         Remedy: chmod 600 {Store}");
        run.Output.ShouldContain($"warning  files {_folder.FullName}: The folder has the mode 0755");
        File.GetUnixFileMode(Store).ShouldBe((UnixFileMode)0b110_000_000);
        (await RunAsync(proxy)).Output.ShouldNotContain($"files {Store}");
    }

    [EmulatorFact]
    public async Task A_role_that_cannot_be_assumed_and_a_denied_service_are_reported_with_remedies()
    {
        await using var proxy = await StartProxyAsync();
        await RegisterAsync(proxy);
        proxy.On("sts:AssumeRole").AccessDenied();
        proxy.On("s3:ListBuckets").AccessDenied();

        var run = await RunAsync(proxy);
        var json = JsonElement.Parse((await RunAsync(proxy, "--json")).Output);

        run.Code.ShouldBe(1, run.ToString());
        run.Output.ShouldContain($"problem  accounts {_estate.AccountId}: AccessDenied ");
        run.Output.ShouldContain($"Remedy: Deploy the template of GET /accounts/onboarding in account {_estate.AccountId}");
        run.Output.ShouldContain("ok       accounts: 1 of 2 are accessible\n");
        run.Output.ShouldContain($"problem  services s3: AWS denies s3:ListAllMyBuckets in {MotoServer.BaseAccount}.\n         Remedy: Allow them");
        run.Lines[^1].ShouldStartWith("2 problems");
        json.GetProperty("ok").GetBoolean().ShouldBeFalse();
        var diagnostics = json.GetProperty("diagnostics").EnumerateArray().Where(f => f.GetProperty("status").GetString() == "problem").ToList();
        diagnostics.Select(f => (f.GetProperty("check").GetString(), f.GetProperty("subject").GetString()))
            .ShouldBe([("accounts", _estate.AccountId), ("services", "s3")]);
        diagnostics.ShouldAllBe(f => f.GetProperty("remedy").GetString()!.Length > 0);
    }

    [EmulatorFact]
    public async Task A_missing_denied_or_redrive_less_queue_is_reported()
    {
        await using var proxy = await StartProxyAsync();
        var plain = await MakeQueueAsync(maxReceives: null);
        var hasty = await MakeQueueAsync(maxReceives: 1);

        var missing = await RunAsync(proxy, "--Events:QueueUrl=no-such-queue");
        var without = await RunAsync(proxy, $"--Events:QueueUrl={plain}");
        var once = await RunAsync(proxy, $"--Events:QueueUrl={hasty}");
        await _own.DoAsync("sqs", "SendMessage", new { QueueUrl = await UrlAsync(plain), MessageBody = "{}" });
        var waiting = await RunAsync(proxy, $"--Events:QueueUrl={plain}");
        proxy.On("sqs:GetQueueAttributes").AccessDenied();
        var denied = await RunAsync(proxy, $"--Events:QueueUrl={plain}");

        missing.Code.ShouldBe(1, missing.ToString());
        missing.Output.ShouldMatch("problem  queue no-such-queue: sqs:GetQueueUrl: .*\n         Remedy: Create the queue, or fix Events:QueueUrl");
        without.Code.ShouldBe(0, "a warning is not a problem");
        without.Output.ShouldContain($"warning  dead-letter queue {plain}: The queue has no redrive policy");
        once.Output.ShouldContain("maxReceiveCount is 1");
        waiting.Output.ShouldContain($"ok       queue {plain}: 1 messages are waiting; none was received");
        denied.Code.ShouldBe(1);
        denied.Output.ShouldContain("Remedy: Allow sqs:GetQueueAttributes on the queue");
    }

    [EmulatorFact]
    public async Task The_service_that_has_the_store_open_is_queried()
    {
        await using var proxy = await StartProxyAsync();
        await using var qrie = await RunningQrie.StartAtAsync(proxy.Url, Store);
        await qrie.PostAsync("/accounts", new { account_id = _estate.AccountId, regions = new[] { "eu-west-1" }, external_id = "known-to-the-service" });

        var well = await RunAsync(proxy, "--url", qrie.Http.BaseAddress!.ToString());
        proxy.On("s3:ListBuckets").ForAccount(_estate.AccountId).AccessDenied();
        var denied = await RunAsync(proxy, "--url", qrie.Http.BaseAddress!.ToString());

        well.Code.ShouldBe(0, well.ToString());
        well.Output.ShouldContain($"ok       store {Store}: in use by a running Qrie, so it was not opened; {qrie.Http.BaseAddress} reports: ok, sqlite ");
        well.Output.ShouldContain("ok       accounts: 2 of 2 are accessible, according to the running Qrie\n");
        denied.Code.ShouldBe(1, denied.ToString());
        denied.Output.ShouldContain($"problem  services {_estate.AccountId}: AWS denies s3:ListAllMyBuckets.");
    }

    [EmulatorFact]
    public async Task A_locked_or_invalid_store_is_a_problem()
    {
        await using var proxy = await StartProxyAsync();
        await RegisterAsync(proxy);

        CommandRun held;
        await using (SqliteDatabase.Open(Store))
        {
            held = await RunAsync(proxy, "--url", "http://127.0.0.1:9");
        }

        await File.WriteAllTextAsync(Store, "this is no database, and long enough for SQLite to see that it is none at all");
        var broken = await RunAsync(proxy);

        held.Code.ShouldBe(1, held.ToString());
        held.Output.ShouldContain($"problem  store {Store}: Another process has it open. No Qrie responds at http://127.0.0.1:9/");
        broken.Code.ShouldBe(1, broken.ToString());
        broken.Output.ShouldMatch($"problem  store {Store}: .*\n         Remedy: ");
    }

    [EmulatorFact]
    public async Task Before_the_first_start_there_is_no_store_and_none_is_created()
    {
        await using var proxy = await StartProxyAsync();

        var run = await RunAsync(proxy);

        run.Code.ShouldBe(0, run.ToString());
        run.Output.ShouldContain($"ok       store {Store}: There is no store yet");
        run.Output.ShouldContain("skipped  queue: Events are not processed");
        run.Output.ShouldContain("ok       accounts: 1 of 1 are accessible\n");
        _folder.GetFileSystemInfos().ShouldBeEmpty();
    }

    [EmulatorTheory]
    [InlineData(10, 1, "problem  clock: The clock is 600 s ahead of AWS")]
    [InlineData(-10, 1, "s behind AWS; AWS refuses signatures")]
    [InlineData(1, 0, "warning  clock: The clock is 60 s ahead of AWS")]
    public async Task A_wrong_clock_is_detected(int minutes, int code, string said)
    {
        await using var proxy = await StartProxyAsync();
        proxy.On("*").Where(r => r.AccessKey is null).Answer(_ => new FaultResponse(
            403, "text/plain", "",
            new Dictionary<string, string> { ["Date"] = DateTimeOffset.UtcNow.ToString("r", System.Globalization.CultureInfo.InvariantCulture) }));

        var run = await RunAsync(proxy, new OffsetClock(TimeSpan.FromMinutes(minutes)));

        run.Code.ShouldBe(code, run.ToString());
        run.Output.Replace("601 s", "600 s", StringComparison.Ordinal).Replace("599 s", "600 s", StringComparison.Ordinal)
            .Replace("61 s", "60 s", StringComparison.Ordinal).Replace("59 s", "60 s", StringComparison.Ordinal).ShouldContain(said);
    }

    [EmulatorFact]
    public async Task Without_credentials_the_other_checks_are_skipped()
    {
        await using var proxy = await StartProxyAsync();

        var run = await RunAsync(proxy, TimeProvider.System, _ => throw new AmazonClientException("nothing found"));

        run.Code.ShouldBe(1, run.ToString());
        run.Output.ShouldContain("problem  credentials: There are no usable AWS credentials.");
        run.Output.ShouldContain("Remedy: Set AWS_PROFILE");
        run.Output.ShouldContain("skipped  accounts: This needs working credentials");
        proxy.RequestsFor("AssumeRole").ShouldBeEmpty();
    }

    [EmulatorFact]
    public async Task When_stopped_it_prints_the_results_so_far()
    {
        await using var proxy = await StartProxyAsync();
        proxy.On("ec2:DescribeRegions").Hang();
        using var stop = new CancellationTokenSource();
        var running = RunAsync(proxy, TimeProvider.System, cancel: stop.Token);
        for (var i = 0; i < 300 && proxy.RequestsFor("DescribeRegions").Count == 0; i++)
        {
            await Task.Delay(50);
        }

        await stop.CancelAsync();
        var run = await running;

        run.Code.ShouldBe(1, run.ToString());
        run.Output.ShouldContain("ok       credentials: ");
        run.Lines[^1].ShouldStartWith("Stopped before all checks were run.");
    }

    [EmulatorFact]
    public async Task Invalid_settings_are_reported()
    {
        await using var proxy = await StartProxyAsync();

        var region = await RunAsync(proxy, "--Aws:Regions=us-east-1,nowhere-1");
        var attempts = await RunAsync(proxy, "--Aws:MaxAttempts=0");
        var usage = await RunAsync(proxy, "everything");

        region.Code.ShouldBe(1, region.ToString());
        region.Output.ShouldContain("problem  regions nowhere-1: It is named in Aws:Regions, but not enabled");
        attempts.Code.ShouldBe(1, attempts.ToString());
        attempts.Output.ShouldMatch("problem  configuration: .*MaxAttempts");
        (usage.Code, usage.Output).ShouldBe((2, ""));
        usage.Errors.ShouldContain("'everything' is not an option");
    }

    [EmulatorFact]
    public async Task A_catalog_whose_expressions_do_not_fit_the_models_is_a_problem_as_for_the_service()
    {
        await using var proxy = await StartProxyAsync();
        var own = _folder.CreateSubdirectory("catalog");
        await File.WriteAllTextAsync(Path.Combine(own.CreateSubdirectory("policies").FullName, "OwnPolicy.yaml"), """
            id: OwnPolicy
            title: A policy of an attribute that no bucket has
            description: None.
            resource: AWS::S3::Bucket
            category: data_protection
            severity: 10
            violation: "NoSuchAttribute == `true`"
            remediation: None.
            tests:
              - { name: good, config: { NoSuchAttribute: false }, expect: pass, absent: { NoSuchAttribute: pass } }
              - { name: bad, config: { NoSuchAttribute: true }, expect: fail }
            """);

        var run = await RunAsync(proxy, $"--Catalog:Path={own.FullName}");

        run.Code.ShouldBe(1, run.ToString());
        run.Output.ShouldContain("problem  catalog: ");
        run.Output.ShouldContain("NoSuchAttribute");
    }

    private static async Task<FaultProxy> StartProxyAsync()
    {
        var proxy = await FaultProxy.StartAsync();
        Lacking.AnswerEmpty(proxy);
        return proxy;
    }

    private Task<CommandRun> RunAsync(FaultProxy proxy, params string[] args) => RunAsync(proxy, TimeProvider.System, args: args);

    private Task<CommandRun> RunAsync(FaultProxy proxy, TimeProvider clock, params string[] args) => RunAsync(proxy, clock, null, default, args);

    private Task<CommandRun> RunAsync(
        FaultProxy proxy, TimeProvider clock, Func<CancellationToken, Task<AWSCredentials>>? credentials = null,
        CancellationToken cancel = default, params string[] args)
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Aws:Endpoint"] = proxy.Url.ToString(),
            ["Aws:Region"] = "us-east-1",
            ["Aws:RetryDelay"] = "00:00:00.020",
            ["Store:Path"] = Store,
        }).Build();
        return RunCommand.OfAsync(
            console => DoctorCommand.Build(console, () => configuration, services => services.AddSingleton(p => new AwsEngine(
                p.GetRequiredService<ModelCatalog>(), p.GetRequiredService<IOptions<AwsApiOptions>>().Value, p.GetRequiredService<AwsRegion>(),
                p.GetRequiredService<CallMeter>(), p.GetRequiredService<TimeProvider>(),
                p.GetRequiredService<ILogger<AwsApi>>(), credentials ?? EmulatedAws.TestCredentials))),
            args, clock, cancel: cancel);
    }

    /// <summary>A store with two accounts that no process has open.</summary>
    private async Task RegisterAsync(FaultProxy proxy)
    {
        await using var qrie = await RunningQrie.StartAtAsync(proxy.Url, Store);
        (await qrie.PostAsync("/accounts", new { account_id = _estate.AccountId, regions = new[] { "eu-west-1" } })).Status
            .ShouldBe(System.Net.HttpStatusCode.Created);
    }

    private async Task<string> MakeQueueAsync(int? maxReceives)
    {
        var name = $"doctor-{Guid.NewGuid():N}";
        var attributes = new Dictionary<string, string>();
        if (maxReceives is { } times)
        {
            await _own.DoAsync("sqs", "CreateQueue", new { QueueName = $"{name}-dead" });
            attributes["RedrivePolicy"] = JsonSerializer.Serialize(
                new { deadLetterTargetArn = $"arn:aws:sqs:us-east-1:{MotoServer.BaseAccount}:{name}-dead", maxReceiveCount = times });
        }

        await _own.DoAsync("sqs", "CreateQueue", new { QueueName = name, Attributes = attributes });
        return name;
    }

    private static async Task<string> UrlAsync(string name)
    {
        using var aws = await EmulatedAws.StartAsync();
        return (await new Qrie.Aws.Events.SqsQueues(aws.Engine, aws.Options, new AwsRegion("us-east-1")).FindAsync(name, default)).Succeeded[0].Url;
    }
}
