using System.Security.Claims;
using Microsoft.AspNetCore.Authorization;
using Qrie.Api.Access;
using Qrie.Api.Endpoints.Http;
using Qrie.Domain.Access;

namespace Qrie.Api.WebConsole;

/// <summary>
/// Authenticates users of the console. The page itself holds no data, so links to it work from anywhere; all data comes over the connection that the page
/// opens, which is accepted only from the console's own origin, whatever the mode and the cookie.
/// </summary>
internal sealed class ConsoleAccess(RequestDelegate next, ConsoleCookie cookie, ConsoleSessions sessions, AnonymousCallers anonymous, AccessSettings settings)
{
    public const string KeyClaim = "qrie:key";
    public const string SessionClaim = "qrie:session";
    public const string AddressClaim = "qrie:address";

    private const string Connection = "/_blazor";

    /// <param name="keys">Of the request: it needs the store, which opens after the pipeline was built.</param>
    public async Task InvokeAsync(HttpContext context, ApiKeys keys)
    {
        var request = context.Request;
        if (request.Path.StartsWithSegments(Connection, StringComparison.OrdinalIgnoreCase) && WhyForeign(request) is { } foreign)
        {
            await Problems.WriteAsync(context, 403, "Forbidden", foreign, null);
            return;
        }

        if (await ViewerAsync(context, keys) is { } viewer)
        {
            context.User = viewer;
        }
        else if (context.GetEndpoint() is { } endpoint && endpoint.Metadata.GetMetadata<IAllowAnonymous>() is null)
        {
            if (request.Path.StartsWithSegments(Connection, StringComparison.OrdinalIgnoreCase))
            {
                await Problems.WriteAsync(context, 401, "Unauthorized", "Sign in to the console first.", null);
                return;
            }

            context.Response.Redirect($"{ConsoleHosting.Path}/sign-in?to={Uri.EscapeDataString(request.Path + request.QueryString)}");
            return;
        }

        await next(context);
    }

    /// <summary>Null: the caller has no access.</summary>
    private async Task<ClaimsPrincipal?> ViewerAsync(HttpContext context, ApiKeys keys)
    {
        var address = new Claim(AddressClaim, context.Connection.RemoteIpAddress?.ToString() ?? "");
        var sent = cookie.Read(context.Request);
        if (sent?.StartsWith(ConsoleSessions.Prefix, StringComparison.Ordinal) == true)
        {
            return sessions.Find(sent) is { } signedIn ? With(signedIn, address, new Claim(SessionClaim, sent)) : null;
        }

        if (sent is not null && await keys.CheckAsync(sent, context.RequestAborted) is { Key: { } key })
        {
            return With(Caller.PrincipalOf(key), address, new Claim(KeyClaim, sent));
        }

        return settings.Mode == AccessMode.None ? With(Caller.AnonymousIn(anonymous.Role), address) : null;
    }

    private static ClaimsPrincipal With(ClaimsPrincipal principal, params Claim[] claims)
    {
        var identity = ((ClaimsIdentity)principal.Identity!).Clone(); // that of a session is used by all of its pages
        identity.AddClaims(claims);
        return new ClaimsPrincipal(identity);
    }

    private static string? WhyForeign(HttpRequest request)
    {
        var own = $"{request.Scheme}://{request.Host.Value}";
        var site = request.Headers["Sec-Fetch-Site"].ToString();
        var isOwn = request.Headers.Origin is { Count: > 0 } origin
            ? string.Equals(origin.ToString(), own, StringComparison.OrdinalIgnoreCase)
            : site is "" or "same-origin" or "none";
        return isOwn ? null
            : $"The console is open to pages of its own origin, {own}, only. Behind a proxy that ends TLS, set Auth:TrustedProxies and Hosts:Allowed.";
    }
}
