namespace Qrie.Domain.Policies.Documents;

/// <summary>
/// What can be told of most documents at a glance; each rule says what the search would (<see cref="GrantSearch"/>), which a test checks on random documents.
/// </summary>
internal static class Shortcuts
{
    /// <summary>Actions, and resources of each, of which a request is made up.</summary>
    private const int MostTried = 4;

    /// <summary>Whether an Allow for everyone allows outsiders who may request anything; null: it must be searched.</summary>
    /// <param name="allow">The Allow.</param>
    /// <param name="denies">All denials of its document.</param>
    /// <param name="anywhere">Outsiders come from anywhere, so that a network that is named keeps them out.</param>
    public static bool? AllowsOutsiders(PolicyStatement allow, IReadOnlyList<PolicyStatement> denies, bool anywhere)
    {
        if (allow.HasConditions)
        {
            foreach (var condition in allow.Conditions)
            {
                if (!condition.Negated && !condition.IfExists && condition.Set is not SetOperator.ForAllValues && NamesOwners(condition, anywhere))
                {
                    return false;
                }
            }
        }
        else if (denies.Count == 0 && allow.HasAction && allow.HasResource && allow.ActionTexts.Count > 0 && allow.ResourceTexts.Count > 0)
        {
            return true;
        }

        foreach (var deny in denies)
        {
            if (DeniesOutsiders(deny, anywhere) && CoversActions(deny, allow) && CoversResources(deny, allow))
            {
                return false;
            }
        }

        var isPlain = allow.HasAction && allow.HasResource && !allow.HasConditions && !allow.ResourcesHaveVariables;
        return isPlain && FindsRequest(allow, denies, anywhere) ? true : null;
    }

    /// <summary>Whether a statement grants everything on everything, with no if and but.</summary>
    public static bool GrantsEverything(PolicyStatement allow) => allow is { Allows: true, HasAction: true, HasResource: true, HasConditions: false }
        && allow.Actions.Any(action => action.IsEverything) && allow.Resources.Any(resource => resource.IsEverything);

    /// <summary>
    /// Everyone but those whom the conditions name; an outsider who does not have the key is refused as well. One network is not anywhere.
    /// </summary>
    private static bool DeniesOutsiders(PolicyStatement deny, bool anywhere) => !deny.HasNotPrincipal
        && deny.Principals.Exists(static principal => principal.IsEveryone)
        && deny.Conditions.TrueForAll(condition => condition.Negated && condition.Set is SetOperator.None
            && (NamesOwners(condition, anywhere) || (anywhere && IsAboutNetwork(condition) && !condition.Addresses.IsWorld)));

    private static bool IsAboutNetwork(StatementCondition condition) => condition.Family is ConditionFamily.Address && condition.Key == ContextKeys.SourceIp;

    /// <summary>Whether one of some requests is refused by nothing, whoever makes it with an account: an action and a resource of the Allow.</summary>
    private static bool FindsRequest(PolicyStatement allow, IReadOnlyList<PolicyStatement> denies, bool anywhere)
    {
        var tellsApart = denies.Any(deny => ObjectActions.IsAboutSome(deny, allow));
        for (var a = 0; a < Math.Min(allow.Actions.Count, MostTried); a++)
        {
            var action = allow.Actions[a].Sample(0);
            if (!action.Contains(':', StringComparison.Ordinal) || action.StartsWith("sts:", StringComparison.OrdinalIgnoreCase))
            {
                continue;
            }

            for (var r = 0; r < Math.Min(allow.Resources.Count, MostTried); r++)
            {
                var resource = allow.Resources[r].Sample(0);
                if (Choice.EscapesAll(denies, action, resource, anywhere)
                    && !(tellsApart && ObjectActions.Impossible.Any(never => Touches(never, action, resource))))
                {
                    return true;
                }
            }
        }

        return false;
    }

