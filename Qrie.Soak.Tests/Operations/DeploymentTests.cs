using System.Diagnostics;
using System.Net;
using System.Text.Json;
using Qrie.Api.Hosting;
using Qrie.Benchmarks.Processes;
using Qrie.Tests.Emulator;

namespace Qrie.Soak.Tests.Operations;

/// <summary>
/// The steps of docs/deploy.md: the stacks in the emulator, then the service as a process with exactly the environment of the stack's task, because the
/// emulator cannot run tasks. Images and what the emulator ignores (load balancer, alarms, scaling, attached policies) are not tested here.
/// </summary>
public sealed class DeploymentTests : IDisposable
{
    private const string HostName = "qrie.example.com";
    private const string Policy = "S3BucketVersioningDisabled";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("qrie-deploy-");
    private readonly string _run = Guid.NewGuid().ToString("N")[..8];

    private string Stack => $"qrie-{_run}";

    public void Dispose() => _folder.Delete(recursive: true);

    [SoakFact("moto_server", "aws")]
    public async Task From_the_stack_to_the_first_finding_with_sqlite()
    {
        await CreateCoreAsync();
        var settings = await SettingsAsync();
        settings.Keys.ShouldNotContain(name => name.StartsWith("Store__", StringComparison.Ordinal));
        var bucket = $"deployed-{_run}";
        await Estate.Of(MotoServer.BaseAccount).DoAsync("s3", "CreateBucket", new { Bucket = bucket });

        await using var service = await StartAsync(settings);
        (await service.PostAsync("/scans", new { kind = "inventory", service = "s3" }, default)).Status.ShouldBe(HttpStatusCode.Accepted);
        await service.FinishedScansAsync(default);
        (await service.PostAsync("/policies", new { policy_id = Policy }, default)).Status.ShouldBe(HttpStatusCode.Created);
        await service.FinishedScansAsync(default);

        (await service.AllAsync("/findings", "findings", default))
            .ShouldContain(f => f.GetProperty("arn").GetString() == $"arn:aws:s3:::{bucket}" && f.GetProperty("policy").GetString() == Policy);
        service.Log.ShouldAllBe(line => line.StartsWith('{'), "the alarms read JSON");
    }

    [SoakFact("moto_server", "aws")]
    public async Task The_service_of_the_stack_uses_the_tables_and_queues_of_the_other_stack()
    {
        var (tables, prefix, queue) = ($"{Stack}-tables", $"q{_run}_", $"work-{_run}");
        await CreateAsync(tables, "qrie-dynamodb.yaml", ("TablePrefix", prefix), ("WorkQueue", queue));
        await CreateCoreAsync(
            ("DynamoPolicyArn", await OutputAsync(tables, "UseTables")), ("TablePrefix", prefix), ("WorkQueue", queue), ("MaxTasks", "4"));

        await using var service = await StartAsync(await SettingsAsync());

        (await service.GetAsync("/health/ready", default)).Status.ShouldBe(HttpStatusCode.OK);
        (await service.GetAsync("/accounts", default)).Body.EnumerateArray()
            .ShouldContain(a => a.GetProperty("account_id").GetString() == MotoServer.BaseAccount);
        var accounts = JsonElement.Parse(await AwsAsync("dynamodb", "scan", "--table-name", $"{prefix}accounts"));
        accounts.GetProperty("Items")[0].GetProperty("AccountId").GetProperty("S").GetString().ShouldBe(MotoServer.BaseAccount);
    }

    private async Task CreateCoreAsync(params (string Name, string Value)[] more)
    {
        var certificate = JsonElement.Parse(await AwsAsync("acm", "request-certificate", "--domain-name", HostName)).GetProperty("CertificateArn").GetString()!;
        var subnets = JsonElement.Parse(await AwsAsync("ec2", "describe-subnets")).GetProperty("Subnets").EnumerateArray().Take(2).ToList();
        await CreateAsync(
            Stack, "qrie-core.yaml",
            [
                ("Image", "registry.example.com/qrie:1"), ("VpcId", subnets[0].GetProperty("VpcId").GetString()!),
                ("SubnetIds", string.Join(',', subnets.Select(s => s.GetProperty("SubnetId").GetString()))),
                ("CertificateArn", certificate), ("HostName", HostName), ("OrganizationId", "o-abcdefghij"), .. more,
            ]);
    }

