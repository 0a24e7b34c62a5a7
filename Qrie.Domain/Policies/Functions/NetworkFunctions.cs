using Qrie.Domain.Policies.Network;
using Qrie.JmesPath;
using Qrie.JmesPath.Functions;
using Qrie.JmesPath.Typing;

namespace Qrie.Domain.Policies.Functions;

/// <summary>Functions of the rules of security groups and network ACLs, and of address ranges.</summary>
internal static class NetworkFunctions
{
    private static readonly JmesParameter s_ports = new("ports", JmesTypes.NumberArray);
    private static readonly JmesParameter s_threshold = new("threshold", JmesTypes.Number);
    private static readonly JmesParameter s_protocol = new("protocol", JmesTypes.String, Optional: true);
    private static readonly JmesParameter s_except = new("except", JmesTypes.Object | JmesTypes.Null, Optional: true);

    /// <summary>The prefix lists found by a lookup. An unreadable list matters only if the result depends on its entries.</summary>
    private static readonly JmesParameter s_lists = new("prefix_lists", JmesTypes.Array | JmesTypes.Null, Optional: true) { IsLazy = true };

    private static readonly JmesType s_numbers = JmesType.List(JmesType.Number);
    private static readonly JmesType s_ranges = JmesType.List(JmesType.Any);

    /// <summary><c>allows_port(permission, port, protocol?)</c>: whether the rule covers a port of a protocol, by default <c>tcp</c>.</summary>
    public static JmesFunction AllowsPort { get; } = new(
        "allows_port", [new JmesParameter("permission", JmesTypes.Object), new JmesParameter("port", JmesTypes.Number), s_protocol],
        static (in FunctionCall call) =>
            JmesValue.FromBoolean(SecurityGroupRules.AllowsPort(call[0], Port(call, 1, call[1]), ProtocolOf(call, 2))))
    {
        Result = static _ => JmesType.Boolean,
    };

    /// <summary><c>open_ports(permissions, ports, threshold, prefix_lists?, protocol?)</c>: the given ports that a group's rules open to the
    /// world.</summary>
    public static JmesFunction OpenPorts { get; } = new(
        "open_ports", [new JmesParameter("permissions", JmesTypes.Array), s_ports, s_threshold, s_lists, s_protocol],
        static (in FunctionCall call) => OpenPortsOf(call, SecurityGroup(call, 3), 4))
    {
        Result = static _ => s_numbers,
    };

    /// <summary><c>open_ranges(permissions, threshold, prefix_lists?, except?)</c>: all traffic that a group's rules open to the world.</summary>
    public static JmesFunction OpenRanges { get; } = new(
        "open_ranges", [new JmesParameter("permissions", JmesTypes.Array), s_threshold, s_lists, s_except],
        static (in FunctionCall call) => OpenRangesOf(call, SecurityGroup(call, 2), 3))
    {
        Result = static _ => s_ranges,
    };

    /// <summary><c>acl_open_ports(entries, ports, threshold, protocol?)</c>: the given ports that an ACL's rules open to the world.</summary>
    public static JmesFunction AclOpenPorts { get; } = new(
        "acl_open_ports", [new JmesParameter("entries", JmesTypes.Array), s_ports, s_threshold, s_protocol],
        static (in FunctionCall call) => OpenPortsOf(call, NetworkAcl(call), 3))
    {
        Result = static _ => s_numbers,
    };

    /// <summary><c>acl_open_ranges(entries, threshold, except?)</c>: all traffic that an ACL's rules open to the world.</summary>
    public static JmesFunction AclOpenRanges { get; } = new(
        "acl_open_ranges", [new JmesParameter("entries", JmesTypes.Array), s_threshold, s_except],
        static (in FunctionCall call) => OpenRangesOf(call, NetworkAcl(call), 2))
    {
        Result = static _ => s_ranges,
    };