    private static bool Touches(PolicyStatement deny, string action, string resource) =>
        (deny.HasAction || deny.HasNotAction) && Any(deny.Actions, action) == deny.HasAction
        && ((!deny.HasResource && !deny.HasNotResource) || deny.ResourcesHaveVariables || Any(deny.Resources, resource) == deny.HasResource);

    private static bool Any(IReadOnlyList<Glob> patterns, string text)
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

    /// <summary>What everyone chooses for himself: TLS or none, no key of the service's own; where networks keep nobody out, the way.</summary>
    private struct Choice
    {
        private string? _tls;
        private string? _endpoint;
        private StatementCondition? _network;

        public static bool EscapesAll(IReadOnlyList<PolicyStatement> denies, string action, string resource, bool anywhere)
        {
            var choice = default(Choice);
            foreach (var deny in denies)
            {
                if (Touches(deny, action, resource) && !choice.Escapes(deny, anywhere))
                {
                    return false;
                }
            }

            return true;
        }

        private bool Escapes(PolicyStatement deny, bool anywhere)
        {
            foreach (var condition in deny.Conditions)
            {
                if (condition.Set is SetOperator.None && !condition.HasVariables
                    && (ByTls(condition) || IsWithout(condition) || (!anywhere && (ByEndpoint(condition) || ByNetwork(condition)))))
                {
                    return true;
                }
            }

            return false;
        }

        private bool ByTls(StatementCondition condition)
        {
            if (condition is { Negated: false, Key: "aws:securetransport", Family: ConditionFamily.Text, Values: ["true" or "false"] }
                && (_tls ?? condition.Values[0]) == condition.Values[0])
            {
                _tls = condition.Values[0];
                return true;
            }

            return false;
        }

        /// <summary>A request without the key does not meet the condition.</summary>
        private static bool IsWithout(StatementCondition condition) => condition is { Negated: false, IfExists: false }
            && condition.Family is ConditionFamily.Text or ConditionFamily.Order
            && condition.Key.Contains(':', StringComparison.Ordinal) && !condition.Key.StartsWith("aws:", StringComparison.Ordinal)
            && !ContextKeys.IsClaim(condition.Key) && !ContextKeys.IsOfResource(condition.Key);

        private bool ByEndpoint(StatementCondition condition)
        {
            if (_network is null && condition is { Negated: true, Key: "aws:sourcevpce", Family: ConditionFamily.Text })
            {
                foreach (var known in condition.Fixed)
                {
                    if (known.Text.StartsWith("vpce-", StringComparison.Ordinal) && (_endpoint ?? known.Text) == known.Text)
                    {
                        _endpoint = known.Text;
                        return true;
                    }
                }
            }

            return false;
        }

        /// <summary>One network at most: what several have in common is for the search to say.</summary>
        private bool ByNetwork(StatementCondition condition)
        {
            if (_endpoint is null && (_network ?? condition) == condition && condition.Negated && IsAboutNetwork(condition)
                && !condition.Addresses.Intersect(SourceAddresses.Public).IsEmpty)
            {
                _network = condition;
                return true;
            }

            return false;
        }
    }

    private static bool NamesOwners(StatementCondition condition, bool anywhere) => condition.Family is ConditionFamily.Text && !condition.HasVariables
        && condition.Fixed.Count > 0 && condition.Fixed.Count == condition.Values.Count && (anywhere || !ContextKeys.IsNetwork(condition.Key));

    private static bool CoversActions(PolicyStatement deny, PolicyStatement allow) => deny.HasAction && (deny.Actions.Any(pattern => pattern.IsEverything)
        || (allow.HasAction && allow.Actions.All(action => deny.Actions.Any(pattern => pattern.Covers(action)))));

    private static bool CoversResources(PolicyStatement deny, PolicyStatement allow) => !deny.HasNotResource && (!deny.HasResource
        || deny.Resources.Any(pattern => pattern.IsEverything)
        || (allow.HasResource && !allow.ResourcesHaveVariables && !deny.ResourcesHaveVariables
            && allow.Resources.All(resource => deny.Resources.Any(pattern => pattern.Covers(resource)))));
}
