namespace Qrie.Domain.Policies.Documents;

/// <summary>What is asked for; null: whatever the statements name.</summary>
internal sealed record GrantScope(IReadOnlyList<Glob>? Actions = null, IReadOnlyList<Glob>? Resources = null)
{
    public static GrantScope Everything { get; } = new();
}

/// <summary>A Deny that touches what is asked for, and whether another action or another resource may escape it.</summary>
internal readonly record struct Refusal(PolicyStatement Deny, bool ByAction, bool ByResource);

/// <summary>What is the same for all callers: the actions and resources of an Allow that are asked for, and the denials that are about some of them.</summary>
internal sealed class GrantFrame
{
    /// <summary>What can be done only together with assuming a role: alone it is nothing.</summary>
    private static readonly Glob[] s_companions = [.. new[] { "sts:TagSession", "sts:SetSourceIdentity", "sts:SetContext" }.Select(Like)];

    /// <summary>A service, one colon, a name.</summary>
    private static readonly Glob[] s_anyAction = [Glob.WithinParts("*:*")];

    /// <param name="allow">Null: any request, allowed or not.</param>
    /// <param name="scope">What is asked for.</param>
    /// <param name="denies">What can refuse it.</param>
    public GrantFrame(PolicyStatement? allow, GrantScope scope, IReadOnlyList<PolicyStatement> denies)
    {
        Actions.Add(new TextDemand(s_anyAction, true));
        if (scope.Actions is not null)
        {
            Actions.Add(new TextDemand(scope.Actions, true));
        }

        if (scope.Resources is not null)
        {
            Resources.Add(new TextDemand(scope.Resources, true));
        }

        if (allow is not null)
        {
            Add(allow);
        }

        var (action, resource) = (TextQuery.Ask(Actions), Resources.Count == 0 ? Answer.Yes : TextQuery.Ask(Resources));
        Possible = action is Answer.No || resource is Answer.No ? Answer.No
            : action is Answer.CannotTell || resource is Answer.CannotTell ? Answer.CannotTell
            : Answer.Yes;
        if (Possible is not Answer.No && denies.Count > 0)
        {
            AddRefusals(allow, denies);
        }
    }

    public List<TextDemand> Actions { get; } = new(4);

    /// <summary>Without those of an Allow with policy variables, which depend on the caller.</summary>
    public List<TextDemand> Resources { get; } = new(4);

    /// <summary>Whether there are such actions and resources.</summary>
    public Answer Possible { get; }

    public List<Refusal> Refusals { get; } = [];

    private void Add(PolicyStatement allow)
    {
        if (allow.HasAction && allow.Actions.Any(static action => !Array.Exists(s_companions, companion => companion.Covers(action))))
        {
            Actions.Add(new TextDemand(s_companions, false));
        }

        Actions.Add(new TextDemand(allow.Actions, allow.HasAction));
        if ((allow.HasResource || allow.HasNotResource) && !allow.ResourcesHaveVariables)
        {
            Resources.Add(new TextDemand(allow.Resources, allow.HasResource));
        }
    }

    private void AddRefusals(PolicyStatement? allow, IReadOnlyList<PolicyStatement> denies)
    {
        foreach (var deny in denies)
        {
            if (!deny.HasAction && !deny.HasNotAction)
            {
                continue;
            }

            var (touches, byAction) = deny.HasAction && Cover(deny.Actions, allow is { HasAction: true } ? allow.Actions : null)
                ? (true, false)
                : Compare(Actions, deny.Actions, deny.HasAction);
            if (!touches)
            {
                continue;
            }

            var byResource = false;
            if (deny.ResourcesHaveVariables)
            {
                byResource = true;
            }
            else if (deny.HasNotResource
                || (deny.HasResource && !Cover(deny.Resources, allow is { HasResource: true, ResourcesHaveVariables: false } ? allow.Resources : null)))
            {
                (touches, byResource) = Compare(Resources, deny.Resources, deny.HasResource);
            }

            if (touches)
            {
                Refusals.Add(new Refusal(deny, byAction, byResource));
            }
        }
    }

    /// <summary>Whether a Deny with these patterns can refuse, and whether it can be escaped.</summary>
    private static (bool Touches, bool CanEscape) Compare(List<TextDemand> demands, IReadOnlyList<Glob> patterns, bool refusesMatch) =>
        TextQuery.IsPossible(demands, patterns, refusesMatch) ? (true, TextQuery.IsPossible(demands, patterns, !refusesMatch)) : (false, true);

    /// <summary>Whether nothing can be outside of the patterns; may say no although it is so.</summary>
    /// <param name="patterns">Those of a Deny.</param>
    /// <param name="allowed">Those of an Allow; null: not known.</param>
    public static bool Cover(IReadOnlyList<Glob> patterns, IReadOnlyList<Glob>? allowed)
    {
        foreach (var pattern in patterns)
        {
            if (pattern.IsEverything)
            {
                return true;
            }
        }

        if (allowed is null)
        {
            return false;
        }

        foreach (var one in allowed)
        {
            if (!patterns.Any(pattern => pattern.Covers(one)))
            {
                return false;
            }
        }

        return allowed.Count > 0;
    }

    private static Glob Like(string pattern) => Glob.Like(pattern, ignoreCase: true);
}
