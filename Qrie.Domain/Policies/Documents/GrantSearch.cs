namespace Qrie.Domain.Policies.Documents;

/// <summary>What is asked for; null: whatever the statements name.</summary>
internal sealed record GrantScope(IReadOnlyList<Glob>? Actions = null, IReadOnlyList<Glob>? Resources = null)
{
    public static GrantScope Everything { get; } = new();
}

/// <summary>
/// Looks for a request that an Allow lets through and no Deny refuses. A request escapes a Deny by one of its elements: the principal, the action, the
/// resource or one condition; all ways are tried. An action, a resource or the values of a key are possible if one value meets all that is demanded of it.
/// </summary>
internal sealed class GrantSearch
{
    private const int MostSteps = 3_000;

    /// <summary>What can be done only together with assuming a role: alone it is nothing.</summary>
    private static readonly Glob[] s_companions = [.. new[] { "sts:TagSession", "sts:SetSourceIdentity", "sts:SetContext" }.Select(Like)];

    private static readonly Glob[] s_signed = [Like("sts:*")];

    /// <summary>A service, one colon, a name.</summary>
    private static readonly Glob[] s_anyAction = [Glob.WithinParts("*:*")];

    private readonly Caller _caller;
    private readonly IReadOnlyList<PolicyStatement> _denies;
    private readonly bool _optimistic;
    private readonly KeyQuestion _keys;
    private readonly List<(IReadOnlyList<Glob> Patterns, bool Match)> _actions = [];
    private readonly List<(IReadOnlyList<Glob> Patterns, bool Match)> _resources = [];
    private readonly List<Demand> _demands = [];
    private PolicyStatement? _allow;
    private int _steps;

    /// <param name="caller">Who asks.</param>
    /// <param name="denies">What can refuse him.</param>
    /// <param name="optimistic">What cannot be told is taken as it suits the request; otherwise as it does not.</param>
    public GrantSearch(Caller caller, IReadOnlyList<PolicyStatement> denies, bool optimistic)
    {
        _caller = caller;
        _denies = denies;
        _optimistic = optimistic;
        _keys = new KeyQuestion(caller, Doubt);
    }

    /// <summary>The first statement of which something could not be told.</summary>
    public PolicyStatement? Doubtful { get; private set; }

    /// <summary>The public addresses from which requests were found so far: together they may be the world.</summary>
    public SourceAddresses Reached { get; set; } = SourceAddresses.Empty;

    /// <summary>Whether the caller gets something by the statement.</summary>
    public bool Finds(PolicyStatement allow, StatementPrincipal? principal, GrantScope scope)
    {
        _allow = allow;
        return (allow.HasAction || allow.HasNotAction) && Narrows(scope) && Performs(allow) && Enters(allow, principal) && Escapes(0, Relevant());
    }

    /// <summary>Whether the caller can do something that no statement refuses, allowed or not.</summary>
    public bool FindsUnrefused(GrantScope scope, IReadOnlyList<Demand> demands)
    {
        _allow = demands[0].Condition.Statement;
        _demands.AddRange(demands);
        return demands.All(demand => IsPossible(demand.Condition.Key)) && Narrows(scope) && Escapes(0, Relevant());
    }

    private bool Doubt(PolicyStatement statement)
    {
        Doubtful ??= statement;
        return _optimistic;
    }

    private bool Enters(PolicyStatement allow, StatementPrincipal? principal)
    {
        if (principal is null)
        {
            return true;
        }

        var (match, identity) = _caller.Matches(principal, inDeny: false);
        return match switch
        {
            PrincipalMatch.Always => true,
            PrincipalMatch.ByIdentity => Push(new Demand(StatementCondition.OfIdentity(allow, [identity!]), true)),
            PrincipalMatch.CannotTell => Doubt(allow),
            _ => false,
        };
    }

    private bool Narrows(GrantScope scope) => Push(_actions, s_anyAction, true)
        && (scope.Actions is null || Push(_actions, scope.Actions, true)) && (scope.Resources is null || Push(_resources, scope.Resources, true))
        && (_caller.Kind is not CallerKind.Anonymous || Push(_actions, s_signed, false));

