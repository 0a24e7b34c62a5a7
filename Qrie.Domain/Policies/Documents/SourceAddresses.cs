using Qrie.Domain.Policies.Network;

namespace Qrie.Domain.Policies.Documents;

/// <summary>The addresses, of both families, from which requests come.</summary>
internal sealed class SourceAddresses(AddressSet ipv4, AddressSet ipv6)
{
    /// <summary>A larger contiguous range is public; Amazon S3 treats a range of up to a /8 (IPv4) or a /32 (IPv6) as fixed.</summary>
    private static readonly UInt128 s_range4 = UInt128.One << 24, s_range6 = UInt128.One << 96;

    /// <summary>A larger total is public too, however it is split: a /4, a /28.</summary>
    private static readonly UInt128 s_total4 = UInt128.One << 28, s_total6 = UInt128.One << 100;

    private static readonly string[] s_notPublic =
        ["0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.168.0.0/16", "198.18.0.0/15", "224.0.0.0/3"];

    public static SourceAddresses Empty { get; } = new(AddressSet.Empty, AddressSet.Empty);

    public static SourceAddresses All { get; } = Of([CidrBlock.Parse("0.0.0.0/0"), CidrBlock.Parse("::/0")]);

    /// <summary>The addresses from which requests come over the internet, including those reserved for documentation, because examples use them.</summary>
    public static SourceAddresses Public { get; } =
        new(All.Ipv4.Except(AddressSet.Of(s_notPublic.Select(CidrBlock.Parse))), AddressSet.Of([CidrBlock.Parse("2000::/3")]));

    public AddressSet Ipv4 { get; } = ipv4;

    public AddressSet Ipv6 { get; } = ipv6;

    public bool IsEmpty => Ipv4.IsEmpty && Ipv6.IsEmpty;

    /// <summary>Whether the set holds so many public addresses that anyone can obtain one of them.</summary>
    public bool IsWorld
    {
        get
        {
            var reachable = Intersect(Public);
            return IsWide(reachable.Ipv4, s_range4, s_total4) || IsWide(reachable.Ipv6, s_range6, s_total6);
        }
    }

    public static SourceAddresses Of(IReadOnlyList<CidrBlock> blocks) => new(
        AddressSet.Of(blocks.Where(block => !block.IsIpv6)),
        AddressSet.Of(blocks.Where(block => block.IsIpv6)));

    public SourceAddresses Union(SourceAddresses other) => new(Ipv4.Union(other.Ipv4), Ipv6.Union(other.Ipv6));

    public SourceAddresses Complement() => new(All.Ipv4.Except(Ipv4), All.Ipv6.Except(Ipv6));

    public SourceAddresses Intersect(SourceAddresses other) => new(Ipv4.Intersect(other.Ipv4), Ipv6.Intersect(other.Ipv6));

    private static bool IsWide(AddressSet addresses, UInt128 range, UInt128 total) => addresses.LargestRange > range || addresses.Count > total;
}
