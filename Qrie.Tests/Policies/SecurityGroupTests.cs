using System.Text.Json;
using Qrie.Domain.Policies.Functions;
using Qrie.Domain.Policies.Network;
using Qrie.JmesPath;

namespace Qrie.Tests.Policies;

public class SecurityGroupTests
{
    private const double Threshold = 95;

    [Theory]
    [InlineData("""{"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22}""", 22, true)]
    [InlineData("""{"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22}""", 23, false)]
    [InlineData("""{"IpProtocol": "tcp", "FromPort": 20, "ToPort": 25}""", 22, true)]
    [InlineData("""{"IpProtocol": "tcp", "FromPort": 22, "ToPort": 25}""", 22, true)]
    [InlineData("""{"IpProtocol": "tcp", "FromPort": 20, "ToPort": 22}""", 22, true)]
    [InlineData("""{"IpProtocol": "tcp", "FromPort": 23, "ToPort": 100}""", 22, false)]
    [InlineData("""{"IpProtocol": "tcp", "FromPort": 0, "ToPort": 65535}""", 3389, true)]
    [InlineData("""{"IpProtocol": "tcp", "FromPort": 0, "ToPort": 0}""", 22, false)]
    [InlineData("""{"IpProtocol": "tcp", "FromPort": 0, "ToPort": 0}""", 0, true)]
    [InlineData("""{"IpProtocol": "tcp"}""", 22, true)]
    [InlineData("""{"IpProtocol": "tcp", "FromPort": -1, "ToPort": -1}""", 22, true)]
    [InlineData("""{"IpProtocol": "TCP", "FromPort": 22, "ToPort": 22}""", 22, true)]
    [InlineData("""{"IpProtocol": "6", "FromPort": 22, "ToPort": 22}""", 22, true)]
    [InlineData("""{"IpProtocol": "-1"}""", 22, true)]
    [InlineData("""{"IpProtocol": "-1", "FromPort": 80, "ToPort": 80}""", 22, true)]
    [InlineData("""{"IpProtocol": "all"}""", 22, true)]
    [InlineData("""{"FromPort": 80}""", 22, true)]
    [InlineData("""{"IpProtocol": "udp", "FromPort": 22, "ToPort": 22}""", 22, false)]
    [InlineData("""{"IpProtocol": "udp", "FromPort": 53, "ToPort": 53}""", 53, true, "udp")]
    [InlineData("""{"IpProtocol": "17", "FromPort": 53, "ToPort": 53}""", 53, true, "udp")]
    [InlineData("""{"IpProtocol": "tcp", "FromPort": 53, "ToPort": 53}""", 53, false, "udp")]
    [InlineData("""{"IpProtocol": "icmp", "FromPort": 8, "ToPort": -1}""", 8, false)]
    [InlineData("""{"IpProtocol": "icmp", "FromPort": -1, "ToPort": -1}""", 22, false)]
    [InlineData("""{"IpProtocol": "icmpv6", "FromPort": -1, "ToPort": -1}""", 22, false)]
    [InlineData("""{"IpProtocol": "58"}""", 22, false)]
    [InlineData("""{"IpProtocol": "50"}""", 22, false)]
    [InlineData("""{"IpProtocol": "47"}""", 1723, false)]
    public void A_rule_covers_a_port_of_its_protocol(string permission, int port, bool covers, string protocol = "tcp")
    {
        SecurityGroupRules.AllowsPort(Json(permission), port, protocol).ShouldBe(covers);

        var open = JsonDocument.Parse(permission).RootElement.EnumerateObject().ToDictionary(member => member.Name, member => (object)member.Value);
        open["IpRanges"] = new[] { new { CidrIp = "0.0.0.0/0" } };
        Rules(JsonSerializer.Serialize(new[] { open })).OpenPorts([port], protocol, Threshold).Count.ShouldBe(covers ? 1 : 0);
    }

