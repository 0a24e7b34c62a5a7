using System.Collections.Concurrent;
using System.Globalization;
using System.Reflection;
using Amazon.DynamoDBv2;
using Amazon.Runtime;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Qrie.Domain;
using Qrie.Domain.Accounts;
using Qrie.Dynamo;
using Qrie.Tests.Emulator;

namespace Qrie.Tests.Stores.Dynamo;

/// <summary>Tables of their own for each test, in the emulator.</summary>
internal static class DynamoServer
{
    private static int _stores;

    /// <summary>An empty store for contract suites.</summary>
    public static async Task<StoreSet> EmptyAsync()
    {
        if (Requirements.MissingProgram("moto_server") is { } missing)
        {
            Assert.Skip(missing);
        }

        return await StoreSets.PrepareAsync(ProviderOf(await MotoServer.UrlAsync()), () => ValueTask.CompletedTask);
    }

    /// <summary>The registered stores, not prepared; those that do not exist yet refuse every call.</summary>
    /// <param name="settings">Null for the defaults, with a prefix that nobody else has.</param>
    /// <param name="clock">Null for the system's.</param>
    public static ServiceProvider ProviderOf(Uri url, DynamoSettings? settings = null, TimeProvider? clock = null)
    {
        var services = new ServiceCollection().AddSingleton(clock ?? TimeProvider.System).AddDynamoStores(settings ?? NewSettings(), _ => ClientOf(url));
        foreach (var port in typeof(IAccountStore).Assembly.GetTypes()
            .Where(t => t is { IsInterface: true, IsPublic: true } && (t.Name.EndsWith("Store", StringComparison.Ordinal) || t == typeof(IInstallation))))
        {
            services.TryAdd(ServiceDescriptor.Singleton(port, _ => DispatchProxy.Create(port, typeof(Missing))));
        }

        return services.BuildServiceProvider();
    }

    public static DynamoSettings NewSettings() => new()
    {
        TablePrefix = string.Create(CultureInfo.InvariantCulture, $"t{Environment.ProcessId}_{Interlocked.Increment(ref _stores)}_"),
    };

    public static AmazonDynamoDBClient ClientOf(Uri url)
    {
        var config = new AmazonDynamoDBConfig { ServiceURL = url.ToString(), AuthenticationRegion = "us-east-1", HttpClientFactory = new OneAtATime(url) }
            .ConfigureClient();
        config.Timeout = TimeSpan.FromSeconds(100); // others may be before
        return new AmazonDynamoDBClient(new BasicAWSCredentials("testing", "testing"), config);
    }

    /// <summary>
    /// Sends the requests of all clients of an address one after the other: moto 5.2.1 copies whole tables before a transaction and, if a condition fails, puts
    /// the copies back, which undoes what other requests wrote meanwhile.
    /// </summary>
    private sealed class OneAtATime(Uri url) : HttpClientFactory
    {
        private static readonly ConcurrentDictionary<Uri, SemaphoreSlim> s_gates = new();

        public override HttpClient CreateHttpClient(IClientConfig clientConfig) =>
            new(new Gate(s_gates.GetOrAdd(url, _ => new SemaphoreSlim(1)))) { Timeout = TimeSpan.FromSeconds(100) };

        private sealed class Gate(SemaphoreSlim gate) : DelegatingHandler(new SocketsHttpHandler { UseProxy = false })
        {
            protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
            {
                await gate.WaitAsync(cancellationToken);
                try
                {
                    return await base.SendAsync(request, cancellationToken);
                }
                finally
                {
                    gate.Release();
                }
            }
        }
    }

    /// <summary>A port that is not implemented.</summary>
    public class Missing : DispatchProxy
    {
        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) =>
            throw new NotSupportedException($"{targetMethod!.DeclaringType!.Name}.{targetMethod.Name} does not exist on DynamoDB yet.");
    }
}
