using System.Text.Json;
using Qrie.Domain.Policies.Network;
using Qrie.JmesPath;

namespace Qrie.Tests.Policies;

/// <summary>
/// Compares random security groups and network ACLs with a reference without sets of ranges: it determines for each class of addresses, protocol and port
/// whether a packet is allowed, and adds up the share of public addresses.
/// </summary>
public class NetworkRulesPropertyTests
{
    private const int Groups = 3_000;
    private const int Acls = 3_000;

    private static readonly string[] s_protocols = ["tcp", "udp", "icmp", "-1", "47"];
    private static readonly int[] s_ports = [0, 1, 21, 22, 23, 80, 443, 65_534, 65_535];
    private static readonly double[] s_thresholds = [1, 25, 50, 80, 95, 100];
    private static readonly Dictionary<string, string> s_numbers = new() { ["tcp"] = "6", ["udp"] = "17", ["icmp"] = "1", ["-1"] = "-1", ["47"] = "47" };

    /// <summary>Public addresses per class: the first eight bits.</summary>
    private static readonly double[] s_ipv4 = PublicIpv4();
    private static readonly double[] s_ipv6 = PublicIpv6();

    [Fact]
    public void Security_groups_have_the_result_of_single_packets()
    {
        var random = new Random(20261129);
        var counts = new Dictionary<string, int>();
        for (var i = 0; i < Groups; i++)
        {
            var lists = Enumerable.Range(0, 3).ToDictionary(n => $"pl-{n}", _ => random.Next(3) == 0 ? null : Cidrs(random, 3));
            var rules = Enumerable.Range(0, random.Next(1, 6)).Select(_ => new GroupRule(
                s_protocols[random.Next(s_protocols.Length)], Ports(random), Cidrs(random, 4), random.Next(4) == 0 ? $"pl-{random.Next(4)}" : null)).ToList();
            var threshold = s_thresholds[random.Next(s_thresholds.Length)];
            var evaluated = new SecurityGroupRules(Json(rules.Select(rule => rule.Shown))) { Lists = new PrefixLists(Json(Shown(lists))) };

            var expected = s_ports.ToDictionary(port => ("tcp", port), port => Expected(rules, lists, "tcp", port, threshold));
            foreach (var port in s_ports)
            {
                var actual = Answer(() => evaluated.OpenPorts([port], "tcp", threshold).Count > 0);
                actual.ShouldBe(expected[("tcp", port)], $"group {i}, port {port}, {threshold} %: {JsonSerializer.Serialize(rules.Select(r => r.Shown))}");
                Count(counts, actual);
            }

            CompareRanges(
                () => evaluated.OpenRanges(threshold, new Dictionary<string, IReadOnlyList<int>>()),
                (protocol, port) => Expected(rules, lists, protocol, port, threshold), rules.Exists(rule => rule.Protocol == "47"), i);
        }

        counts.Values.ShouldAllBe(count => count > Groups / 10); // open, closed or undecided
        counts.Count.ShouldBe(3);
    }

    [Fact]
    public void Network_ACLs_have_the_result_of_single_packets()
    {
        var random = new Random(20261130);
        var counts = new Dictionary<string, int>();
        for (var i = 0; i < Acls; i++)
        {
            var numbers = Enumerable.Range(1, 30).OrderBy(_ => random.Next()).ToList();
            var rules = Enumerable.Range(0, random.Next(1, 8)).Select(n => new AclRule(
                numbers[n], random.Next(5) > 1, s_protocols[random.Next(s_protocols.Length)], Ports(random), Cidrs(random, 1, least: 1)[0])).ToList();
            var threshold = s_thresholds[random.Next(s_thresholds.Length)];
            var evaluated = new NetworkAclRules(Json(rules.Select(rule => rule.Shown)));

            foreach (var port in s_ports)
            {
                var actual = Answer(() => evaluated.OpenPorts([port], "tcp", threshold).Count > 0);
                actual.ShouldBe(Expected(rules, "tcp", port, threshold),
                    $"ACL {i}, port {port}, {threshold} %: {JsonSerializer.Serialize(rules.Select(r => r.Shown))}");
                Count(counts, actual);
            }

            CompareRanges(
                () => evaluated.OpenRanges(threshold, new Dictionary<string, IReadOnlyList<int>>()),
                (protocol, port) => Expected(rules, protocol, port, threshold), rules.Exists(rule => rule.Protocol == "47"), i);
        }

        counts.Count.ShouldBe(2);
        counts.Values.ShouldAllBe(count => count > Acls / 10);
    }