    [Theory]
    [InlineData("""{"IpRanges": [{"CidrIp": "0.0.0.0/0"}]}""", true)]
    [InlineData("""{"IpRanges": [{"CidrIp": "10.0.0.0/8"}, {"CidrIp": "0.0.0.0/0"}]}""", true)]
    [InlineData("""{"IpRanges": [{"CidrIp": "203.0.113.7/0"}]}""", true)]
    [InlineData("""{"Ipv6Ranges": [{"CidrIpv6": "::/0"}]}""", true)]
    [InlineData("""{"Ipv6Ranges": [{"CidrIpv6": "0:0:0:0:0:0:0:0/0"}]}""", true)]
    [InlineData("""{"IpRanges": [{"CidrIp": "10.0.0.0/8"}], "Ipv6Ranges": [{"CidrIpv6": "::/0"}]}""", true)]
    [InlineData("""{"IpRanges": [{"CidrIp": "0.0.0.0/1"}, {"CidrIp": "128.0.0.0/1"}]}""", true)]
    [InlineData("""{"IpRanges": [{"CidrIp": "128.0.0.0/1"}, {"CidrIp": "64.0.0.0/2"}, {"CidrIp": "0.0.0.0/2"}]}""", true)]
    [InlineData("""{"IpRanges": [{"CidrIp": "0.0.0.0/1"}, {"CidrIp": "128.0.0.0/2"}, {"CidrIp": "192.0.0.0/3"}]}""", true)]
    [InlineData("""{"Ipv6Ranges": [{"CidrIpv6": "8000::/1"}, {"CidrIpv6": "::/1"}]}""", true)]
    [InlineData("""{"Ipv6Ranges": [{"CidrIpv6": "::/1"}]}""", true)]
    [InlineData("""{"Ipv6Ranges": [{"CidrIpv6": "2000::/3"}]}""", true)]
    [InlineData("""{"Ipv6Ranges": [{"CidrIpv6": "2000::/4"}]}""", true)] // the rest of 2000::/3 is IANA's reserve
    [InlineData("""{"Ipv6Ranges": [{"CidrIpv6": "2000::/5"}, {"CidrIpv6": "2800::/5"}]}""", true)]
    [InlineData("""{"Ipv6Ranges": [{"CidrIpv6": "2000::/5"}]}""", false)]
    [InlineData("""{"Ipv6Ranges": [{"CidrIpv6": "3000::/4"}]}""", false)]
    [InlineData("""{"Ipv6Ranges": [{"CidrIpv6": "8000::/1"}]}""", false)]
    [InlineData("""{"Ipv6Ranges": [{"CidrIpv6": "fc00::/6"}]}""", false)]
    [InlineData("""{"IpRanges": [{"CidrIp": "0.0.0.0/1"}]}""", false)]
    [InlineData("""{"IpRanges": [{"CidrIp": "0.0.0.0/1"}, {"CidrIp": "192.0.0.0/2"}]}""", false)]
    [InlineData("""{"IpRanges": [{"CidrIp": "0.0.0.0/1"}, {"CidrIp": "128.0.0.0/2"}]}""", false)]
    [InlineData("""{"IpRanges": [{"CidrIp": "224.0.0.0/3"}, {"CidrIp": "10.0.0.0/8"}, {"CidrIp": "127.0.0.0/8"}]}""", false)]
    [InlineData("""{"IpRanges": [{"CidrIp": "0.0.0.0/1"}], "Ipv6Ranges": [{"CidrIpv6": "8000::/1"}]}""", false)]
    [InlineData("""{"IpRanges": [{"CidrIp": "0.0.0.0/32"}]}""", false)]
    [InlineData("""{"IpRanges": [{"CidrIp": "203.0.113.0/24"}]}""", false)]
    [InlineData("""{"Ipv6Ranges": [{"CidrIpv6": "::/128"}]}""", false)]
    [InlineData("""{"Ipv6Ranges": [{"CidrIpv6": "2001:db8::/32"}]}""", false)]
    [InlineData("""{"IpRanges": [], "Ipv6Ranges": [], "UserIdGroupPairs": [{"GroupId": "sg-1"}]}""", false)]
    [InlineData("{}", false)]
    public void A_rule_is_open_if_it_allows_the_whole_internet(string permission, bool open) =>
        (Rules($"[{permission}]").OpenRanges(Threshold, NoExceptions).Count > 0).ShouldBe(open);

