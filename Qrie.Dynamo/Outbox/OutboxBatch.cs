using Qrie.Domain;
using Qrie.Domain.Dashboard;
using Qrie.Dynamo.Counts;
using Qrie.Dynamo.Items;
using Qrie.Dynamo.Writes;

namespace Qrie.Dynamo.Outbox;

/// <summary>Gathers what follows from a transaction.</summary>
internal sealed class OutboxBatch(string organization)
{
    /// <summary>Each group is two items of the transaction that applies a row.</summary>
    private const int GroupsOfRow = 40;

    private readonly Dictionary<(string AccountId, string Group, string Name), long> _counts = [];
    private readonly HashSet<ChangedKey> _changed = [];
    private readonly Dictionary<(string AccountId, string Region, string Type, DriftChange Change), long> _drift = [];
    private readonly List<DriftSample> _samples = [];

    /// <summary>The anti-entropy scan that found the drift.</summary>
    public string? ScanId { get; init; }

    public void Count(string accountId, string group, string name, long by)
    {
        var key = (accountId, group, name);
        _counts[key] = _counts.GetValueOrDefault(key) + by;
    }

    public void Changed(string type, string key, string? value) => _changed.Add(new ChangedKey(type, key, value ?? ""));

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
    public async Task<List<ItemKey>> SaveAsync(WriteSession session, DateTimeOffset now)
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