    private static async Task CreateAsync(string stack, string template, params (string Name, string Value)[] parameters)
    {
        var body = await File.ReadAllTextAsync(Path.Combine(AppContext.BaseDirectory, "deploy", template));
        await AwsAsync(
            "cloudformation", "create-stack", "--stack-name", stack, "--template-body", body, "--capabilities", "CAPABILITY_IAM", "--parameters",
            JsonSerializer.Serialize(parameters.Select(p => new { ParameterKey = p.Name, ParameterValue = p.Value })));
        await AwsAsync("cloudformation", "wait", "stack-create-complete", "--stack-name", stack);
    }

    private static async Task<string> OutputAsync(string stack, string name) =>
        JsonElement.Parse(await AwsAsync("cloudformation", "describe-stacks", "--stack-name", stack)).GetProperty("Stacks")[0].GetProperty("Outputs")
            .EnumerateArray().Single(o => o.GetProperty("OutputKey").GetString() == name).GetProperty("OutputValue").GetString()!;

    /// <summary>The environment of the task.</summary>
    private async Task<Dictionary<string, string?>> SettingsAsync()
    {
        var task = JsonElement.Parse(await AwsAsync("ecs", "describe-task-definition", "--task-definition", Stack)).GetProperty("taskDefinition");
        return task.GetProperty("containerDefinitions")[0].GetProperty("environment").EnumerateArray()
            .Where(e => e.ValueKind == JsonValueKind.Object) // the emulator leaves nulls where AWS leaves out
            .ToDictionary(e => e.GetProperty("name").GetString()!, e => e.GetProperty("value").GetString());
    }

    /// <summary>Creates the first key, as the page says, and starts the service, which is used with it from then on.</summary>
    private async Task<QrieProcess> StartAsync(Dictionary<string, string?> settings)
    {
        var emulator = await MotoServer.UrlAsync();
        var store = Path.Combine(_folder.FullName, "qrie.db");
        var key = await RunAsync(
            "dotnet", [typeof(QrieHost).Assembly.Location, "keys", "create", "--role", "admin"],
            new(settings) { ["Store__Path"] = store, ["Aws__Endpoint"] = emulator.ToString() });
        var service = QrieProcess.Spawn(
            store, emulator, settings.Select(setting => $"--{setting.Key.Replace("__", ":", StringComparison.Ordinal)}={setting.Value}"));
        (await service.ReadyAsync(default)).ShouldBeTrue(string.Join('\n', service.Log));
        (await service.GetAsync("/accounts", default)).Status.ShouldBe(HttpStatusCode.Unauthorized);
        service.Http.DefaultRequestHeaders.Host = HostName;
        service.Http.DefaultRequestHeaders.Add("X-Api-Key", key.Trim());
        return service;
    }

    private static async Task<string> AwsAsync(params string[] arguments)
    {
        var url = await MotoServer.UrlAsync();
        return await RunAsync("aws", ["--endpoint-url", url.ToString(), "--region", "us-east-1", "--output", "json", .. arguments], []);
    }

    private static async Task<string> RunAsync(string program, IReadOnlyList<string> arguments, Dictionary<string, string?> environment)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        start.Environment["AWS_ACCESS_KEY_ID"] = "testing";
        start.Environment["AWS_SECRET_ACCESS_KEY"] = "testing";
        start.Environment["AWS_EC2_METADATA_DISABLED"] = "true";
        using var process = Process.Start(start)!;
        var texts = await Task.WhenAll(process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        process.ExitCode.ShouldBe(0, $"{program} {string.Join(' ', arguments.Take(6))}: {texts[1]}");
        return texts[0];
    }
}
