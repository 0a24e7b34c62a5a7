using System.Globalization;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;
using Qrie.Api.Access.SignIn;
using Qrie.Api.Endpoints.Http;
using Qrie.Api.WebConsole;
using Qrie.Domain.Access;
using Qrie.Domain.Validation;

namespace Qrie.Api.Access;

/// <summary>
/// Authenticates callers by <c>Authorization: Bearer</c> (a key or a token of the identity provider), <c>x-api-key</c> or their session of the console, and
/// returns 401, 403, 429 and 503.
/// </summary>
internal sealed class ApiKeyHandler(
    IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory loggers,
    UrlEncoder encoder, ApiKeys keys, AnonymousCallers anonymous, RefusedLogins refused,
    FailedAttempts failures, RefusedKeyLog log, AccessSettings settings, ConsoleSessions sessions)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, loggers, encoder)
{
    public const string SchemeName = "ApiKey";
    public const string KeyHeader = "x-api-key";

    private const string Bearer = "Bearer ";

    private KeyRefusal? _refusal;
    private TokenRefusal? _token;
    private bool _sessionEnded;
    private TimeSpan? _wait;
    private string? _notTrusted;

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        if (Context.Features.Get<ConsoleSession>() is { } session)
        {
            var viewer = sessions.Find(session.Id);
            _sessionEnded = viewer is null;
            return viewer is null ? AuthenticateResult.Fail(Reason()) : Success(viewer);
        }

        if (Sent() is { } sent)
        {
            return IsToken(sent) ? await CheckTokenAsync() : await CheckAsync(sent);
        }

        if (settings.Mode != AccessMode.None)
        {
            return AuthenticateResult.NoResult();
        }

        _notTrusted = anonymous.WhyNot(Request);
        return _notTrusted is null ? Success(Caller.AnonymousIn(anonymous.Role)) : AuthenticateResult.Fail(_notTrusted);
    }

    protected override Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        if (_notTrusted is not null)
        {
            return Problems.WriteAsync(Context, 403, "Forbidden", _notTrusted, null);
        }

        if (_wait is { } wait)
        {
            Response.Headers.RetryAfter = Math.Max(1, Math.Ceiling(wait.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
            return Problems.WriteAsync(
                Context, 429, "Too many requests",
                $"Too many keys from this address were refused (more than {settings.FailuresPerMinute} per minute). Wait, and send a valid one.", null);
        }

        if (_token is TokenRefusal.NotGranted)
        {
            return Problems.WriteAsync(
                Context, 403, "Forbidden", "You are signed in, but none of your groups has rights here. An operator of this service grants them with "
                + "Auth:Oidc:Grants.", null);
        }

        if (_token is TokenRefusal.ProviderUnavailable)
        {
            Response.Headers.RetryAfter = "30";
            return Problems.WriteAsync(
                Context, 503, "Service unavailable", "The keys of the identity provider cannot be read, so that tokens cannot be checked. Keys of Qrie work.",
                null);
        }

        Response.Headers.WWWAuthenticate = _refusal is null && _token is null ? "Bearer realm=\"Qrie\"" : "Bearer realm=\"Qrie\", error=\"invalid_token\"";
        return Problems.WriteAsync(Context, 401, "Unauthorized", Reason(), null);
    }

    protected override Task HandleForbiddenAsync(AuthenticationProperties properties)
    {
        var caller = Caller.Of(Context);
        var needed = Context.GetEndpoint()?.Metadata.GetMetadata<NeededRole>() ?? new NeededRole(Role.Reader);
        var has = caller.KeyId is null
            ? $"Callers without a key have the role {Word(caller.Role)} (Auth:AnonymousRole)"
            : $"{(caller.KeyId.StartsWith(TokenCaller.Prefix, StringComparison.Ordinal) ? "You have" : "Your key has")} the role {Word(caller.Role)}";
        var needs = needed.Installation ? "an admin of the organization default" : $"the role {Word(needed.Role)}";
        return Problems.WriteAsync(
            Context, 403, "Forbidden",
            $"{has}; {Request.Method} {Request.Path} needs {needs}. Send a key with that role; an admin creates one with POST /keys.", null);
    }

    private async Task<AuthenticateResult> CheckAsync(string sent)
    {
        try
        {
            var (key, refusal) = await keys.CheckAsync(sent, Context.RequestAborted);
            if (key is not null)
            {
                return Success(Caller.PrincipalOf(key));
            }

            _refusal = refusal;
            refused.Note(refusal!.Value);
            _wait = failures.Note(Context.Connection.RemoteIpAddress);
            log.Note(Context.Connection.RemoteIpAddress);
            return AuthenticateResult.Fail(Reason());
        }
        catch (StoreUnavailableException) when (Context.GetEndpoint()?.Metadata.GetMetadata<IAllowAnonymous>() is not null)
        {
            return AuthenticateResult.NoResult(); // the state is public
        }
    }

    private async Task<AuthenticateResult> CheckTokenAsync()
    {
        var (caller, refusal) = await Context.RequestServices.GetRequiredService<TokenCheck>().CheckAsync(Context);
        if (caller is not null)
        {
            return Success(caller);
        }

        _token = refusal;
        if (refusal is TokenRefusal.Invalid or TokenRefusal.Expired)
        {
            refused.Note(refusal == TokenRefusal.Expired ? KeyRefusal.Expired : KeyRefusal.Unknown);
            _wait = failures.Note(Context.Connection.RemoteIpAddress);
            log.Note(Context.Connection.RemoteIpAddress);
        }

        return AuthenticateResult.Fail(Reason());
    }

    /// <summary>A token of the identity provider is sent as a bearer only.</summary>
    private bool IsToken(string sent) =>
        settings.Mode == AccessMode.Oidc && !sent.StartsWith(ApiKeyText.Prefix, StringComparison.Ordinal)
        && Request.Headers.Authorization.ToString().StartsWith(Bearer, StringComparison.OrdinalIgnoreCase);

    private AuthenticateResult Success(System.Security.Claims.ClaimsPrincipal principal) =>
        AuthenticateResult.Success(new AuthenticationTicket(principal, Scheme.Name));

    /// <summary>In mode none, a bearer token that is not a key may be intended for a proxy.</summary>
    private string? Sent()
    {
        var bearer = Request.Headers.Authorization.ToString();
        if (bearer.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase) && bearer[Bearer.Length..].Trim() is var token
            && (settings.Mode != AccessMode.None || token.StartsWith(ApiKeyText.Prefix, StringComparison.Ordinal)))
        {
            return token;
        }

        return Request.Headers.TryGetValue(KeyHeader, out var key) ? key.ToString().Trim() : null;
    }

    private string Reason() => _refusal switch
    {
        _ when _sessionEnded => "Your session has ended. Sign in again.",
        _ when _token is TokenRefusal.Expired => "The token has expired. Get a new one from the identity provider.",
        _ when _token is not null =>
            "The token is refused: its signature, algorithm, issuer, audience or times are not those of the configured identity provider "
            + "(Auth:Oidc:Authority, Issuer, Audience).",
        null when settings.Mode == AccessMode.Oidc =>
            $"A token is needed. Send one of the identity provider as '{HeaderNames.Authorization}: Bearer …', or an API key "
            + $"as '{KeyHeader}: qrie_…'.",
        null =>
            $"An API key is needed. Send it as '{HeaderNames.Authorization}: Bearer qrie_…' or '{KeyHeader}: qrie_…'; "
            + "an admin creates one with POST /keys or qrie keys create.",
        KeyRefusal.Expired => "The API key has expired. An admin creates another one with POST /keys or qrie keys create.",
        KeyRefusal.Revoked => "The API key was revoked. An admin creates another one with POST /keys or qrie keys create.",
        _ =>
            "The API key is unknown. Check that it was sent completely, including qrie_; if it is lost, "
            + "an admin creates another one with POST /keys or qrie keys create.",
    };

    private static string Word(Role role) => ApiEnumNames.Of(role);
}
