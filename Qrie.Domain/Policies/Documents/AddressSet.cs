using Qrie.Domain.Policies.Network;

namespace Qrie.Domain.Policies.Documents;

/// <summary>A set of IPv4 and IPv6 addresses, as ordered ranges that do not touch.</summary>
internal sealed class AddressSet
{
    /// <summary>More in one piece is the world; up to a /8 and a /32 S3 takes a range for fixed.</summary>
    private static readonly UInt128 s_piece4 = UInt128.One << 24, s_piece6 = UInt128.One << 96;

    /// <summary>More in all is the world as well, however it is cut up: a /4, a /28.</summary>
    private static readonly UInt128 s_sum4 = UInt128.One << 28, s_sum6 = UInt128.One << 100;

    private static readonly string[] s_notPublic =
        ["0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.168.0.0/16", "198.18.0.0/15", "224.0.0.0/3"];

    private readonly List<(UInt128 First, UInt128 Last)> _v4;
    private readonly List<(UInt128 First, UInt128 Last)> _v6;

    private AddressSet(List<(UInt128 First, UInt128 Last)> v4, List<(UInt128 First, UInt128 Last)> v6) => (_v4, _v6) = (v4, v6);

    public static AddressSet Empty { get; } = new([], []);

    public static AddressSet All { get; } = new([(UInt128.Zero, uint.MaxValue)], [(UInt128.Zero, UInt128.MaxValue)]);

    /// <summary>The addresses from which requests come over the internet: those set aside for documentation count, examples are written with them.</summary>
    public static AddressSet Public { get; } =
        new(Of([.. s_notPublic.Select(CidrBlock.Parse)]).Complement()._v4, Of([CidrBlock.Parse("2000::/3")])._v6);

    public bool IsEmpty => _v4.Count == 0 && _v6.Count == 0;

    /// <summary>So much of the public addresses that whoever wants one of them can have it.</summary>
    public bool IsWorld => IsWide(Intersect(Public)._v4, s_piece4, s_sum4) || IsWide(Intersect(Public)._v6, s_piece6, s_sum6);

    public static AddressSet Of(IReadOnlyList<CidrBlock> blocks) => new(
        Merge(blocks.Where(block => !block.IsIpv6).Select(block => (block.First, block.Last))),
        Merge(blocks.Where(block => block.IsIpv6).Select(block => (block.First, Last6(block)))));

    public AddressSet Union(AddressSet other) => new(Merge(_v4.Concat(other._v4)), Merge(_v6.Concat(other._v6)));

    public AddressSet Complement() => new(Complement(_v4, uint.MaxValue), Complement(_v6, UInt128.MaxValue));

    public AddressSet Intersect(AddressSet other) => new(Intersect(_v4, other._v4), Intersect(_v6, other._v6));

    private static UInt128 Last6(CidrBlock block) => block.PrefixLength == 0 ? UInt128.MaxValue : block.Last;

    private static bool IsWide(List<(UInt128 First, UInt128 Last)> ranges, UInt128 piece, UInt128 sum)
    {
        var total = UInt128.Zero;
        foreach (var (first, last) in ranges)
        {
            var size = last - first + 1;
            total += size;
            if (size > piece || total > sum)
            {
                return true;
            }
        }

        return false;
    }

    private static List<(UInt128 First, UInt128 Last)> Merge(IEnumerable<(UInt128 First, UInt128 Last)> ranges)
    {
        var merged = new List<(UInt128 First, UInt128 Last)>();
        foreach (var range in ranges.OrderBy(range => range.First))
        {
            if (merged.Count > 0 && (merged[^1].Last == UInt128.MaxValue || range.First <= merged[^1].Last + 1))
            {
                merged[^1] = (merged[^1].First, UInt128.Max(merged[^1].Last, range.Last));
            }
            else
            {
                merged.Add(range);
            }
        }

        return merged;
    }

    private static List<(UInt128 First, UInt128 Last)> Complement(List<(UInt128 First, UInt128 Last)> ranges, UInt128 end)
    {
        var rest = new List<(UInt128 First, UInt128 Last)>();
        var from = UInt128.Zero;
        foreach (var (first, last) in ranges)
        {
            if (first > from)
            {
                rest.Add((from, first - 1));
            }

            if (last >= end)
            {
                return rest;
            }

            from = last + 1;
        }

        rest.Add((from, end));
        return rest;
    }

    private static List<(UInt128 First, UInt128 Last)> Intersect(List<(UInt128 First, UInt128 Last)> left, List<(UInt128 First, UInt128 Last)> right)
    {
        var both = new List<(UInt128 First, UInt128 Last)>();
        int l = 0, r = 0;
        while (l < left.Count && r < right.Count)
        {
            var first = UInt128.Max(left[l].First, right[r].First);
            var last = UInt128.Min(left[l].Last, right[r].Last);
            if (first <= last)
            {
                both.Add((first, last));
            }

            if (left[l].Last < right[r].Last)
            {
                l++;
            }
            else
            {
                r++;
            }
        }

        return both;
    }
}
