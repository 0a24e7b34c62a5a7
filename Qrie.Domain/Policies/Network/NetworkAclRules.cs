using Qrie.JmesPath;

namespace Qrie.Domain.Policies.Network;

/// <summary>
/// The rules of a network ACL in one direction, as returned by <c>ec2:DescribeNetworkAcls</c> (Entries): the matching rule with the lowest number applies, and
/// packets without a matching rule are denied.
/// https://docs.aws.amazon.com/vpc/latest/userguide/nacl-rules.html
/// </summary>
public sealed class NetworkAclRules : TrafficRules
{
    private readonly List<Rule> _rules = [];

    /// <param name="entries">The entries of one direction.</param>
    /// <exception cref="FormatException">A rule has no number, no action or no range, or the directions are mixed.</exception>
    public NetworkAclRules(JmesValue entries)
    {
        bool? outbound = null;
        foreach (var entry in entries.EnumerateArray())
        {
            var own = entry.TryGetMember("Egress", out var egress) && egress.IsTruthy;
            if (own != (outbound ??= own))
            {
                throw new FormatException("inbound and outbound rules are evaluated separately: Entries[?!Egress], Entries[?Egress]");
            }

            _rules.Add(Rule.Read(entry));
        }

        _rules.Sort((a, b) => a.Number.CompareTo(b.Number));
    }

    /// <summary>Because rules may deny too, the result for all protocols is not the union of those in the rules.</summary>
    protected override IReadOnlyList<string> AlwaysNamed { get; } = [Protocol.Tcp, Protocol.Udp, Protocol.Icmp, Protocol.IcmpV6];

    protected override IEnumerable<(string Protocol, PortRange Ports)> Named =>
        _rules.Where(rule => rule.Protocol != Protocol.Every).Select(rule => (rule.Protocol, rule.Ports));

    protected override Answer Decide(string protocol, PortRange ports, double threshold)
    {
        var about = _rules.Where(rule => rule.Protocol == Protocol.Every || (rule.Protocol == protocol && rule.Ports.Holds(protocol, ports))).ToList();
        var (ipv4, ipv6) = (IsOpen(about, ipv6: false, threshold), IsOpen(about, ipv6: true, threshold));
        var sources = about.Where(rule => rule.Allows && (rule.Block.IsIpv6 ? ipv6 : ipv4))
            .Select(rule => new Source(rule.Block.ToString(), rule.Block.PrefixLength));
        return ipv4 || ipv6 ? new Answer(ipv4, ipv6, null, [.. sources]) : Answer.Closed;
    }

    private static bool IsOpen(IEnumerable<Rule> rules, bool ipv6, double threshold)
    {
        var (allowed, decided) = (AddressSet.Empty, AddressSet.Empty);
        foreach (var rule in rules.Where(rule => rule.Block.IsIpv6 == ipv6))
        {
            var own = AddressSet.Of([rule.Block]);
            if (rule.Allows)
            {
                allowed = allowed.Union(own.Except(decided));
            }

            decided = decided.Union(own);
        }

        return !allowed.IsEmpty && PublicAddresses.Of(ipv6).AreIn(allowed, threshold);
    }

    private sealed record Rule(int Number, bool Allows, string Protocol, PortRange Ports, CidrBlock Block)
    {
        public static Rule Read(JmesValue entry)
        {
            var protocol = Network.Protocol.Of(entry, "Protocol");
            var block = CidrBlock.Parse(Text(entry, "CidrBlock") ?? Text(entry, "Ipv6CidrBlock") ?? throw new FormatException("a rule has no address range"));
            var ports = Network.Protocol.HasTypes(protocol)
                ? (protocol == Network.Protocol.IcmpV6 && !block.IsIpv6 ? PortRange.EveryType : Range(entry, protocol, "IcmpTypeCode", "Type", "Code"))
                : Range(entry, protocol, "PortRange", "From", "To");
            return new Rule(
                Whole(entry, "RuleNumber") ?? throw new FormatException("a rule has no number"),
                Text(entry, "RuleAction") switch
                {
                    "allow" => true,
                    "deny" => false,
                    var action => throw new FormatException($"a rule has the action '{action}'"),
                },
                protocol, ports, block);
        }

        private static PortRange Range(JmesValue entry, string protocol, string member, string from, string to) =>
            entry.TryGetMember(member, out var range) ? PortRange.Read(protocol, Whole(range, from), Whole(range, to)) : PortRange.AllOf(protocol);

        private static int? Whole(JmesValue value, string name) =>
            value.TryGetMember(name, out var number) && number.Kind is JmesKind.Number ? (int)number.GetNumber() : null;

        private static string? Text(JmesValue value, string name) =>
            value.TryGetMember(name, out var text) && text.Kind is JmesKind.String ? text.GetString() : null;
    }
}