    private bool Performs(PolicyStatement allow)
    {
        if (!Push(_actions, allow.Actions, allow.HasAction))
        {
            return false;
        }

        if (allow.HasAction && allow.Actions.Any(action => !s_companions.Any(companion => companion.Covers(action))))
        {
            Push(_actions, s_companions, false);
        }

        if (_caller.Kind is CallerKind.Holder && !allow.HasResource && !allow.HasNotResource)
        {
            return false; // an identity policy must name them
        }

        if (allow.HasResource || allow.HasNotResource)
        {
            var (patterns, isSure) = ResourcesOf(allow, wantsMatch: allow.HasResource);
            if ((!isSure && !Doubt(allow)) || !Push(_resources, patterns, allow.HasResource))
            {
                return false;
            }
        }

        return allow.Conditions.All(condition => Push(new Demand(condition, true)));
    }

    private (IReadOnlyList<Glob> Patterns, bool IsSure) ResourcesOf(PolicyStatement statement, bool wantsMatch) =>
        statement.ResourcesHaveVariables
            ? Variables.Resolve(_caller, statement.ResourceTexts, wantsMatch, static text => Glob.Like(text))
            : (statement.Resources, true);

    /// <summary>Most denials are about something else: those do not need to be escaped.</summary>
    private List<PolicyStatement> Relevant()
    {
        var relevant = new List<PolicyStatement>();
        foreach (var deny in _denies)
        {
            if ((deny.HasAction || deny.HasNotAction) && !IsElsewhere(deny))
            {
                relevant.Add(deny);
            }
        }

        return relevant;
    }

    /// <summary>Whether it cannot refuse any request that is still possible.</summary>
    private bool IsElsewhere(PolicyStatement deny)
    {
        if (!IsPossible(_actions, deny.Actions, deny.HasAction))
        {
            return true;
        }

        if ((deny.HasResource || deny.HasNotResource) && !deny.ResourcesHaveVariables && !IsPossible(_resources, deny.Resources, deny.HasResource))
        {
            return true;
        }

        // What cannot be told may refuse: only a sure no counts here.
        return deny.Conditions.Any(condition => !CanHold(condition));
    }

    private bool CanHold(StatementCondition condition)
    {
        var doubted = false;
        var keys = new KeyQuestion(_caller, _ => doubted = true);
        return keys.CanMeet(condition.Key, [.. _demands.Where(demand => demand.Condition.Key == condition.Key), new Demand(condition, true)]) || doubted;
    }

    private bool Escapes(int at, List<PolicyStatement> denies)
    {
        if (at == denies.Count)
        {
            return IsWide();
        }

        var deny = denies[at];
        if (++_steps > MostSteps)
        {
            return Doubt(deny);
        }

        return IsElsewhere(deny)
            ? Escapes(at + 1, denies)
            : EscapesPrincipal(deny, at, denies) || EscapesAction(deny, at, denies) || EscapesResource(deny, at, denies) || EscapesConditions(deny, at, denies);
    }

    private bool EscapesPrincipal(PolicyStatement deny, int at, List<PolicyStatement> denies)
    {
        if (deny.HasNotPrincipal)
        {
            var refused = _caller.RefusedByNotPrincipal(deny.NotPrincipals);
            if (refused is PrincipalMatch.Always || (refused is PrincipalMatch.CannotTell && !Doubt(deny)))
            {
                return false;
            }

            if (_caller.SparedIdentities(deny.NotPrincipals, _optimistic) is not { } spared)
            {
                return Escapes(at + 1, denies);
            }

            Doubt(deny); // whether others of a spared account are spared as well cannot be told
            return Try(new Demand(StatementCondition.OfIdentity(deny, spared), true), at, denies);
        }

        if (deny.Principals.Count == 0)
        {
            return _caller.Kind is not CallerKind.Holder && Escapes(at + 1, denies); // it refuses nobody; in an identity policy the holder
        }

        var identities = new List<Glob>();
        foreach (var principal in deny.Principals)
        {
            var (match, identity) = _caller.Matches(principal, inDeny: true);
            if (match is PrincipalMatch.Always || (match is PrincipalMatch.CannotTell && !Doubt(deny)))
            {
                return false;
            }

            if (match is PrincipalMatch.ByIdentity)
            {
                identities.Add(identity!);
            }
        }

        if (identities.Count == 0)
        {
            return Escapes(at + 1, denies);
        }

        return Try(new Demand(StatementCondition.OfIdentity(deny, identities), false), at, denies);
    }

