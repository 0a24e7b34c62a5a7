using Qrie.JmesPath;

namespace Qrie.Domain.Policies.Documents;

/// <summary>
/// What a policy document grants, and to whom, by the documented evaluation of requests
/// (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html): all statements together, Deny over Allow. Works on documents
/// in any form. A list that has something in it is certain; where nothing is found and something cannot be told, there is an exception.
/// </summary>
public static partial class PolicyDocumentAnalyzer
{
    /// <summary>
    /// The Allow statements that let anyone in: callers whom the document does not name, anonymous or of any account, from anywhere, or with a token of an
    /// identity provider at which everyone may have an account.
    /// </summary>
    /// <param name="document">The document.</param>
    /// <param name="actions">Only what lets them do one of these, wildcards allowed; null: anything.</param>
    /// <exception cref="FormatException">It is not a policy document.</exception>
    /// <exception cref="UndecidedException">No statement certainly does, and of one it cannot be told.</exception>
    public static IReadOnlyList<JmesValue> PublicStatements(JmesValue document, IReadOnlyList<string>? actions = null)
    {
        var read = PolicyDocument.Of(document);
        if (!read.Statements.Any(statement => statement.Allows && statement.WidePrincipals.Count > 0))
        {
            return []; // as most are
        }

        var analysis = new GrantAnalysis(read);
        var scope = Scope(actions, null);
        var open = new HashSet<PolicyStatement>();
        Dictionary<string, (SourceAddresses Reached, List<PolicyStatement> Statements)>? narrow = null;
        foreach (var allow in read.Statements)
        {
            if (!allow.Allows)
            {
                continue;
            }

            var reached = SourceAddresses.Empty;
            foreach (var principal in allow.WidePrincipals)
            {
                if (analysis.AllowsOutsiders(allow, principal, anywhere: true, scope, ref reached) is Answer.Yes)
                {
                    open.Add(allow);
                    break;
                }
            }

            if (!reached.IsEmpty && !open.Contains(allow))
            {
                AddTo(narrow ??= [], allow, reached);
            }
        }

        // What each statement lets in from a range may be the world when the ranges are put together.
        if (narrow is not null)
        {
            open.UnionWith(narrow.Values.Where(same => same.Reached.IsWorld).SelectMany(same => same.Statements));
        }

        return Certain(read, open, analysis);
    }

    /// <summary>
    /// The Allow statements that let a caller do something.
    /// </summary>
    /// <param name="document">The document.</param>
    /// <param name="caller">
    /// <c>anonymous</c>, <c>account</c> (of any account that the document does not name), an account's id, an ARN, an organization's id (<c>o-…</c>),
    /// <c>federated:</c> and the name of an identity provider, or <c>service:</c> and the name of an AWS service.
    /// </param>
    /// <param name="actions">One of these, wildcards allowed; null: anything.</param>
    /// <param name="resources">On one of these, wildcards allowed; null: anything.</param>
    /// <exception cref="FormatException">It is not a policy document, or the caller is none of those.</exception>
    /// <exception cref="UndecidedException">No statement certainly does, and of one it cannot be told.</exception>
    public static IReadOnlyList<JmesValue> GrantingStatements(
        JmesValue document, string caller, IReadOnlyList<string>? actions = null, IReadOnlyList<string>? resources = null)
    {
        var read = PolicyDocument.Of(document);
        var analysis = new GrantAnalysis(read);
        var scope = Scope(actions, resources);
        Caller[] callers = [.. Callers(read, analysis, caller)];
        var granting = new HashSet<PolicyStatement>();
        foreach (var allow in read.Statements.Where(statement => statement.Allows))
        {
            var principals = allow.HasNotPrincipal ? allow.WidePrincipals : allow.Principals;
            if (principals.Any(principal => analysis.Ask(allow, principal, callers, scope) is Answer.Yes))
            {
                granting.Add(allow);
            }
        }

        return Certain(read, granting, analysis);
    }

    /// <summary>
    /// The Allow statements by which an AWS service works for accounts that the document does not name: neither <c>aws:SourceArn</c>,
    /// <c>aws:SourceAccount</c> nor an organization keeps them out (https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html). Not every service
    /// sends these keys.
    /// </summary>
    /// <exception cref="FormatException">It is not a policy document.</exception>
    /// <exception cref="UndecidedException">No statement certainly does, and of one it cannot be told.</exception>
    public static IReadOnlyList<JmesValue> ConfusedDeputyStatements(JmesValue document)
    {
        var read = PolicyDocument.Of(document);
        var analysis = new GrantAnalysis(read);
        var open = new HashSet<PolicyStatement>();
        foreach (var allow in read.Statements)
        {
            if (allow.Allows && allow.Principals.Any(principal => principal.Kind == "Service" && analysis.Ask(
                allow, principal, [new Caller { Document = read, Kind = CallerKind.Service, Service = principal.Value, IsOutsider = true }],
                GrantScope.Everything) is Answer.Yes))
            {
                open.Add(allow);
            }
        }

        return Certain(read, open, analysis);
    }

