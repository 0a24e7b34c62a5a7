namespace Qrie.Domain.Policies;

/// <summary>
/// Which resources a launched policy applies to: all given criteria must hold, an empty one does not restrict (contract.md section 2.6).
/// </summary>
public sealed record PolicyScope
{
    public static readonly PolicyScope Everything = new();

    public IReadOnlyList<string> IncludeAccounts { get; init; } = [];

    public IReadOnlyList<string> ExcludeAccounts { get; init; } = [];

    /// <summary>At least one key must have one of its values.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> IncludeTags { get; init; } = new Dictionary<string, IReadOnlyList<string>>();

    /// <summary>No key may have one of its values.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> ExcludeTags { get; init; } = new Dictionary<string, IReadOnlyList<string>>();

    /// <summary>The account's OU path must start with one of them, on a path boundary.</summary>
    public IReadOnlyList<string> IncludeOuPaths { get; init; } = [];

    public IReadOnlyList<string> ExcludeOuPaths { get; init; } = [];

    /// <summary>Whether the policy applies to a resource. If a decisive criterion could not be read, <see cref="ScopeMatch.Unknown"/>.</summary>
    public ScopeMatch Match(ScopeTarget subject)
    {
        // Every criterion is checked, because a definite exclusion decides even if another is unknown.
        ReadOnlySpan<ScopeMatch> criteria =
        [
            In(IncludeAccounts.Count == 0 || IncludeAccounts.Contains(subject.AccountId)),
            In(!ExcludeAccounts.Contains(subject.AccountId)),
            IncludeTags.Count == 0 ? ScopeMatch.In : MatchTags(IncludeTags, subject),
            ExcludeTags.Count == 0 ? ScopeMatch.In : Not(MatchTags(ExcludeTags, subject)),
            IncludeOuPaths.Count == 0 ? ScopeMatch.In : MatchOu(IncludeOuPaths, subject.Ou),
            ExcludeOuPaths.Count == 0 ? ScopeMatch.In : Not(MatchOu(ExcludeOuPaths, subject.Ou)),
        ];
        return criteria.Contains(ScopeMatch.Out) ? ScopeMatch.Out
            : criteria.Contains(ScopeMatch.Unknown) ? ScopeMatch.Unknown
            : ScopeMatch.In;
    }

    private static ScopeMatch In(bool holds) => holds ? ScopeMatch.In : ScopeMatch.Out;

    private static ScopeMatch Not(ScopeMatch match) => match switch
    {
        ScopeMatch.In => ScopeMatch.Out,
        ScopeMatch.Out => ScopeMatch.In,
        _ => ScopeMatch.Unknown,
    };

    /// <summary>The resource's own tag takes precedence; missing keys are looked up among the account's tags.</summary>
    private static ScopeMatch MatchTags(IReadOnlyDictionary<string, IReadOnlyList<string>> wanted, ScopeTarget subject)
    {
        var unknown = false;
        foreach (var (key, values) in wanted)
        {
            if (subject.Tags is null)
            {
                unknown = true;
            }
            else if (subject.Tags.TryGetValue(key, out var own))
            {
                if (values.Contains(own))
                {
                    return ScopeMatch.In;
                }
            }
            else if (subject.AccountTags is not null && subject.AccountTags.TryGetValue(key, out var inherited) && values.Contains(inherited))
            {
                return ScopeMatch.In;
            }
        }

        return unknown ? ScopeMatch.Unknown : ScopeMatch.Out;
    }

    private static ScopeMatch MatchOu(IReadOnlyList<string> wanted, string? ou)
    {
        if (ou is null)
        {
            return ScopeMatch.Unknown;
        }

        var path = ou.Trim('/');
        return In(wanted.Select(w => w.Trim('/')).Any(w =>
            path.Equals(w, StringComparison.Ordinal) || w.Length == 0 || path.StartsWith(w + "/", StringComparison.Ordinal)));
    }
}

/// <summary>The properties of a resource that scopes refer to.</summary>
/// <param name="Tags">The resource's tags; null if they could not be read.</param>
/// <param name="AccountTags">The account's tags; null if unknown.</param>
/// <param name="Ou">The account's OU path; null if unknown.</param>
public sealed record ScopeTarget(
    string AccountId, IReadOnlyDictionary<string, string>? Tags, IReadOnlyDictionary<string, string>? AccountTags, string? Ou);

public enum ScopeMatch
{
    In,
    Out,
    Unknown,
}
