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
    public static ServiceProvider ProviderOf(Uri url, DynamoSettings? settings = null)
    {
        var services = new ServiceCollection().AddDynamoStores(settings ?? NewSettings(), _ => ClientOf(url));
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

    public static AmazonDynamoDBClient ClientOf(Uri url) => new(
        new BasicAWSCredentials("testing", "testing"),
        new AmazonDynamoDBConfig { ServiceURL = url.ToString(), AuthenticationRegion = "us-east-1" }.ConfigureClient());

    /// <summary>A port that is not implemented.</summary>
    public class Missing : DispatchProxy
    {
        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) =>
            throw new NotSupportedException($"{targetMethod!.DeclaringType!.Name}.{targetMethod.Name} does not exist on DynamoDB yet.");
    }
}
