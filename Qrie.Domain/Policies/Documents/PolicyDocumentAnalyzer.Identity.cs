using Qrie.JmesPath;

namespace Qrie.Domain.Policies.Documents;

public static partial class PolicyDocumentAnalyzer
{
    /// <summary>A fictional action and resource that no document names: a holder with access to it has access to everything.</summary>
    private const string UnnamedService = "qz9unnamed";
    private const string UnnamedAction = "Qz9Unnamed";
    private const string UnnamedAccount = "000000000000";

    /// <summary>The partition of a document without one (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html).</summary>
    private const string MainPartition = "aws";

    /// <summary>Actions with which an identity can grant itself all permissions, with the kind of identity that they apply to.</summary>
    private static readonly (string Action, string Resource)[] s_selfGrants =
    [
        ("iam:AttachUserPolicy", "user"), ("iam:PutUserPolicy", "user"), ("iam:AttachRolePolicy", "role"), ("iam:PutRolePolicy", "role"),
        ("iam:AttachGroupPolicy", "group"), ("iam:PutGroupPolicy", "group"), ("iam:CreatePolicyVersion", "policy"), ("iam:SetDefaultPolicyVersion", "policy"),
    ];

    /// <summary>
    /// The Allow statements that make the holder an administrator, alone or together: all actions on all resources of a partition. Actions may be excluded or
    /// denied as long as the holder can grant them to itself (<see cref="s_selfGrants"/>). Conditions are ignored unless they cannot be satisfied: holders that
    /// satisfy them are administrators.
    /// </summary>
    /// <exception cref="FormatException">It is not a policy document.</exception>
    /// <exception cref="UndecidedException">No statement certainly does, and one is undecided.</exception>
    public static IReadOnlyList<JmesValue> AdminStatements(JmesValue document)
    {
        var read = PolicyDocument.Of(document);
        if (!read.Statements.Any(statement => statement.Allows && MayAct(statement, $"{UnnamedService}:{UnnamedAction}")))
        {
            return [];
        }

        var analysis = new GrantAnalysis(read);
        if (read.Denies.Count == 0 && read.Statements.Any(Shortcuts.GrantsEverything))
        {
            return Certain(read, [.. read.Statements.Where(Shortcuts.GrantsEverything)], analysis);
        }

        foreach (var partition in PartitionsOf(read))
        {
            foreach (var account in AccountsIn(read))
            {
                var broad = new HashSet<PolicyStatement>();
                var anything = analysis.AskHolder(
                    Scope([$"{UnnamedService}:{UnnamedAction}"], [$"arn:{partition}:{UnnamedService}:qz-unnamed-9:{account}:unnamed/qz9"]), broad);
                if (anything is Answer.No)
                {
                    continue;
                }

                var powerful = new HashSet<PolicyStatement>();
                foreach (var (action, kind) in s_selfGrants)
                {
                    analysis.AskHolder(Scope([action], [$"arn:{partition}:iam::{account}:{kind}/qz9unnamed"]), powerful);
                }

                if (broad.Count > 0 && powerful.Count > 0)
                {
                    var alone = broad.Intersect(powerful).ToHashSet();
                    return Certain(read, alone.Count > 0 ? alone : [.. broad, .. powerful], analysis);
                }
            }
        }

        analysis.ThrowIfDoubtful();
        return [];
    }

    /// <summary>The Allow statements that grant all actions of a service on all of its resources.</summary>
    /// <param name="document">The document.</param>
    /// <param name="service">The prefix of its actions, <c>kms</c>.</param>
    /// <exception cref="FormatException">It is not a policy document.</exception>
    /// <exception cref="UndecidedException">No statement certainly does, and one is undecided.</exception>
    public static IReadOnlyList<JmesValue> FullAccessStatements(JmesValue document, string service)
    {
        var read = PolicyDocument.Of(document);
        var action = $"{service.ToLowerInvariant()}:{UnnamedAction}";
        var analysis = new GrantAnalysis(read);
        var granting = new HashSet<PolicyStatement>();
        if (read.Statements.Any(statement => statement.Allows && MayAct(statement, action)))
        {
            foreach (var partition in PartitionsOf(read))
            {
                var resource = service.Equals("s3", StringComparison.OrdinalIgnoreCase)
                    ? $"arn:{partition}:s3:::qz9-unnamed/qz9"
                    : $"arn:{partition}:{service.ToLowerInvariant()}:qz-unnamed-9:{UnnamedAccount}:unnamed/qz9";
                analysis.AskHolder(Scope([action], [resource]), granting);
            }
        }

        return Certain(read, granting, analysis);
    }

