namespace Qrie.Domain.Policies.Documents;

/// <summary>
/// The condition keys of a caller's requests, according to the page on global condition keys
/// (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html). Keys of services (<c>s3:prefix</c>,
/// <c>sts:ExternalId</c>) are part of the request, so the caller can choose their values.
/// </summary>
internal sealed partial class Caller
{
    private static readonly Glob[] s_endpoints = [Glob.Like("vpce-*")];
    private static readonly Glob[] s_networks = [Glob.Like("vpc-*")];

    private KeyDomain Find(string key)
    {
        if (ContextKeys.IsOfResource(key))
        {
            return new KeyDomain { MayBeMissing = false, Assumed = WrittenFor(key) };
        }

        if (Kind is CallerKind.Holder)
        {
            // Some holder may have any service or network; values that do not exist are not values of a known key.
            var isOpen = ContextKeys.IsNetwork(key) || ContextKeys.IsSource(key) || ContextKeys.IsClaim(key);
            return !isOpen && (PrincipalKey(key) ?? RequestKey(key)) is { IsKnown: true } known ? known : KeyDomain.Optional;
        }

        if (ContextKeys.IsNetwork(key))
        {
            return NetworkKey(key);
        }

        if (ContextKeys.IsSource(key))
        {
            return SourceKey(key);
        }

        if (ContextKeys.IsClaim(key))
        {
            return Claim(key);
        }

        return PrincipalKey(key) ?? RequestKey(key);
    }

    private KeyDomain NetworkKey(string key) => (ContextKeys.IsEndpoint(key), Kind is CallerKind.Service, ThroughEndpoint) switch
    {
        (false, true, _) => new KeyDomain { NeedsWorld = IsAnywhere },
        (true, true, _) or (true, _, false) or (false, _, true) => KeyDomain.Missing,
        (false, _, false) => KeyDomain.Required with { NeedsWorld = IsAnywhere },
        _ => new KeyDomain
        {
            MayBeMissing = key is "aws:vpceorgid" or "aws:vpceorgpaths",
            Values = key switch { "aws:sourcevpce" => s_endpoints, "aws:sourcevpc" => s_networks, _ => null },
            Excluded = IsAnywhere ? FixedFor(key) : [],
        },
    };

    private KeyDomain SourceKey(string key)
    {
        if (Kind is not CallerKind.Service && !(Kind is CallerKind.Account && key == "aws:sourceowner"))
        {
            return KeyDomain.Missing;
        }

        return Account is null
            ? new KeyDomain { Excluded = FixedFor(key) }
            : key switch
            {
                "aws:sourcearn" => new KeyDomain { Values = [Glob.IdentitiesOf(Account)] },
                "aws:sourceorgid" or "aws:sourceorgpaths" => KeyDomain.Optional,
                _ => new KeyDomain { Values = [Glob.Literal(Account)] },
            };
    }

    private KeyDomain Claim(string key)
    {
        var isOwn = Kind is CallerKind.Token
            && (Provider is null || key.StartsWith(Provider + ":", StringComparison.Ordinal) || (key.StartsWith("saml:", StringComparison.Ordinal) && IsSaml));
        if (!isOwn)
        {
            return KeyDomain.Missing;
        }

        var isSubject = key.EndsWith(":sub", StringComparison.Ordinal);
        return new KeyDomain
        {
            // Every token identifies its subject (https://openid.net/specs/openid-connect-core-1_0.html#IDToken).
            MayBeMissing = !isSubject,
            MissingIfTolerated = isSubject,
            Excluded = IsOutsider ? FixedFor(key) : [],
            Doubtful = IsOutsider ? DoubtfulFor(key) : [],
        };
    }

    private bool IsSaml => Provider?.Contains(":saml-provider/", StringComparison.Ordinal) == true;

    private KeyDomain? PrincipalKey(string key)
    {
        switch (key)
        {
            case "aws:principalisawsservice":
                return Kind is CallerKind.Anonymous ? KeyDomain.Missing : KeyDomain.OneOf(Kind is CallerKind.Service ? "true" : "false");
            case "aws:principalservicename" or "aws:principalservicenameslist":
                return Kind is not CallerKind.Service ? KeyDomain.Missing : Service is null ? KeyDomain.Required : KeyDomain.OneOf(Service);
            case "aws:userid" or "aws:principalid" when Kind is CallerKind.Anonymous:
                return KeyDomain.OneOf("anonymous");
            case "aws:principaltype" when Kind is CallerKind.Anonymous:
                return KeyDomain.OneOf("Anonymous");
            case "aws:viaawsservice":
                return IsIdentity ? KeyDomain.Boolean : KeyDomain.OneOf("false");
        }

        var isPrincipals = key.StartsWith("aws:principal", StringComparison.Ordinal) || key.StartsWith("aws:calledvia", StringComparison.Ordinal)
            || key.StartsWith("aws:multifactorauth", StringComparison.Ordinal)
            || key is "aws:userid" or "aws:username" or "aws:tokenissuetime" or "aws:assumedroot" or "aws:federatedprovider" or "aws:sourceidentity"
                or "aws:ec2instancesourcevpc" or "aws:ec2instancesourceprivateipv4" or "aws:chatbotsourcearn" or "aws:signinsessionarn"
                or "ec2:sourceinstancearn" or "ssm:sourceinstancearn" or "lambda:sourcefunctionarn" or "ec2:roledelivery";
        return !isPrincipals ? null : IsIdentity ? AccountsKey(key) : KeyDomain.Missing;
    }

