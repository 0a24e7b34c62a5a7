namespace Qrie.Domain.Policies.Network;

/// <summary>The traffic of a protocol that a rule applies to: ports from and to (inclusive), or an ICMP type and code, -1 for any.</summary>
public readonly record struct PortRange(int From, int To)
{
    /// <summary>Any ICMP type, any code.</summary>
    private const int Any = -1;

    /// <summary>Every port.</summary>
    public static PortRange Every { get; } = new(0, Protocol.LargestPort);

    /// <summary>Every ICMP type and code.</summary>
    public static PortRange EveryType { get; } = new(Any, Any);

    /// <summary>All traffic of a protocol.</summary>
    public static PortRange AllOf(string protocol) => Protocol.HasTypes(protocol) ? EveryType : Every;

    /// <summary>
    /// The range in a rule. Both values are omitted, or -1, if a rule applies to all; a single port may be given. Protocols without ports ignore them.
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

    /// <summary>Whether this contains all of the other traffic of the same protocol.</summary>
    public bool Holds(string protocol, PortRange other) => Protocol.HasTypes(protocol)
        ? (From == Any || From == other.From) && (From == Any || To == Any || To == other.To)
        : From <= other.From && other.To <= To;

    /// <summary>
    /// Splits ranges into parts that each range contains completely or not at all. For ICMP, these are the ranges themselves, widest first.
    /// </summary>
    /// <param name="apart">Single ports that become separate parts.</param>
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
