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

/// <summary>All interfaces of an empty, prepared store.</summary>
public sealed record StoreSet(
    IInstallation Installation, IAccountStore Accounts, IResourceStore Resources, ICoverageStore Coverage, IPolicyStore Policies,
    IFindingStore Findings, IScanStore Scans, IPolicyTargetStore Subjects, ISummaryStore Summaries, IDriftStore Drift,
    IAccountPurgeStore Purges) : IAsyncDisposable
{
    public required IOrganizationStore Organizations { get; init; }

    public required IApiKeyStore Keys { get; init; }

    public required IRefusedLoginStore RefusedLogins { get; init; }

    public required IAuditStore Audit { get; init; }

    public required IEventStore Events { get; init; }

    public required IExternalIdStore ExternalIds { get; init; }

    public required IComplianceStore Compliance { get; init; }

    public required IExceptionStore Exceptions { get; init; }

    public required ITriageStore Triage { get; init; }

    public required IAlertStore Alerts { get; init; }

    public required IArchiveStore Archives { get; init; }

    public required IRetentionStore Retention { get; init; }

    public required Func<ValueTask> CloseAsync { get; init; }

    /// <summary>Property tests take one of so many samples: in some stores each request takes milliseconds.</summary>
    public int Share { get; init; } = 1;

    public int Samples(int most) => Math.Max(1, most / Share);

    public int[] Samples(int[] all, params int[] fewer) => Share == 1 ? all : fewer;

    public IEnumerable<T> Samples<T>(IEnumerable<T> all) => all.Where((_, i) => i % Share == 0);

    public async Task RemoveAccountAsync(string organization, string accountId)
    {
        if (await Accounts.FindAsync(organization, accountId, CancellationToken.None) is not null)
        {
            await Accounts.ChangeAsync(
                organization, [new AccountChange(accountId, stored => stored! with { Status = AccountStatus.Removed })],
                allOrNothing: true, CancellationToken.None);
        }
    }

    public ValueTask DisposeAsync() => CloseAsync();
}

internal static class StoreReading
{
    /// <summary>All units of a scan, ordered by account, region and service.</summary>
    public static async Task<IReadOnlyList<Unit>> AllUnitsAsync(this IScanStore scans, string organization, string scanId) =>
        (await scans.ListUnitsAsync(organization, scanId, new PageRequest(100_000), CancellationToken.None)).Items;
}

/// <summary>The contract of every store: each suite is written once, with a subclass per store.</summary>
public abstract class StoreContract : IAsyncLifetime
{
    private StoreSet? _stores;

    protected StoreSet Stores => _stores!;

    protected static CancellationToken None => CancellationToken.None;

    /// <summary>An empty store for this test.</summary>
    protected abstract Task<StoreSet> EmptyAsync();

    public virtual async ValueTask InitializeAsync() => _stores = await EmptyAsync();

    public virtual async ValueTask DisposeAsync() => await Stores.DisposeAsync();
}
