using Qrie.JmesPath;

namespace Qrie.Domain.Policies.Network;

/// <summary>
/// The rules of a security group in one direction, as returned by <c>ec2:DescribeSecurityGroups</c> (IpPermissions). They only allow traffic, so they add up.
/// Other groups in rules mean the private addresses of their members, which are not public.
/// https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html
/// </summary>
public sealed class SecurityGroupRules : TrafficRules
{
    private readonly List<Rule> _rules = [];

    /// <exception cref="FormatException">A rule has an invalid range.</exception>
    public SecurityGroupRules(JmesValue permissions)
    {
        foreach (var permission in permissions.EnumerateArray())
        {
            _rules.Add(Rule.Read(permission));
        }
    }

    /// <summary>Whether any rule has prefix lists (<see cref="Lists"/>).</summary>
    public bool NameLists => _rules.Exists(rule => rule.Lists.Count > 0);

    /// <summary>The known prefix lists; none by default.</summary>
    public PrefixLists Lists { get; set; } = PrefixLists.None;

    protected override IReadOnlyList<string> AlwaysNamed => [];

    protected override IEnumerable<(string Protocol, PortRange Ports)> Named =>
        _rules.Where(rule => rule.Protocol != Protocol.Every).Select(rule => (rule.Protocol, rule.Ports));

    /// <summary>
    /// Whether a rule applies to a port of that protocol, also by a rule for all protocols. ICMP types are not ports, and other protocols have none.
    /// </summary>
    public static bool AllowsPort(JmesValue permission, int port, string protocol)
    {
        var rule = Rule.Protocols(permission);
        return rule.Protocol == Protocol.Every || (rule.Protocol == protocol && rule.Ports.Holds(port));
    }

    protected override Answer Decide(string protocol, PortRange ports, double threshold)
    {
        List<CidrBlock>? blocks = null;
        List<Source>? sources = null;
        string? undecided = null;
        foreach (var rule in _rules)
        {
            if (rule.Protocol != Protocol.Every && (rule.Protocol != protocol || !rule.Ports.Holds(protocol, ports)))
            {
                continue;
            }

            (blocks ??= []).AddRange(rule.Blocks);
            (sources ??= []).AddRange(rule.Blocks.Select(block => new Source(block.ToString(), block.PrefixLength)));
            foreach (var list in rule.Lists)
            {
                blocks.AddRange(Lists.BlocksOf(list, out var complete));
                sources.Add(new Source(list, 0));
                undecided ??= complete ? null : list;
            }
        }

        if (blocks is null)
        {
            return Answer.Closed;
        }

        var (ipv4, ipv6) = (PublicAddresses.Ipv4.AreIn(blocks, ipv6: false, threshold), PublicAddresses.Ipv6.AreIn(blocks, ipv6: true, threshold));
        return new Answer(ipv4, ipv6, ipv4 || ipv6 ? null : undecided, sources!);
    }

    private sealed record Rule(string Protocol, PortRange Ports, IReadOnlyList<CidrBlock> Blocks, IReadOnlyList<string> Lists)
    {
        public static (string Protocol, PortRange Ports) Protocols(JmesValue permission)
        {
            var protocol = Network.Protocol.Of(permission, "IpProtocol");
            return (protocol, PortRange.Read(protocol, Number(permission, "FromPort"), Number(permission, "ToPort")));
        }

        public static Rule Read(JmesValue permission)
        {
            var (protocol, ports) = Protocols(permission);
            return new Rule(
                protocol, ports,
                [.. Texts(permission, "IpRanges", "CidrIp").Concat(Texts(permission, "Ipv6Ranges", "CidrIpv6")).Select(CidrBlock.Parse)],
                Texts(permission, "PrefixListIds", "PrefixListId"));
        }

        private static int? Number(JmesValue permission, string name) =>
            permission.TryGetMember(name, out var value) && value.Kind is JmesKind.Number ? (int)value.GetNumber() : null;

        private static List<string> Texts(JmesValue permission, string list, string member)
        {
            var texts = new List<string>();
            if (permission.TryGetMember(list, out var items))
            {
                foreach (var item in items.EnumerateArray())
                {
                    if (item.TryGetMember(member, out var text) && text.Kind is JmesKind.String)
                    {
                        texts.Add(text.GetString());
                    }
                }
            }

            return texts;
        }
    }
}
