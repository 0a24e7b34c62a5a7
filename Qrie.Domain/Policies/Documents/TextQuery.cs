namespace Qrie.Domain.Policies.Documents;

/// <summary>Patterns of which a text must match one, or may match none.</summary>
internal readonly record struct TextDemand(IReadOnlyList<Glob> Patterns, bool Match);

/// <summary>
/// Is there a text that meets all demands? Decided exactly, by running all patterns at once; patterns of more than 126 characters or of too many
/// combinations give "cannot tell".
/// </summary>
internal static class TextQuery
{
    private const int LongestPattern = 126;
    private const int MostStates = 4_000;

    public static Answer Ask(List<TextDemand> demands)
    {
        var asksForSome = false;
        foreach (var (patterns, match) in demands)
        {
            asksForSome |= match;
            if (match ? patterns.Count == 0 : HasEverything(patterns))
            {
                return Answer.No;
            }
        }

        if (!asksForSome)
        {
            return AnySampleFits(Glob.Everything, demands) ? Answer.Yes : Search(demands);
        }

        // First it is looked for a single reason why none can, then texts are tried: mostly one of either is found. The last demand says most.
        for (var i = demands.Count - 1; i >= 0; i--)
        {
            if (demands[i].Match && All(demands[i].Patterns, demands, static (pattern, all) => IsCovered(pattern, all)))
            {
                return Answer.No;
            }
        }

        for (var i = demands.Count - 1; i >= 0; i--)
        {
            if (!demands[i].Match)
            {
                continue;
            }

            var patterns = demands[i].Patterns;
            for (var j = 0; j < patterns.Count; j++)
            {
                if (AnySampleFits(patterns[j], demands))
                {
                    return Answer.Yes;
                }
            }
        }

        return AreExhausted(demands) || AreApart(demands) ? Answer.No : Search(demands);
    }

