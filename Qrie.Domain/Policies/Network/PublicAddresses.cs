namespace Qrie.Domain.Policies.Network;

/// <summary>
/// The public addresses of a family ("the world"), without private, reserved and multicast ranges (IANA's special-purpose registries of IPv4 and IPv6, and the
/// IPv6 global unicast assignments for reserved ranges).
/// </summary>
public sealed class PublicAddresses
{
    private const double Percent = 100;

    /// <summary>The tolerance for rounding errors of sums.</summary>
    private const double Slack = 1e-6;

    private readonly AddressSet _all;
    private readonly UInt128 _count;

    private PublicAddresses(string within, params IEnumerable<string> without)
    {
        _all = AddressSet.Of([CidrBlock.Parse(within)]).Except(AddressSet.Of(without.Select(CidrBlock.Parse)));
        _count = _all.Count;
    }

    public static PublicAddresses Ipv4 { get; } = new(
        "0.0.0.0/0",
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24",
        "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4");

    /// <summary>2000::/3 without 2d00::/8, 2e00::/7 and 3000::/4, which are reserved by IANA.</summary>
    public static PublicAddresses Ipv6 { get; } = new("2000::/3", "2001::/23", "2001:db8::/32", "2d00::/8", "2e00::/7", "3000::/4");

    public static PublicAddresses Of(bool ipv6) => ipv6 ? Ipv6 : Ipv4;

    /// <summary>Whether a set contains at least this share of the world.</summary>
    /// <param name="addresses">Addresses of this family.</param>
    /// <param name="threshold">The share in percent, above 0; 100 means every address.</param>
    public bool AreIn(AddressSet addresses, double threshold)
    {
        var missing = _count - addresses.Intersect(_all).Count;
        return (double)missing / (double)_count * Percent <= Percent - threshold;
    }

    /// <summary>Whether blocks together contain at least this share of the world.</summary>
    /// <param name="blocks">Blocks of the other family are ignored.</param>
    /// <param name="threshold">The share in percent, above 0.</param>
    public bool AreIn(IReadOnlyCollection<CidrBlock> blocks, bool ipv6, double threshold)
    {
        var upper = 0.0; // most sets of blocks are too small even if they do not overlap, which is checked before sorting them
        foreach (var block in blocks)
        {
            if (block.IsIpv6 == ipv6)
            {
                if (block.PrefixLength == 0)
                {
                    return true;
                }

                upper += Math.ScaleB(1, (ipv6 ? 128 : 32) - block.PrefixLength);
            }
        }

        return upper / (double)_count * Percent >= threshold - Slack && AreIn(AddressSet.Of(blocks.Where(block => block.IsIpv6 == ipv6)), threshold);
    }
}