    /// <summary>
    /// The services for which Allow statements grant all actions by a wildcard, on any resources: <c>kms</c> for <c>kms:*</c>, <c>*</c> for <c>*</c>.
    /// </summary>
    /// <exception cref="FormatException">It is not a policy document.</exception>
    /// <exception cref="UndecidedException">There is no certain result, and one is undecided.</exception>
    public static IReadOnlyList<string> WildcardServices(JmesValue document)
    {
        var read = PolicyDocument.Of(document);
        var analysis = new GrantAnalysis(read);
        var services = read.Statements.Where(statement => statement is { Allows: true, HasAction: true }).SelectMany(statement => statement.ActionTexts)
            .Select(text => text.IndexOf(':', StringComparison.Ordinal) is > 0 and var colon ? text[..colon].ToLowerInvariant() : text)
            .Select(service => service.Contains('*', StringComparison.Ordinal) || service.Contains('?', StringComparison.Ordinal) ? "*" : service);
        List<string> granted = [.. services.Distinct().Where(service =>
            analysis.AskHolder(Scope([$"{(service == "*" ? UnnamedService : service)}:{UnnamedAction}"], null)) is Answer.Yes)];
        if (granted.Count == 0)
        {
            analysis.ThrowIfDoubtful();
        }

        return granted;
    }

    /// <summary>The given actions that are granted, on any resource or, if resources are given, on one of these.</summary>
    /// <exception cref="FormatException">It is not a policy document.</exception>
    /// <exception cref="UndecidedException">There is no certain result, and one is undecided.</exception>
    public static IReadOnlyList<string> GrantedActions(JmesValue document, IReadOnlyList<string> actions, IReadOnlyList<string>? resources = null)
    {
        var analysis = new GrantAnalysis(PolicyDocument.Of(document));
        List<string> granted = [.. actions.Where(action => analysis.AskHolder(Scope([action], resources)) is Answer.Yes)];
        if (granted.Count == 0)
        {
            analysis.ThrowIfDoubtful();
        }

        return granted;
    }

    /// <summary>
    /// The ways in which the holder can get permissions beyond the document: for each the required actions, joined by <c>+</c>, all of which are granted
    /// (<see cref="EscalationPaths"/>).
    /// </summary>
    /// <exception cref="FormatException">It is not a policy document.</exception>
    /// <exception cref="UndecidedException">There is no certain result, and one is undecided.</exception>
    public static IReadOnlyList<string> Escalations(JmesValue document)
    {
        var read = PolicyDocument.Of(document);
        var analysis = new GrantAnalysis(read);
        var answers = new Dictionary<string, Answer>(StringComparer.Ordinal);
        var ways = new List<string>();
        foreach (var way in EscalationPaths.All)
        {
            if (way.All(action => Asked(action) is Answer.Yes))
            {
                ways.Add(string.Join('+', way));
            }
        }

        if (ways.Count == 0 && EscalationPaths.All.Any(way => way.All(action => Asked(action) is not Answer.No)))
        {
            analysis.ThrowIfDoubtful();
        }

        return ways;

        Answer Asked(string action)
        {
            if (!answers.TryGetValue(action, out var answer))
            {
                answer = read.Statements.Any(statement => statement.Allows && MayAct(statement, action))
                    ? analysis.AskHolder(Scope([action], null))
                    : Answer.No;
                answers.Add(action, answer);
            }

            return answer;
        }
    }

    /// <summary>The partition of a document: that of its Allow statements, otherwise of its denials.</summary>
    private static List<string> PartitionsOf(PolicyDocument document)
    {
        foreach (var statements in new[] { document.Statements.Where(statement => statement.Allows), document.Denies })
        {
            List<string> named = [.. statements.SelectMany(statement => statement.ResourceTexts)
                .Select(text => text.Split(':', 3)).Where(parts => parts.Length == 3 && parts[0] == "arn" && FixedValues.IsWhole(parts[1]))
                .Select(parts => parts[1]).Distinct()];
            if (named.Count > 0)
            {
                return named;
            }
        }

        return [MainPartition];
    }

    private static bool MayAct(PolicyStatement statement, string action) =>
        (statement.HasAction || statement.HasNotAction) && statement.Actions.Any(pattern => pattern.Matches(action)) == statement.HasAction;

    /// <summary>An account that the document does not name, and those in its resources, for which it may grant everything.</summary>
    private static IEnumerable<string> AccountsIn(PolicyDocument document) => document.Statements
        .Where(statement => statement.Allows).SelectMany(statement => statement.ResourceTexts)
        .Select(Caller.AccountOf).OfType<string>().Where(FixedValues.IsAccount).Prepend(UnnamedAccount).Distinct();
}
