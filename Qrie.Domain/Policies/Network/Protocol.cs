using System.Globalization;
using Qrie.JmesPath;

namespace Qrie.Domain.Policies.Network;

/// <summary>
/// Protocols in rules of security groups and network ACLs. The APIs accept names and IANA numbers; groups return names, ACLs numbers.
/// </summary>
public static class Protocol
{
    public const string Every = "-1";
    public const string Tcp = "tcp";
    public const string Udp = "udp";
    public const string Icmp = "icmp";
    public const string IcmpV6 = "icmpv6";

    public const int LargestPort = 65_535;

    private static readonly Dictionary<string, string> s_names = new()
    {
        ["all"] = Every,
        ["6"] = Tcp,
        ["17"] = Udp,
        ["1"] = Icmp,
        ["58"] = IcmpV6,
    };

    /// <summary>The normalized name; a missing one means all protocols.</summary>
    public static string Of(JmesValue rule, string member)
    {
        if (!rule.TryGetMember(member, out var value))
        {
            return Every;
        }

        var text = value.Kind switch
        {
            JmesKind.String => value.GetString().ToLowerInvariant(),
            JmesKind.Number => value.GetNumber().ToString(CultureInfo.InvariantCulture),
            _ => Every,
        };
        return s_names.GetValueOrDefault(text, text);
    }

    /// <summary>Protocols with ports in rules; a rule of another protocol applies to all of its traffic, whatever ports it has.</summary>
    public static bool HasPorts(string protocol) => protocol is Tcp or Udp;

    /// <summary>Protocols with types and codes instead of ports.</summary>
    public static bool HasTypes(string protocol) => protocol is Icmp or IcmpV6;
}
