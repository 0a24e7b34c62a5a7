namespace Qrie.Domain.Policies.Documents;

internal enum CallerKind
{
    /// <summary>Without credentials.</summary>
    Anonymous,

    /// <summary>A user, a role or the root user of an account.</summary>
    Account,

    /// <summary>An AWS service on behalf of an account.</summary>
    Service,

    /// <summary>The bearer of an identity provider's token.</summary>
    Token,

    /// <summary>Whoever an identity policy is attached to.</summary>
    Holder,
}

/// <summary>How well an element Principal fits a caller.</summary>
internal enum PrincipalMatch
{
    Never,
    Always,

    /// <summary>If the caller's identity matches a pattern.</summary>
    ByIdentity,
    CannotTell,
}

/// <summary>A class of callers: which principals they are and which keys their requests have.</summary>
internal sealed partial class Caller
{
    /// <summary>A caller is asked about few keys.</summary>
    private readonly List<(string Key, KeyDomain Domain)> _domains = [];

    public required PolicyDocument Document { get; init; }

    public required CallerKind Kind { get; init; }

    /// <summary>Through a VPC endpoint rather than over the internet.</summary>
    public bool ThroughEndpoint { get; init; }

    /// <summary>Nobody whom the document names: not these accounts, organizations, tenants.</summary>
    public bool IsOutsider { get; init; }

    /// <summary>Without a network of his own either: he comes from anywhere, and not through an endpoint that the document names.</summary>
    public bool IsAnywhere { get; init; }

    /// <summary>The account; null: any.</summary>
    public string? Account { get; init; }

    /// <summary>The identity, if it is one user or role of the account.</summary>
    public string? Arn { get; init; }

    /// <summary>The organization; null: any, or none.</summary>
    public string? Organization { get; init; }

    /// <summary>The name of the service; null: any.</summary>
    public string? Service { get; init; }

    /// <summary>The name of the identity provider.</summary>
    public string? Provider { get; init; }

    /// <summary>The canonical id, where only that is known.</summary>
    public string? CanonicalUser { get; init; }

    public KeyDomain Domain(string key)
    {
        foreach (var (known, found) in _domains)
        {
            if (known == key)
            {
                return found;
            }
        }

        var domain = Find(key);
        _domains.Add((key, domain));
        return domain;
    }

    /// <summary>Whether the caller is one of a statement's principals.</summary>
    public (PrincipalMatch Match, Glob? Identity) Matches(StatementPrincipal principal, bool inDeny)
    {
        switch (principal.Kind)
        {
            case "AWS" when principal.Value == "*":
                return (PrincipalMatch.Always, null);
            case "AWS":
                return Kind is CallerKind.Account && IdentityOf(principal.Value, inDeny) is { } identity
                    ? (PrincipalMatch.ByIdentity, identity)
                    : (PrincipalMatch.Never, null);
            case "Service":
                return (Kind is CallerKind.Service && (Service is null || Service == principal.Value) ? PrincipalMatch.Always : PrincipalMatch.Never, null);
            case "Federated":
                var isIt = Kind is CallerKind.Token && (principal.Value == "*" || IdentityProviders.NameOf(principal.Value) == Provider);
                return (isIt ? PrincipalMatch.Always : PrincipalMatch.Never, null);
            case "CanonicalUser" when principal.Value == "*":
                return (inDeny ? PrincipalMatch.CannotTell : PrincipalMatch.Always, null);
            case "CanonicalUser":
                return (CanonicalUser == principal.Value ? PrincipalMatch.Always
                    : inDeny && !IsOutsider && Kind is CallerKind.Account ? PrincipalMatch.CannotTell : PrincipalMatch.Never, null);
            default:
                return (inDeny ? PrincipalMatch.Never : PrincipalMatch.CannotTell, null);
        }
    }

    /// <summary>
    /// Whether a Deny with NotPrincipal refuses the caller. It also refuses a user or role that is named without its account
    /// (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html), or may do so.
    /// </summary>
    public PrincipalMatch RefusedByNotPrincipal(IReadOnlyList<StatementPrincipal> spared)
    {
        var matches = spared.Select(principal => Matches(principal, inDeny: false)).ToList();
        if (matches.Exists(match => match.Match is PrincipalMatch.Always))
        {
            return PrincipalMatch.Never;
        }

        if (Kind is not CallerKind.Account || matches.Exists(match => match.Match is PrincipalMatch.CannotTell))
        {
            return Kind is CallerKind.Account ? PrincipalMatch.CannotTell : PrincipalMatch.Always;
        }

        var mine = spared.Where(principal => principal.Kind == "AWS" && AccountOf(principal.Value) is { } account && IsOrMayBe(account)).ToList();
        var namesAccount = mine.Exists(principal => IsWholeAccount(principal.Value));
        var namesIdentity = mine.Exists(principal => !IsWholeAccount(principal.Value) && (Arn is null || principal.Value == Arn));
        return (namesAccount, namesIdentity) switch
        {
            (true, true) => PrincipalMatch.Never,
            (true, false) when Arn is null && Account is null && IsOutsider => PrincipalMatch.Never, // a wildcard for the account
            (false, false) => PrincipalMatch.Always,
            _ => PrincipalMatch.CannotTell,
        };
    }

    /// <summary>
    /// Of callers who may be several, the identities that NotPrincipal spares: those that it names with their account, and where that suits the request
    /// all of an account that it names; null: the caller is one, or everyone is spared.
    /// </summary>
    public IReadOnlyList<Glob>? SparedIdentities(IReadOnlyList<StatementPrincipal> spared, bool optimistic)
    {
        if (Kind is not CallerKind.Account || IsOutsider || Arn is not null || spared.Any(principal => principal.IsEveryone))
        {
            return null;
        }

        var known = spared.Where(principal => principal.Kind == "AWS").Select(principal => principal.Value).ToList();
        var accounts = known.Where(IsWholeAccount).Select(AccountOf).ToHashSet();
        return [.. known.Where(principal => optimistic || (!IsWholeAccount(principal) && accounts.Contains(AccountOf(principal))))
            .Select(principal => IdentityOf(principal, inDeny: false)).OfType<Glob>()];
    }

    /// <summary>The account of an ARN, or the id itself; null: neither.</summary>
    public static string? AccountOf(string principal) =>
        FixedValues.IsAccount(principal) ? principal : ArnAccount.Of(principal) is { Length: > 0 } account ? account : null;

    private bool IsOrMayBe(string account) => Account is null ? !IsOutsider || !FixedValues.IsAccount(account) : account == Account;

    private static bool IsWholeAccount(string principal) => FixedValues.IsAccount(principal) || principal.EndsWith(":root", StringComparison.Ordinal);

    /// <summary>What <c>aws:PrincipalArn</c> is for those whom an AWS principal names; null: it names nobody that lasts.</summary>
    private static Glob? IdentityOf(string principal, bool inDeny)
    {
        if (AccountOf(principal) is not { } account)
        {
            return null; // the unique id of a user or role that is gone, for one
        }

        if (IsWholeAccount(principal))
        {
            return Glob.IdentitiesOf(account);
        }

        // A session is one of many of its role: who is refused one of them takes another.
        return principal.Contains(":sts:", StringComparison.Ordinal) ? inDeny ? null : Glob.IdentitiesOf(account) : Glob.Arn(principal);
    }
}
