using Qrie.Domain;
using Qrie.Domain.Scans;
using Qrie.Domain.Validation;

namespace Qrie.Tests.Scans;

/// <summary>The store with failing renewals and a hook before the end of a unit.</summary>
internal sealed class FlakyScans(IScanStore inner) : IScanStore
{
    public int FailingRenewals { get; set; }

    public int FailingReleases { get; set; }

    public int Renewals { get; private set; }

    public Func<Task> BeforeEnd { get; set; } = () => Task.CompletedTask;

    public Task<bool> CreateAsync(Scan scan, IReadOnlyList<Unit> units, CancellationToken cancel) => inner.CreateAsync(scan, units, cancel);

    public Task<Scan?> FindAsync(string organization, string scanId, CancellationToken cancel) => inner.FindAsync(organization, scanId, cancel);

    public Task<Page<Scan>> ListAsync(string organization, PageRequest page, CancellationToken cancel) => inner.ListAsync(organization, page, cancel);

    public Task<Page<Unit>> ListUnitsAsync(string organization, string scanId, PageRequest page, CancellationToken cancel) =>
        inner.ListUnitsAsync(organization, scanId, page, cancel);

    public Task<IReadOnlyList<ScanProgress>> ReadProgressAsync(string organization, string scanId, CancellationToken cancel) =>
        inner.ReadProgressAsync(organization, scanId, cancel);

    public Task<IReadOnlyList<ScanOperation>> ReadOperationsAsync(string organization, string scanId, CancellationToken cancel) =>
        inner.ReadOperationsAsync(organization, scanId, cancel);

    public Task<Scan?> FindLastFullAsync(string organization, ScanKind kind, CancellationToken cancel) =>
        inner.FindLastFullAsync(organization, kind, cancel);

    public Task<DateTimeOffset?> FindLastScheduledAsync(string organization, ScanKind kind, CancellationToken cancel) =>
        inner.FindLastScheduledAsync(organization, kind, cancel);

    public Task<bool> HasPolicyScanAsync(string organization, string policyId, string service, DateTimeOffset since, CancellationToken cancel) =>
        inner.HasPolicyScanAsync(organization, policyId, service, since, cancel);

    public Task<Unit?> ClaimNextAsync(
        string owner, DateTimeOffset now, TimeSpan lease, int perAccount, CancellationToken cancel, ScanKind? only = null) =>
        inner.ClaimNextAsync(owner, now, lease, perAccount, cancel, only);

    public Task<bool> RenewAsync(Unit unit, UnitResult soFar, DateTimeOffset now, TimeSpan lease, CancellationToken cancel) =>
        ++Renewals <= FailingRenewals ? throw new StoreUnavailableException("for a moment") : inner.RenewAsync(unit, soFar, now, lease, cancel);

    public async Task<bool> EndAsync(Unit unit, UnitStatus status, UnitResult result, DateTimeOffset now, CancellationToken cancel)
    {
        await BeforeEnd();
        return await inner.EndAsync(unit, status, result, now, cancel);
    }

    public Task ReleaseAsync(Unit unit, CancellationToken cancel) =>
        FailingReleases-- > 0 ? throw new StoreUnavailableException("for a moment") : inner.ReleaseAsync(unit, cancel);

    public Task<bool> CancelAsync(string organization, string scanId, DateTimeOffset now, CancellationToken cancel) =>
        inner.CancelAsync(organization, scanId, now, cancel);

    public Task<int> CancelAccountAsync(string organization, string accountId, DateTimeOffset now, CancellationToken cancel) =>
        inner.CancelAccountAsync(organization, accountId, now, cancel);

    public Task<SweepResult> SweepAsync(DateTimeOffset now, TimeSpan stuckAfter, CancellationToken cancel) => inner.SweepAsync(now, stuckAfter, cancel);

    public Task<(int Abandoned, int Resumed)> RecoverAsync(DateTimeOffset now, TimeSpan stuckAfter, CancellationToken cancel) =>
        inner.RecoverAsync(now, stuckAfter, cancel);
}
