using Qrie.Domain.Scans;
using Qrie.Domain.Work;
using Qrie.Tests.Support;

namespace Qrie.Tests.Stores;

/// <summary>Base of contracts that claim and end the units of scans.</summary>
public abstract class ScanContract : StoreContract
{
    private protected static readonly TimeSpan Lease = TimeSpan.FromSeconds(60);
    private protected const int NoLimit = 1000;

    private protected Task CreateAsync(string id, double at = 0, params string[] services) => CreateAsync(ScanType.Bootstrap, id, at, services);

    private protected Task CreateScheduledAsync(string id, double at, params string[] services) => CreateAsync(ScanType.AntiEntropy, id, at, services);

    private protected async Task CreateAsync(ScanType type, string id, double at, string[] services)
    {
        var (scan, units) = Some.Scan(id, at, [.. services.Select(s => (Some.AccountId, s))]);
        (await Stores.Scans.CreateAsync(scan with { ScanType = type }, units, None)).ShouldBeTrue();
    }

    private protected Task<Unit?> ClaimAsync(double at, string owner = "worker") => Stores.Scans.ClaimNextAsync(owner, Some.At(at), Lease, NoLimit, None);

    private protected async Task EndAsync(Unit unit, double at, UnitStatus status = UnitStatus.Done, UnitResult? result = null) =>
        (await Stores.Scans.EndAsync(unit, status, result ?? Some.Result(), Some.At(at), None)).ShouldBeTrue();

    private protected Task<Scan?> ScanAsync(string id) => Stores.Scans.FindAsync(Some.Org, id, None);
}