    /// <summary><c>cidr_contains(outer, inner)</c>: whether a range contains another range or an address.</summary>
    public static JmesFunction CidrContains { get; } = new(
        "cidr_contains", [new JmesParameter("outer", JmesTypes.String), new JmesParameter("inner", JmesTypes.String)],
        static (in FunctionCall call) => JmesValue.FromBoolean(Block(call, 0).Contains(Block(call, 1))))
    {
        Result = static _ => JmesType.Boolean,
    };

    private static JmesValue OpenPortsOf(in FunctionCall call, TrafficRules rules, int protocol)
    {
        var ports = PortsOf(call, 1, call[1]);
        var (name, threshold) = (ProtocolOf(call, protocol), ThresholdOf(call, 2));
        try
        {
            return JmesValue.FromArray(rules.OpenPorts(ports, name, threshold).Select(static port => JmesValue.FromNumber(port)));
        }
        catch (UndecidedException undecided)
        {
            throw Undecided(call, undecided);
        }
    }

    private static JmesValue OpenRangesOf(in FunctionCall call, TrafficRules rules, int exceptAt)
    {
        var except = new Dictionary<string, IReadOnlyList<int>>();
        foreach (var (protocol, ports) in call[exceptAt].EnumerateObject())
        {
            except[Protocol.HasPorts(protocol) ? protocol : throw call.InvalidValue(exceptAt, $"'{protocol}' is neither tcp nor udp")] =
                PortsOf(call, exceptAt, ports);
        }

        var threshold = ThresholdOf(call, 1);
        try
        {
            return JmesValue.FromArray(rules.OpenRanges(threshold, except).Select(static range => range.ToValue()));
        }
        catch (UndecidedException undecided)
        {
            throw Undecided(call, undecided);
        }
    }

    private static JmesPathException Undecided(in FunctionCall call, UndecidedException undecided) =>
        call.Undecided(PrefixLists.Unread, $"prefix list {undecided.Message} is not in the inventory, or its entries could not be read");

    private static SecurityGroupRules SecurityGroup(in FunctionCall call, int lists)
    {
        try
        {
            var rules = new SecurityGroupRules(call[0]);
            if (rules.NameLists)
            {
                rules.Lists = new PrefixLists(call.EvaluateLazily(lists));
            }

            return rules;
        }
        catch (FormatException wrong)
        {
            throw call.InvalidValue(0, wrong.Message);
        }
    }

    private static NetworkAclRules NetworkAcl(in FunctionCall call)
    {
        try
        {
            return new NetworkAclRules(call[0]);
        }
        catch (FormatException wrong)
        {
            throw call.InvalidValue(0, wrong.Message);
        }
    }

    private static List<int> PortsOf(in FunctionCall call, int argument, JmesValue list)
    {
        var ports = new List<int>();
        foreach (var port in list.EnumerateArray())
        {
            ports.Add(Port(call, argument, port));
        }

        return ports;
    }

    private static int Port(in FunctionCall call, int argument, JmesValue value)
    {
        var port = value.Kind is JmesKind.Number ? value.GetNumber() : throw call.InvalidValue(argument, $"{value} is not a port");
        return port is >= 0 and <= Protocol.LargestPort && port == Math.Floor(port) ? (int)port : throw call.InvalidValue(argument, $"{port} is not a port");
    }

    private static string ProtocolOf(in FunctionCall call, int argument) => call.Count > argument ? call[argument].GetString() : Protocol.Tcp;

    private static double ThresholdOf(in FunctionCall call, int argument)
    {
        var threshold = call[argument].GetNumber();
        return threshold is > 0 and <= 100 ? threshold : throw call.InvalidValue(argument, $"{threshold} is not a percentage above 0 and up to 100");
    }

    private static CidrBlock Block(in FunctionCall call, int argument) =>
        CidrBlock.TryParse(call[argument].GetString(), out var block)
            ? block
            : throw call.InvalidValue(argument, $"'{call[argument].GetString()}' is not a CIDR block");
}
