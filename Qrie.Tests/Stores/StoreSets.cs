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

namespace Qrie.Tests.Stores;

internal static class StoreSets
{
    /// <summary>The registered stores, prepared.</summary>
    /// <param name="services">With the registrations of the host; disposed with the stores.</param>
    /// <param name="closed">Follows that.</param>
    /// <param name="share">See <see cref="StoreSet.Share"/>.</param>
    public static async Task<StoreSet> PrepareAsync(ServiceProvider services, Func<ValueTask> closed, int share = 1)
    {
        try
        {
            await services.GetRequiredService<IInstallation>().PrepareAsync(CancellationToken.None);
        }
        catch
        {
            await services.DisposeAsync();
            throw;
        }

        return new StoreSet(
            services.GetRequiredService<IInstallation>(),
            services.GetRequiredService<IAccountStore>(),
            services.GetRequiredService<IResourceStore>(),
            services.GetRequiredService<ICoverageStore>(),
            services.GetRequiredService<IPolicyStore>(),
            services.GetRequiredService<IFindingStore>(),
            services.GetRequiredService<IScanStore>(),
            services.GetRequiredService<IPolicyTargetStore>(),
            services.GetRequiredService<ISummaryStore>(),
            services.GetRequiredService<IDriftStore>(),
            services.GetRequiredService<IAccountPurgeStore>())
        {
            Organizations = services.GetRequiredService<IOrganizationStore>(),
            Keys = services.GetRequiredService<IApiKeyStore>(),
            RefusedLogins = services.GetRequiredService<IRefusedLoginStore>(),
            Audit = services.GetRequiredService<IAuditStore>(),
            Events = services.GetRequiredService<IEventStore>(),
            ExternalIds = services.GetRequiredService<IExternalIdStore>(),
            Triage = services.GetRequiredService<ITriageStore>(),
            Exceptions = services.GetRequiredService<IExceptionStore>(),
            Compliance = services.GetRequiredService<IComplianceStore>(),
            Alerts = services.GetRequiredService<IAlertStore>(),
            Archives = services.GetRequiredService<IArchiveStore>(),
            Retention = services.GetRequiredService<IRetentionStore>(),
            Share = share,
            CloseAsync = async () =>
            {
                await services.DisposeAsync();
                await closed();
            },
        };
    }
}
