using System.Security.Claims;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.Tokens;

namespace Qrie.Api.Access.SignIn;

internal enum TokenRefusal
{
    /// <summary>It is not one of this provider for this service: signature, algorithm, issuer, audience or times.</summary>
    Invalid,

    Expired,

    /// <summary>It is valid, but no grant applies.</summary>
    NotGranted,

    /// <summary>The keys of the provider could not be read, so that nothing is known about the token.</summary>
    ProviderUnavailable,
}

/// <summary>Checks access tokens of the identity provider.</summary>
internal sealed class TokenCheck(OidcSettings settings, TokenCaller callers, IOptionsMonitor<JwtBearerOptions> options)
{
    public async Task<(ClaimsPrincipal? Caller, TokenRefusal Refusal)> CheckAsync(HttpContext context)
    {
        if (settings.Audience is null)
        {
            return (null, TokenRefusal.Invalid);
        }

        var result = await context.AuthenticateAsync(OidcServices.Bearer);
        return result.Principal is { } token
            ? (callers.Of(token), TokenRefusal.NotGranted)
            : (null, result.Failure switch
            {
                SecurityTokenExpiredException => TokenRefusal.Expired,
                SecurityTokenSignatureKeyNotFoundException when !await HasKeysAsync(context.RequestAborted) => TokenRefusal.ProviderUnavailable,
                _ => TokenRefusal.Invalid,
            });
    }

    private async Task<bool> HasKeysAsync(CancellationToken cancel)
    {
        try
        {
            return (await options.Get(OidcServices.Bearer).ConfigurationManager!.GetConfigurationAsync(cancel)).SigningKeys.Count > 0;
        }
        catch (Exception e) when (e is InvalidOperationException or IOException or HttpRequestException)
        {
            return false;
        }
    }
}
