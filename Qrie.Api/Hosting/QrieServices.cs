using Microsoft.Extensions.Options;
using Qrie.Api.Access;
using Qrie.Api.Alerts;
using Qrie.Api.Archiving;
using Qrie.Api.Endpoints.Findings;
using Qrie.Api.Endpoints.Http;
using Qrie.Api.Endpoints.Resources;
using Qrie.Api.Exports;
using Qrie.Api.Exports.SecurityHub;
using Qrie.Api.Jobs;
using Qrie.Api.Recording;
using Qrie.Api.Workers;
using Qrie.Aws;
using Qrie.Aws.Accounts;
using Qrie.Aws.Api;
using Qrie.Aws.Api.Models;
using Qrie.Aws.Events;
using Qrie.Aws.Inventory;
using Qrie.Aws.Permissions;
using Qrie.Aws.Work;
using Qrie.Domain.Accounts;
using Qrie.Domain.Accounts.Discovery;
using Qrie.Domain.Catalog;
using Qrie.Domain.Catalog.Loading;
using Qrie.Domain.Events;
using Qrie.Domain.Inventory;
using Qrie.Domain.Management;
using Qrie.Domain.Registration;
using Qrie.Domain.Scans;
using Qrie.Domain.Work;
using Qrie.Sql;
using Qrie.Sql.Database;
using Qrie.Sql.Replicas;

namespace Qrie.Api.Hosting;

/// <summary>The only place that chooses implementations.</summary>
internal static class QrieServices
{
    public static void AddQrie(this WebApplicationBuilder builder)
    {
        builder.AddScanning();
        var (services, configuration) = (builder.Services, builder.Configuration);
        services.AddSingleton<Readiness>();
        services.AddSingleton<ProcessStart>();
        services.AddSingleton<StartupTasks>();
        services.AddRecording(configuration);
        services.AddSchedules(configuration);
        services.AddSingleton(DriftSettings.Read(configuration));
        services.AddEvents();
        services.AddHostedService<SweepWorker>();
        services.AddHostedService<ScheduleWorker>();
        services.AddHostedService<ComplianceHistoryWorker>();
        services.AddHostedService<MissingPolicyScansWorker>();
        services.AddHostedService<PurgeWorker>();
        services.AddSingleton(RetentionOptions.Read(configuration));
        services.AddSingleton<Retention>();
        services.AddHostedService<RetentionWorker>();
        services.AddHostedService<ExceptionWorker>();
        services.AddSingleton(ExportSettings.Read(configuration));
        services.AddSingleton<ScheduledExports>();
        services.AddHostedService<ExportWorker>();
        services.AddAlerts(configuration);
        services.AddSingleton(ArchiveSchedule.Read(configuration));
        services.AddHostedService<ArchiveWorker>();
        services.Configure<HostOptions>(o => o.ShutdownTimeout = TimeSpan.FromSeconds(20));
    }

