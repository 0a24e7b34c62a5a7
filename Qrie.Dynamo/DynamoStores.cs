using Amazon.DynamoDBv2;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Qrie.Domain;
using Qrie.Domain.Access;
using Qrie.Domain.Access.Audit;
using Qrie.Domain.Accounts;
using Qrie.Domain.Accounts.Purging;
using Qrie.Domain.Alerts;
using Qrie.Domain.Archiving;
using Qrie.Domain.Compliance;
using Qrie.Domain.Dashboard;
using Qrie.Domain.Events;
using Qrie.Domain.Findings;
using Qrie.Domain.Findings.Exceptions;
using Qrie.Domain.Findings.Preview;
using Qrie.Domain.Findings.Triage;
using Qrie.Domain.Inventory;
using Qrie.Domain.Management;
using Qrie.Domain.Policies;
using Qrie.Domain.Scans;
using Qrie.Domain.Schedules;
using Qrie.Domain.Transfer;
using Qrie.Domain.Work;
using Qrie.Dynamo.Access;
using Qrie.Dynamo.Accounts;
using Qrie.Dynamo.Accounts.Purging;
using Qrie.Dynamo.Alerts;
using Qrie.Dynamo.Archiving;
using Qrie.Dynamo.Client;
using Qrie.Dynamo.Compliance;
using Qrie.Dynamo.Counts;
using Qrie.Dynamo.Dashboard;
using Qrie.Dynamo.Events;
using Qrie.Dynamo.Findings;
using Qrie.Dynamo.Findings.Exceptions;
using Qrie.Dynamo.Findings.Triage;
using Qrie.Dynamo.Inventory;
using Qrie.Dynamo.Outbox;
using Qrie.Dynamo.Policies;
using Qrie.Dynamo.Replicas;
using Qrie.Dynamo.Retention;
using Qrie.Dynamo.Scans;
using Qrie.Dynamo.Schedules;
using Qrie.Dynamo.Tables;
using Qrie.Dynamo.Transfer;
using Qrie.Dynamo.Writes;

namespace Qrie.Dynamo;

public static class DynamoStores
{
    /// <summary>Registers all stores with one set of tables, and the replicas that share it.</summary>
    /// <param name="client">Must not repeat requests by itself: <see cref="ConfigureClient"/>.</param>
    public static IServiceCollection AddDynamoStores(
        this IServiceCollection services, DynamoSettings settings, Func<IServiceProvider, IAmazonDynamoDB> client)
    {
        services.TryAddSingleton(TimeProvider.System);
        return services
            .AddSingleton(settings)
            .AddSingleton(client)
            .AddSingleton<DynamoMeter>()
            .AddSingleton<IStoreMeter>(provider => provider.GetRequiredService<DynamoMeter>())
            .AddSingleton<DynamoCalls>()
            .AddSingleton<DynamoStore>()
            .AddSingleton<TableMaker>()
            .AddSingleton(provider => new DynamoTables(provider.GetRequiredService<TableMaker>()))
            .AddSingleton<CounterItems>()
            .AddSingleton<DynamoInstallation>()
            .AddSingleton<IInstallation>(provider => provider.GetRequiredService<DynamoInstallation>())
            .AddSingleton<IOrganizationStore, DynamoOrganizationStore>()
            .AddSingleton<IApiKeyStore, DynamoApiKeyStore>()
            .AddSingleton<IRefusedLoginStore, DynamoRefusedLoginStore>()
            .AddSingleton<IAuditStore, DynamoAuditStore>()
            .AddSingleton<IAccountStore, DynamoAccountStore>()
            .AddSingleton<IExternalIdStore, DynamoExternalIdStore>()
            .AddSingleton<DynamoPolicyStore>()
            .AddSingleton<IPolicyStore, DynamoPolicyStore>()
            .AddSingleton<IScheduleStore, DynamoScheduleStore>()
            .AddSingleton<ICoverageStore, DynamoCoverageStore>()
            .AddSingleton<IReplicas, DynamoReplicas>()
            .AddSingleton<AlertRuleItems>()
            .AddSingleton<ScanAlerts>()
            .AddSingleton<OldDrift>()
            .AddSingleton<OutboxApplier>()
            .AddSingleton<ExceptionSets>()
            .AddSingleton<PurgeSteps>()
            .AddSingleton<IAccountPurgeStore, DynamoAccountPurgeStore>()
            .AddSingleton<IExceptionStore, DynamoExceptionStore>()
            .AddSingleton<ITriageStore, DynamoTriageStore>()
            .AddSingleton<IAlertStore, DynamoAlertStore>()
            .AddSingleton<IArchiveStore, DynamoArchiveStore>()
            .AddSingleton<IRetentionStore, DynamoRetentionStore>()
            .AddSingleton<ResourceReader>()
            .AddSingleton<ResourceWriter>()
            .AddSingleton<LookupReader>()
            .AddSingleton<DriftFinder>()
            .AddSingleton<IResourceStore, DynamoResourceStore>()
            .AddSingleton<IDriftStore, DynamoDriftStore>()
            .AddSingleton<PolicyLists>()
            .AddSingleton<VerdictWriter>()
            .AddSingleton<PendingEvaluations>()
            .AddSingleton<IFindingStore, DynamoFindingStore>()
            .AddSingleton<IScanStore, DynamoScanStore>()
            .AddSingleton<PairLists>()
            .AddSingleton<IComplianceStore, DynamoComplianceStore>()
            .AddSingleton<IEventStore, DynamoEventStore>()
            .AddSingleton<ISummaryStore, DynamoSummaryStore>()
            .AddSingleton<IPolicyTargetStore, DynamoPolicyTargetStore>();
    }

    /// <summary>The registered stores as one to be exported and filled.</summary>
    /// <param name="services">Is disposed with the result.</param>
    /// <param name="openBuffer">Makes an empty buffer for the rows.</param>
    public static ITransferStore AsTransferStore<T>(this T services, Func<CancellationToken, Task<ITransferBuffer>> openBuffer)
        where T : IServiceProvider, IAsyncDisposable => new DynamoTransferStore(services, services, openBuffer);

    /// <summary>One attempt for each request, within a time: the store repeats them itself.</summary>
    public static AmazonDynamoDBConfig ConfigureClient(this AmazonDynamoDBConfig config)
    {
        config.MaxErrorRetry = 0;
        config.RetryMode = Amazon.Runtime.RequestRetryMode.Standard;
        config.Timeout = TimeSpan.FromSeconds(10);
        return config;
    }
}
