namespace Qrie.Domain.Policies.Network;

/// <summary>The traffic that a set of rules allows from the world, independent of the kind of rules.</summary>
public abstract class TrafficRules
{
    private const string Ipv4 = "ipv4";
    private const string Ipv6 = "ipv6";

    /// <summary>The maximum number of sources in evidence, widest first.</summary>
    private const int ShownSources = 10;

    /// <summary>Protocols that are checked in addition to those in rules.</summary>
    protected abstract IReadOnlyList<string> AlwaysNamed { get; }

    /// <summary>The traffic of the rules, without rules for all protocols.</summary>
    protected abstract IEnumerable<(string Protocol, PortRange Ports)> Named { get; }

    /// <summary>The given TCP or UDP ports that at least <paramref name="threshold"/> percent of the world can reach.</summary>
    /// <exception cref="UndecidedException">There is no certain result, and one is undecided.</exception>
    public IReadOnlyList<int> OpenPorts(IReadOnlyList<int> ports, string protocol, double threshold)
    {
        var open = new List<int>();
        string? undecided = null;
        foreach (var port in ports)
        {
            var answer = Decide(protocol, new PortRange(port, port), threshold);
            if (answer.IsOpen)
            {
                open.Add(port);
            }

            undecided ??= answer.Undecided;
        }

        return open.Count > 0 || undecided is null ? open : throw new UndecidedException(undecided);
    }

    /// <summary>All traffic that is allowed from at least <paramref name="threshold"/> percent of the world.</summary>
    /// <param name="except">Ignored ports by protocol; a rule for all protocols still counts as open.</param>
    /// <exception cref="UndecidedException">There is no certain result, and one is undecided.</exception>
    public IReadOnlyList<OpenRange> OpenRanges(double threshold, IReadOnlyDictionary<string, IReadOnlyList<int>> except)
    {
        var named = Named.ToLookup(range => range.Protocol, range => range.Ports);
        var parts = AlwaysNamed.Union(named.Select(protocol => protocol.Key))
            .SelectMany(protocol => PortRange.Parts(protocol, [.. named[protocol]], except.GetValueOrDefault(protocol, []))
                .Select(part => Answered(protocol, part, threshold, except.GetValueOrDefault(protocol, []).Any(port => part == new PortRange(port, port)))))
            .ToList();
        var others = Answered(OpenRange.Others, PortRange.Every, threshold, excepted: false);
        var open = Reported(parts, others);
        var undecided = parts.Append(others).Where(part => !part.Excepted).Select(part => part.Answer.Undecided).FirstOrDefault(code => code is not null);
        return open.Count > 0 || undecided is null ? open : throw new UndecidedException(undecided);
    }

    /// <summary>The sources of some traffic, which each rule matches completely or not at all.</summary>
    protected abstract Answer Decide(string protocol, PortRange ports, double threshold);

    private Part Answered(string protocol, PortRange ports, double threshold, bool excepted) =>
        new(Decide(protocol, ports, threshold), protocol, ports, excepted);

    private static List<OpenRange> Reported(List<Part> parts, Part others)
    {
        var everything = others.Answer.IsOpen && parts.TrueForAll(part => part.Answer.HoldsAll(others.Answer));
        var shown = parts.Where(part => part.Answer.IsOpen && !part.Excepted && !(everything && part.Answer.Same(others.Answer)));
        var ranges = OpenRange.Join(WithoutNarrower(shown).Select(Range)).ToList();
        if (everything)
        {
            ranges.Insert(0, Range(others with { Protocol = Protocol.Every }));
        }
        else if (others.Answer.IsOpen)
        {
            ranges.Add(Range(others));
        }

        return ranges;
    }

    /// <summary>An open ICMP type is redundant if all types are open.</summary>
    private static List<Part> WithoutNarrower(IEnumerable<Part> parts)
    {
        var kept = new List<Part>();
        foreach (var part in parts)
        {
            if (!kept.Exists(wider => wider.Protocol == part.Protocol && Protocol.HasTypes(part.Protocol)
                && wider.Ports.Holds(part.Protocol, part.Ports) && wider.Answer.HoldsAll(part.Answer)))
            {
                kept.Add(part);
            }
        }

        return kept;
    }

    private static OpenRange Range(Part part) => new(
        part.Protocol, part.Ports, [.. part.Answer.Families],
        [.. part.Answer.Sources.OrderBy(source => source.PrefixLength).ThenBy(source => source.Text, StringComparer.Ordinal)
            .Select(source => source.Text).Distinct().Take(ShownSources)]);

    /// <summary>A source of traffic in a rule.</summary>
    /// <param name="PrefixLength">0 if the source is not a range of addresses.</param>
    protected readonly record struct Source(string Text, int PrefixLength);

    /// <param name="Undecided">The missing information if neither family is open; null if none is missing.</param>
    protected sealed record Answer(bool Ipv4Open, bool Ipv6Open, string? Undecided, IReadOnlyList<Source> Sources)
    {
        public static Answer Closed { get; } = new(false, false, null, []);

        public bool IsOpen => Ipv4Open || Ipv6Open;

        public IEnumerable<string> Families => (Ipv4Open ? new[] { Ipv4 } : []).Concat(Ipv6Open ? [Ipv6] : []);

        public bool HoldsAll(Answer other) => (Ipv4Open || !other.Ipv4Open) && (Ipv6Open || !other.Ipv6Open);

        public bool Same(Answer other) => Ipv4Open == other.Ipv4Open && Ipv6Open == other.Ipv6Open;
    }

    private sealed record Part(Answer Answer, string Protocol, PortRange Ports, bool Excepted);
}

/// <summary>Rules cannot be evaluated because of missing information.</summary>
public sealed class UndecidedException(string because) : Exception(because);