    /// <summary>What the service and <c>qrie scan</c> have in common: store, catalog, AWS, scan engine with its workers, exports.</summary>
    public static void AddScanning(this IHostApplicationBuilder builder)
    {
        var (services, configuration) = (builder.Services, builder.Configuration);
        services.AddOptions<ScanOptions>().BindConfiguration(ScanOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        services.AddOptions<TriageOptions>().BindConfiguration(TriageOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton(p => p.GetRequiredService<IOptions<TriageOptions>>().Value.ToSettings());
        services.AddOptions<ExceptionOptions>().BindConfiguration(ExceptionOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton(p => p.GetRequiredService<IOptions<ExceptionOptions>>().Value.ToSettings());
        services.AddSingleton(TimeProvider.System);
        services.AddStore(configuration);
        services.AddSingleton(p => new CatalogHolder(CatalogLoader.Load(
            CatalogFolders(configuration), new ModelShapes(p.GetRequiredService<ModelCatalog>(), p.GetRequiredService<ReadList>()))));
        services.AddSingleton<ICatalog>(p => p.GetRequiredService<CatalogHolder>());
        services.AddDomain();
        services.AddSingleton(p => p.GetRequiredService<IOptions<ScanOptions>>().Value.ToLimits());
        services.AddSingleton(p => CatalogRedaction.Rules(p.GetRequiredService<ICatalog>().Current));
        services.AddQrieAws(configuration);
        services.AddSingleton<IAwsAccess, AwsAccess>();
        services.AddSingleton(p => Permissions(p.GetRequiredService<ModelCatalog>(), CatalogFolders(configuration)));
        services.AddSingleton<IResourceCollector, ResourceCollector>();
        services.AddDiscovery();
        services.AddSingleton<ExportReader>();
        services.AddSingleton<SecurityHubSender>();
        services.AddWork(configuration);
        services.AddHostedService<UnitWorkers>();
        services.AddHostedService<InventoryWorkers>();
    }

    public static void AddQrieHttp(this WebApplicationBuilder builder)
    {
        var (services, configuration) = (builder.Services, builder.Configuration);
        services.ConfigureHttpJsonOptions(o => ApiJson.Configure(o.SerializerOptions));
        services.AddExceptionHandler<Problems>();
        builder.AddAccess();
        services.AddSingleton<PageTokens>();
        services.AddSingleton<FilteredLists>();
        services.AddSingleton<FindingDetails>();
        services.AddSingleton<FindingExports>();
        services.AddSingleton<ResourceDetails>();
        services.AddOpenApi("v1", OpenApiDescription.Configure);
        services.AddSingleton(_ => AllowedOrigins.Read(configuration));
        services.AddCors(cors => cors.AddDefaultPolicy(policy =>
        {
            var origins = AllowedOrigins.Read(configuration);
            policy.WithOrigins(origins.Any ? ["*"] : [.. origins.Named])
                .WithMethods("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
                .WithHeaders("Content-Type", "Authorization", ApiKeyHandler.KeyHeader, RequestIds.Header)
                .WithExposedHeaders(RequestIds.Header)
                .SetPreflightMaxAge(TimeSpan.FromHours(1));
        }));
    }

    /// <summary>The shipped catalog and the user's own.</summary>
    public static List<string> CatalogFolders(IConfiguration configuration)
    {
        var shipped = Path.Combine(AppContext.BaseDirectory, "catalog");
        return configuration["Catalog:Path"] is { Length: > 0 } own ? [shipped, own] : [shipped];
    }

    /// <summary>The permissions of the catalog's calls.</summary>
    public static CatalogPermissions Permissions(ModelCatalog models, IReadOnlyList<string> catalogFolders) =>
        new(models, IamActionsFile.Read(Path.Combine(catalogFolders[0], "aws", "actions.yaml")),
            ManagedPolicyFile.Read(Path.Combine(catalogFolders[0], "aws", "managed-policies.yaml")));

    private static void AddDiscovery(this IServiceCollection services)
    {
        services.AddOptions<DiscoveryOptions>().BindConfiguration(DiscoveryOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton(p => p.GetRequiredService<IOptions<DiscoveryOptions>>().Value.ToAccess());
        services.AddSingleton(p => p.GetRequiredService<IOptions<DiscoveryOptions>>().Value.ToSettings());
        services.AddSingleton<IOrganizationReader, OrganizationReader>();
    }

    private static void AddEvents(this IServiceCollection services)
    {
        services.AddOptions<EventOptions>().BindConfiguration(EventOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton(p => p.GetRequiredService<IOptions<EventOptions>>().Value.ToSettings());
        services.AddSingleton(p => p.GetRequiredService<IOptions<EventOptions>>().Value.QueueUrl is { Length: > 0 } queue
            ? new EventChannel(new SqsEventQueue(p.GetRequiredService<SqsQueues>(), queue))
            : new EventChannel(null));
        services.AddHostedService<EventPollingWorker>();
        services.AddHostedService<RecheckWorker>();
    }

    /// <summary>With <c>Work:Kind=sqs</c> workers are woken by messages; otherwise they look every second.</summary>
    private static void AddWork(this IServiceCollection services, IConfiguration configuration)
    {
        switch (configuration["Work:Kind"])
        {
            case null or "" or "store":
                break;
            case "sqs":
                var name = configuration["Work:Queue"] is { Length: > 0 } given ? given : "qrie-work";
                services.AddSingleton<IWorkHints>(p => new SqsWorkHints(
                    p.GetRequiredService<SqsQueues>(), name, configuration.GetValue("Work:CreateQueues", true), p.GetRequiredService<TimeProvider>(),
                    p.GetRequiredService<ILogger<SqsWorkHints>>()));
                services.AddSingleton<HintedUnitRunner>();
                break;
            case var kind:
                throw new StartRefusedException($"Work:Kind is '{kind}'; it must be store or sqs.");
        }
    }

    private static void AddStore(this IServiceCollection services, IConfiguration configuration)
    {
        var settings = StoreSettings.Read(configuration);
        if (settings.Dynamo is { } tables)
        {
            tables.AddTo(services);
            return;
        }

        services.AddSqlStores(_ => settings.Open());
        if (!settings.IsFile)
        {
            services.AddSingleton(new ServerClock(TimeProvider.System));
            services.AddSingleton<TimeProvider>(p => p.GetRequiredService<ServerClock>());
            services.AddSingleton<IReplicas>(p => new PostgresReplicas(
                (PostgresDatabase)p.GetRequiredService<SqlDatabase>(), p.GetRequiredService<ServerClock>(),
                p.GetRequiredService<ILogger<PostgresReplicas>>()));
        }
    }
}
