using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Amazon.Runtime;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Qrie.Aws.Api;
using Qrie.Aws.Api.Metering;
using Qrie.Aws.Api.Models;
using Qrie.Aws.Api.Protocol;
using Qrie.Aws.Api.Redaction;

namespace Qrie.Benchmarks.Api;

/// <summary>
/// <c>api</c>: the speed of loading models, parsing responses (compared with botocore on the same bodies if python3 has it), and calls through the whole
/// engine. <c>--groups n</c> and <c>--functions n</c> set the size of the bodies, <c>--calls n</c> the number of calls.
/// </summary>
internal sealed class ApiWorkload : IWorkload
{
    private readonly ModelCatalog _models = ModelCatalog.OpenShipped();
    private FigureWriter _figures = null!;

    public string Name => "api";

    public string Description => "loading service models, parsing responses compared with botocore, calls through the whole engine";

    public async Task<int> RunAsync(string[] args, FigureWriter figures)
    {
        _figures = figures;
        var groups = Option(args, "--groups", 500);
        var functions = Option(args, "--functions", 500);
        var calls = Option(args, "--calls", 4000);
        LoadModels();
        var (xml, json) = (SecurityGroups(groups), Functions(functions));
        Parse("xml", "ec2", "DescribeSecurityGroups", xml, redactor: null);
        Parse("xml.redacting", "ec2", "DescribeSecurityGroups", xml, NewRedactor());
        Parse("json", "lambda", "ListFunctions", json, redactor: null);
        Parse("json.redacting", "lambda", "ListFunctions", json, NewRedactor());
        await ParseByBotocoreAsync("xml", "ec2", "DescribeSecurityGroups", xml);
        await ParseByBotocoreAsync("json", "lambda", "ListFunctions", json);
        await CallAsync(calls);
        return 0;
    }

    private void LoadModels()
    {
        var files = Path.Combine(AppContext.BaseDirectory, "catalog", "aws");
        ModelCatalog.Open(files).FindService("sts");
        Report("api.models.one", Time(() => ModelCatalog.Open(files).FindService("s3")).TotalMilliseconds, "ms");
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var catalog = ModelCatalog.Open(files);
        var all = Time(() => catalog.Services.ToList().ForEach(s => catalog.FindService(s)));
        Report("api.models.all", all.TotalMilliseconds, "ms");
        Report("api.models.kept", (GC.GetTotalMemory(forceFullCollection: true) - before) / 1e6, "MB");
        Report("api.models.services", catalog.Services.Count, "services");
        Report("api.models.operations", catalog.Services.Sum(s => catalog.FindService(s)!.Operations.Count), "operations");
        GC.KeepAlive(catalog);
    }

    private void Parse(string name, string service, string operation, byte[] body, Redactor? redactor)
    {
        var model = _models.FindService(service)!;
        void Read() => ResponseReader.Read(model, model.FindOperation(operation)!, body, 200, NoHeaders.Instance, redactor);
        Time(Read, seconds: 0.5);
        var before = GC.GetAllocatedBytesForCurrentThread();
        var (times, elapsed) = Time(Read, seconds: 2);
        var allocated = (GC.GetAllocatedBytesForCurrentThread() - before) / (double)times;
        Report($"api.parse.{name}", body.Length * (double)times / elapsed.TotalSeconds / 1e6, "MB/s");
        Report($"api.parse.{name}.allocated", allocated / 1e6, "MB");
    }

