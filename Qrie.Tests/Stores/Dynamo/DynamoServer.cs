using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using Amazon.DynamoDBv2;
using Amazon.DynamoDBv2.Model;
using Amazon.Runtime;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Qrie.Dynamo;
using Qrie.Dynamo.Tables;
using Qrie.Tests.Emulator;
using Qrie.Tests.Support;

namespace Qrie.Tests.Stores.Dynamo;

/// <summary>
/// Amazon's DynamoDB Local, which is part of a package of npm: transactions, conditions and client tokens as in AWS. One server per test run, on a free port of
/// loopback, started on first use and stopped with the run. Tables are emptied after a test and used again.
/// </summary>
internal static class DynamoServer
{
    private static readonly Lazy<Task<Uri>> s_started = new(StartAsync);
    private static readonly ConcurrentBag<DynamoSettings> s_idle = [];
    private static int _stores;

    /// <summary>Property tests in full would take many minutes here; the soak tests take a fifth of the samples.</summary>
    public static int Share => IsSoak ? 5 : 10;

    public static bool IsSoak => Environment.GetEnvironmentVariable("QRIE_SOAK") == "1";

    /// <summary>Why tests that need it are skipped; null if they run.</summary>
    public static string? Missing => NpmPackage.Missing(NpmPackage.DynamoLocal) ?? Requirements.MissingProgram("java");

    /// <summary>Its address. Skips the test if it is missing.</summary>
    public static async Task<Uri> UrlAsync()
    {
        if (Missing is { } missing)
        {
            Assert.Skip(missing);
        }

        return await s_started.Value;
    }

    /// <summary>Uses the tables that an earlier test has left, or new names of tables.</summary>
    public static async Task<T> WithTablesAsync<T>(Func<Uri, DynamoSettings, Task<T>> use)
    {
        var url = await UrlAsync();
        var settings = s_idle.TryTake(out var idle) ? idle : NewSettings();
        var result = await use(url, settings);
        await ClearAsync(url, settings);
        s_idle.Add(settings);
        return result;
    }

    /// <summary>An empty store for contract suites.</summary>
    public static async Task<StoreSet> EmptyAsync()
    {
        var url = await UrlAsync();
        var settings = s_idle.TryTake(out var idle) ? idle : NewSettings();
        return await StoreSets.PrepareAsync(
            ProviderOf(url, settings),
            async () =>
            {
                await ClearAsync(url, settings);
                s_idle.Add(settings);
            },
            Share);
    }

    /// <summary>The registered stores, not prepared.</summary>
    /// <param name="settings">Null for the defaults, with a prefix that nobody else has.</param>
    /// <param name="clock">Null for the system's.</param>
    public static ServiceProvider ProviderOf(Uri url, DynamoSettings? settings = null, TimeProvider? clock = null) =>
        new ServiceCollection().AddSingleton(clock ?? TimeProvider.System).AddSingleton(typeof(ILogger<>), typeof(NullLogger<>))
            .AddDynamoStores(settings ?? NewSettings(), _ => ClientOf(url)).BuildServiceProvider();

    public static DynamoSettings NewSettings() => new()
    {
        TablePrefix = string.Create(CultureInfo.InvariantCulture, $"t{Environment.ProcessId}_{Interlocked.Increment(ref _stores)}_"),
        LookedAt = 5000 / Share,
        CounterShards = IsSoak ? 3 : 1,
    };

    public static AmazonDynamoDBClient ClientOf(Uri url, HttpClientFactory? http = null)
    {
        var config = new AmazonDynamoDBConfig { ServiceURL = url.ToString(), AuthenticationRegion = "us-east-1", HttpClientFactory = http }.ConfigureClient();
        config.Timeout = TimeSpan.FromSeconds(60); // the processors of a test run are busy
        return new AmazonDynamoDBClient(new BasicAWSCredentials("testing", "testing"), config);
    }

    /// <summary>Deletes all items.</summary>
    private static async Task ClearAsync(Uri url, DynamoSettings settings)
    {
        using var client = ClientOf(url);
        foreach (var table in StoreTables.All)
        {
            var name = settings.TablePrefix + table.Name;
            string[] keys = table.Range is { } range ? [table.Hash, range] : [table.Hash];
            for (Dictionary<string, AttributeValue>? from = null; ;)
            {
                var page = await client.ScanAsync(new ScanRequest
                {
                    TableName = name,
                    ExclusiveStartKey = from,
                    ProjectionExpression = string.Join(", ", keys.Select((_, i) => $"#{i}")),
                    ExpressionAttributeNames = keys.Select((key, i) => (key, i)).ToDictionary(k => $"#{k.i}", k => k.key), // "Type" is a reserved word
                });
                foreach (var some in page.Items.Chunk(25))
                {
                    await client.BatchWriteItemAsync(new Dictionary<string, List<WriteRequest>>
                    {
                        [name] = [.. some.Select(item => new WriteRequest { DeleteRequest = new DeleteRequest { Key = item } })],
                    });
                }

                if (page.LastEvaluatedKey is not { Count: > 0 } last)
                {
                    break;
                }

                from = last;
            }
        }
    }

    private static async Task<Uri> StartAsync()
    {
        var (port, folder) = (MotoServer.FreePort(), NpmPackage.PathOf("amplify-dynamodb-simulator", "emulator"));

        // When this process ends for any reason, the pipe closes, cat exits, and the server with it.
        var start = new ProcessStartInfo(
            "/bin/sh",
            [
                "-c",
                $"cd '{folder}' && java -Xmx512m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Djava.library.path=DynamoDBLocal_lib -jar DynamoDBLocal.jar "
                + $"-inMemory -sharedDb -port {port} >/dev/null 2>&1 & server=$!; cat >/dev/null; kill $server",
            ])
        {
            RedirectStandardInput = true,
        };
        var process = Process.Start(start)!;
        AppDomain.CurrentDomain.ProcessExit += (_, _) => process.StandardInput.Dispose();

        var url = new Uri($"http://127.0.0.1:{port}");
        using var client = ClientOf(url);
        for (var waited = Stopwatch.StartNew(); waited.Elapsed < TimeSpan.FromSeconds(60);)
        {
            try
            {
                await client.ListTablesAsync();
                return url;
            }
            catch (Exception e) when (e is HttpRequestException or AmazonServiceException or AmazonClientException)
            {
                await Task.Delay(100);
            }
        }

        throw new InvalidOperationException("DynamoDB Local did not start within a minute.");
    }
}

/// <summary>A test that needs DynamoDB Local.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class DynamoFactAttribute : FactAttribute
{
    public DynamoFactAttribute() => Skip = DynamoServer.Missing;
}

/// <summary>A test with data that needs DynamoDB Local.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class DynamoTheoryAttribute : TheoryAttribute
{
    public DynamoTheoryAttribute() => Skip = DynamoServer.Missing;
}
