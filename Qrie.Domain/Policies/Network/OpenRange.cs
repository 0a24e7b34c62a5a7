using Qrie.JmesPath;

namespace Qrie.Domain.Policies.Network;

/// <summary>Traffic that is allowed from the world.</summary>
/// <param name="Protocol">The name in rules of groups; -1 for all protocols, or <see cref="Others"/>.</param>
/// <param name="Ports">The ports of tcp and udp, type and code of icmp and icmpv6; not used for other protocols.</param>
/// <param name="Families">ipv4, ipv6 or both.</param>
/// <param name="Sources">The address ranges and prefix lists of the rules that allow it.</param>
public sealed record OpenRange(string Protocol, PortRange Ports, IReadOnlyList<string> Families, IReadOnlyList<string> Sources)
{
    /// <summary>All protocols without a range of their own.</summary>
    public const string Others = "other";

    /// <summary>In the shape of a group's rule, so that functions of rules accept it.</summary>
    public JmesValue ToValue()
    {
        var members = new List<KeyValuePair<string, JmesValue>> { KeyValuePair.Create("IpProtocol", JmesValue.FromString(Protocol)) };
        if (Network.Protocol.HasPorts(Protocol) || Network.Protocol.HasTypes(Protocol))
        {
            members.Add(KeyValuePair.Create("FromPort", JmesValue.FromNumber(Ports.From)));
            members.Add(KeyValuePair.Create("ToPort", JmesValue.FromNumber(Ports.To)));
        }

        members.Add(KeyValuePair.Create("Families", Texts(Families)));
        members.Add(KeyValuePair.Create("Sources", Texts(Sources)));
        return JmesValue.FromObject(members);
    }

    /// <summary>Merges adjacent ranges that are equally open.</summary>
    public static IReadOnlyList<OpenRange> Join(IEnumerable<OpenRange> ranges)
    {
        var joined = new List<OpenRange>();
        foreach (var range in ranges)
        {
            if (joined.Count > 0 && joined[^1] is var before && before.Touches(range))
            {
                joined[^1] = before with
                {
                    Ports = new PortRange(before.Ports.From, range.Ports.To),
                    Sources = [.. before.Sources.Union(range.Sources)],
                };
            }
            else
            {
                joined.Add(range);
            }
        }

        return joined;
    }

    private bool Touches(OpenRange next) =>
        Network.Protocol.HasPorts(Protocol) && Protocol == next.Protocol && Ports.To + 1 == next.Ports.From && Families.SequenceEqual(next.Families);

    private static JmesValue Texts(IReadOnlyList<string> texts) => JmesValue.FromArray(texts.Select(JmesValue.FromString));
}
