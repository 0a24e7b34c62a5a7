namespace Qrie.Domain.Policies.Documents;

/// <summary>
/// Looks for a request that an Allow lets through and no Deny refuses. A request escapes a Deny by one of its elements: the principal, the action, the
/// resource or one condition; all ways are tried. An action, a resource or the values of a key are possible if one value meets all that is demanded of it.
/// </summary>
internal sealed class GrantSearch
{
    private const int MostSteps = 3_000;

    private static readonly Glob[] s_signed = [Glob.Like("sts:*", ignoreCase: true)];

    private readonly Caller _caller;
    private readonly GrantFrame _frame;
    private readonly bool _optimistic;
    private readonly KeyQuestion _keys;
    private readonly List<TextDemand> _actions;
    private readonly List<TextDemand> _resources;
    private readonly List<Demand> _demands = [];
    private PolicyStatement? _allow;
    private int _steps;

    /// <summary>How many demands there were when the denials were looked through.</summary>
    private int _demandsAtFirst;

    /// <param name="caller">Who asks.</param>
    /// <param name="frame">What he asks for, and what can refuse him.</param>
    /// <param name="optimistic">What cannot be told is taken as it suits the request; otherwise as it does not.</param>
    public GrantSearch(Caller caller, GrantFrame frame, bool optimistic)
    {
        _caller = caller;
        _frame = frame;
        (_actions, _resources) = ([.. frame.Actions], [.. frame.Resources]);
        _optimistic = optimistic;
        _keys = new KeyQuestion(caller, Doubt);
    }

    /// <summary>The first statement of which something could not be told.</summary>
    public PolicyStatement? Doubtful { get; private set; }

    /// <summary>The public addresses from which requests were found so far: together they may be the world.</summary>
    public SourceAddresses Reached { get; set; } = SourceAddresses.Empty;

    /// <summary>Whether the caller gets something by the statement, whose frame it is.</summary>
    public bool Finds(PolicyStatement allow, StatementPrincipal? principal)
    {
        _allow = allow;
        return (allow.HasAction || allow.HasNotAction) && Narrows() && Performs(allow) && Enters(allow, principal) && Escapes(0, Relevant());
    }

