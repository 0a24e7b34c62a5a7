using Qrie.JmesPath;

namespace Qrie.Domain.Policies.Network;

/// <summary>A rule of a security group, as <c>ec2:DescribeSecurityGroups</c> shows it (an element of IpPermissions).</summary>
public static class SecurityGroupPermission
{
    private const string EveryProtocol = "-1";

    // The API takes names and IANA numbers alike and shows what it was given for all but these.
    private static readonly Dictionary<string, string> _numbers = new() { ["6"] = "tcp", ["17"] = "udp", ["1"] = "icmp", ["58"] = "icmpv6" };

    /// <summary>
    /// Whether the rule covers a port: of that protocol, or of every protocol. Types of ICMP are no ports, and protocols without ports cover none.
    /// </summary>
    public static bool AllowsPort(JmesValue permission, int port, string protocol = "tcp")
    {
        var own = Protocol(permission);
        if (own == EveryProtocol)
        {
            return true;
        }

        if (own != protocol)
        {
            return false;
        }

        // Both ports are left out, or -1, where a rule is for all of them.
        var (from, to) = (Port(permission, "FromPort"), Port(permission, "ToPort"));
        return from is null or < 0 || (from <= port && port <= (to ?? from));
    }

    /// <summary>Whether anyone on the internet is let in: one range is everything, or all of them together are.</summary>
    public static bool OpenToWorld(JmesValue permission)
    {
        List<CidrBlock> blocks = [.. Ranges(permission, "IpRanges", "CidrIp"), .. Ranges(permission, "Ipv6Ranges", "CidrIpv6")];
        return blocks.Exists(block => block.PrefixLength == 0)
            || CidrBlock.CoverEverything(blocks, ipv6: false) || CidrBlock.CoverEverything(blocks, ipv6: true);
    }

    private static string Protocol(JmesValue permission)
    {
        var protocol = permission.TryGetMember("IpProtocol", out var value) && value.Kind is JmesKind.String
            ? value.GetString().ToLowerInvariant()
            : EveryProtocol;
        return protocol == "all" ? EveryProtocol : _numbers.GetValueOrDefault(protocol, protocol);
    }

    private static int? Port(JmesValue permission, string name) =>
        permission.TryGetMember(name, out var value) && value.Kind is JmesKind.Number ? (int)value.GetNumber() : null;

    private static IEnumerable<CidrBlock> Ranges(JmesValue permission, string list, string member)
    {
        if (!permission.TryGetMember(list, out var ranges))
        {
            yield break;
        }

        foreach (var range in ranges.EnumerateArray())
        {
            if (range.TryGetMember(member, out var text) && text.Kind is JmesKind.String && CidrBlock.TryParse(text.GetString(), out var block))
            {
                yield return block;
            }
        }
    }
}
