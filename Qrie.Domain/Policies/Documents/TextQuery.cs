namespace Qrie.Domain.Policies.Documents;

/// <summary>
/// Is there a text that matches one pattern of each group and none of the refused ones? Decided exactly, by running all patterns at once; patterns of more
/// than 126 characters or of too many combinations give "cannot tell".
/// </summary>
internal sealed class TextQuery
{
    private const int LongestPattern = 126;
    private const int MostStates = 4_000;

    private readonly List<IReadOnlyList<Glob>> _groups = [];
    private readonly List<Glob> _refused = [];

    public void Match(IReadOnlyList<Glob> anyOf) => _groups.Add(anyOf);

    public void Refuse(IReadOnlyList<Glob> all) => _refused.AddRange(all);

    public Answer Answer()
    {
        if (_groups.Exists(group => group.Count == 0) || _refused.Exists(pattern => pattern.IsEverything))
        {
            return Documents.Answer.No;
        }

        if (_groups.Count == 0)
        {
            return Glob.Everything.Samples().Any(Fits) ? Documents.Answer.Yes : Search();
        }

        // Texts are tried first: mostly one of them fits. Then it is looked for a single reason why none can.
        return _groups.Exists(group => group.Any(pattern => pattern.Samples().Any(Fits))) ? Documents.Answer.Yes
            : _groups.Exists(group => group.All(IsRefused)) ? Documents.Answer.No
            : Search();
    }

    /// <summary>Of a pattern whose samples do not fit: a text has no others, and what is refused as a whole needs none.</summary>
    private bool IsRefused(Glob pattern) => pattern is { IsLiteral: true, IgnoreCase: false } || _refused.Exists(refused => refused.Covers(pattern));

    private bool Fits(string text) =>
        _groups.TrueForAll(group => group.Any(pattern => pattern.Matches(text))) && !_refused.Exists(pattern => pattern.Matches(text));

    private Answer Search()
    {
        Glob[] patterns = [.. _groups.SelectMany(group => group), .. _refused];
        if (Array.Exists(patterns, pattern => pattern.Length > LongestPattern))
        {
            return Documents.Answer.CannotTell;
        }

        char[] letters = [.. patterns.SelectMany(pattern => pattern.Letters()).Append(':').Append('\uFFFD').Distinct()];
        UInt128[] begin = [.. patterns.Select(pattern => pattern.Begin())];
        var seen = new HashSet<UInt128[]>(PlacesComparer.Instance) { begin };
        var open = new Queue<UInt128[]>();
        open.Enqueue(begin);
        while (open.TryDequeue(out var places))
        {
            if (Ends(patterns, places))
            {
                return Documents.Answer.Yes;
            }

            foreach (var letter in letters)
            {
                var next = new UInt128[patterns.Length];
                for (var i = 0; i < patterns.Length; i++)
                {
                    next[i] = patterns[i].Step(places[i], letter);
                }

                if (IsAlive(next) && seen.Add(next))
                {
                    open.Enqueue(next);
                }
            }

            if (seen.Count > MostStates)
            {
                return Documents.Answer.CannotTell;
            }
        }

        return Documents.Answer.No;
    }

    /// <summary>Whether each group can still be matched.</summary>
    private bool IsAlive(UInt128[] places)
    {
        var at = 0;
        foreach (var group in _groups)
        {
            var alive = false;
            for (var i = 0; i < group.Count; i++)
            {
                alive |= places[at++] != UInt128.Zero;
            }

            if (!alive)
            {
                return false;
            }
        }

        return true;
    }

    private bool Ends(Glob[] patterns, UInt128[] places)
    {
        var at = 0;
        foreach (var group in _groups)
        {
            var ends = false;
            for (var i = 0; i < group.Count; i++, at++)
            {
                ends |= patterns[at].Ends(places[at]);
            }

            if (!ends)
            {
                return false;
            }
        }

        for (; at < patterns.Length; at++)
        {
            if (patterns[at].Ends(places[at]))
            {
                return false;
            }
        }

        return true;
    }

    private sealed class PlacesComparer : IEqualityComparer<UInt128[]>
    {
        public static readonly PlacesComparer Instance = new();

        public bool Equals(UInt128[]? x, UInt128[]? y) => x.AsSpan().SequenceEqual(y);

        public int GetHashCode(UInt128[] obj)
        {
            var hash = new HashCode();
            foreach (var place in obj)
            {
                hash.Add(place);
            }

            return hash.ToHashCode();
        }
    }
}
