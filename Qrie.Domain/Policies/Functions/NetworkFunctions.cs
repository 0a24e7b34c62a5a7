using Qrie.Domain.Policies.Network;
using Qrie.JmesPath;
using Qrie.JmesPath.Functions;
using Qrie.JmesPath.Typing;

namespace Qrie.Domain.Policies.Functions;

/// <summary>Functions of security group rules and address ranges.</summary>
internal static class NetworkFunctions
{
    private const int LargestPort = 65_535;

    /// <summary><c>allows_port(permission, port, protocol?)</c>: whether the rule covers a port of a protocol, <c>tcp</c> unless it is named.</summary>
    public static JmesFunction AllowsPort { get; } = new(
        "allows_port",
        [new JmesParameter("permission", JmesTypes.Object), new JmesParameter("port", JmesTypes.Number),
            new JmesParameter("protocol", JmesTypes.String, Optional: true)],
        static (in FunctionCall call) =>
        {
            var port = call[1].GetNumber();
            if (port is < 0 or > LargestPort || port != Math.Floor(port))
            {
                throw call.InvalidValue(1, $"{port} is not a port");
            }

            return JmesValue.FromBoolean(SecurityGroupPermission.AllowsPort(call[0], (int)port, call.Count > 2 ? call[2].GetString() : "tcp"));
        })
    {
        Result = static _ => JmesType.Boolean,
    };

    /// <summary><c>open_to_world(permission)</c>: whether the rule lets in anyone on the internet, over IPv4 or IPv6.</summary>
    public static JmesFunction OpenToWorld { get; } = new(
        "open_to_world", [new JmesParameter("permission", JmesTypes.Object)],
        static (in FunctionCall call) => JmesValue.FromBoolean(SecurityGroupPermission.OpenToWorld(call[0])))
    {
        Result = static _ => JmesType.Boolean,
    };

    /// <summary><c>cidr_contains(outer, inner)</c>: whether a range contains another range or an address.</summary>
    public static JmesFunction CidrContains { get; } = new(
        "cidr_contains", [new JmesParameter("outer", JmesTypes.String), new JmesParameter("inner", JmesTypes.String)],
        static (in FunctionCall call) => JmesValue.FromBoolean(Block(call, 0).Contains(Block(call, 1))))
    {
        Result = static _ => JmesType.Boolean,
    };

    private static CidrBlock Block(in FunctionCall call, int argument) =>
        CidrBlock.TryParse(call[argument].GetString(), out var block)
            ? block
            : throw call.InvalidValue(argument, $"'{call[argument].GetString()}' is not a CIDR block");
}
