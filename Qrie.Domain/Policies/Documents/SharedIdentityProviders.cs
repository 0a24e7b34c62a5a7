namespace Qrie.Domain.Policies.Documents;

/// <summary>
/// Identity providers that serve the tenants of everyone under one address: a role that trusts one of them without asking for the tenant can be assumed by
/// whoever opens an account there (https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_oidc_secure-by-default.html). AWS refuses to make such
/// roles today and leaves those that exist.
/// </summary>
internal static class SharedIdentityProviders
{
    private static readonly string[] _subject = ["sub"];
    private static readonly string[] _audience = ["aud", "sub"];
    private static readonly string[] _application = ["aud", "oaud", "azp", "app_id", "sub", "id", "user_id"];

    /// <summary>By the name that principals and condition keys have, the claims that tell tenants apart.</summary>
    private static readonly Dictionary<string, string[]> _claims = new(StringComparer.OrdinalIgnoreCase)
    {
        ["token.actions.githubusercontent.com"] =
            ["sub", "repository", "repository_id", "repository_owner", "repository_owner_id", "job_workflow_ref", "enterprise", "enterprise_id"],
        ["vstoken.actions.githubusercontent.com"] = _subject,
        ["oidc-configuration.audit-log.githubusercontent.com"] = _subject,
        ["gitlab.com"] = ["sub", "project_id", "project_path", "namespace_id", "namespace_path"],
        ["app.terraform.io"] = ["sub", "terraform_organization_id", "terraform_organization_name", "terraform_workspace_id"],
        ["agent.buildkite.com"] = ["sub", "organization_slug", "organization_id", "pipeline_id"],
        ["oidc.codefresh.io"] = _subject,
        ["scalr.io"] = _subject,
        ["proidc.upbound.io"] = _subject,
        ["tokens.cloud.shisho.dev"] = _subject,
        ["studio.datachain.ai/api"] = _subject,
        ["api.pulumi.com/oidc"] = _audience,
        ["oidc.vercel.com"] = _audience,
        ["sandboxes.cloud"] = _audience,
        ["cognito-identity.amazonaws.com"] = _audience,
        ["accounts.google.com"] = _application,
        ["graph.facebook.com"] = _application,
        ["www.amazon.com"] = _application,
    };

    /// <summary>Whether the statement is for such a provider and no condition asks for a tenant.</summary>
    public static bool LetEveryoneIn(PolicyStatement statement) => statement.Principals.Any(principal =>
        principal.Kind == "Federated" && _claims.TryGetValue(NameOf(principal.Value), out var claims)
        && !statement.Conditions.Any(condition => Restriction.PinsTenant(condition, NameOf(principal.Value).ToLowerInvariant(), claims)));

    /// <summary>Of a provider that the account has registered, what its ARN ends with.</summary>
    private static string NameOf(string principal)
    {
        const string Kind = ":oidc-provider/";
        var kind = principal.IndexOf(Kind, StringComparison.Ordinal);
        return kind < 0 ? principal : principal[(kind + Kind.Length)..];
    }
}
