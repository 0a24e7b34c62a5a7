namespace Qrie.Domain.Policies.Network;

/// <summary>What traffic of a protocol a rule is about: ports from and to (both included), or an ICMP type and code of which -1 is any.</summary>
public readonly record struct PortRange(int From, int To)
{
    /// <summary>Any ICMP type, any code.</summary>
    private const int Any = -1;

    /// <summary>Every port.</summary>
    public static PortRange Every { get; } = new(0, Protocol.LargestPort);

    /// <summary>Every ICMP type and code.</summary>
    public static PortRange EveryType { get; } = new(Any, Any);

    /// <summary>All that a protocol can be asked for.</summary>
    public static PortRange AllOf(string protocol) => Protocol.HasTypes(protocol) ? EveryType : Every;

    /// <summary>
    /// As rules give it. Both are left out, or -1, where a rule is about all; one port may be given alone. Protocols without ports ignore them.
    /// </summary>
    public static PortRange Read(string protocol, int? from, int? to)
    {
        if (Protocol.HasTypes(protocol))
        {
            return from is null or Any ? EveryType : new PortRange(from.Value, to ?? Any);
        }

        return !Protocol.HasPorts(protocol) || from is null or < 0 ? Every : new PortRange(from.Value, to ?? from.Value);
    }

    public bool Holds(int port) => From <= port && port <= To;

    /// <summary>Whether all of the other traffic of the same protocol is among this.</summary>
    public bool Holds(string protocol, PortRange other) => Protocol.HasTypes(protocol)
        ? (From == Any || From == other.From) && (From == Any || To == Any || To == other.To)
        : From <= other.From && other.To <= To;

    /// <summary>
    /// The parts to which all ranges that are given are alike: each holds a part whole or nothing of it. Of ICMP they are the ranges themselves, the widest
    /// first.
    /// </summary>
    /// <param name="apart">Single ports that are parts of their own.</param>
    public static IReadOnlyList<PortRange> Parts(string protocol, IReadOnlyCollection<PortRange> ranges, IReadOnlyCollection<int> apart)
    {
        if (Protocol.HasTypes(protocol))
        {
            return [.. ranges.Append(EveryType).Distinct().OrderBy(range => range.From).ThenBy(range => range.To)];
        }

        if (!Protocol.HasPorts(protocol))
        {
            return [Every];
        }

        var starts = new SortedSet<int> { 0 };
        foreach (var range in ranges.Concat(apart.Select(port => new PortRange(port, port))).Where(range => range.From <= range.To))
        {
            starts.Add(range.From);
            starts.Add(range.To + 1);
        }

        var ordered = starts.Where(start => start <= Protocol.LargestPort).ToList();
        return [.. ordered.Select((start, i) => new PortRange(start, i + 1 < ordered.Count ? ordered[i + 1] - 1 : Protocol.LargestPort))];
    }
}
