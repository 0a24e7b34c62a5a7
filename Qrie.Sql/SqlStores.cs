using Microsoft.Extensions.DependencyInjection;
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
using Qrie.Sql.Access;
using Qrie.Sql.Accounts;
using Qrie.Sql.Accounts.Purging;
using Qrie.Sql.Alerts;
using Qrie.Sql.Archiving;
using Qrie.Sql.Compliance;
using Qrie.Sql.Dashboard;
using Qrie.Sql.Database;
using Qrie.Sql.Events;
using Qrie.Sql.Findings;
using Qrie.Sql.Findings.Exceptions;
using Qrie.Sql.Findings.Triage;
using Qrie.Sql.Inventory;
using Qrie.Sql.Policies;
using Qrie.Sql.Retention;
using Qrie.Sql.Scans;
using Qrie.Sql.Schedules;

namespace Qrie.Sql;

public static class SqlStores
{
    /// <summary>Registers all stores with one database.</summary>
    public static IServiceCollection AddSqlStores(this IServiceCollection services, Func<IServiceProvider, SqlDatabase> open) => services
        .AddSingleton(open)
        .AddSingleton<IOrganizationStore, SqlOrganizationStore>()
        .AddSingleton<IApiKeyStore, SqlApiKeyStore>()
        .AddSingleton<IRefusedLoginStore, SqlRefusedLoginStore>()
        .AddSingleton<IAuditStore, SqlAuditStore>()
        .AddSingleton<IAccountStore, SqlAccountStore>()
        .AddSingleton<IExternalIdStore, SqlExternalIdStore>()
        .AddSingleton<IAccountPurgeStore, SqlAccountPurgeStore>()
        .AddSingleton<IResourceStore, SqlResourceStore>()
        .AddSingleton<ICoverageStore, SqlCoverageStore>()
        .AddSingleton<IPolicyStore, SqlPolicyStore>()
        .AddSingleton<IFindingStore, SqlFindingStore>()
        .AddSingleton<IExceptionStore, SqlExceptionStore>()
        .AddSingleton<ITriageStore, SqlTriageStore>()
        .AddSingleton<IPolicyTargetStore, SqlPolicyTargetStore>()
        .AddSingleton<IScanStore, SqlScanStore>()
        .AddSingleton<IScheduleStore, SqlScheduleStore>()
        .AddSingleton<ISummaryStore, SqlSummaryStore>()
        .AddSingleton<IDriftStore, SqlDriftStore>()
        .AddSingleton<IEventStore, SqlEventStore>()
        .AddSingleton<IComplianceStore, SqlComplianceStore>()
        .AddSingleton<IAlertStore, SqlAlertStore>()
        .AddSingleton<IArchiveStore, SqlArchiveStore>()
        .AddSingleton<IRetentionStore, SqlRetentionStore>()
        .AddSingleton<IInstallation, SqlInstallation>();
}
