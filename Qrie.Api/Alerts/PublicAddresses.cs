using System.Net;
using System.Net.Sockets;

namespace Qrie.Api.Alerts;

/// <summary>
/// Which addresses belong to the public internet, after the registries of special addresses
/// (https://www.iana.org/assignments/iana-ipv4-special-registry, https://www.iana.org/assignments/iana-ipv6-special-registry).
/// </summary>
internal static class PublicAddresses
{
    private static readonly IPNetwork[] s_special4 = Networks(
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24",
        "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
        "168.63.129.16/32"); // public by number, but it is the host of a virtual machine in Azure

    /// <summary>Everything else is not routed, or local.</summary>
    private static readonly IPNetwork s_global6 = IPNetwork.Parse("2000::/3");

    private static readonly IPNetwork[] s_special6 = Networks("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20");

    /// <summary>NAT64: the last four bytes are an address of IPv4, which is what is reached.</summary>
    private static readonly IPNetwork s_nat64 = IPNetwork.Parse("64:ff9b::/96");

    public static bool Has(IPAddress address)
    {
        var plain = Plain(address);
        return plain.AddressFamily switch
        {
            AddressFamily.InterNetwork => !Array.Exists(s_special4, n => n.Contains(plain)),
            AddressFamily.InterNetworkV6 when s_nat64.Contains(plain) => Has(new IPAddress(plain.GetAddressBytes().AsSpan(12))),
            AddressFamily.InterNetworkV6 => s_global6.Contains(plain) && !Array.Exists(s_special6, n => n.Contains(plain)),
            _ => false,
        };
    }

    /// <summary>The same address without a scope, and of IPv4 if it is one.</summary>
    public static IPAddress Plain(IPAddress address) =>
        address.IsIPv4MappedToIPv6 ? address.MapToIPv4()
        : address is { AddressFamily: AddressFamily.InterNetworkV6, ScopeId: not 0 } ? new IPAddress(address.GetAddressBytes())
        : address;

    private static IPNetwork[] Networks(params string[] texts) => [.. texts.Select(t => IPNetwork.Parse(t))];
}
