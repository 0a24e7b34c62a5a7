using System.Diagnostics.Metrics;
using System.Security.Cryptography;
using System.Text;
using Qrie.Api.Hosting;
using Qrie.Api.Workers;
using Qrie.Domain.Catalog;
using Qrie.Domain.Events;
using Qrie.Domain.Work;

namespace Qrie.Api.Observability;

/// <summary>The state of the installation as metrics: few labels, whatever the number of accounts and organizations.</summary>
internal sealed class StateMetrics : IDisposable
{
    public const string MeterName = "Qrie";

    private readonly Meter _meter = new(MeterName);
    private readonly ICatalog _catalog;
    private InstallationState _state = InstallationState.Empty;
    private (ResourceCatalog Catalog, string Digest)? _digest;

    public StateMetrics(ICatalog catalog, Readiness readiness, EventChannel channel)
    {
        _catalog = catalog;
        _meter.CreateObservableGauge("qrie.findings", () => Volatile.Read(ref _state).Findings.Select(f => new Measurement<long>(
            f.Value, new("state", Meters.Label(f.Key.State)), new("severity", Meters.Label(f.Key.Band)))), "{finding}");
        _meter.CreateObservableGauge(
            "qrie.verdicts.current", () => Volatile.Read(ref _state).Verdicts.Select(v => new Measurement<long>(
                v.Value, new KeyValuePair<string, object?>("verdict", Meters.Label(v.Key)))), "{verdict}", "Pairs of a resource and an active policy.");
        _meter.CreateObservableGauge("qrie.accounts", () => Volatile.Read(ref _state).Accounts, "{account}", "Registered accounts.");
        _meter.CreateObservableGauge(
            "qrie.scan.age", () => Volatile.Read(ref _state).ScanAges.Select(a => new Measurement<double>(
                a.Value.TotalSeconds, new KeyValuePair<string, object?>("kind", Meters.Label(a.Key)))), "s", "Since the last complete scan over everything.");
        _meter.CreateObservableGauge("qrie.scans.overdue", () => Volatile.Read(ref _state).OverdueScans, "{scan}", "Complete scans older than their limit.");
        _meter.CreateObservableGauge(
            "qrie.drift.changes", () => Volatile.Read(ref _state).UnreportedChanges, "{resource}", "Found by the last inventory, reported by no event.");
        _meter.CreateObservableGauge("qrie.events.dead", () => Volatile.Read(ref _state).DeadEvents, "{message}", "Dead letters that the store keeps.");
        _meter.CreateObservableGauge("qrie.events.queue", () => QueueOf(channel.LastState), "{message}", "Messages of the queue, once a minute.");
        _meter.CreateObservableGauge("qrie.catalog.policies", () => catalog.Current.Policies.Count, "{policy}");
        _meter.CreateObservableGauge("qrie.catalog.resource_types", () => catalog.Current.Services.Sum(s => s.Resources.Count), "{type}");
        _meter.CreateObservableGauge("qrie.catalog.info", () => new Measurement<int>(1, new KeyValuePair<string, object?>("digest", Digest())));
        _meter.CreateObservableGauge("qrie.ready", () => readiness.NotReadyBecause is null ? 1 : 0);
        _meter.CreateObservableGauge(
            "qrie.build.info", () => new Measurement<int>(1, new("version", QrieVersion.Current), new("commit", QrieVersion.Commit ?? "")));
    }

    public void Set(InstallationState state) => Volatile.Write(ref _state, state);

    public void Dispose() => _meter.Dispose();

    /// <summary>Changes with the definitions of policies and frameworks and with the resource types.</summary>
    internal static string DigestOf(ResourceCatalog catalog)
    {
        var text = new StringBuilder();
        foreach (var line in catalog.Policies.Select(p => $"{p.Id} {p.DefinitionHash}").Concat(catalog.Frameworks.Select(f => $"{f.Id} {f.DefinitionHash}"))
            .Concat(catalog.Services.SelectMany(s => s.Resources).Select(t => t.Type)))
        {
            text.Append(line).Append('\n');
        }

        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())))[..12];
    }

    private string Digest()
    {
        var current = _catalog.Current;
        if (_digest is not { } known || known.Catalog != current)
        {
            _digest = known = (current, DigestOf(current));
        }

        return known.Digest;
    }

    private static IEnumerable<Measurement<long>> QueueOf(EventQueueState? queue)
    {
        Measurement<long> Of(string state, long n) => new(n, new KeyValuePair<string, object?>("state", state));
        return queue is null ? []
            : queue.Dead is not { } dead ? [Of("waiting", queue.Waiting), Of("in_flight", queue.InFlight)]
            : [Of("waiting", queue.Waiting), Of("in_flight", queue.InFlight), Of("dead", dead)];
    }
}

/// <summary>Reads the state once a minute.</summary>
internal sealed class StateMetricsWorker(StateMetrics metrics, StateReader reader, TimeProvider clock, ILogger<StateMetricsWorker> logger)
    : PeriodicWorker("Reading metrics", TimeSpan.FromMinutes(1), clock, logger)
{
    private readonly TimeProvider _clock = clock;

    protected override async Task RunOnceAsync(CancellationToken cancel) => metrics.Set(await reader.ReadAsync(_clock.GetUtcNow(), cancel));
}