    private async Task ParseByBotocoreAsync(string name, string service, string operation, byte[] body)
    {
        const string Script = """
            import sys, time, botocore.session, botocore.parsers
            service, operation = sys.argv[1:3]
            body = sys.stdin.buffer.read()
            model = botocore.session.get_session().get_service_model(service)
            parser = botocore.parsers.create_parser(model.metadata["protocol"])
            shape = model.operation_model(operation).output_shape
            parse = lambda: parser.parse({"body": body, "headers": {}, "status_code": 200}, shape)
            parse(); n, t = 0, time.perf_counter()
            while time.perf_counter() - t < 2: parse(); n += 1
            print(len(body) * n / (time.perf_counter() - t) / 1e6)
            """;
        try
        {
            using var process = Process.Start(new ProcessStartInfo("python3", ["-c", Script, service, operation])
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            })!;
            await process.StandardInput.BaseStream.WriteAsync(body);
            process.StandardInput.Close();
            var output = await process.StandardOutput.ReadToEndAsync();
            await process.WaitForExitAsync();
            if (process.ExitCode == 0)
            {
                Report($"api.parse.{name}.botocore", double.Parse(output, CultureInfo.InvariantCulture), "MB/s");
            }
        }
        catch (System.ComponentModel.Win32Exception)
        {
            // Without python3 there is no comparison.
        }
    }

    /// <summary>Small calls through the whole engine, including signatures, to a server in this process that responds at once.</summary>
    private async Task CallAsync(int calls)
    {
        await using var server = await StartServerAsync();
        var url = server.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        using var meter = new CallMeter();
        var options = new AwsApiOptions { Endpoint = url, MaxRate = 10_000, MaxConcurrency = 64 };
        using var engine = new AwsEngine(
            _models, options, new AwsRegion("us-east-1"), meter, TimeProvider.System, NullLogger.Instance,
            _ => Task.FromResult<AWSCredentials>(new BasicAWSCredentials("key", "secret")));

        // Every region has its own limiter, which starts slowly, so all of them are warmed up first.
        await SendAsync(engine, calls / 2, tasks: 16);
        var before = GC.GetTotalAllocatedBytes(precise: true);
        var watch = Stopwatch.StartNew();
        await SendAsync(engine, calls, tasks: 16);
        Report("api.calls", calls / watch.Elapsed.TotalSeconds, "calls/s");
        Report("api.calls.allocated", (GC.GetTotalAllocatedBytes(precise: true) - before) / (double)calls / 1e3, "kB/call, server included");
    }

    private static Task SendAsync(AwsEngine engine, int calls, int tasks)
    {
        var next = 0;
        var redactor = NewRedactor();
        return Task.WhenAll(Enumerable.Range(0, tasks).Select(async task =>
        {
            while (Interlocked.Increment(ref next) <= calls)
            {
                var call = new AwsCall(new AwsPrincipal($"{task:000000000000}"), "us-east-1", "sts", "GetCallerIdentity");
                if ((await engine.SendAsync(call, redactor, CancellationToken.None)).Error is { } error)
                {
                    throw new InvalidOperationException(error.Message);
                }
            }
        }));
    }

    private static async Task<WebApplication> StartServerAsync()
    {
        const string Answer =
            """<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>"""
            + "<Arn>arn:aws:sts::123456789012:user/moto</Arn><UserId>AIDAJDPLRKLG7UEXAMPLE</UserId><Account>123456789012</Account>"
            + "</GetCallerIdentityResult><ResponseMetadata><RequestId>c6104cbe-af31-11e0-8154-cbc7ccf896c7</RequestId></ResponseMetadata>"
            + "</GetCallerIdentityResponse>";
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var server = builder.Build();
        server.Run(http => http.Response.WriteAsync(Answer));
        await server.StartAsync();
        return server;
    }

    private static byte[] SecurityGroups(int count)
    {
        var text = new StringBuilder(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<DescribeSecurityGroupsResponse "
            + "xmlns=\"http://ec2.amazonaws.com/doc/2016-11-15/\"><requestId>r</requestId><securityGroupInfo>");
        for (var i = 0; i < count; i++)
        {
            text.Append(
                CultureInfo.InvariantCulture,
                $"<item><ownerId>123456789012</ownerId><groupId>sg-{i:x17}</groupId><groupName>group-{i}</groupName>"
                + $"<groupDescription>group number {i}</groupDescription><vpcId>vpc-{i % 7:x17}</vpcId><ipPermissions>");
            foreach (var port in new[] { 22, 443, 3306 })
            {
                text.Append(
                    CultureInfo.InvariantCulture,
                    $"<item><ipProtocol>tcp</ipProtocol><fromPort>{port}</fromPort><toPort>{port}</toPort><groups/><ipRanges>"
                    + $"<item><cidrIp>10.{i % 256}.0.0/16</cidrIp><description>office</description></item></ipRanges><ipv6Ranges/><prefixListIds/></item>");
            }

            text.Append(
                "</ipPermissions><ipPermissionsEgress><item><ipProtocol>-1</ipProtocol><groups/><ipRanges><item><cidrIp>0.0.0.0/0</cidrIp></item></ipRanges>"
                + "</item></ipPermissionsEgress><tagSet><item><key>Name</key><value>a name</value></item></tagSet></item>");
        }

        return Encoding.UTF8.GetBytes(text.Append("</securityGroupInfo></DescribeSecurityGroupsResponse>").ToString());
    }

    private static byte[] Functions(int count) => JsonSerializer.SerializeToUtf8Bytes(new
    {
        Functions = Enumerable.Range(0, count).Select(i => new
        {
            FunctionName = $"function-{i}",
            FunctionArn = $"arn:aws:lambda:us-east-1:123456789012:function:function-{i}",
            Runtime = "python3.12",
            Role = "arn:aws:iam::123456789012:role/service-role/lambda",
            Handler = "app.handler",
            CodeSize = 1000 + i,
            Description = "a function of the benchmark",
            Timeout = 30,
            MemorySize = 512,
            LastModified = "2024-05-01T10:00:00.000+0000",
            CodeSha256 = "p6qYvQ9Zb3o1V2m4x5c6v7b8n9m0a1s2d3f4g5h6j7k=",
            Version = "$LATEST",
            VpcConfig = new { SubnetIds = new[] { "subnet-0a", "subnet-0b" }, SecurityGroupIds = new[] { "sg-0a" }, VpcId = "vpc-0a" },
            Environment = new { Variables = new { STAGE = "production", TABLE = $"table-{i}" } },
            TracingConfig = new { Mode = "Active" },
            RevisionId = "4b7f0f6e-7a0e-4c0e-9c9e-1c6f5f0e2b1a",
            PackageType = "Zip",
            Architectures = new[] { "arm64" },
        }),
    });

    private static Redactor NewRedactor() => new(new RedactionKey(), RedactionRules.None);

    private static TimeSpan Time(Action action)
    {
        var watch = Stopwatch.StartNew();
        action();
        return watch.Elapsed;
    }

    private static (int Times, TimeSpan Elapsed) Time(Action action, double seconds)
    {
        var (times, watch) = (0, Stopwatch.StartNew());
        for (; watch.Elapsed.TotalSeconds < seconds; times++)
        {
            action();
        }

        return (times, watch.Elapsed);
    }

    private static int Option(string[] arguments, string name, int fallback) =>
        Array.IndexOf(arguments, name) is >= 0 and var at && at + 1 < arguments.Length ? int.Parse(arguments[at + 1], CultureInfo.InvariantCulture) : fallback;

    private void Report(string name, double value, string unit) => _figures.Write(name, value, unit);

    private sealed class NoHeaders : IResponseHeaders
    {
        public static NoHeaders Instance { get; } = new();

        public IEnumerable<string> Names => [];

        public string? Find(string name) => null;
    }
}
