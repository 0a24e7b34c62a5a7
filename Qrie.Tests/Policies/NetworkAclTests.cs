using System.Text.Json;
using Qrie.Domain.Policies.Functions;
using Qrie.JmesPath;

namespace Qrie.Tests.Policies;

/// <summary>Rules of network ACLs: the matching rule with the lowest number decides. https://docs.aws.amazon.com/vpc/latest/userguide/nacl-rules.html</summary>
public class NetworkAclTests
{
    private const string DenyAll = "32767 deny -1 0.0.0.0/0";

    [Theory]
    [InlineData("100 allow -1 0.0.0.0/0", "22")]
    [InlineData("100 allow 6 0.0.0.0/0", "22")]
    [InlineData("100 allow 6 0.0.0.0/0 22-22", "22")]
    [InlineData("100 allow 6 0.0.0.0/0 0-65535", "22")]
    [InlineData("100 allow 6 ::/0 20-30", "22")]
    [InlineData("100 allow 6 0.0.0.0/0 23-30", "")]
    [InlineData("100 allow 17 0.0.0.0/0 22-22", "")]
    [InlineData("100 allow 47 0.0.0.0/0", "")]
    [InlineData("100 allow 1 0.0.0.0/0", "")]
    [InlineData("100 allow 6 10.0.0.0/8 22-22", "")]
    [InlineData("100 deny 6 0.0.0.0/0 22-22; 200 allow -1 0.0.0.0/0", "")]
    [InlineData("100 allow -1 0.0.0.0/0; 200 deny 6 0.0.0.0/0 22-22", "22")]
    [InlineData("200 allow -1 0.0.0.0/0; 100 deny 6 0.0.0.0/0 22-22", "")] // the number decides, not the position
    [InlineData("100 deny 6 0.0.0.0/0 22-22; 200 allow -1 0.0.0.0/0; 300 allow -1 ::/0", "22")] // refused over IPv4 only
    [InlineData("100 deny 17 0.0.0.0/0 22-22; 200 allow -1 0.0.0.0/0", "22")]
    [InlineData("100 deny 6 0.0.0.0/1 22-22; 200 allow -1 0.0.0.0/0", "")]
    [InlineData("100 deny 6 198.51.0.0/16 22-22; 200 allow -1 0.0.0.0/0", "22")]
    [InlineData("100 allow 6 0.0.0.0/1 22-22; 200 allow 6 128.0.0.0/1 20-25", "22")]
    [InlineData("100 allow 6 0.0.0.0/1 22-22; 150 deny -1 0.0.0.0/0; 200 allow 6 128.0.0.0/1 20-25", "")]
    [InlineData("100 deny 6 10.0.0.0/8 22-22; 110 deny 6 224.0.0.0/3 22-22; 200 allow 6 0.0.0.0/0 22-22", "22")] // denied ports are not public
    [InlineData("100 allow 6 2000::/3 22-22", "22")]
    [InlineData("100 deny 6 2000::/3 22-22; 200 allow 6 ::/0", "")]
    [InlineData("", "")]
    public void The_first_matching_rule_decides(string entries, string open) =>
        Evaluate(entries, "acl_open_ports(@, `[22]`, `95`)").ShouldBe($"[{open}]");

