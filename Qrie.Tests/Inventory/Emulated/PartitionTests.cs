using System.Collections.Concurrent;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Qrie.Aws.Accounts;
using Qrie.Aws.Api;
using Qrie.Aws.Api.Metering;
using Qrie.Aws.Inventory;
using Qrie.Domain.Accounts;
using Qrie.Domain.Catalog;
using Qrie.Domain.Inventory;
using Qrie.Tests.Catalog;
using Qrie.Tests.Emulator;

namespace Qrie.Tests.Inventory.Emulated;

/// <summary>An account in each partition, read through a network that refuses hosts of other partitions.</summary>
public sealed class PartitionTests
{
    public static TheoryData<string, string> Partitions => new()
    {
        { "aws", "eu-central-1" },
        { "aws-cn", "cn-north-1" },
        { "aws-us-gov", "us-gov-east-1" },
        { "aws-eusc", "eusc-de-east-1" },
    };

    [EmulatorTheory]
    [MemberData(nameof(Partitions))]
    public async Task The_account_of_the_credentials_is_read_in_its_partition_only(string partition, string region)
    {
        using var network = new OnePartition(partition, await MotoServer.UrlAsync());
        using var meter = new CallMeter();
        using var engine = new AwsEngine(
            EmulatedAws.Models, new AwsApiOptions { RetryDelay = TimeSpan.Zero }, new AwsRegion(region), meter, TimeProvider.System, NullLogger.Instance,
            EmulatedAws.TestCredentials, network);
        var api = new Direct(engine, $"arn:{partition}:sts::{MotoServer.BaseAccount}:user/x");
        using var ambient = new AmbientIdentityLookup(api, new AwsRegion(region), TimeProvider.System);
        var principals = new PrincipalResolver(ambient, Options.Create(new AwsApiOptions()));
        var collector = new ResourceCollector(api, EmulatedAws.Models, new CatalogHolder(ShippedCatalog.Instance), principals, TimeProvider.System);
        var account = new Account { Organization = "default", AccountId = MotoServer.BaseAccount };

        foreach (var (service, where) in new[] { ("iam", Regions.Global), ("s3", Regions.Global), ("rds", region) })
        {
            await foreach (var item in collector.CollectAsync(new CollectionUnit(account, where, service), default))
            {
                foreach (var resource in (item as ResourcesCollected)?.Resources ?? [])
                {
                    resource.Arn.ShouldStartWith($"arn:{partition}:");
                }

                (item as TypeListed)?.Outcome.ShouldBe(ListOutcome.Complete, $"{service} {item}");
            }
        }

        network.Refused.ShouldBeEmpty();
        network.Asked.ShouldContain(host => host.StartsWith("iam.", StringComparison.Ordinal));
    }

    private sealed class Direct(AwsEngine engine, string callerArn) : IAwsApi
    {
        public Task<AwsResult> CallAsync(AwsCall call, CancellationToken cancel) => call.Operation == "GetCallerIdentity"
            ? Task.FromResult(AwsResult.Success(
                System.Text.Json.JsonSerializer.SerializeToElement(new { Account = MotoServer.BaseAccount, Arn = callerArn, UserId = "u" }),
                DateTimeOffset.UtcNow, "request"))
            : engine.SendAsync(call, redactor: null, cancel);
    }

    /// <summary>Forwards requests to hosts of one partition to the emulator, and refuses others.</summary>
    private sealed class OnePartition(string partition, Uri emulator) : HttpMessageHandler
    {
        private readonly HttpMessageInvoker _forward = new(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false });

        public ConcurrentQueue<string> Asked { get; } = new();

        public ConcurrentQueue<string> Refused { get; } = new();

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var host = request.RequestUri!.Host;
            var signedFor = request.Headers.NonValidated["Authorization"].ToString().Split("Credential=")[1].Split('/')[2];
            Asked.Enqueue(host);
            if (EmulatedAws.Models.Endpoints.PartitionOf(signedFor).Name != partition || !host.EndsWith(SuffixOf(partition), StringComparison.Ordinal))
            {
                Refused.Enqueue($"{host} {signedFor}");
                throw new HttpRequestException($"{host} is in another partition than {partition}");
            }

            // Buckets and accounts in host names are moved to the path.
            var label = host.Split('.') is [var first, "s3", ..] ? "/" + first : "";
            request.RequestUri = new Uri(emulator, label + request.RequestUri.PathAndQuery);
            request.Headers.Host = emulator.Authority;
            return await _forward.SendAsync(request, cancellationToken);
        }

        protected override void Dispose(bool disposing)
        {
            _forward.Dispose();
            base.Dispose(disposing);
        }

        private static string SuffixOf(string name) => name switch
        {
            "aws-cn" => ".amazonaws.com.cn",
            "aws-eusc" => ".amazonaws.eu",
            _ => ".amazonaws.com",
        };
    }
}
