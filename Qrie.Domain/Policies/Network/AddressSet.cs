namespace Qrie.Domain.Policies.Network;

/// <summary>An immutable set of addresses of one family, stored as ordered ranges that neither overlap nor touch.</summary>
public sealed class AddressSet
{
    public static readonly AddressSet Empty = new([]);

    private readonly Range[] _ranges;

    private AddressSet(Range[] ranges) => _ranges = ranges;

    /// <summary>The number of addresses; wrong for all of IPv6, which has one more than the type can hold.</summary>
    public UInt128 Count
    {
        get
        {
            var count = UInt128.Zero;
            foreach (var range in _ranges)
            {
                count += range.Last - range.First + 1;
            }

            return count;
        }
    }

    /// <summary>The number of addresses in its largest contiguous range; wrong for all of IPv6.</summary>
    public UInt128 LargestRange => _ranges.Length == 0 ? UInt128.Zero : _ranges.Max(range => range.Last - range.First + 1);

    public bool IsEmpty => _ranges.Length == 0;

    /// <summary>The addresses of all blocks, which must be of one family.</summary>
    public static AddressSet Of(IEnumerable<CidrBlock> blocks) => Joined(blocks.Select(block => new Range(block.First, block.Last)));

    public AddressSet Union(AddressSet other) =>
        IsEmpty ? other : other.IsEmpty ? this : Joined(_ranges.Concat(other._ranges));

    public AddressSet Intersect(AddressSet other)
    {
        var common = new List<Range>();
        var (mine, theirs) = (0, 0);
        while (mine < _ranges.Length && theirs < other._ranges.Length)
        {
            var (a, b) = (_ranges[mine], other._ranges[theirs]);
            var (first, last) = (UInt128.Max(a.First, b.First), UInt128.Min(a.Last, b.Last));
            if (first <= last)
            {
                common.Add(new Range(first, last));
            }

            if (a.Last < b.Last)
            {
                mine++;
            }
            else
            {
                theirs++;
            }
        }

        return common.Count == 0 ? Empty : new AddressSet([.. common]);
    }

    public AddressSet Except(AddressSet other)
    {
        if (IsEmpty || other.IsEmpty)
        {
            return this;
        }

        var left = new List<Range>();
        foreach (var range in _ranges)
        {
            Cut(range, other._ranges, left);
        }

        return new AddressSet([.. left]);
    }

    private static void Cut(Range range, Range[] holes, List<Range> left)
    {
        var first = range.First;
        foreach (var hole in holes)
        {
            if (hole.Last < first)
            {
                continue;
            }

            if (hole.First > range.Last)
            {
                break;
            }

            if (hole.First > first)
            {
                left.Add(new Range(first, hole.First - 1));
            }

            if (hole.Last >= range.Last)
            {
                return;
            }

            first = hole.Last + 1;
        }

        left.Add(range with { First = first });
    }

    private static AddressSet Joined(IEnumerable<Range> ranges)
    {
        var joined = new List<Range>();
        foreach (var range in ranges.OrderBy(range => range.First))
        {
            if (joined.Count > 0 && joined[^1] is var before && (before.Last == UInt128.MaxValue || range.First <= before.Last + 1))
            {
                joined[^1] = before with { Last = UInt128.Max(before.Last, range.Last) };
            }
            else
            {
                joined.Add(range);
            }
        }

        return joined.Count == 0 ? Empty : new AddressSet([.. joined]);
    }

    private readonly record struct Range(UInt128 First, UInt128 Last);
}
