using Qrie.Domain;
using Qrie.Domain.Alerts;
using Qrie.Domain.Dashboard;
using Qrie.Domain.Scans;
using Qrie.Dynamo.Alerts;
using Qrie.Dynamo.Counts;
using Qrie.Dynamo.Items;
using Qrie.Dynamo.Writes;

namespace Qrie.Dynamo.Outbox;

/// <summary>Gathers what follows from a transaction.</summary>
internal sealed class OutboxBatch(string organization)
{
    /// <summary>Each group is two items of the transaction that applies a row.</summary>
    private const int GroupsOfRow = 40;

    private const int AlertsOfRow = 50;

    private readonly Dictionary<(string AccountId, string Group, string Name), long> _counts = [];
    private readonly HashSet<ChangedKey> _changed = [];
    private readonly Dictionary<(string AccountId, string Region, string Type, DriftChange Change), long> _drift = [];
    private readonly List<DriftSample> _samples = [];
    private readonly List<AlertEvent> _alerts = [];
    private EndedScan? _ended;

    public string Organization => organization;

    /// <summary>The anti-entropy scan that found the drift.</summary>
    public string? ScanId { get; init; }

    public void Count(string accountId, string group, string name, long by)
    {
        var key = (accountId, group, name);
        _counts[key] = _counts.GetValueOrDefault(key) + by;
    }

    public void Changed(string type, string key, string? value) => _changed.Add(new ChangedKey(type, key, value ?? ""));

    public void Alert(AlertEvent alert) => _alerts.Add(alert);

    public void Ended(Scan scan, ScanStatus status, DateTimeOffset at) => _ended = new EndedScan(scan, status, at);

    public void Drift(DriftSample sample, string listedIn)
    {
        var accountId = AccountService.Split(sample.AccountService).AccountId;
        foreach (var (region, type) in ((string, string)[])[(listedIn, sample.Type), (CounterItems.AllAccounts, CounterItems.AllAccounts)])
        {
            var key = (accountId, region, type, sample.Change);
            _drift[key] = _drift.GetValueOrDefault(key) + 1;
        }

        if (_samples.Count < IDriftStore.MaxSamples)
        {
            _samples.Add(sample);
        }
    }

    /// <summary>Stores the rows in the transaction. Returns their keys, to be applied after it.</summary>
    /// <param name="wanted">What rules may want; null if there are no alerts.</param>
    public async Task<List<ItemKey>> SaveAsync(WriteSession session, DateTimeOffset now, WantedAlerts? wanted = null)
    {
        var rows = _counts.Where(c => c.Value != 0).GroupBy(c => (c.Key.AccountId, c.Key.Group)).Chunk(GroupsOfRow)
            .Select(groups => new OutboxRow
            {
                Counts = [.. groups.SelectMany(g => g.Select(c => new CountDelta(c.Key.AccountId, c.Key.Group, c.Key.Name, c.Value)))],
            }).ToList();
        rows.AddRange(_drift.Chunk(GroupsOfRow).Select((some, i) => new OutboxRow
        {
            ScanId = ScanId,
            Drift = [.. some.Select(d => new DriftDelta(d.Key.AccountId, d.Key.Region, d.Key.Type, d.Key.Change, d.Value))],
            Samples = i == 0 ? _samples : [],
        }));
        rows.AddRange(_alerts.Where(a => wanted?.Wants(a.Kind, a.Severity) == true).Chunk(AlertsOfRow).Select(some => new OutboxRow { Alerts = some }));
        if (_ended is not null)
        {
            rows.Add(new OutboxRow { Ended = _ended });
        }

        if (_changed.Count > 0)
        {
            if (rows.Count == 0)
            {
                rows.Add(new OutboxRow());
            }

            rows[0] = rows[0] with { Changed = [.. _changed] };
        }

        var keys = new List<ItemKey>();
        foreach (var row in rows)
        {
            var key = OutboxApplier.KeyOf(organization, KeyText.Join(KeyText.Of(now), session.Id, KeyText.Of(keys.Count)));
            session.Expect(key, null);
            await session.PutAsync(key, row);
            keys.Add(key);
        }

        return keys;
    }
}
