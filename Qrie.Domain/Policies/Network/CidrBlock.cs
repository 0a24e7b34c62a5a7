using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Qrie.Domain.Policies.Network;

/// <summary>A range of IPv4 or IPv6 addresses; a single address is a range of one. Bits after the prefix are ignored.</summary>
public readonly record struct CidrBlock
{
    private const int Ipv4Bits = 32;
    private const int Ipv6Bits = 128;

    private CidrBlock(UInt128 first, int prefixLength, bool isIpv6)
    {
        First = first;
        PrefixLength = prefixLength;
        IsIpv6 = isIpv6;
    }

    /// <summary>Ranges that are not used on the internet: RFC 1918, 4193, and link-local ones.</summary>
    public static IReadOnlyList<CidrBlock> Private { get; } =
        [Parse("10.0.0.0/8"), Parse("172.16.0.0/12"), Parse("192.168.0.0/16"),
            Parse("169.254.0.0/16"), Parse("100.64.0.0/10"), Parse("fc00::/7"), Parse("fe80::/10")];

    public UInt128 First { get; }

    public UInt128 Last => First + (Size - 1);

    public int PrefixLength { get; }

    public bool IsIpv6 { get; }

    /// <summary>The number of addresses; 0 for all of IPv6, which is one more than the type can hold.</summary>
    private UInt128 Size => Bits - PrefixLength == Ipv6Bits ? UInt128.Zero : UInt128.One << (Bits - PrefixLength);

    private int Bits => IsIpv6 ? Ipv6Bits : Ipv4Bits;

    public static CidrBlock Parse(string text) => TryParse(text, out var block) ? block : throw new FormatException($"'{text}' is not a CIDR block.");

    public static bool TryParse(string text, out CidrBlock block)
    {
        block = default;
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        var number = slash < 0 ? text : text.AsSpan(0, slash);
        if (!IPAddress.TryParse(number, out var address) || (address.AddressFamily is AddressFamily.InterNetwork && number.Count('.') != 3))
        {
            return false;
        }

        var isIpv6 = address.AddressFamily is AddressFamily.InterNetworkV6;
        var bits = isIpv6 ? Ipv6Bits : Ipv4Bits;
        var length = bits;
        if (slash >= 0 && (!int.TryParse(text.AsSpan(slash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out length) || length > bits))
        {
            return false;
        }

        var value = Number(address, isIpv6);
        var host = bits - length;
        block = new CidrBlock(host >= Ipv6Bits ? UInt128.Zero : value >> host << host, length, isIpv6);
        return true;
    }

    public bool Contains(CidrBlock other) => IsIpv6 == other.IsIpv6 && First <= other.First && other.Last <= Last;

    /// <summary>The first address and the prefix length, in AWS's notation.</summary>
    public override string ToString() => $"{Address()}/{PrefixLength}";

    private IPAddress Address()
    {
        Span<byte> bytes = stackalloc byte[IsIpv6 ? Ipv6Bits / 8 : Ipv4Bits / 8];
        if (IsIpv6)
        {
            BinaryPrimitives.WriteUInt128BigEndian(bytes, First);
        }
        else
        {
            BinaryPrimitives.WriteUInt32BigEndian(bytes, (uint)First);
        }

        return new IPAddress(bytes);
    }

    private static UInt128 Number(IPAddress address, bool isIpv6)
    {
        var bytes = address.GetAddressBytes();
        return isIpv6 ? BinaryPrimitives.ReadUInt128BigEndian(bytes) : BinaryPrimitives.ReadUInt32BigEndian(bytes);
    }
}
