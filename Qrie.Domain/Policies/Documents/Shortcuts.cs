namespace Qrie.Domain.Policies.Documents;

/// <summary>
/// What can be told of most documents at a glance; each rule says what the search would (<see cref="GrantSearch"/>), which a test checks on random documents.
/// </summary>
internal static class Shortcuts
{
    /// <summary>Whether an Allow for everyone lets in strangers who want anything; null: it must be searched.</summary>
    /// <param name="allow">The Allow.</param>
    /// <param name="denies">All denials of its document.</param>
    /// <param name="anywhere">Strangers come from anywhere, so that a network that is named keeps them out.</param>
    public static bool? LetsStrangersIn(PolicyStatement allow, IReadOnlyList<PolicyStatement> denies, bool anywhere)
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
        else if (allow.HasAction && allow.HasResource && allow.ActionTexts.Count > 0 && allow.ResourceTexts.Count > 0
            && (denies.Count == 0 || (!allow.ResourcesHaveVariables && LeaveAChoice(denies, anywhere))))
        {
            return true;
        }

        foreach (var deny in denies)
        {
            if (RefusesStrangers(deny, anywhere) && CoversActions(deny, allow) && CoversResources(deny, allow))
            {
                return false;
            }
        }

        return null;
    }

    /// <summary>Whether a statement grants everything on everything, with no if and but.</summary>
    public static bool GrantsEverything(PolicyStatement allow) => allow is { Allows: true, HasAction: true, HasResource: true, HasConditions: false }
        && allow.Actions.Any(action => action.IsEverything) && allow.Resources.Any(resource => resource.IsEverything);

    /// <summary>Everyone but those whom the conditions name; a stranger who does not have the key is refused as well.</summary>
    private static bool RefusesStrangers(PolicyStatement deny, bool anywhere) => !deny.HasNotPrincipal
        && deny.Principals.Exists(static principal => principal.IsEveryone)
        && deny.Conditions.TrueForAll(condition => condition.Negated && condition.Set is SetOperator.None && NamesOwners(condition, anywhere));

    /// <summary>
    /// Whether a request of anyone's that uses TLS, or does not, escapes all denials, where networks keep nobody out through a VPC endpoint that they name.
    /// </summary>
    private static bool LeaveAChoice(IReadOnlyList<PolicyStatement> denies, bool anywhere)
    {
        string? tls = null, endpoint = null;
        foreach (var deny in denies)
        {
            var isEscaped = false;
            foreach (var condition in deny.Conditions)
            {
                if (condition.Family is not ConditionFamily.Text || condition.Set is not SetOperator.None || condition.HasVariables)
                {
                    continue;
                }

                if (!condition.Negated && condition.Key == "aws:securetransport" && condition.Values is ["true" or "false"]
                    && (tls ?? condition.Values[0]) == condition.Values[0])
                {
                    (tls, isEscaped) = (condition.Values[0], true);
                    break;
                }

                if (!anywhere && condition.Negated && condition.Key == "aws:sourcevpce" && Named(condition, endpoint) is { } named)
                {
                    (endpoint, isEscaped) = (named, true);
                    break;
                }
            }

            if (!isEscaped)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>An endpoint that a condition names: the one that is given, if there is one.</summary>
    private static string? Named(StatementCondition condition, string? endpoint)
    {
        foreach (var known in condition.Fixed)
        {
            if (known.Text.StartsWith("vpce-", StringComparison.Ordinal) && (endpoint ?? known.Text) == known.Text)
            {
                return known.Text;
            }
        }

        return null;
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
