using Qrie.JmesPath;

namespace Qrie.Domain.Policies.Documents;

/// <summary>What a policy document grants, and to whom. Works on documents in any form.</summary>
public static class PolicyDocumentAnalyzer
{
    // A pattern that matches all of these matches everything that matters: asking for more would only ask the same again.
    private static readonly string[] _sampleActions = ["iam:CreateUser", "s3:GetObject", "ec2:RunInstances", "sts:AssumeRole"];
    private static readonly string[] _sampleIdentities = ["arn:aws:iam::123456789012:role/x", "arn:aws:iam::123456789012:user/x"];
    private static readonly string[] _sampleResources =
        ["arn:aws:iam::123456789012:role/x", "arn:aws:s3:::bucket/key", "arn:aws:ec2:us-east-1:123456789012:instance/i-1"];

    /// <summary>
    /// The Allow statements that let anyone in: the principal is everyone, or an identity provider at which everyone may have an account; no condition pins the
    /// caller down, and no Deny of the same document refuses everyone else.
    /// </summary>
    /// <exception cref="FormatException">It is not a policy document.</exception>
    public static IReadOnlyList<JmesValue> PublicStatements(JmesValue document)
    {
        var statements = PolicyStatement.Of(document);
        return [.. statements
            .Where(statement => statement.Allows && (IsForEveryone(statement) || SharedIdentityProviders.LetEveryoneIn(statement))
                && !statement.Conditions.Any(Restriction.Restricts))
            .Where(statement => !statements.Any(other => Neutralizes(other, statement)))
            .Select(statement => statement.Source)];
    }

    /// <summary>
    /// The Allow statements that grant everything on everything. <c>NotAction</c> counts unless it leaves out what would let the holder grant himself the
    /// rest (<c>iam:*</c>). Conditions do not count: who meets them is an administrator.
    /// </summary>
    /// <exception cref="FormatException">It is not a policy document.</exception>
    public static IReadOnlyList<JmesValue> AdminStatements(JmesValue document)
    {
        var statements = PolicyStatement.Of(document);
        var refused = statements.Any(statement => statement.Denies && statement.Conditions.Count == 0 && AllActions(statement) && AllResources(statement));
        return refused ? [] : [.. statements
            .Where(statement => statement.Allows && AllActions(statement) && AllResources(statement))
            .Select(statement => statement.Source)];
    }

    /// <summary>
    /// The principals outside an account that Allow statements name, each once: account ids, ARNs, canonical ids, or <c>*</c> for everyone. Services and
    /// identity providers are none of them, nor are principals that were deleted. Where a condition keeps the public out, <c>*</c> stands for the accounts
    /// that the condition names, if it does.
    /// </summary>
    /// <exception cref="FormatException">It is not a policy document.</exception>
    public static IReadOnlyList<string> ExternalPrincipals(JmesValue document, string account)
    {
        var statements = PolicyStatement.Of(document);
        var external = new List<string>();
        foreach (var statement in statements.Where(
            statement => statement.Allows && !statement.Conditions.Any(condition => Restriction.RestrictsTo(condition, account))))
        {
            if (IsForEveryone(statement))
            {
                if (statement.Conditions.Any(Restriction.Restricts))
                {
                    external.AddRange(statement.Conditions.SelectMany(Restriction.AccountsOf).Where(other => other != account));
                }
                else if (!statements.Any(other => Neutralizes(other, statement)))
                {
                    external.Add("*");
                }

                continue;
            }

            external.AddRange(statement.Principals.Where(principal => IsOutside(principal, account)).Select(principal => principal.Value));
        }

        return [.. external.Distinct(StringComparer.Ordinal)];
    }

    private static bool IsForEveryone(PolicyStatement statement) =>
        statement.HasNotPrincipal || statement.Principals.Any(IsEveryone);

    /// <summary>A wildcard in place of the account, or the star alone; AWS allows wildcards nowhere else in a principal.</summary>
    private static bool IsEveryone(StatementPrincipal principal) => principal.Kind switch
    {
        "AWS" => principal.Value == "*" || ArnAccount.Of(principal.Value)?.Contains('*', StringComparison.Ordinal) == true,
        "Federated" or "CanonicalUser" => principal.Value == "*",
        _ => false,
    };

    private static bool IsOutside(StatementPrincipal principal, string account) => principal.Kind switch
    {
        "AWS" => !IsDeleted(principal.Value) && AccountOf(principal.Value) != account,
        "CanonicalUser" => true,
        _ => false,
    };

    /// <summary>AWS shows the unique id of a user or role that is named and gone; whoever gets its name later is not let in.</summary>
    private static bool IsDeleted(string principal) =>
        principal.Length > 4 && (principal.StartsWith("AIDA", StringComparison.Ordinal) || principal.StartsWith("AROA", StringComparison.Ordinal))
        && principal.All(char.IsAsciiLetterOrDigit);

    /// <summary>Of an ARN or an account id.</summary>
    private static string AccountOf(string principal) => ArnAccount.Of(principal) ?? principal;

    /// <summary>A Deny that covers all of an Allow and refuses everyone, or everyone but fixed callers.</summary>
    private static bool Neutralizes(PolicyStatement deny, PolicyStatement allow) =>
        deny.Denies && RefusesEveryone(deny) && CoversActions(deny, allow) && CoversResources(deny, allow) && deny.Conditions.All(Restriction.RefusesOthers);

    private static bool RefusesEveryone(PolicyStatement deny) =>
        deny.HasNotPrincipal ? !deny.NotPrincipals.Any(IsEveryone) : deny.Principals.Any(principal => principal is { Kind: "AWS", Value: "*" });

    private static bool CoversActions(PolicyStatement deny, PolicyStatement allow) =>
        AllActionsLiterally(deny) || (!allow.HasNotAction && allow.Actions.All(action => deny.Actions.Any(pattern => IamPattern.Matches(pattern, action))));

    /// <summary>The policies of roles name no resources: they are about the role.</summary>
    private static bool CoversResources(PolicyStatement deny, PolicyStatement allow) =>
        (deny is { HasNotResource: false, Resources.Count: 0 } && allow is { HasNotResource: false, Resources.Count: 0 })
        || deny.Resources.Any(IsEverything) || (!allow.HasNotResource && allow.Resources.Count > 0
            && allow.Resources.All(resource => deny.Resources.Any(pattern => IamPattern.Matches(pattern, resource))));

    private static bool AllActionsLiterally(PolicyStatement statement) =>
        statement.Actions.Any(pattern => _sampleActions.All(action => IamPattern.Matches(pattern, action)));

    private static bool AllActions(PolicyStatement statement) =>
        AllActionsLiterally(statement)
        || (statement.HasNotAction
            && !statement.NotActions.Any(pattern => IamPattern.Matches(pattern, "iam:CreateUser") && IamPattern.Matches(pattern, "iam:AttachUserPolicy")));

    /// <summary><c>NotResource</c> counts as everything, unless it leaves out the users and roles by which the holder could get the rest.</summary>
    private static bool AllResources(PolicyStatement statement) => statement.HasNotResource
        ? !_sampleIdentities.All(identity => statement.NotResources.Any(pattern => IamPattern.Matches(pattern, identity)))
        : statement.Resources.Any(IsEverything);

    private static bool IsEverything(string pattern) => _sampleResources.All(resource => IamPattern.Matches(pattern, resource));
}
