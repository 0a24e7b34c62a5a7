using System.Security.Claims;
using Qrie.Domain.Validation;

namespace Qrie.Api.Access.SignIn;

/// <summary>Turns the claims of a checked token into a caller.</summary>
internal sealed class TokenCaller(OidcSettings settings)
{
    /// <summary>Begins the id of callers that the identity provider knows, in the audit log and in limits.</summary>
    public const string Prefix = "oidc:";

    private const int SubjectLength = 255; // https://openid.net/specs/openid-connect-core-1_0.html#IDToken
    private const int NameLength = 100;

    /// <summary>Null: no grant applies to the caller, or the token names nobody.</summary>
    public ClaimsPrincipal? Of(ClaimsPrincipal token)
    {
        var subject = token.FindFirstValue("sub");
        var grant = Grant.Of(settings.Grants, token.FindAll(settings.GroupsClaim).Select(c => c.Value).ToHashSet(StringComparer.Ordinal));
        return grant is null || subject is not { Length: > 0 and <= SubjectLength } || subject.Any(char.IsControl)
            ? null
            : Caller.PrincipalOf(grant, Prefix + subject, NameOf(token));
    }

    private string? NameOf(ClaimsPrincipal token) =>
        (token.FindFirstValue(settings.NameClaim) ?? token.FindFirstValue("email") ?? token.FindFirstValue("name")) is { Length: > 0 } name
            ? SafeText.Clean(name.Length > NameLength ? name[..NameLength] : name)
            : null;
}
