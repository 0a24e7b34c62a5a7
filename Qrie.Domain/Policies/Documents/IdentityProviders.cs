namespace Qrie.Domain.Policies.Documents;

/// <summary>
/// Shared identity providers, which serve all tenants at one address: a role that trusts one of them without a condition on the tenant can be assumed by anyone
/// with an account there (https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_oidc_secure-by-default.html). AWS no longer allows such roles to
/// be created, but existing ones remain. The claims that identify the tenant differ between providers.
/// </summary>
internal static class IdentityProviders
{
    private const string GitHub = "token.actions.githubusercontent.com";

    /// <summary>The whole value is the tenant's id or name.</summary>
    private static readonly string[] s_whole = [""];

    /// <summary>The value begins with the owner, then a slash.</summary>
    private static readonly string[] s_path = ["/"];

    private static readonly string[] s_subject = ["sub"];
    private static readonly string[] s_audience = ["aud", "sub"];
    private static readonly string[] s_application = ["aud", "oaud", "azp", "app_id", "sub", "id", "user_id"];

    /// <summary>The prefixes before the owner's name, by provider and claim; a single <c>""</c> means that the value as a whole is the name.</summary>
    private static readonly Dictionary<string, Dictionary<string, string[]>> s_owners = new(StringComparer.OrdinalIgnoreCase)
    {
        [GitHub] = new()
        {
            ["sub"] = ["repo:", "repository:", "repository_owner:", "repository_id:", "repository_owner_id:", "job_workflow_ref:", "workflow_ref:",
                "enterprise:", "enterprise_id:"],
            ["repository"] = s_path,
            ["job_workflow_ref"] = s_path,
            ["workflow_ref"] = s_path,
            ["repository_id"] = s_whole,
            ["repository_owner"] = s_whole,
            ["repository_owner_id"] = s_whole,
            ["enterprise"] = s_whole,
            ["enterprise_id"] = s_whole,
        },
        ["gitlab.com"] = new()
        {
            ["sub"] = ["project_path:"],
            ["project_path"] = s_path,
            ["namespace_path"] = s_path,
            ["ci_config_ref_uri"] = ["gitlab.com/"],
            ["project_id"] = s_whole,
            ["namespace_id"] = s_whole,
        },
        ["app.terraform.io"] = new()
        {
            ["sub"] = ["organization:"],
            ["terraform_organization_id"] = s_whole,
            ["terraform_organization_name"] = s_whole,
            ["terraform_workspace_id"] = s_whole,
            ["terraform_project_id"] = s_whole,
        },
        ["agent.buildkite.com"] = new()
        {
            ["sub"] = ["organization:"],
            ["organization_slug"] = s_whole,
            ["organization_id"] = s_whole,
            ["pipeline_id"] = s_whole,
        },
        ["vstoken.actions.githubusercontent.com"] = Plain(s_subject, ["repo:", "repository_owner:"]),
        ["oidc-configuration.audit-log.githubusercontent.com"] = Plain(s_subject, ["https://github.com/"]),
        ["oidc.codefresh.io"] = Plain(s_subject, ["account:"]),
        ["scalr.io"] = Plain(s_subject, ["account:"]),
        ["proidc.upbound.io"] = Plain(s_subject, ["mcp:", "org:"]),
        ["tokens.cloud.shisho.dev"] = Plain(s_subject, ["job:"]),
        ["studio.datachain.ai/api"] = Plain(s_subject, ["credentials:"]),
        ["api.pulumi.com/oidc"] = Plain(s_audience, ["pulumi:deploy:org:", "pulumi:environments:org:"]),
        ["oidc.vercel.com"] = Plain(s_audience, ["owner:"]),
        ["sandboxes.cloud"] = Plain(s_audience, []),
        ["cognito-identity.amazonaws.com"] = Plain(s_audience, []),
        ["accounts.google.com"] = Plain(s_application, []),
        ["graph.facebook.com"] = Plain(s_application, []),
        ["www.amazon.com"] = Plain(s_application, []),
    };

    /// <summary>GitHub's claims about the actor or location of a workflow, which may belong to another owner.</summary>
    private static readonly string[] s_doubtful = ["actor", "actor_id"];

    /// <summary>The canonical name of a provider: the end of its ARN if it is registered in the account.</summary>
    public static string NameOf(string principal)
    {
        const string Kind = ":oidc-provider/";
        var kind = principal.IndexOf(Kind, StringComparison.Ordinal);
        return (kind < 0 ? principal : principal[(kind + Kind.Length)..]).ToLowerInvariant();
    }

    public static bool IsShared(string provider) => s_owners.ContainsKey(provider);

    /// <summary>
    /// Whether the required value of a claim identifies one owner completely: <c>repo:owner/*</c> does, but <c>repo:own*</c> also matches other owners, and
    /// anyone can have <c>environment:prod</c>. Tokens of a provider that is not shared need no such condition.
    /// </summary>
    public static Answer Names(string key, string value)
    {
        var colon = key.LastIndexOf(':');
        if (colon < 0 || value.Length == 0 || value.Contains("${", StringComparison.Ordinal)
            || !s_owners.TryGetValue(key[..colon], out var claims))
        {
            return Answer.No;
        }

        var claim = key[(colon + 1)..];
        return claims.TryGetValue(claim, out var owners)
            ? Names(value, owners, anyWhole: key[..colon] != GitHub)
            : key[..colon] == GitHub && s_doubtful.Contains(claim) && FixedValues.IsWhole(value) ? Answer.CannotTell : Answer.No;
    }

    private static Answer Names(string value, string[] owners, bool anyWhole)
    {
        if (owners == s_whole)
        {
            return FixedValues.IsWhole(value) ? Answer.Yes : Answer.No;
        }

        if (owners == s_path)
        {
            return FixedValues.IsWhole(value) || IsOwner(value, 0) ? Answer.Yes : Answer.No;
        }

        if (anyWhole && FixedValues.IsWhole(value))
        {
            return Answer.Yes;
        }

        foreach (var owner in owners)
        {
            if (value.StartsWith(owner, StringComparison.Ordinal) && IsOwner(value, owner.Length))
            {
                return Answer.Yes;
            }
        }

        var found = Answer.No;
        foreach (var owner in owners)
        {
            for (var at = value.IndexOf(owner, StringComparison.Ordinal); at >= 0; at = value.IndexOf(owner, at + 1, StringComparison.Ordinal))
            {
                if ((at == 0 || value[at - 1] == ':') && IsOwner(value, at + owner.Length))
                {
                    // After a wildcard, another owner could choose the rest.
                    var isSure = at == 0 || FixedValues.IsWhole(value[..at]);
                    found = isSure ? Answer.Yes : found is Answer.No ? Answer.CannotTell : found;
                }
            }
        }

        return found;
    }

    /// <summary>A name that ends before the first wildcard: at a slash, a colon, or the end of the value.</summary>
    private static bool IsOwner(string value, int start)
    {
        var end = value.AsSpan(start).IndexOfAny('/', ':');
        var name = end < 0 ? value[start..] : value[start..(start + end)];
        return FixedValues.IsWhole(name);
    }

    private static Dictionary<string, string[]> Plain(string[] claims, string[] owners) => claims.ToDictionary(claim => claim, claim => owners);
}
