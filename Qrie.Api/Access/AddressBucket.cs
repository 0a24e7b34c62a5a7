using System.Net;
using System.Net.Sockets;

namespace Qrie.Api.Access;

/// <summary>
/// Addresses as limits count them: hashed into a fixed number of buckets, so that however many come, no more memory is used. The hash is another one in every
/// process, so nobody can aim at the bucket of somebody else.
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
        // Whoever has an IPv6 address has the whole network of 64 bits.
        hash.AddBytes(address.AddressFamily == AddressFamily.InterNetworkV6 && bytes.Length > NetworkBytes ? bytes.AsSpan(0, NetworkBytes) : bytes);
        return (int)((uint)hash.ToHashCode() % Buckets);
    }

    public static int Of(string key) => (int)((uint)key.GetHashCode(StringComparison.Ordinal) % Buckets);
}