    /// <summary>All of IPv4 except one block: 0.0.0.0/1, 128.0.0.0/2, 192.0.0.0/3 and the rest of 224.0.0.0/3 contain all public addresses.</summary>
    [Theory]
    [InlineData(8, 95, true)]
    [InlineData(5, 95, true)]
    [InlineData(4, 95, false)]
    [InlineData(8, 100, false)]
    [InlineData(32, 100, false)]
    [InlineData(1, 40, true)]
    public void The_threshold_is_the_share_of_public_addresses_that_counts_as_open(int missing, double threshold, bool open)
    {
        // The blocks that remain after excluding the one at 64.0.0.0.
        var blocks = Enumerable.Range(1, missing)
            .Select(length => length switch { 1 => "128.0.0.0/1", 2 => "0.0.0.0/2", _ => $"{new System.Net.IPAddress(Flip(length))}/{length}" })
            .Select(cidr => new { CidrIp = cidr });

        var rules = Rules(JsonSerializer.Serialize(new[] { new { IpProtocol = "-1", IpRanges = blocks } }));

        (rules.OpenRanges(threshold, NoExceptions).Count > 0).ShouldBe(open);

        static byte[] Flip(int length) => [.. BitConverter.GetBytes(0x40000000u | (1u << (32 - length))).Reverse()];
    }

    [Theory]
    [InlineData( // all protocols include everything
        """
        [{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]},
         {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]
        """,
        "-1 ipv4")]
    [InlineData( // but not over the other family
        """
        [{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]},
         {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "Ipv6Ranges": [{"CidrIpv6": "2000::/3"}]}]
        """,
        "-1 ipv4, tcp 22-22 ipv4+ipv6")]
    [InlineData( // two rules overlap
        """
        [{"IpProtocol": "tcp", "FromPort": 80, "ToPort": 90, "IpRanges": [{"CidrIp": "0.0.0.0/1"}]},
         {"IpProtocol": "tcp", "FromPort": 85, "ToPort": 99, "IpRanges": [{"CidrIp": "128.0.0.0/1"}]}]
        """,
        "tcp 85-90 ipv4")]
    [InlineData( // adjacent ranges are merged
        """
        [{"IpProtocol": "tcp", "FromPort": 80, "ToPort": 84, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]},
         {"IpProtocol": "6", "FromPort": 85, "ToPort": 99, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]
        """,
        "tcp 80-99 ipv4")]
    [InlineData("""[{"IpProtocol": "udp", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]""", "udp 0-65535 ipv4")]
    [InlineData("""[{"IpProtocol": "icmp", "FromPort": 8, "ToPort": -1, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]""", "icmp 8--1 ipv4")]
    [InlineData( // all types include the one
        """
        [{"IpProtocol": "icmp", "FromPort": 8, "ToPort": 0, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]},
         {"IpProtocol": "1", "FromPort": -1, "ToPort": -1, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]
        """,
        "icmp -1--1 ipv4")]
    [InlineData( // half of one type and half of all types
        """
        [{"IpProtocol": "icmp", "FromPort": 8, "ToPort": -1, "IpRanges": [{"CidrIp": "0.0.0.0/1"}]},
         {"IpProtocol": "icmp", "FromPort": -1, "ToPort": -1, "IpRanges": [{"CidrIp": "128.0.0.0/1"}]}]
        """,
        "icmp 8--1 ipv4")]
    [InlineData("""[{"IpProtocol": "47", "FromPort": 22, "ToPort": 22, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]""", "47 ipv4")]
    [InlineData( // TCP and UDP are separate
        """
        [{"IpProtocol": "tcp", "FromPort": 53, "ToPort": 53, "IpRanges": [{"CidrIp": "0.0.0.0/1"}]},
         {"IpProtocol": "udp", "FromPort": 53, "ToPort": 53, "IpRanges": [{"CidrIp": "128.0.0.0/1"}]}]
        """,
        "")]
    public void Open_ports_are_reported_by_protocol(string permissions, string ranges) =>
        Written(Rules(permissions).OpenRanges(Threshold, NoExceptions)).ShouldBe(ranges);