    /// <summary>Whether the caller can do something that no statement refuses, allowed or not.</summary>
    public bool FindsUnrefused(IReadOnlyList<Demand> demands)
    {
        _allow = demands[0].Condition.Statement;
        _demands.AddRange(demands);
        return demands.All(demand => IsPossible(demand.Condition.Key)) && Narrows() && Escapes(0, Relevant());
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

    private bool Narrows() => (_frame.Possible is Answer.Yes || (_frame.Possible is Answer.CannotTell && Doubt(_allow!)))
        && (_caller.Kind is not CallerKind.Anonymous || Push(_actions, s_signed, false));

    private bool Performs(PolicyStatement allow)
    {
        if (_caller.Kind is CallerKind.Holder && !allow.HasResource && !allow.HasNotResource)
        {
            return false; // an identity policy must name them
        }

        if (allow.ResourcesHaveVariables)
        {
            var (patterns, isSure) = ResourcesOf(allow, wantsMatch: allow.HasResource);
            if ((!isSure && !Doubt(allow)) || !Push(_resources, patterns, allow.HasResource))
            {
                return false;
            }
        }

        var conditions = allow.Conditions;
        for (var i = 0; i < conditions.Count; i++)
        {
            if (!Push(new Demand(conditions[i], true)))
            {
                return false;
            }
        }

        return true;
    }

    private (IReadOnlyList<Glob> Patterns, bool IsSure) ResourcesOf(PolicyStatement statement, bool wantsMatch) =>
        statement.ResourcesHaveVariables
            ? Variables.Resolve(_caller, statement.ResourceTexts, wantsMatch, static text => Glob.Like(text))
            : (statement.Resources, true);

    /// <summary>Most denials are about something else: those do not need to be escaped.</summary>
    private List<Refusal> Relevant()
    {
        var relevant = _frame.Refusals.FindAll(refusal => !IsElsewhere(refusal.Deny));
        _demandsAtFirst = DemandCount;
        return relevant;
    }

    private int DemandCount => _actions.Count + _resources.Count + _demands.Count;

    /// <summary>Whether it cannot refuse any request that is still possible.</summary>
    private bool IsElsewhere(PolicyStatement deny)
    {
        if (_actions.Count > _frame.Actions.Count && !TextQuery.IsPossible(_actions, deny.Actions, deny.HasAction))
        {
            return true;
        }

        if (_resources.Count > _frame.Resources.Count && (deny.HasResource || deny.HasNotResource) && !deny.ResourcesHaveVariables
            && !TextQuery.IsPossible(_resources, deny.Resources, deny.HasResource))
        {
            return true;
        }

        var conditions = deny.Conditions;
        for (var i = 0; i < conditions.Count; i++)
        {
            if (!CanHold(conditions[i]))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>What cannot be told may hold: only a sure no counts here.</summary>
    private bool CanHold(StatementCondition condition)
    {
        var doubted = false;
        var keys = new KeyQuestion(_caller, _ => doubted = true);
        var demands = DemandsOn(condition.Key);
        demands.Add(new Demand(condition, true));
        return keys.CanMeet(condition.Key, demands) || doubted;
    }

    private bool Escapes(int at, List<Refusal> denies)
    {
        if (at == denies.Count)
        {
            return IsWide();
        }

        var (deny, byAction, byResource) = denies[at];
        if (++_steps > MostSteps)
        {
            return Doubt(deny);
        }

        return DemandCount > _demandsAtFirst && IsElsewhere(deny)
            ? Escapes(at + 1, denies)
            : EscapesPrincipal(deny, at, denies) || (byAction && EscapesAction(deny, at, denies))
                || (byResource && EscapesResource(deny, at, denies)) || EscapesConditions(deny, at, denies);
    }

    private bool EscapesPrincipal(PolicyStatement deny, int at, List<Refusal> denies)
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

    private bool EscapesAction(PolicyStatement deny, int at, List<Refusal> denies)
    {
        var found = Push(_actions, deny.Actions, !deny.HasAction) && Escapes(at + 1, denies);
        _actions.RemoveAt(_actions.Count - 1);
        return found;
    }

    private bool EscapesResource(PolicyStatement deny, int at, List<Refusal> denies)
    {
        var (patterns, isSure) = ResourcesOf(deny, wantsMatch: !deny.HasResource);
        if (!isSure && !Doubt(deny))
        {
            return false;
        }

        var found = Push(_resources, patterns, !deny.HasResource) && Escapes(at + 1, denies);
        _resources.RemoveAt(_resources.Count - 1);
        return found;
    }

    private bool EscapesConditions(PolicyStatement deny, int at, List<Refusal> denies)
    {
        var conditions = deny.Conditions;
        for (var i = 0; i < conditions.Count; i++)
        {
            if (Try(new Demand(conditions[i], false), at, denies))
            {
                return true;
            }
        }

        return false;
    }

    private bool Try(Demand demand, int at, List<Refusal> denies)
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

        var asked = DemandsOn(ContextKeys.SourceIp);
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

    private bool IsPossible(string key) => _keys.CanMeet(key, DemandsOn(key));

    private List<Demand> DemandsOn(string key)
    {
        var demands = new List<Demand>();
        foreach (var demand in _demands)
        {
            if (demand.Condition.Key == key)
            {
                demands.Add(demand);
            }
        }

        return demands;
    }

    private bool Push(List<TextDemand> demands, IReadOnlyList<Glob> patterns, bool match)
    {
        demands.Add(new TextDemand(patterns, match));
        var answer = TextQuery.Ask(demands);
        return answer is Answer.Yes || (answer is Answer.CannotTell && Doubt(_allow!));
    }
}