    private KeyDomain AccountsKey(string key) => key switch
    {
        ContextKeys.PrincipalArn => new KeyDomain
        {
            MayBeMissing = false,
            Values = Arn is not null && IdentityOf(Arn, inDeny: false) is { } identity ? [identity] : IdentitiesIn(Account ?? "????????????"),
            Excluded = IsOutsider ? [.. FixedFor(key), .. NamedAccounts().Select(Glob.IdentitiesOf)] : [],
        },
        "aws:principalorgid" when Organization is not null => KeyDomain.OneOf(Organization),
        "aws:principalorgpaths" when Organization is not null => KeyDomain.Required with { Values = [Glob.Like(Organization + "/*")] },
        "aws:principalorgid" or "aws:principalorgpaths" => new KeyDomain
        {
            Values = [Glob.Like(key == "aws:principalorgid" ? "o-*" : "o-*/*"), .. WrittenOwners(key)],
            Excluded = IsOutsider ? FixedFor(key) : [],
        },
        "aws:principaltype" => KeyDomain.OneOf("Account", "User", "FederatedUser", "AssumedRole"),
        "aws:userid" or "aws:principalid" => KeyDomain.Required with { Excluded = IsOutsider ? FixedFor(key) : [] },
        "aws:multifactorauthpresent" or "aws:assumedroot" => KeyDomain.Boolean with { MayBeMissing = true },
        _ => new KeyDomain { Excluded = IsOutsider ? FixedFor(key) : [] },
    };

    private KeyDomain RequestKey(string key)
    {
        switch (key)
        {
            case "aws:securetransport":
                return KeyDomain.Boolean;
            case "aws:currenttime" or "aws:epochtime" or "aws:requestedregion":
                return KeyDomain.Required;
            case "aws:useragent" or "aws:referer" or "aws:tagkeys":
                return KeyDomain.Optional;
            case "s3:accesspointnetworkorigin":
                return KeyDomain.OneOf("Internet", "VPC") with { MayBeMissing = true };
            case "elasticfilesystem:accessedviamounttarget":
                return IsAnywhere ? KeyDomain.OneOf("false") with { MayBeMissing = true } : KeyDomain.Boolean with { MayBeMissing = true };
        }

        if (key.StartsWith("aws:requesttag/", StringComparison.Ordinal) || key.StartsWith("aws:resourcetag/", StringComparison.Ordinal))
        {
            return KeyDomain.Optional;
        }

        return key.StartsWith("aws:", StringComparison.Ordinal) || !key.Contains(':', StringComparison.Ordinal)
            ? KeyDomain.Unknown
            : new KeyDomain { Excluded = IsOutsider ? FixedFor(key) : [] };
    }

    private bool IsIdentity => Kind is CallerKind.Account or CallerKind.Holder;

    /// <summary>Users, roles and the root user, and federated users, who have no other ARN.</summary>
    private static IReadOnlyList<Glob> IdentitiesIn(string account) =>
        [.. new[] { $"arn:*:iam::{account}:*", $"arn:*:sts::{account}:federated-user/*" }.Select(Glob.WithinParts)];

    /// <summary>The resource's organization, for callers that may belong to it.</summary>
    private IEnumerable<Glob> WrittenOwners(string key) => IsOutsider ? [] : FixedFor(key);

    private IReadOnlyList<Glob> FixedFor(string key) => [.. ConditionsOn(key).SelectMany(condition => condition.Fixed)];

    private IReadOnlyList<Glob> WrittenFor(string key) =>
        [.. ConditionsOn(key).SelectMany(condition => condition.Patterns).DefaultIfEmpty(Glob.Everything)];

    private IReadOnlyList<Glob> DoubtfulFor(string key) => [.. ConditionsOn(key).SelectMany(condition => condition.Patterns
        .Where((_, i) => IdentityProviders.Names(key, condition.Values[i]) is Answer.CannotTell))];

    private IEnumerable<StatementCondition> ConditionsOn(string key) => Document.Statements.SelectMany(statement => statement.Conditions)
        .Where(condition => condition.Key == key && condition.Family is ConditionFamily.Text);

    private IEnumerable<string> NamedAccounts() => Document.Statements.SelectMany(statement => statement.Principals.Concat(statement.NotPrincipals))
        .Where(principal => principal.Kind == "AWS").Select(principal => AccountOf(principal.Value)).OfType<string>().Where(FixedValues.IsAccount).Distinct();
}
