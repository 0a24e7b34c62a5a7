using System.Collections.Frozen;

namespace Qrie.Domain.Catalog.CloudTrail;

/// <summary>A rule and its type.</summary>
public sealed record EventClaim(ResourceTypeDefinition Type, EventRule Rule);

/// <summary>What the catalog says about events of one name.</summary>
/// <param name="Claims">The matching rules; empty if no type is affected.</param>
/// <param name="Reason">Why no type is affected; null if some are, or if the catalog does not mention the event.</param>
public sealed record EventEntry(IReadOnlyList<EventClaim> Claims, string? Reason)
{
    /// <summary>The catalog does not mention the event.</summary>
    public static EventEntry Unclaimed { get; } = new([], null);
}

/// <summary>
/// All event rules of a catalog by source and name. An exact name takes precedence over a pattern; a claim of any service takes precedence over another
/// service's statement that the event is irrelevant. Exact names are looked up; only other names are matched against the patterns of their source.
/// </summary>
public sealed class EventIndex
{
    private readonly FrozenDictionary<string, SourceIndex> _sources;

    public EventIndex(IEnumerable<ServiceDefinition> services)
    {
        var writing = new Dictionary<string, List<Statement>>(StringComparer.Ordinal);
        foreach (var service in services)
        {
            foreach (var type in service.Resources)
            {
                foreach (var rule in type.Events)
                {
                    var claim = new EventClaim(type, rule);
                    Of(rule.EventSource ?? service.EventSource).AddRange(rule.Names.Select(name => new Statement(service.Key, name, claim, null)));
                }
            }

            foreach (var (key, reason) in service.Irrelevant)
            {
                Of(key.Source).Add(new Statement(service.Key, key.Name, null, reason));
            }
        }

        _sources = writing.ToFrozenDictionary(pair => pair.Key, pair => new SourceIndex(pair.Value), StringComparer.Ordinal);

        List<Statement> Of(string source) => writing.TryGetValue(source, out var list) ? list : writing[source] = [];
    }

    /// <summary>What the catalog says about an event.</summary>
    public EventEntry Find(EventKey key) => _sources.TryGetValue(key.Source, out var source) ? source.Find(key.Name) : EventEntry.Unclaimed;

    /// <summary>The services whose files both claim an event and declare it irrelevant with equal precision.</summary>
    public IReadOnlyList<string> Contradictions(EventKey key) =>
        _sources.TryGetValue(key.Source, out var source)
            ? [.. source.Fitting(key.Name).GroupBy(s => s.Service).Where(g => IsContradiction(Strongest(g))).Select(g => g.Key)]
            : [];

    private static bool IsContradiction(List<Statement> statements) => statements.Exists(s => s.Claim is null) && statements.Exists(s => s.Claim is not null);

    private static List<Statement> Strongest(IEnumerable<Statement> statements)
    {
        var all = statements.ToList();
        return all.Exists(s => !s.IsPattern) ? all.FindAll(s => !s.IsPattern) : all;
    }

    /// <summary>One name or pattern of one file: a claim, or the reason why the event is irrelevant.</summary>
    private sealed record Statement(string Service, string Name, EventClaim? Claim, string? Reason)
    {
        public bool IsPattern { get; } = Name.Contains('*', StringComparison.Ordinal);

        public bool Fits(string name) => IsPattern ? Wildcard.Matches(Name, name) : Name == name;
    }

    private sealed class SourceIndex
    {
        private readonly Statement[] _patterns;
        private readonly ILookup<string, Statement> _exact;
        private readonly FrozenDictionary<string, EventEntry> _entries;

        public SourceIndex(List<Statement> statements)
        {
            _patterns = [.. statements.Where(s => s.IsPattern)];
            _exact = statements.Where(s => !s.IsPattern).ToLookup(s => s.Name, StringComparer.Ordinal);
            _entries = _exact.ToFrozenDictionary(g => g.Key, g => Combine(Fitting(g.Key)), StringComparer.Ordinal);
        }

        public EventEntry Find(string name) => _entries.TryGetValue(name, out var entry) ? entry : Combine(Fitting(name));

        public IEnumerable<Statement> Fitting(string name) => _exact[name].Concat(_patterns.Where(s => s.Fits(name)));

        private static EventEntry Combine(IEnumerable<Statement> fitting)
        {
            var claims = new List<EventClaim>();
            string? reason = null;
            foreach (var service in fitting.GroupBy(s => s.Service))
            {
                if (Strongest(service).Find(s => s.Claim is null) is { } irrelevant)
                {
                    reason ??= irrelevant.Reason;
                    continue;
                }

                claims.AddRange(service.Where(s => s.Claim is not null).Select(s => s.Claim!).Distinct());
            }

            return claims.Count > 0 ? new EventEntry(claims, null) : reason is null ? EventEntry.Unclaimed : new EventEntry([], reason);
        }
    }
}
