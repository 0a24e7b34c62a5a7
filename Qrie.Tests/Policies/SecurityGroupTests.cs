using System.Text.Json;
using Qrie.Domain.Policies.Functions;
using Qrie.Domain.Policies.Network;
using Qrie.JmesPath;

namespace Qrie.Tests.Policies;

public class SecurityGroupTests
{
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
    public void A_rule_covers_a_port_of_its_protocol(string permission, int port, bool covers, string protocol = "tcp") =>
        SecurityGroupPermission.AllowsPort(Json(permission), port, protocol).ShouldBe(covers);

    [Theory]
    [InlineData("""{"IpRanges": [{"CidrIp": "0.0.0.0/0"}]}""", true)]
    [InlineData("""{"IpRanges": [{"CidrIp": "10.0.0.0/8"}, {"CidrIp": "0.0.0.0/0"}]}""", true)]
    [InlineData("""{"IpRanges": [{"CidrIp": "203.0.113.7/0"}]}""", true)]
    [InlineData("""{"Ipv6Ranges": [{"CidrIpv6": "::/0"}]}""", true)]
    [InlineData("""{"Ipv6Ranges": [{"CidrIpv6": "0:0:0:0:0:0:0:0/0"}]}""", true)]
    [InlineData("""{"IpRanges": [{"CidrIp": "10.0.0.0/8"}], "Ipv6Ranges": [{"CidrIpv6": "::/0"}]}""", true)]
    [InlineData("""{"IpRanges": [{"CidrIp": "0.0.0.0/1"}, {"CidrIp": "128.0.0.0/1"}]}""", true)]
    [InlineData("""{"IpRanges": [{"CidrIp": "128.0.0.0/1"}, {"CidrIp": "64.0.0.0/2"}, {"CidrIp": "0.0.0.0/2"}]}""", true)]
    [InlineData("""{"Ipv6Ranges": [{"CidrIpv6": "8000::/1"}, {"CidrIpv6": "::/1"}]}""", true)]
    [InlineData("""{"IpRanges": [{"CidrIp": "0.0.0.0/1"}]}""", false)]
    [InlineData("""{"IpRanges": [{"CidrIp": "0.0.0.0/1"}, {"CidrIp": "192.0.0.0/2"}]}""", false)]
    [InlineData("""{"IpRanges": [{"CidrIp": "0.0.0.0/32"}]}""", false)]
    [InlineData("""{"IpRanges": [{"CidrIp": "203.0.113.0/24"}]}""", false)]
    [InlineData("""{"Ipv6Ranges": [{"CidrIpv6": "::/128"}]}""", false)]
    [InlineData("""{"Ipv6Ranges": [{"CidrIpv6": "2001:db8::/32"}]}""", false)]
    [InlineData("""{"IpRanges": [], "Ipv6Ranges": [], "UserIdGroupPairs": [{"GroupId": "sg-1"}]}""", false)]
    [InlineData("""{"PrefixListIds": [{"PrefixListId": "pl-1"}]}""", false)]
    [InlineData("{}", false)]
    public void A_rule_is_open_when_it_lets_in_the_whole_internet(string permission, bool open) =>
        SecurityGroupPermission.OpenToWorld(Json(permission)).ShouldBe(open);

    [Theory]
    [InlineData("cidr_contains('10.0.0.0/8', '10.1.2.3')", "true")]
    [InlineData("cidr_contains('10.0.0.0/8', '10.1.0.0/16')", "true")]
    [InlineData("cidr_contains('10.0.0.0/8', '11.0.0.0/16')", "false")]
    [InlineData("cidr_contains('10.1.0.0/16', '10.0.0.0/8')", "false")]
    [InlineData("cidr_contains('::/0', '2001:db8::1')", "true")]
    [InlineData("cidr_contains('0.0.0.0/0', '2001:db8::1')", "false")]
    [InlineData("cidr_contains('::/0', '10.0.0.1')", "false")]
    [InlineData("allows_port(`{\"IpProtocol\": \"-1\"}`, `22`)", "true")]
    [InlineData("open_to_world(`{\"IpRanges\": [{\"CidrIp\": \"0.0.0.0/0\"}]}`)", "true")]
    public void Policies_call_the_functions(string expression, string result) =>
        JmesPathExpression.Parse(expression, PolicyFunctions.Options).Evaluate(JmesValue.Null).ToString().ShouldBe(result);

    [Theory]
    [InlineData("cidr_contains('10.0.0.0/33', '10.0.0.1')")]
    [InlineData("cidr_contains('10/8', '10.0.0.1')")]
    [InlineData("cidr_contains('all', '10.0.0.1')")]
    [InlineData("allows_port(`{}`, `70000`)")]
    [InlineData("allows_port(`{}`, `22.5`)")]
    public void What_is_no_range_or_port_is_an_error(string expression) =>
        Should.Throw<JmesPathException>(() => JmesPathExpression.Parse(expression, PolicyFunctions.Options).Evaluate(JmesValue.Null));

    private static JmesValue Json(string text)
    {
        using var document = JsonDocument.Parse(text);
        return document.RootElement.Clone();
    }
}
