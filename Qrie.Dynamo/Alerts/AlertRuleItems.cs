using Qrie.Domain.Alerts;
using Qrie.Dynamo.Client;
using Qrie.Dynamo.Items;
using Qrie.Dynamo.Tables;
using Qrie.Dynamo.Writes;

namespace Qrie.Dynamo.Alerts;

/// <summary>The rules of an organization, at most a hundred in one partition.</summary>
internal sealed class AlertRuleItems(DynamoStore store)
{
    public static string PartitionOf(string organization) => KeyText.Join("alert-rules", organization);

    public static ItemKey KeyOf(string organization, string alertId) => Documents.Key(PartitionOf(organization), alertId);

    public Task<List<AlertRule>> ListAsync(string organization, CancellationToken cancel) =>
        store.ListAsync<AlertRule>(new ItemQuery(StoreTables.State, PartitionOf(organization)) { Strong = true }, cancel);

    /// <summary>The events that the enabled rules of an organization may match; others are not stored.</summary>
    public async Task<WantedAlerts> WantedAsync(string organization, CancellationToken cancel) =>
        new((await ListAsync(organization, cancel)).Where(rule => rule.Enabled));
}

/// <summary>A coarse filter of events, by kind and severity.</summary>
internal sealed class WantedAlerts
{
    private readonly Dictionary<AlertKind, int> _leastSeverity = [];

    public WantedAlerts(IEnumerable<AlertRule> enabled)
    {
        foreach (var rule in enabled)
        {
            foreach (var kind in rule.Kinds)
            {
                _leastSeverity[kind] = Math.Min(_leastSeverity.GetValueOrDefault(kind, int.MaxValue), rule.MinSeverity);
            }
        }
    }

    /// <param name="severity">Null for what is not a finding.</param>
    public bool Wants(AlertKind kind, int? severity) => _leastSeverity.TryGetValue(kind, out var least) && !(severity < least);
}