    private static void CompareRanges(Func<IReadOnlyList<OpenRange>> ranges, Func<string, int, bool?> expected, bool names47, int number)
    {
        (string, int)[] asked = [.. s_ports.Select(port => ("tcp", port)), .. s_ports.Select(port => ("udp", port)), ("47", 0), ("50", 0)];
        var answers = asked.ToDictionary(one => one, one => expected(one.Item1, one.Item2));
        IReadOnlyList<OpenRange> open;
        try
        {
            open = ranges();
        }
        catch (UndecidedException)
        {
            answers.Values.ShouldNotContain(true, $"number {number}");
            return; // it may be a port between the tested ones
        }

        foreach (var ((protocol, port), answer) in answers)
        {
            var shown = open.Any(range => range.Protocol == "-1" || (range.Protocol == protocol && (protocol == "47" || range.Ports.Holds(port)))
                || (range.Protocol == OpenRange.Others && (protocol == "50" || (protocol == "47" && !names47))));
            shown.ShouldBe(answer == true, $"number {number}, {protocol} {port}");
        }
    }

    private static bool? Expected(List<GroupRule> rules, Dictionary<string, List<Cidr>?> lists, string protocol, int port, double threshold)
    {
        var about = rules.Where(rule => rule.IsAbout(protocol, port)).ToList();
        var known = about.SelectMany(rule => rule.Blocks.Concat(rule.List is null ? [] : lists.GetValueOrDefault(rule.List) ?? [])).ToList();
        var unread = about.Exists(rule => rule.List is { } list && lists.GetValueOrDefault(list) is null);
        var least = IsOpen(address => known.Exists(cidr => cidr.Holds(address)), threshold);
        return least ? true : unread ? null : false;
    }

    private static bool? Expected(List<AclRule> rules, string protocol, int port, double threshold) => IsOpen(
        address => rules.OrderBy(rule => rule.Number).FirstOrDefault(rule => rule.IsAbout(protocol, port) && rule.Block.Holds(address))?.Allows == true,
        threshold);

    private static bool IsOpen(Func<(bool Ipv6, int Class), bool> comesIn, double threshold) =>
        Share(s_ipv4, number => comesIn((false, number))) >= threshold - 1e-9 || Share(s_ipv6, number => comesIn((true, number))) >= threshold - 1e-9;

    private static double Share(double[] world, Func<int, bool> comesIn) =>
        world.Select((addresses, number) => addresses > 0 && comesIn(number) ? addresses : 0).Sum() / world.Sum() * 100;

    private static bool? Answer(Func<bool> ask)
    {
        try
        {
            return ask();
        }
        catch (UndecidedException)
        {
            return null;
        }
    }

    private static void Count(Dictionary<string, int> counts, bool? answer) => counts[$"{answer}"] = counts.GetValueOrDefault($"{answer}") + 1;

    private static List<Cidr> Cidrs(Random random, int most, int least = 0) => [.. Enumerable.Range(0, random.Next(least, most + 1)).Select(_ =>
    {
        var length = random.Next(0, 9);
        var ipv6 = random.Next(2) == 0;
        // Public IPv6 addresses are an eighth of the space, so blocks elsewhere are of little use.
        var first = (ipv6 && random.Next(4) > 0 ? random.Next(0x20, 0x40) : random.Next(256)) >> (8 - length) << (8 - length);
        return new Cidr(ipv6, first, length);
    })];

    private static (int, int)? Ports(Random random)
    {
        var (one, two) = (s_ports[random.Next(s_ports.Length)], s_ports[random.Next(s_ports.Length)]);
        return random.Next(5) == 0 ? null : (Math.Min(one, two), Math.Max(one, two));
    }

