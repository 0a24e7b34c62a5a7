using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.OpenIdConnect;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using Qrie.Api.Access.SignIn;

namespace Qrie.Api.WebConsole;

/// <summary>
/// Signs in to the console through the identity provider: authorization code flow with PKCE. The provider's tokens stay in the service; the browser gets
/// the id of a session in the console's cookie.
/// </summary>
internal sealed class ConsoleSignIn(
    OidcSettings settings, TokenCaller callers, ConsoleSessions sessions, ConsoleCookie cookie, IOptionsMonitor<OpenIdConnectOptions> options)
{
    /// <summary>Below <see cref="ConsoleHosting.Path"/>.</summary>
    public const string CallbackPath = "/session/callback";

    private const string IdToken = "qrie:id_token";

    public static Task KeepIdToken(TokenValidatedContext context)
    {
        context.Properties!.SetParameter(IdToken, context.TokenEndpointResponse?.IdToken);
        return Task.CompletedTask;
    }

    public Task AcceptAsync(TicketReceivedContext context)
    {
        context.HandleResponse();
        if (callers.Of(context.Principal!) is not { } viewer)
        {
            context.Response.Redirect($"{ConsoleHosting.Path}/sign-in?refused=not-granted");
            return Task.CompletedTask;
        }

        cookie.Write(context.HttpContext, sessions.Begin(viewer, context.Properties?.GetParameter<string>(IdToken), settings.Session));
        context.Response.Redirect(ConsoleHosting.Path + ConsoleHosting.Target(context.ReturnUri?[ConsoleHosting.Path.Length..]));
        return Task.CompletedTask;
    }

    /// <summary>A refusal of the provider, an answer that was not asked for, or a provider that cannot be reached.</summary>
    public static Task RefuseAsync<TOptions>(HandleRequestContext<TOptions> context)
        where TOptions : AuthenticationSchemeOptions
    {
        context.HandleResponse();
        context.Response.Redirect($"{ConsoleHosting.Path}/sign-in?refused=provider");
        return Task.CompletedTask;
    }

    /// <summary>Goes to the provider.</summary>
    public static async Task BeginAsync(HttpContext context, string? to)
    {
        try
        {
            await context.ChallengeAsync(
                OidcServices.Console, new AuthenticationProperties { RedirectUri = ConsoleHosting.Path + ConsoleHosting.Target(to) });
        }
        catch (Exception e) when (e is InvalidOperationException or IOException or HttpRequestException)
        {
            context.Response.Redirect($"{ConsoleHosting.Path}/sign-in?refused=provider");
        }
    }

    /// <summary>Where the provider ends its own session; null if it has no such address or cannot be reached.</summary>
    public async Task<string?> FindEndAddressAsync(HttpContext context)
    {
        OpenIdConnectConfiguration provider;
        try
        {
            provider = await options.Get(OidcServices.Console).ConfigurationManager!.GetConfigurationAsync(context.RequestAborted);
        }
        catch (Exception e) when (e is InvalidOperationException or IOException or HttpRequestException)
        {
            return null;
        }

        if (provider.EndSessionEndpoint is not { Length: > 0 } address)
        {
            return null;
        }

        var message = new OpenIdConnectMessage
        {
            IssuerAddress = address,
            ClientId = settings.ClientId,
            PostLogoutRedirectUri = $"{context.Request.Scheme}://{context.Request.Host}{ConsoleHosting.Path}/sign-in",
        };
        if (cookie.Read(context.Request) is { } id && sessions.TakeIdToken(id) is { } token)
        {
            message.IdTokenHint = token;
        }

        return message.CreateLogoutRequestUrl();
    }
}

/// <summary>Accepts answers of the provider below the console's path only.</summary>
internal sealed class ConsoleSignInHandler(
    IOptionsMonitor<OpenIdConnectOptions> options, ILoggerFactory loggers, HtmlEncoder html, UrlEncoder encoder)
    : OpenIdConnectHandler(options, loggers, html, encoder)
{
    public override Task<bool> HandleRequestAsync() =>
        Request.PathBase.Value?.EndsWith(ConsoleHosting.Path, StringComparison.Ordinal) == true ? base.HandleRequestAsync() : Task.FromResult(false);
}