    private bool EscapesAction(PolicyStatement deny, int at, List<PolicyStatement> denies)
    {
        var found = Push(_actions, deny.Actions, !deny.HasAction) && Escapes(at + 1, denies);
        _actions.RemoveAt(_actions.Count - 1);
        return found;
    }

    private bool EscapesResource(PolicyStatement deny, int at, List<PolicyStatement> denies)
    {
        if (!deny.HasResource && !deny.HasNotResource)
        {
            return false;
        }

        var (patterns, isSure) = ResourcesOf(deny, wantsMatch: !deny.HasResource);
        if (!isSure && !Doubt(deny))
        {
            return false;
        }

        var found = Push(_resources, patterns, !deny.HasResource) && Escapes(at + 1, denies);
        _resources.RemoveAt(_resources.Count - 1);
        return found;
    }

    private bool EscapesConditions(PolicyStatement deny, int at, List<PolicyStatement> denies)
    {
        foreach (var condition in deny.Conditions)
        {
            if (Try(new Demand(condition, false), at, denies))
            {
                return true;
            }
        }

        return false;
    }

    private bool Try(Demand demand, int at, List<PolicyStatement> denies)
    {
        var found = Push(demand) && Escapes(at + 1, denies);
        _demands.RemoveAt(_demands.Count - 1);
        return found;
    }

    /// <summary>Where the caller must come from anywhere: whether the addresses that get through, with those found before, are the world.</summary>
    private bool IsWide()
    {
        if (!_caller.Domain(ContextKeys.SourceIp).NeedsWorld)
        {
            return true;
        }

        var asked = _demands.Where(demand => demand.Condition.Key == ContextKeys.SourceIp).ToList();
        if (asked.Count == 0 || _keys.CanBeMissing(ContextKeys.SourceIp, asked))
        {
            return true;
        }

        Reached = Reached.Union(KeyQuestion.Addresses(asked, SourceAddresses.Public));
        return Reached.IsWorld;
    }

    private bool Push(Demand demand)
    {
        _demands.Add(demand);
        return IsPossible(demand.Condition.Key);
    }

    private bool IsPossible(string key) => _keys.CanMeet(key, [.. _demands.Where(demand => demand.Condition.Key == key)]);

    private bool Push(List<(IReadOnlyList<Glob> Patterns, bool Match)> demands, IReadOnlyList<Glob> patterns, bool match)
    {
        demands.Add((patterns, match));
        var answer = Query(demands).Answer();
        return answer is Answer.Yes || (answer is Answer.CannotTell && Doubt(_allow!));
    }

    private static bool IsPossible(List<(IReadOnlyList<Glob> Patterns, bool Match)> demands, IReadOnlyList<Glob> patterns, bool match)
    {
        var query = Query(demands);
        if (match)
        {
            query.Match(patterns);
        }
        else
        {
            query.Refuse(patterns);
        }

        return query.Answer() is not Answer.No;
    }

    private static TextQuery Query(List<(IReadOnlyList<Glob> Patterns, bool Match)> demands)
    {
        var query = new TextQuery();
        foreach (var (patterns, match) in demands)
        {
            if (match)
            {
                query.Match(patterns);
            }
            else
            {
                query.Refuse(patterns);
            }
        }

        return query;
    }

    private static Glob Like(string pattern) => Glob.Like(pattern, ignoreCase: true);
}
