using Qrie.JmesPath;

namespace Qrie.Domain.Policies.Documents;

public static partial class PolicyDocumentAnalyzer
{
    /// <summary>Keys whose values name the account of the caller, or of whom a service works for.</summary>
    private static readonly HashSet<string> s_accountKeys =
    [
        ContextKeys.PrincipalArn, "aws:principalaccount", "kms:calleraccount", "aws:sourceaccount", "aws:sourceowner", "aws:sourcearn",
        "s3:dataaccesspointaccount", "s3:dataaccesspointarn",
    ];

    /// <summary>
    /// The principals outside an account that get something, each once: account ids, ARNs, canonical ids, or <c>*</c> where accounts are let in that the
    /// document does not name, be it only from some network. An organization that a condition names is taken for the account's own. Services and identity
    /// providers are none of them, nor are principals that were deleted.
    /// </summary>
    /// <param name="document">The document.</param>
    /// <param name="account">The account that it belongs to.</param>
    /// <param name="trusted">Accounts that need not be told; null: the caller leaves none out, and may look for some.</param>
    /// <exception cref="FormatException">It is not a policy document.</exception>
    /// <exception cref="UndecidedException">Of some principal it cannot be told; with <paramref name="trusted"/> only if none certainly does.</exception>
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

    /// <summary>Of a principal that names nobody: everyone, or those whom conditions and denials leave over.</summary>
    private static IEnumerable<string> Unnamed(
        PolicyDocument document, GrantAnalysis analysis, PolicyStatement allow, StatementPrincipal principal, string account, IReadOnlyList<string>? trusted)
    {
        var reached = SourceAddresses.Empty;
        if (!IsTrusted("*", trusted)
            && analysis.LetsStrangersIn(allow, principal, anywhere: false, GrantScope.Everything, ref reached) is Answer.Yes)
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
