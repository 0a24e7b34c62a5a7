using System.Collections.Frozen;

namespace Qrie.Domain.Alerts;

/// <summary>The enabled rules of an organization, prepared for matching many events: by kind, with sets instead of lists.</summary>
public sealed class RuleIndex
{
    private readonly Dictionary<AlertKind, List<Prepared>> _byKind = [];

    /// <param name="rules">Rules that are not enabled are left out.</param>
    public RuleIndex(IEnumerable<AlertRule> rules)
    {
        foreach (var rule in rules.Where(r => r.Enabled))
        {
            var prepared = new Prepared(rule);
            NeedTags |= prepared.Tags is not null;
            foreach (var kind in rule.Kinds.Distinct())
            {
                if (!_byKind.TryGetValue(kind, out var own))
                {
                    _byKind[kind] = own = [];
                }

                own.Add(prepared);
            }
        }
    }

    /// <summary>At least one rule selects by tags.</summary>
    public bool NeedTags { get; }

    /// <summary>
    /// The rules that want an event. What concerns no finding is selected by kind and account only; what concerns no single account matches every selection of
    /// accounts. Tags that could not be read match, because an alert too many is better than one that is missing.
    /// </summary>
    /// <param name="alertEvent">The event.</param>
    /// <param name="tags">The resource's tags; null if they could not be read. Not used for other events.</param>
    public IEnumerable<(AlertRule Rule, bool TagsUnknown)> Match(AlertEvent alertEvent, IReadOnlyDictionary<string, string>? tags)
    {
        if (!_byKind.TryGetValue(alertEvent.Kind, out var rules))
        {
            yield break;
        }

        foreach (var rule in rules)
        {
            if (rule.Selects(alertEvent) && (rule.Tags is null || !alertEvent.IsFinding || tags is null || rule.HasTag(tags)))
            {
                yield return (rule.Rule, rule.Tags is not null && alertEvent.IsFinding && tags is null);
            }
        }
    }

    private sealed class Prepared(AlertRule rule)
    {
        private readonly FrozenSet<string>? _policies = Set(rule.Policies);
        private readonly FrozenSet<string>? _accounts = Set(rule.Accounts);

        public AlertRule Rule => rule;

        public IReadOnlyDictionary<string, IReadOnlyList<string>>? Tags { get; } = rule.Tags.Count == 0 ? null : rule.Tags;

        public bool Selects(AlertEvent alertEvent) =>
            (!alertEvent.IsFinding || (alertEvent.Severity >= rule.MinSeverity && (_policies is null || _policies.Contains(alertEvent.PolicyId!))))
            && (_accounts is null || alertEvent.AccountId is null || _accounts.Contains(alertEvent.AccountId));

        public bool HasTag(IReadOnlyDictionary<string, string> tags) =>
            Tags!.Any(wanted => tags.TryGetValue(wanted.Key, out var value) && wanted.Value.Contains(value));

        private static FrozenSet<string>? Set(IReadOnlyList<string> values) => values.Count == 0 ? null : values.ToFrozenSet(StringComparer.Ordinal);
    }
}