    [Theory]
    [InlineData("""[{"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]""", "")]
    [InlineData("""[{"IpProtocol": "tcp", "FromPort": 442, "ToPort": 444, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]""", "tcp 442-442 ipv4, tcp 444-444 ipv4")]
    [InlineData("""[{"IpProtocol": "udp", "FromPort": 443, "ToPort": 443, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]""", "udp 443-443 ipv4")]
    [InlineData("""[{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]""", "-1 ipv4")]
    public void Permitted_ports_are_omitted(string permissions, string ranges) =>
        Written(Rules(permissions).OpenRanges(Threshold, new Dictionary<string, IReadOnlyList<int>> { ["tcp"] = [80, 443] })).ShouldBe(ranges);

    [Theory]
    [InlineData("""[{"PrefixListId": "pl-1", "Entries": [{"Cidr": "0.0.0.0/0"}]}]""", true)]
    [InlineData("""[{"PrefixListId": "pl-1", "Entries": [{"Cidr": "0.0.0.0/1"}, {"Cidr": "128.0.0.0/1"}]}]""", true)]
    [InlineData("""[{"PrefixListId": "pl-1", "Entries": [{"Cidr": "2000::/3"}]}]""", true)]
    [InlineData("""[{"PrefixListId": "pl-1", "Entries": [{"Cidr": "198.51.100.0/24"}]}]""", false)]
    [InlineData("""[{"PrefixListId": "pl-1", "Entries": []}]""", false)]
    [InlineData("""[{"PrefixListId": "pl-1", "OwnerId": "AWS"}]""", false)]
    [InlineData("""[{"PrefixListId": "pl-1", "OwnerId": "123456789012"}]""", null)]
    [InlineData("""[{"PrefixListId": "pl-1", "OwnerId": "123456789012", "_unknown": {"Entries": "AccessDenied"}}]""", null)]
    [InlineData("""[{"PrefixListId": "pl-1", "Entries": [{"Cidr": "0.0.0.0/0"}], "_unknown": {"Entries": "Truncated"}}]""", true)]
    [InlineData("""[{"PrefixListId": "pl-1", "Entries": [{"Cidr": "0.0.0.0/1"}], "_unknown": {"Entries": "Truncated"}}]""", null)]
    [InlineData("""[{"PrefixListId": "pl-2", "Entries": [{"Cidr": "0.0.0.0/0"}]}]""", null)]
    [InlineData("[]", null)]
    public void A_prefix_list_is_replaced_by_its_entries(string lists, bool? open)
    {
        var rules = Rules("""[{"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "PrefixListIds": [{"PrefixListId": "pl-1"}]}]""", lists);

        if (open is null)
        {
            Should.Throw<UndecidedException>(() => rules.OpenPorts([22], "tcp", Threshold));
            Should.Throw<UndecidedException>(() => rules.OpenRanges(Threshold, NoExceptions));
        }
        else
        {
            rules.OpenPorts([22], "tcp", Threshold).Count.ShouldBe(open.Value ? 1 : 0);
            rules.OpenRanges(Threshold, NoExceptions).Count.ShouldBe(open.Value ? 1 : 0);
        }
    }

    [Fact]
    public void A_prefix_list_and_ranges_add_up() =>
        Rules(
            """
            [{"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "PrefixListIds": [{"PrefixListId": "pl-1"}]},
             {"IpProtocol": "tcp", "FromPort": 0, "ToPort": 100, "IpRanges": [{"CidrIp": "128.0.0.0/1"}]}]
            """,
            """[{"PrefixListId": "pl-1", "Entries": [{"Cidr": "0.0.0.0/1"}]}]""")
            .OpenPorts([22, 23], "tcp", Threshold).ShouldBe([22]);

    /// <summary>An open port is open whatever a prefix list contains, and other ports are not affected.</summary>
    [Fact]
    public void An_unreadable_prefix_list_matters_only_if_the_result_depends_on_it()
    {
        var rules = Rules(
            """
            [{"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "PrefixListIds": [{"PrefixListId": "pl-1"}]},
             {"IpProtocol": "tcp", "FromPort": 80, "ToPort": 80, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]
            """);

        rules.OpenPorts([80], "tcp", Threshold).ShouldBe([80]);
        rules.OpenPorts([22, 80], "tcp", Threshold).ShouldBe([80]);
        rules.OpenPorts([443], "tcp", Threshold).ShouldBeEmpty();
        rules.OpenPorts([22], "udp", Threshold).ShouldBeEmpty();
        Should.Throw<UndecidedException>(() => rules.OpenRanges(Threshold, new Dictionary<string, IReadOnlyList<int>> { ["tcp"] = [80] }));
        rules.OpenRanges(Threshold, new Dictionary<string, IReadOnlyList<int>> { ["tcp"] = [22] }).Count.ShouldBe(1);
    }

