using System.Collections.Concurrent;
using Amazon.Runtime;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Qrie.Dynamo;
using Qrie.Tests.Emulator;

namespace Qrie.Tests.Stores.Dynamo;

/// <summary>The DynamoDB of moto, the emulator of the other AWS services: tables of their own for each test.</summary>
internal static class MotoDynamo
{
    public static async Task<StoreSet> EmptyAsync() => await StoreSets.PrepareAsync(await ServicesAsync(), () => ValueTask.CompletedTask, share: 10);

    /// <summary>The registered stores, not prepared. Skips the test if moto is missing.</summary>
    public static async Task<ServiceProvider> ServicesAsync()
    {
        if (Requirements.MissingProgram("moto_server") is { } missing)
        {
            Assert.Skip(missing);
        }

        var url = await MotoServer.UrlAsync();
        return new ServiceCollection().AddSingleton(TimeProvider.System).AddSingleton(typeof(ILogger<>), typeof(NullLogger<>))
            .AddDynamoStores(DynamoServer.NewSettings(), _ => DynamoServer.ClientOf(url, new OneAtATime(url))).BuildServiceProvider();
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
}
