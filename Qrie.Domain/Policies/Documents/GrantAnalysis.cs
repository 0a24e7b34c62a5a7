namespace Qrie.Domain.Policies.Documents;

/// <summary>Asks one document what it grants to classes of callers, and keeps what could not be told.</summary>
internal sealed class GrantAnalysis(PolicyDocument document)
{
    private static readonly StatementPrincipal s_everyone = new("AWS", "*");

    /// <summary>The first statement of which something could not be told.</summary>
    public PolicyStatement? Doubtful { get; private set; }

    private bool MentionsNetwork => _mentionsNetwork ??= Mentions(ContextKeys.IsNetwork);
    private bool? _mentionsNetwork;

    /// <summary>The principals by which an Allow lets in people whom it does not name.</summary>
    public static List<StatementPrincipal> WidePrincipals(PolicyStatement allow)
    {
        if (allow.HasNotPrincipal)
        {
            return allow.NotPrincipals.Any(static principal => principal.IsEveryone) ? [] : [s_everyone];
        }

        List<StatementPrincipal>? wide = null;
        foreach (var principal in allow.Principals)
        {
            if (IsWide(principal))
            {
                (wide ??= []).Add(principal);
            }
        }

        return wide ?? [];
    }

    public static bool IsWide(StatementPrincipal principal) => principal.Kind switch
    {
        "AWS" => principal.Value == "*" || Caller.AccountOf(principal.Value)?.Contains('*', StringComparison.Ordinal) == true,
        "Federated" => principal.Value == "*" || IdentityProviders.IsShared(IdentityProviders.NameOf(principal.Value)),
        "CanonicalUser" => principal.Value == "*",
        _ => false,
    };

    /// <summary>Whether an Allow lets in those whom the document does not name, as far as a principal of it can mean them.</summary>
    /// <param name="allow">The Allow.</param>
    /// <param name="principal">One of its wide ones.</param>
    /// <param name="anywhere">They come from anywhere, and not through a network that the document names.</param>
    /// <param name="scope">What they want.</param>
    /// <param name="reached">The addresses from which they get through who need to come from anywhere.</param>
    public Answer AllowsOutsiders(PolicyStatement allow, StatementPrincipal principal, bool anywhere, GrantScope scope, ref SourceAddresses reached)
    {
        var isSimple = scope == GrantScope.Everything && (principal.IsEveryone || principal.Kind == "Federated");
        return isSimple && Shortcuts.AllowsOutsiders(allow, document.Denies, anywhere) is { } known
            ? known ? Answer.Yes : Answer.No
            : Ask(allow, principal, Outsiders(allow, principal, anywhere), scope, ref reached);
    }

    private IEnumerable<Caller> Outsiders(PolicyStatement allow, StatementPrincipal principal, bool anywhere)
    {
        if (principal.Kind == "Federated")
        {
            var provider = principal.Value == "*" ? null : IdentityProviders.NameOf(principal.Value);
            return Routes(through => new Caller
            {
                Document = document,
                Kind = CallerKind.Token,
                Provider = provider,
                IsOutsider = true,
                IsAnywhere = anywhere,
                ThroughEndpoint = through,
            });
        }

        var callers = Routes(through => new Caller
        {
            Document = document,
            Kind = CallerKind.Account,
            IsOutsider = true,
            IsAnywhere = anywhere,
            ThroughEndpoint = through,
        });
        if (principal.Value == "*")
        {
            callers = callers.Concat(Routes(through => new Caller
            {
                Document = document,
                Kind = CallerKind.Anonymous,
                IsOutsider = true,
                IsAnywhere = anywhere,
                ThroughEndpoint = through,
            }));
        }

        // What a service does for an outsider counts where the statement is about services: elsewhere everyone would have to be refused twice.
        return allow.Conditions.Any(condition => ContextKeys.IsSource(condition.Key))
            ? callers.Append(new Caller { Document = document, Kind = CallerKind.Service, IsOutsider = true, IsAnywhere = anywhere })
            : callers;
    }

