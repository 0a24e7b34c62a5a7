using System.Net;
using System.Net.Sockets;

namespace Qrie.Api.Access;

/// <summary>
/// Maps addresses to a fixed number of buckets for limits, so that memory does not grow with the number of addresses. The hash differs in every process, so
/// that callers cannot target the bucket of another address.
/// </summary>
internal static class AddressBucket
{
    private const uint Buckets = 8192;
    private const int NetworkBytes = 8;

    public static int Of(IPAddress? address)
    {
        if (address is null)
        {
            return 0;
        }

        var bytes = (address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address).GetAddressBytes();
        var hash = new HashCode();
        // The holder of an IPv6 address usually has its whole /64 network.
        hash.AddBytes(address.AddressFamily == AddressFamily.InterNetworkV6 && bytes.Length > NetworkBytes ? bytes.AsSpan(0, NetworkBytes) : bytes);
        return (int)((uint)hash.ToHashCode() % Buckets);
    }

    public static int Of(string key) => (int)((uint)key.GetHashCode(StringComparison.Ordinal) % Buckets);
}
