using Microsoft.Extensions.Logging.Abstractions;
using Qrie.Domain.Findings;
using Qrie.Domain.Inventory;
using Qrie.Domain.Policies;
using Qrie.Domain.Policies.Lookups;
using Qrie.Domain.Scans;
using Qrie.Domain.Work;
using Qrie.Tests.Stores;
using Qrie.Tests.Support;

namespace Qrie.Tests.Scans;

/// <summary>A runner with a real store, and with scripted resources, calls and time.</summary>
public abstract class UnitRunnerTest : IAsyncLifetime
{
    private protected static readonly TimeSpan Long = TimeSpan.FromSeconds(30); // only a test that fails waits for it

    private protected readonly FakeClock _clock = new(Some.At(1000));
    private protected readonly ScriptedCollector _aws = new();
    private protected readonly ScriptedCalls _calls = new();
    private protected readonly ScanCancellations _cancellations = new();
    private protected readonly WorkSignal _signal;
    private protected StoreSet _stores = null!;
    private protected FlakyScans _scans = null!;
    private protected UnitRunner _runner = null!;

    protected UnitRunnerTest() => _signal = new WorkSignal(_clock);

    public async ValueTask InitializeAsync()
    {
        _stores = await SqliteFile.EmptyAsync();
        _scans = new FlakyScans(_stores.Scans);
        await _stores.Accounts.AddAsync(Some.Account(), default);
        var catalog = new MinimalCatalog(MinimalCatalog.Policy());
        var active = new ActivePolicies(_stores.Policies, catalog);
        _runner = new UnitRunner(
            _scans, _stores.Accounts,
            new InventoryReconciler(_stores.Resources, _stores.Coverage, _aws, new LookupKeys(catalog).Of, _clock, NullLogger<InventoryReconciler>.Instance),
            new FindingsReconciler(
                _stores.Findings, _stores.Resources, active, new ResourceEvaluator(new ScriptedEvaluator()),
                new RelatedLoader(_stores.Resources), new EvaluationThrottle(), _clock,
                NullLogger<FindingsReconciler>.Instance),
            _calls, _cancellations, _signal, new ScanLimits { StuckAfter = TimeSpan.FromMinutes(3), Attempts = 3 }, _clock, NullLogger<UnitRunner>.Instance);
        _aws.Lists(
            new ResourcesCollected(Some.BucketType, [Some.Bucket("a", 500, """{"S3BucketPublic":"fail"}""")]),
            new TypeListed(Some.BucketType, Some.At(500), ListOutcome.Complete));
    }

    public async ValueTask DisposeAsync() => await _stores.DisposeAsync();

    private protected static bool Once(ref bool first)
    {
        var was = first;
        first = false;
        return was;
    }

    /// <summary>Advances the clock to the next renewal and waits for it.</summary>
    private protected async Task RenewalAsync()
    {
        var renewed = _clock.NextTimer;
        _clock.Advance(TimeSpan.FromSeconds(5));
        await renewed.WaitAsync(Long);
    }

    private protected Task CreateAsync(string id, params string[] services) => CreateAsync(id, ScanKind.Inventory, services);

    private protected async Task CreateAsync(string id, ScanKind kind, params string[] services)
    {
        var (scan, units) = Some.Scan(id, 900, [.. services.Select(s => (Some.AccountId, s))]);
        await _stores.Scans.CreateAsync(scan with { Kind = kind }, [.. units.Select(u => u with { Kind = kind })], default);
    }

    private protected async Task<Scan> ScanAsync() => (await _stores.Scans.FindAsync(Some.Org, "scan-1", default))!;

    private protected Task<IReadOnlyList<Unit>> UnitsAsync() => _stores.Scans.AllUnitsAsync(Some.Org, "scan-1");
}