    /// <summary>The principals of an account, or one of them, and services on its behalf where the Allow is about services.</summary>
    public IEnumerable<Caller> Of(string account, string? arn, PolicyStatement? allow)
    {
        var callers = Routes(through => new Caller { Document = document, Kind = CallerKind.Account, Account = account, Arn = arn, ThroughEndpoint = through });
        return allow?.Conditions.Any(condition => ContextKeys.IsSource(condition.Key)) == true
            ? callers.Append(new Caller { Document = document, Kind = CallerKind.Service, Account = account })
            : callers;
    }

    /// <summary>A caller over the internet and, where that makes a difference, one through a VPC endpoint.</summary>
    public IEnumerable<Caller> Routes(Func<bool, Caller> make)
    {
        yield return make(false);
        if (MentionsNetwork)
        {
            yield return make(true);
        }
    }

    public Answer Ask(PolicyStatement allow, StatementPrincipal? principal, IEnumerable<Caller> callers, GrantScope scope)
    {
        var reached = SourceAddresses.Empty;
        return Ask(allow, principal, callers, scope, ref reached);
    }

    /// <param name="allow">The Allow.</param>
    /// <param name="principal">The principal of it that means the callers; null: it has none, as in identity policies.</param>
    /// <param name="callers">Any of them.</param>
    /// <param name="scope">What they want.</param>
    /// <param name="reached">The addresses from which callers got through who need to come from anywhere.</param>
    public Answer Ask(PolicyStatement allow, StatementPrincipal? principal, IEnumerable<Caller> callers, GrantScope scope, ref SourceAddresses reached)
    {
        var answer = Answer.No;
        GrantFrame? frame = null;
        foreach (var caller in callers)
        {
            frame ??= new GrantFrame(allow, scope, ObjectActions.Narrow(document.Denies, allow, caller));
            var sure = new GrantSearch(caller, frame, optimistic: false) { Reached = reached };
            if (sure.Finds(allow, principal))
            {
                return Answer.Yes;
            }

            reached = sure.Reached;
            if (sure.Doubtful is not null)
            {
                var possible = new GrantSearch(caller, frame, optimistic: true) { Reached = reached };
                if (possible.Finds(allow, principal))
                {
                    Doubtful ??= possible.Doubtful ?? sure.Doubtful;
                    answer = Answer.CannotTell;
                }
            }
        }

        return answer;
    }

    /// <summary>Whether any caller can do what no statement refuses.</summary>
    public Answer AskUnrefused(IEnumerable<Caller> callers, GrantScope scope, IReadOnlyList<Demand> demands)
    {
        var answer = Answer.No;
        var frame = new GrantFrame(null, scope, document.Denies);
        foreach (var caller in callers)
        {
            var sure = new GrantSearch(caller, frame, optimistic: false);
            if (sure.FindsUnrefused(demands))
            {
                return Answer.Yes;
            }

            if (sure.Doubtful is not null && new GrantSearch(caller, frame, optimistic: true).FindsUnrefused(demands))
            {
                Doubtful ??= sure.Doubtful;
                answer = Answer.CannotTell;
            }
        }

        return answer;
    }

    /// <summary>Whether any statement of an identity policy lets its holder do something.</summary>
    public Answer AskHolder(GrantScope scope, ICollection<PolicyStatement>? granting = null)
    {
        var answer = Answer.No;
        foreach (var allow in document.Statements)
        {
            if (!allow.Allows)
            {
                continue;
            }

            var one = Ask(allow, null, [new Caller { Document = document, Kind = CallerKind.Holder }], scope);
            answer = one > answer ? one : answer;
            if (one is Answer.Yes)
            {
                granting?.Add(allow);
            }
        }

        return answer;
    }

    /// <exception cref="UndecidedException">Something could not be told.</exception>
    public void ThrowIfDoubtful()
    {
        if (Doubtful is not null)
        {
            throw new UndecidedException(Doubtful);
        }
    }

    private bool Mentions(Func<string, bool> isAbout) =>
        document.Statements.Any(statement => statement.Conditions.Any(condition => isAbout(condition.Key)));
}