    /// <summary>
    /// Whether Deny statements refuse every request to the resources that does not use TLS (<c>aws:SecureTransport</c> false), whoever makes it.
    /// </summary>
    /// <param name="document">The document.</param>
    /// <param name="resources">ARNs, wildcards allowed; for a bucket its own and those of its objects. Their service tells the actions.</param>
    /// <exception cref="FormatException">It is not a policy document.</exception>
    /// <exception cref="UndecidedException">It cannot be told.</exception>
    public static bool RequiresTls(JmesValue document, IReadOnlyList<string> resources)
    {
        var read = PolicyDocument.Of(document);
        if (read.Denies.Count == 0)
        {
            return false;
        }

        var analysis = new GrantAnalysis(read);
        var withoutTls = new Demand(StatementCondition.Parse(read.Denies[0], "Bool", "aws:securetransport", ["false"]), true);
        Caller[] callers =
        [
            .. new[] { CallerKind.Account, CallerKind.Anonymous }.SelectMany(kind => analysis.Routes(
                through => new Caller { Document = read, Kind = kind, ThroughEndpoint = through })),
        ];
        foreach (var resource in resources)
        {
            var parts = resource.Split(':');
            var answer = analysis.AskUnrefused(callers, Scope([$"{(parts.Length > 2 ? parts[2] : "*")}:*"], [resource]), [withoutTls]);
            if (answer is Answer.Yes)
            {
                return false;
            }
        }

        analysis.ThrowIfDoubtful();
        return true;
    }

    private static IEnumerable<Caller> Callers(PolicyDocument document, GrantAnalysis analysis, string caller)
    {
        const string Federated = "federated:", Service = "service:";
        if (caller == "anonymous")
        {
            return analysis.Routes(through => new Caller { Document = document, Kind = CallerKind.Anonymous, IsOutsider = true, ThroughEndpoint = through });
        }

        if (caller == "account")
        {
            return analysis.Routes(through => new Caller { Document = document, Kind = CallerKind.Account, IsOutsider = true, ThroughEndpoint = through });
        }

        if (caller.StartsWith("o-", StringComparison.Ordinal))
        {
            return analysis.Routes(
                through => new Caller { Document = document, Kind = CallerKind.Account, Organization = caller, ThroughEndpoint = through });
        }

        if (caller.StartsWith(Federated, StringComparison.Ordinal))
        {
            var provider = IdentityProviders.NameOf(caller[Federated.Length..]);
            return analysis.Routes(through => new Caller
            {
                Document = document,
                Kind = CallerKind.Token,
                Provider = provider,
                IsOutsider = IdentityProviders.IsShared(provider),
                ThroughEndpoint = through,
            });
        }

        if (caller.StartsWith(Service, StringComparison.Ordinal))
        {
            return [new Caller { Document = document, Kind = CallerKind.Service, Service = caller[Service.Length..] }];
        }

        return Caller.AccountOf(caller) is { } account
            ? analysis.Of(account, IsIdentity(caller) ? caller : null, null)
            : throw new FormatException($"'{caller}' is no caller: anonymous, account, an account's id, an ARN, o-…, federated:… or service:… is.");
    }

    private static bool IsIdentity(string principal) => !FixedValues.IsAccount(principal) && !principal.EndsWith(":root", StringComparison.Ordinal);

    private static GrantScope Scope(IReadOnlyList<string>? actions, IReadOnlyList<string>? resources) => actions is null && resources is null
        ? GrantScope.Everything
        : new GrantScope(
            actions is null ? null : [.. actions.Select(action => Glob.Like(action, ignoreCase: true))],
            resources is null ? null : [.. resources.Select(resource => Glob.Like(resource))]);

    private static void AddTo(
        Dictionary<string, (SourceAddresses Reached, List<PolicyStatement> Statements)> narrow, PolicyStatement allow, SourceAddresses reached)
    {
        var what = $"{allow.HasAction}|{allow.HasResource}|{string.Join(',', allow.ActionTexts.Order())}|{string.Join(',', allow.ResourceTexts.Order())}";
        var (known, statements) = narrow.GetValueOrDefault(what, (SourceAddresses.Empty, []));
        narrow[what] = (known.Union(reached), [.. statements, allow]);
    }

    private static List<JmesValue> Certain(PolicyDocument document, HashSet<PolicyStatement> found, GrantAnalysis analysis)
    {
        if (found.Count == 0)
        {
            analysis.ThrowIfDoubtful();
            return [];
        }

        var sources = new List<JmesValue>(found.Count);
        foreach (var statement in document.Statements)
        {
            if (found.Contains(statement))
            {
                sources.Add(statement.Source);
            }
        }

        return sources;
    }
}
