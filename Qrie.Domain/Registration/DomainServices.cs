using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Qrie.Domain.Access;
using Qrie.Domain.Access.Audit;
using Qrie.Domain.Accounts;
using Qrie.Domain.Archiving;
using Qrie.Domain.Compliance;
using Qrie.Domain.Dashboard;
using Qrie.Domain.Events;
using Qrie.Domain.Findings;
using Qrie.Domain.Findings.Exceptions;
using Qrie.Domain.Findings.Exceptions.Import;
using Qrie.Domain.Findings.Preview;
using Qrie.Domain.Findings.Triage;
using Qrie.Domain.Inventory;
using Qrie.Domain.Management;
using Qrie.Domain.Policies;
using Qrie.Domain.Policies.Drafts;
using Qrie.Domain.Policies.Lookups;
using Qrie.Domain.Scans;
using Qrie.Domain.Work;

namespace Qrie.Domain.Registration;

public static class DomainServices
{
    /// <summary>
    /// Registers the domain services. Stores, collector, AWS access, catalog, settings and clock must be registered separately; the replicas of a store that
    /// several processes use, before.
    /// </summary>
    public static IServiceCollection AddDomain(this IServiceCollection services)
    {
        services.TryAddSingleton<IReplicas, SingleReplica>();
        return services.AddServices();
    }

    private static IServiceCollection AddServices(this IServiceCollection services) => services
        .AddSingleton<OrganizationRegistry>()
        .AddSingleton<ApiKeys>()
        .AddSingleton<RefusedLogins>()
        .AddSingleton<AuditTrail>()
        .AddSingleton<ExternalIds>()
        .AddSingleton<AccountClaims>()
        .AddSingleton<AccountRegistry>()
        .AddSingleton<AccountLifeCycle>()
        .AddSingleton<AccountImport>()
        .AddSingleton<ArchiveWriter>()
        .AddSingleton<Archives>()
        .AddSingleton<AccountPurger>()
        .AddSingleton<AccountDiscovery>()
        .AddSingleton<InventoryReconciler>()
        .AddSingleton<IPolicyEvaluator, PolicyEvaluator>()
        .AddSingleton<ActivePolicies>()
        .AddSingleton<ResourceEvaluator>()
        .AddSingleton<LookupKeys>()
        .AddSingleton<LookupKeyReader>(services => services.GetRequiredService<LookupKeys>().Of)
        .AddSingleton<LookupIndex>()
        .AddSingleton<RelatedLoader>()
        .AddSingleton<EvaluationThrottle>()
        .AddSingleton<FindingsReconciler>()
        .AddSingleton<StaleEvaluations>()
        .AddSingleton<TriageDesk>()
        .AddSingleton<ExceptionRegistry>()
        .AddSingleton<ExceptionPasses>()
        .AddSingleton<ExceptionImport>()
        .AddSingleton<PolicyLifeCycle>()
        .AddSingleton<MissingPolicyScans>()
        .AddSingleton<PolicyUpdates>()
        .AddSingleton<PolicyPreview>()
        .AddSingleton<DraftEvaluator>()
        .AddSingleton<DriftAttribution>()
        .AddSingleton<ComplianceReader>()
        .AddSingleton<ComplianceHistory>()
        .AddSingleton<FrameworkLaunch>()
        .AddSingleton<ComplianceReports>()
        .AddSingleton<Attestations>()
        .AddSingleton<EventIntake>()
        .AddSingleton<EventBudget>()
        .AddSingleton<ResourceRefresher>()
        .AddSingleton<EventProcessor>()
        .AddSingleton<RecheckRunner>()
        .AddSingleton<EventRedrive>()
        .AddSingleton<WorkSignal>()
        .AddSingleton<ScanCancellations>()
        .AddSingleton<ScanSweeper>()
        .AddSingleton<ScanCoordinator>()
        .AddSingleton<ScanLevels>()
        .AddSingleton<UnitRunner>();
}