    /// <summary>Whether some demand is for literals only, whose one text did not fit: where no pattern sees case, the other spellings do not either.</summary>
    private static bool AreExhausted(List<TextDemand> demands)
    {
        var caseCounts = !demands.TrueForAll(static demand => demand.Patterns.All(static pattern => pattern.IsCaseless));
        foreach (var (patterns, match) in demands)
        {
            if (match && All(patterns, demands, (pattern, all) => (pattern.IsLiteral && !(pattern.IgnoreCase && caseCounts)) || IsCovered(pattern, all)))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Whether the patterns of two demands begin or end so differently that no text matches one of each.</summary>
    private static bool AreApart(List<TextDemand> demands)
    {
        for (var i = 0; i < demands.Count; i++)
        {
            for (var j = i + 1; j < demands.Count; j++)
            {
                if (demands[i].Match && demands[j].Match
                    && demands[i].Patterns.All(one => demands[j].Patterns.All(other => Glob.AreApart(one, other))))
                {
                    return true;
                }
            }
        }

        return false;
    }

    /// <summary>Whether the demands may be met together with one more.</summary>
    public static bool IsPossible(List<TextDemand> demands, IReadOnlyList<Glob> patterns, bool match)
    {
        demands.Add(new TextDemand(patterns, match));
        var answer = Ask(demands);
        demands.RemoveAt(demands.Count - 1);
        return answer is not Answer.No;
    }

    private static bool HasEverything(IReadOnlyList<Glob> patterns)
    {
        for (var i = 0; i < patterns.Count; i++)
        {
            if (patterns[i].IsEverything)
            {
                return true;
            }
        }

        return false;
    }

    private static bool All(IReadOnlyList<Glob> patterns, List<TextDemand> demands, Func<Glob, List<TextDemand>, bool> holds)
    {
        for (var i = 0; i < patterns.Count; i++)
        {
            if (!holds(patterns[i], demands))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Whether all that the pattern matches is refused by one other.</summary>
    private static bool IsCovered(Glob pattern, List<TextDemand> demands)
    {
        foreach (var (refused, match) in demands)
        {
            for (var i = 0; !match && i < refused.Count; i++)
            {
                if (refused[i].Covers(pattern))
                {
                    return true;
                }
            }
        }

        return false;
    }

    private static bool AnySampleFits(Glob pattern, List<TextDemand> demands)
    {
        for (var i = 0; i < pattern.SampleCount; i++)
        {
            if (Fits(pattern.Sample(i), demands))
            {
                return true;
            }
        }

        return false;
    }

    private static bool Fits(string text, List<TextDemand> demands)
    {
        foreach (var (patterns, match) in demands)
        {
            if (MatchesAny(text, patterns) != match)
            {
                return false;
            }
        }

        return true;
    }

    private static bool MatchesAny(string text, IReadOnlyList<Glob> patterns)
    {
        for (var i = 0; i < patterns.Count; i++)
        {
            if (patterns[i].Matches(text))
            {
                return true;
            }
        }

        return false;
    }

    private static Answer Search(List<TextDemand> demands)
    {
        int[] groups = [.. demands.Where(demand => demand.Match).Select(demand => demand.Patterns.Count)];
        Glob[] patterns =
        [
            .. demands.Where(demand => demand.Match).SelectMany(demand => demand.Patterns),
            .. demands.Where(demand => !demand.Match).SelectMany(demand => demand.Patterns),
        ];
        if (Array.Exists(patterns, pattern => pattern.Length > LongestPattern))
        {
            return Answer.CannotTell;
        }

        var letters = new Letters(patterns);
        var begin = letters.Begin();
        var seen = new HashSet<UInt128[]>(PlacesComparer.Instance) { begin };
        var open = new Stack<UInt128[]>([begin]);
        var next = new UInt128[patterns.Length];
        while (open.TryPop(out var places))
        {
            if (Ends(groups, patterns, places))
            {
                return Answer.Yes;
            }

            foreach (var letter in letters.Distinguished(places))
            {
                for (var i = 0; i < patterns.Length; i++)
                {
                    next[i] = letters.Step(i, places[i], letter);
                }

                if (IsAlive(groups, next) && !seen.Contains(next))
                {
                    UInt128[] kept = [.. next];
                    seen.Add(kept);
                    open.Push(kept);
                }
            }

            if (seen.Count > MostStates)
            {
                return Answer.CannotTell;
            }
        }

        return Answer.No;
    }

    /// <summary>Whether each group can still be matched.</summary>
    private static bool IsAlive(int[] groups, UInt128[] places)
    {
        var at = 0;
        foreach (var count in groups)
        {
            var alive = false;
            for (var i = 0; i < count; i++)
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

    private static bool Ends(int[] groups, Glob[] patterns, UInt128[] places)
    {
        var at = 0;
        foreach (var count in groups)
        {
            var ends = false;
            for (var i = 0; i < count; i++, at++)
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

    /// <summary>The letters of some patterns, and where each leads in each of them.</summary>
    private sealed class Letters
    {
        /// <summary>In place of all letters that the patterns do not have.</summary>
        private const char Other = '\uFFFD';

        private readonly UInt128[] _stars;
        private readonly char[] _letters;
        private readonly List<int> _distinguished = [];

        /// <summary>By letter and pattern, the places that it leads on from and those at which it stays.</summary>
        private readonly (UInt128 On, UInt128 Stay)[][] _moves;

        public Letters(Glob[] patterns)
        {
            _stars = Array.ConvertAll(patterns, static pattern => pattern.Stars());
            _letters = [.. patterns.SelectMany(pattern => pattern.Letters()).Append(':').Append(Other).Distinct()];
            _moves = Array.ConvertAll(_letters, letter => Array.ConvertAll(patterns, pattern => pattern.Moves(letter)));
        }

        /// <summary>Of each pattern the places before any letter.</summary>
        public UInt128[] Begin() => Array.ConvertAll(_stars, static stars => Skip(UInt128.One, stars));

        public UInt128 Step(int pattern, UInt128 places, int letter)
        {
            var (on, stay) = _moves[letter][pattern];
            return Skip(((places & on) << 1) | (places & stay), _stars[pattern]);
        }

        /// <summary>Of letters that lead to the same places one; valid until the next call.</summary>
        public List<int> Distinguished(UInt128[] places)
        {
            _distinguished.Clear();
            for (var letter = 0; letter < _letters.Length; letter++)
            {
                if (!_distinguished.Exists(known => LeadsAlike(known, letter, places)))
                {
                    _distinguished.Add(letter);
                }
            }

            return _distinguished;
        }

        /// <summary>With the places behind stars, which need no letter.</summary>
        private static UInt128 Skip(UInt128 places, UInt128 stars)
        {
            var open = places & stars;
            while (open != UInt128.Zero)
            {
                var behind = (open << 1) & ~places;
                places |= behind;
                open = behind & stars;
            }

            return places;
        }

        private bool LeadsAlike(int one, int other, UInt128[] places)
        {
            var (left, right) = (_moves[one], _moves[other]);
            for (var i = 0; i < places.Length; i++)
            {
                if (((left[i].On ^ right[i].On) & places[i]) != UInt128.Zero || ((left[i].Stay ^ right[i].Stay) & places[i]) != UInt128.Zero)
                {
                    return false;
                }
            }

            return true;
        }
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