    [Theory]
    [InlineData("cidr_contains('10.0.0.0/8', '10.1.2.3')", "true")]
    [InlineData("cidr_contains('10.0.0.0/8', '10.1.0.0/16')", "true")]
    [InlineData("cidr_contains('10.0.0.0/8', '11.0.0.0/16')", "false")]
    [InlineData("cidr_contains('10.1.0.0/16', '10.0.0.0/8')", "false")]
    [InlineData("cidr_contains('::/0', '2001:db8::1')", "true")]
    [InlineData("cidr_contains('0.0.0.0/0', '2001:db8::1')", "false")]
    [InlineData("cidr_contains('::/0', '10.0.0.1')", "false")]
    [InlineData("allows_port(`{\"IpProtocol\": \"-1\"}`, `22`)", "true")]
    [InlineData("open_ports(`[{\"IpRanges\": [{\"CidrIp\": \"0.0.0.0/0\"}]}]`, `[22]`, `95`)", "[22]")]
    [InlineData("open_ranges(`[{\"Ipv6Ranges\": [{\"CidrIpv6\": \"::/0\"}]}]`, `95`)", """[{"IpProtocol":"-1","Families":["ipv6"],"Sources":["::/0"]}]""")]
    [InlineData("open_ranges(`[]`, `95`, `null`, {tcp: `[443]`})", "[]")]
    public void Policies_call_the_functions(string expression, string result) =>
        JmesPathExpression.Parse(expression, PolicyFunctions.Options).Evaluate(JmesValue.Null).ToString().ShouldBe(result);

    [Theory]
    [InlineData("cidr_contains('10.0.0.0/33', '10.0.0.1')")]
    [InlineData("cidr_contains('10/8', '10.0.0.1')")]
    [InlineData("cidr_contains('all', '10.0.0.1')")]
    [InlineData("allows_port(`{}`, `70000`)")]
    [InlineData("allows_port(`{}`, `22.5`)")]
    [InlineData("open_ports(`[]`, `[70000]`, `95`)")]
    [InlineData("open_ports(`[]`, `[22]`, `0`)")]
    [InlineData("open_ports(`[]`, `[22]`, `101`)")]
    [InlineData("open_ports(`[{\"IpRanges\": [{\"CidrIp\": \"everywhere\"}]}]`, `[22]`, `95`)")]
    [InlineData("open_ranges(`[]`, `95`, `null`, {icmp: `[8]`})")]
    [InlineData("open_ranges(`[]`, `95`, `null`, {tcp: `[\"https\"]`})")]
    [InlineData("open_ranges(`null`, `95`)")]
    public void Invalid_ranges_and_ports_are_errors(string expression) =>
        Should.Throw<JmesPathException>(() => JmesPathExpression.Parse(expression, PolicyFunctions.Options).Evaluate(JmesValue.Null))
            .Kind.ShouldBeOneOf(JmesErrorKind.InvalidValue, JmesErrorKind.InvalidType);

    private static readonly Dictionary<string, IReadOnlyList<int>> NoExceptions = [];

    private static SecurityGroupRules Rules(string permissions, string lists = "[]") => new(Json(permissions)) { Lists = new PrefixLists(Json(lists)) };

    private static string Written(IEnumerable<OpenRange> ranges) => string.Join(", ", ranges.Select(range =>
        range.Protocol + (range.Protocol is "tcp" or "udp" or "icmp" or "icmpv6" ? $" {range.Ports.From}-{range.Ports.To}" : "")
        + $" {string.Join('+', range.Families)}"));

    private static JmesValue Json(string text)
    {
        using var document = JsonDocument.Parse(text);
        return document.RootElement.Clone();
    }
}