    [Theory]
    [InlineData("100 allow -1 0.0.0.0/0", "-1 ipv4")]
    [InlineData("100 allow -1 0.0.0.0/0; 101 allow -1 ::/0", "-1 ipv4+ipv6")]
    [InlineData("100 allow 6 0.0.0.0/0 443-443", "tcp 443-443 ipv4")]
    [InlineData("100 allow 6 0.0.0.0/0 443-443; 110 allow 17 0.0.0.0/0 1024-65535", "tcp 443-443 ipv4, udp 1024-65535 ipv4")]
    [InlineData("100 allow 47 0.0.0.0/0", "47 ipv4")]
    [InlineData(
        "90 deny 6 0.0.0.0/0 22-22; 100 allow -1 0.0.0.0/0",
        "tcp 0-21 ipv4, tcp 23-65535 ipv4, udp 0-65535 ipv4, icmp -1--1 ipv4, icmpv6 -1--1 ipv4, other ipv4")]
    [InlineData("100 allow 1 0.0.0.0/0 icmp 8/-1; 110 allow 1 0.0.0.0/0 icmp 3/4", "icmp 3-4 ipv4, icmp 8--1 ipv4")]
    [InlineData("100 allow 1 0.0.0.0/0 icmp -1/-1", "icmp -1--1 ipv4")]
    [InlineData("90 deny 1 0.0.0.0/0 icmp 8/-1; 100 allow 1 0.0.0.0/0 icmp 8/0", "")]
    [InlineData("100 allow 58 ::/0 icmp 128/0", "icmpv6 128-0 ipv6")]
    [InlineData("100 allow 58 0.0.0.0/0 icmp 128/0", "icmpv6 -1--1 ipv4")] // AWS ignores the type here
    [InlineData("", "")]
    public void Open_ports_are_reported_by_protocol(string entries, string ranges)
    {
        var open = Evaluate(entries, "acl_open_ranges(@, `95`)[].{p: IpProtocol, f: FromPort, t: ToPort, a: join('+', Families)}");

        using var rows = JsonDocument.Parse(open);
        string.Join(", ", rows.RootElement.EnumerateArray().Select(row =>
            row.GetProperty("f").ValueKind is JsonValueKind.Number
                ? $"{row.GetProperty("p")} {row.GetProperty("f")}-{row.GetProperty("t")} {row.GetProperty("a")}"
                : $"{row.GetProperty("p")} {row.GetProperty("a")}")).ShouldBe(ranges);
    }

    [Fact]
    public void Permitted_ports_are_omitted() =>
        Evaluate("100 allow 6 0.0.0.0/0 443-444", "acl_open_ranges(@, `95`, {tcp: `[80, 443]`})[].FromPort").ShouldBe("[444]");

    [Theory]
    [InlineData("""[{"RuleNumber": 100, "RuleAction": "allow", "Protocol": "-1"}]""")]
    [InlineData("""[{"RuleNumber": 100, "Protocol": "-1", "CidrBlock": "0.0.0.0/0"}]""")]
    [InlineData("""[{"RuleAction": "allow", "Protocol": "-1", "CidrBlock": "0.0.0.0/0"}]""")]
    [InlineData("""[{"RuleNumber": 100, "RuleAction": "allow", "Protocol": "-1", "CidrBlock": "everywhere"}]""")]
    [InlineData(
        """
        [{"RuleNumber": 1, "RuleAction": "allow", "Protocol": "-1", "CidrBlock": "0.0.0.0/0", "Egress": true},
         {"RuleNumber": 1, "RuleAction": "allow", "Protocol": "-1", "CidrBlock": "0.0.0.0/0", "Egress": false}]
        """)]
    public void Invalid_rules_and_mixed_directions_are_errors(string entries) =>
        Should.Throw<JmesPathException>(() => JmesPathExpression.Parse("acl_open_ports(@, `[22]`, `95`)", PolicyFunctions.Options)
            .Evaluate(JsonDocument.Parse(entries).RootElement)).Kind.ShouldBe(JmesErrorKind.InvalidValue);

    /// <param name="entries">"number action protocol block [from-to | icmp type/code]", separated by semicolons; the last rule is always added.</param>
    private static string Evaluate(string entries, string expression)
    {
        var rules = entries.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Append(DenyAll).Select(Entry);
        return JmesPathExpression.Parse(expression, PolicyFunctions.Options).Evaluate(JsonSerializer.SerializeToElement(rules)).ToString();
    }

    private static Dictionary<string, object> Entry(string text)
    {
        var words = text.Split(' ');
        var entry = new Dictionary<string, object>
        {
            ["RuleNumber"] = int.Parse(words[0]),
            ["RuleAction"] = words[1],
            ["Protocol"] = words[2],
            ["Egress"] = false,
            [words[3].Contains(':') ? "Ipv6CidrBlock" : "CidrBlock"] = words[3],
        };
        if (words.Length == 5)
        {
            var ports = words[4].Split('-');
            entry["PortRange"] = new { From = int.Parse(ports[0]), To = int.Parse(ports[1]) };
        }
        else if (words.Length == 6)
        {
            var type = words[5].Split('/');
            entry["IcmpTypeCode"] = new { Type = int.Parse(type[0]), Code = int.Parse(type[1]) };
        }

        return entry;
    }
}