    private static IEnumerable<object> Shown(Dictionary<string, List<Cidr>?> lists)
    {
        foreach (var (id, entries) in lists)
        {
            yield return entries is null
                ? new { PrefixListId = id, _unknown = new { Entries = "AccessDenied" } }
                : new { PrefixListId = id, Entries = entries.Select(entry => new { Cidr = entry.Text }) };
        }
    }

    private static JmesValue Json(object value) => JsonSerializer.SerializeToElement(value);

    /// <summary>Counted in blocks of 256 addresses, the size of the smallest reserved range.</summary>
    private static double[] PublicIpv4()
    {
        var counts = new double[256];
        for (var block = 0; block < 1 << 24; block++)
        {
            var (a, b, c) = (block >> 16, block >> 8 & 255, block & 255);
            var reserved = a is 0 or 10 or 127 or >= 224 || (a == 100 && b is >= 64 and < 128) || (a == 169 && b == 254) || (a == 172 && b is >= 16 and < 32)
                || (a == 192 && (b == 168 || (b == 0 && c is 0 or 2) || (b == 88 && c == 99))) || (a == 198 && (b is 18 or 19 || (b == 51 && c == 100)))
                || (a == 203 && b == 0 && c == 113);
            counts[a] += reserved ? 0 : 256;
        }

        return counts;
    }

    /// <summary>2000::/8 to 2c00::/8, without the two reserved blocks of 2001; in units of a /32.</summary>
    private static double[] PublicIpv6()
    {
        var counts = new double[256];
        for (var first = 0x20; first <= 0x2c; first++)
        {
            counts[first] = 1 << 24;
        }

        counts[0x20] -= (1 << 9) + 1; // 2001::/23 and 2001:db8::/32
        return counts;
    }

    private sealed record Cidr(bool Ipv6, int First, int Length)
    {
        public string Text => Ipv6 ? $"{First:x2}00::/{Length}" : $"{First}.0.0.0/{Length}";

        public bool Holds((bool Ipv6, int Class) address) => address.Ipv6 == Ipv6 && address.Class >> (8 - Length) == First >> (8 - Length);
    }

    private sealed record GroupRule(string Protocol, (int From, int To)? Ports, List<Cidr> Blocks, string? List)
    {
        public object Shown => new
        {
            IpProtocol = Protocol,
            FromPort = Ports?.From,
            ToPort = Ports?.To,
            IpRanges = Blocks.Where(block => !block.Ipv6).Select(block => new { CidrIp = block.Text }),
            Ipv6Ranges = Blocks.Where(block => block.Ipv6).Select(block => new { CidrIpv6 = block.Text }),
            PrefixListIds = List is null ? [] : new[] { new { PrefixListId = List } },
            UserIdGroupPairs = new[] { new { GroupId = "sg-1" } },
        };

        public bool IsAbout(string protocol, int port) => NetworkRulesPropertyTests.IsAbout(Protocol, Ports, protocol, port);
    }

    private sealed record AclRule(int Number, bool Allows, string Protocol, (int From, int To)? Ports, Cidr Block)
    {
        public object Shown => new Dictionary<string, object?>
        {
            ["RuleNumber"] = Number,
            ["RuleAction"] = Allows ? "allow" : "deny",
            ["Protocol"] = s_numbers[Protocol],
            ["Egress"] = false,
            [Block.Ipv6 ? "Ipv6CidrBlock" : "CidrBlock"] = Block.Text,
            ["PortRange"] = Ports is { } ports && Protocol is not "icmp" ? new { ports.From, ports.To } : null,
        };

        public bool IsAbout(string protocol, int port) => NetworkRulesPropertyTests.IsAbout(Protocol, Ports, protocol, port);
    }

    private static bool IsAbout(string own, (int From, int To)? ports, string protocol, int port) =>
        own == "-1" || (own == protocol && (own is "47" || ports is null || (ports.Value.From <= port && port <= ports.Value.To)));
}
