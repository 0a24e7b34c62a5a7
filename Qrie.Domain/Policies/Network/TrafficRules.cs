namespace Qrie.Domain.Policies.Network;

/// <summary>What a set of rules lets the world send, however the rules of one kind or another work together.</summary>
public abstract class TrafficRules
{
    private const string Ipv4 = "ipv4";
    private const string Ipv6 = "ipv6";

    /// <summary>Evidence names so many sources at most, the widest first.</summary>
    private const int ShownSources = 10;

    /// <summary>Protocols that are looked at besides those that rules name.</summary>
    protected abstract IReadOnlyList<string> AlwaysNamed { get; }

    /// <summary>What the rules name, those of every protocol left out.</summary>
    protected abstract IEnumerable<(string Protocol, PortRange Ports)> Named { get; }

    /// <summary>Those of some TCP or UDP ports that at least <paramref name="threshold"/> percent of the world can reach.</summary>
    /// <exception cref="UndecidedException">None is for certain, and of one it cannot be told.</exception>
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

    /// <summary>All that at least <paramref name="threshold"/> percent of the world can send.</summary>
    /// <param name="except">By protocol, ports that do not count; a rule about every protocol is open all the same.</param>
    /// <exception cref="UndecidedException">Nothing is for certain, and of something it cannot be told.</exception>
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

    /// <summary>Who can send some traffic; rules are about all of it or about nothing of it.</summary>
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

    /// <summary>A type of ICMP says nothing where all types are open as well.</summary>
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

    /// <summary>Where traffic may come from, as a rule names it.</summary>
    /// <param name="PrefixLength">0 for what is no range of addresses.</param>
    protected readonly record struct Source(string Text, int PrefixLength);

    /// <param name="Undecided">What would have to be known where neither family is open; null: it is known.</param>
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

/// <summary>Rules cannot be evaluated because of what is not known about them.</summary>
public sealed class UndecidedException(string because) : Exception(because);
