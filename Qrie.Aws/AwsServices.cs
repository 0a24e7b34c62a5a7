using Amazon.Runtime.CredentialManagement;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Qrie.Aws.Accounts;
using Qrie.Aws.Api;
using Qrie.Aws.Api.Metering;
using Qrie.Aws.Api.Models;
using Qrie.Aws.Api.Redaction;
using Qrie.Aws.Archiving;
using Qrie.Aws.Events;
using Qrie.Aws.Onboarding;
using Qrie.Aws.SecurityHub;
using Qrie.Aws.Sns;
using Qrie.Domain.Archiving;
using Qrie.Domain.Work;

namespace Qrie.Aws;

/// <summary>Registers Qrie's AWS services.</summary>
public static class AwsServices
{
    /// <summary>
    /// Adds <see cref="IAwsApi"/>, <see cref="ModelCatalog"/>, <see cref="ReadList"/>, <see cref="CallMeter"/>, <see cref="AmbientIdentityLookup"/>, <see
    /// cref="SqsQueues"/>, <see cref="SecurityHubImport"/>, <see cref="SnsPublisher"/>, <see cref="IArchiveBucket"/>, <see cref="PrincipalResolver"/>, <see
    /// cref="AwsRegion"/>, <see cref="OnboardingBundleFactory"/> and <see cref="AccountCheck"/>. A <see cref="TimeProvider"/> and <see cref="RedactionRules"/>
    /// that are already registered are used. To record or replay, register the decorator as <see cref="IAwsApi"/> afterwards; the last registration counts.
    /// </summary>
    public static IServiceCollection AddQrieAws(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<AwsApiOptions>()
            .Bind(configuration.GetSection(AwsApiOptions.Section))
            .PostConfigure(o =>
            {
                o.Endpoint = NotEmpty(o.Endpoint) ?? NotEmpty(configuration["AWS_ENDPOINT_URL"]);
                o.Region = NotEmpty(o.Region);
                o.Regions = NotEmpty(o.Regions);
                o.ExternalId = NotEmpty(o.ExternalId);
            })
            .ValidateDataAnnotations()
            .ValidateOnStart();
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(RedactionRules.None);
        services.AddSingleton<RedactionKey>();
        services.AddSingleton(_ => ModelCatalog.OpenShipped(configuration["Catalog:Path"]));
        services.AddSingleton(_ => ReadList.OpenShipped(configuration["Catalog:Path"]));
        services.AddSingleton<CallMeter>();
        services.AddSingleton<ICallCounter, MeterCallCounter>();
        services.AddSingleton(p => RegionFor(p.GetRequiredService<IOptions<AwsApiOptions>>().Value, configuration));
        services.AddSingleton(p => new AwsEngine(
            p.GetRequiredService<ModelCatalog>(),
            p.GetRequiredService<IOptions<AwsApiOptions>>().Value,
            p.GetRequiredService<AwsRegion>(),
            p.GetRequiredService<CallMeter>(),
            p.GetRequiredService<TimeProvider>(),
            p.GetRequiredService<ILogger<AwsApi>>())
        {
            Replicas = p.GetService<IReplicas>() is { } replicas ? () => replicas.Living : () => 1,
        });
        services.AddSingleton(p => new AwsApi(
            p.GetRequiredService<AwsEngine>(),
            p.GetRequiredService<ModelCatalog>(),
            p.GetRequiredService<ReadList>(),
            new Redactor(p.GetRequiredService<RedactionKey>(), p.GetRequiredService<RedactionRules>())));
        services.AddSingleton<IAwsApi>(p => p.GetRequiredService<AwsApi>());
        services.AddSingleton(p => new SqsQueues(
            p.GetRequiredService<AwsEngine>(), p.GetRequiredService<IOptions<AwsApiOptions>>().Value, p.GetRequiredService<AwsRegion>()));
        services.AddSingleton(p => new SecurityHubImport(p.GetRequiredService<AwsEngine>()));
        services.AddOptions<ArchiveOptions>()
            .Bind(configuration.GetSection(ArchiveOptions.Section))
            .PostConfigure(o => (o.Bucket, o.Prefix, o.Region) = (NotEmpty(o.Bucket), NotEmpty(o.Prefix), NotEmpty(o.Region)))
            .ValidateDataAnnotations()
            .ValidateOnStart();
        services.AddSingleton<IArchiveBucket>(p => new S3ArchiveBucket(
            p.GetRequiredService<AwsEngine>(), p.GetRequiredService<IOptions<AwsApiOptions>>().Value,
            p.GetRequiredService<IOptions<ArchiveOptions>>().Value, p.GetRequiredService<AwsRegion>()));
        services.AddSingleton(p => new SnsPublisher(p.GetRequiredService<AwsEngine>()));
        services.AddSingleton<AmbientIdentityLookup>();
        services.AddSingleton<PrincipalResolver>();
        services.AddSingleton<OnboardingBundleFactory>();
        services.AddSingleton(p => new AccountCheck(
            p.GetRequiredService<IAwsApi>(), p.GetRequiredService<ModelCatalog>(), p.GetRequiredService<PrincipalResolver>(), p.GetRequiredService<AwsRegion>(),
            p.GetRequiredService<TimeProvider>(), p.GetRequiredService<AwsEngine>().DropSession));
        return services;
    }

    private static AwsRegion RegionFor(AwsApiOptions options, IConfiguration configuration) => new(
        options.Region
        ?? NotEmpty(configuration["AWS_REGION"])
        ?? NotEmpty(configuration["AWS_DEFAULT_REGION"])
        ?? ProfileRegion(NotEmpty(configuration["AWS_PROFILE"]) ?? "default")
        ?? "us-east-1");

    private static string? ProfileRegion(string profile) =>
        new CredentialProfileStoreChain().TryGetProfile(profile, out var found) ? found.Region?.SystemName : null;

    private static string? NotEmpty(string? text) => string.IsNullOrWhiteSpace(text) ? null : text;
}
