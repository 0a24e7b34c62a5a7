using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Qrie.Aws.Accounts;
using Qrie.Aws.Api;
using Qrie.Aws.Api.Models;

namespace Qrie.Aws;

/// <summary>Registers the AWS side of Qrie.</summary>
public static class AwsServices
{
    /// <summary>
    /// Adds <see cref="IAwsApi"/>, <see cref="ModelCatalog"/>, <see cref="AmbientIdentityLookup"/>, <see cref="PrincipalResolver"/> and <see cref="AwsRegion"/>.
    /// Expects a <see cref="TimeProvider"/> or adds the system's. To record or replay, register the decorator as <see cref="IAwsApi"/> afterwards.
    /// </summary>
    public static IServiceCollection AddQrieAws(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<AwsApiOptions>()
            .Bind(configuration.GetSection(AwsApiOptions.Section))
            .PostConfigure(o => o.Endpoint = NotEmpty(o.Endpoint) ?? NotEmpty(configuration["AWS_ENDPOINT_URL"]))
            .ValidateDataAnnotations()
            .ValidateOnStart();
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(_ => ModelCatalog.OpenShipped(configuration["Catalog:Path"]));
        services.AddSingleton<AwsApi>();
        services.AddSingleton<IAwsApi>(p => p.GetRequiredService<AwsApi>());
        services.AddSingleton(_ => new AwsRegion(
            NotEmpty(configuration["Aws:Region"]) ?? NotEmpty(configuration["AWS_REGION"]) ?? NotEmpty(configuration["AWS_DEFAULT_REGION"]) ?? "us-east-1"));
        services.AddSingleton<AmbientIdentityLookup>();
        services.AddSingleton<PrincipalResolver>();
        return services;
    }

    private static string? NotEmpty(string? text) => string.IsNullOrWhiteSpace(text) ? null : text;
}
