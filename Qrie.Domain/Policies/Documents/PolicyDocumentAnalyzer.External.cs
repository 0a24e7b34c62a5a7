using Qrie.JmesPath;

namespace Qrie.Domain.Policies.Documents;

public static partial class PolicyDocumentAnalyzer
{
    /// <summary>Keys whose values contain the account of the caller, or the account on whose behalf a service acts.</summary>
    private static readonly HashSet<string> s_accountKeys =
    [
        ContextKeys.PrincipalArn, "aws:principalaccount", "kms:calleraccount", "aws:sourceaccount", "aws:sourceowner", "aws:sourcearn",
        "s3:dataaccesspointaccount", "s3:dataaccesspointarn",
    ];

    /// <summary>
    /// The distinct principals outside an account with any access: account ids, ARNs, canonical ids, or <c>*</c> if accounts that the document does not name
    /// have access, even if only from some network. An organization in a condition is assumed to be the account's own. Services, identity providers and deleted
    /// principals are not included.
    /// </summary>
    /// <param name="document">The document.</param>
    /// <param name="account">The account that it belongs to.</param>
    /// <param name="trusted">Accounts to exclude; null if the result is not to be restricted, because the caller may look for specific accounts.</param>
    /// <exception cref="FormatException">It is not a policy document.</exception>
    /// <exception cref="UndecidedException">Some principal is undecided; with <paramref name="trusted"/> only if there is no certain one.</exception>
    public static IReadOnlyList<string> ExternalPrincipals(JmesValue document, string account, IReadOnlyList<string>? trusted = null)
    {
        var read = PolicyDocument.Of(document);
        var analysis = new GrantAnalysis(read);
        var external = new List<string>();
        foreach (var allow in read.Statements)
        {
            if (!allow.Allows)
            {
                continue;
            }

            foreach (var principal in allow.HasNotPrincipal ? allow.WidePrincipals : allow.Principals)
            {
                if (principal.Kind is "AWS" or "CanonicalUser")
                {
                    external.AddRange(GrantAnalysis.IsWide(principal)
                        ? Unnamed(read, analysis, allow, principal, account, trusted)
                        : Named(read, analysis, allow, principal, account, trusted));
                }
            }
        }

        if (external.Count == 0 || trusted is null)
        {
            analysis.ThrowIfDoubtful();
        }

        return [.. external.Distinct(StringComparer.Ordinal)];
    }

    private static IEnumerable<string> Named(
        PolicyDocument document, GrantAnalysis analysis, PolicyStatement allow, StatementPrincipal principal, string account, IReadOnlyList<string>? trusted)
    {
        IEnumerable<Caller> callers;
        if (principal.Kind == "CanonicalUser")
        {
            callers = analysis.Routes(
                through => new Caller { Document = document, Kind = CallerKind.Account, CanonicalUser = principal.Value, ThroughEndpoint = through });
        }
        else if (Caller.AccountOf(principal.Value) is { } other && other != account && !IsTrusted(other, trusted))
        {
            callers = analysis.Of(other, IsIdentity(principal.Value) ? principal.Value : null, null);
        }
        else
        {
            return [];
        }

        return !IsTrusted(principal.Value, trusted) && analysis.Ask(allow, principal, callers, GrantScope.Everything) is Answer.Yes ? [principal.Value] : [];
    }

    /// <summary>For a wildcard principal: everyone, or the principals that conditions and denials permit.</summary>
    private static IEnumerable<string> Unnamed(
        PolicyDocument document, GrantAnalysis analysis, PolicyStatement allow, StatementPrincipal principal, string account, IReadOnlyList<string>? trusted)
    {
        var reached = SourceAddresses.Empty;
        if (!IsTrusted("*", trusted)
            && analysis.AllowsOutsiders(allow, principal, anywhere: false, GrantScope.Everything, ref reached) is Answer.Yes)
        {
            return ["*"];
        }

        var named = document.Statements.SelectMany(statement => statement.Conditions).Where(condition => s_accountKeys.Contains(condition.Key))
            .SelectMany(condition => condition.Values).Select(Caller.AccountOf).OfType<string>().Where(FixedValues.IsAccount)
            .Select(other => (Name: other, Account: other, Arn: (string?)null));
        var spared = document.Denies.SelectMany(deny => deny.NotPrincipals).Where(who => who.Kind == "AWS" && Caller.AccountOf(who.Value) is not null)
            .Select(who => (Name: who.Value, Account: Caller.AccountOf(who.Value)!, Arn: IsIdentity(who.Value) ? who.Value : null));
        return named.Concat(spared).Distinct()
            .Where(who => who.Account != account && !IsTrusted(who.Account, trusted))
            .Where(who => analysis.Ask(allow, principal, analysis.Of(who.Account, who.Arn, allow), GrantScope.Everything) is Answer.Yes)
            .Select(who => who.Name);
    }

    private static bool IsTrusted(string principal, IReadOnlyList<string>? trusted) => trusted?.Contains(principal) == true;
}
