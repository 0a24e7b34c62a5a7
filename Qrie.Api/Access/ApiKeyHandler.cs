using System.Globalization;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;
using Qrie.Api.Endpoints.Http;
using Qrie.Domain.Access;
using Qrie.Domain.Validation;

namespace Qrie.Api.Access;

/// <summary>Finds out who asks, from <c>Authorization: Bearer</c> or <c>x-api-key</c>, and answers those who may not.</summary>
internal sealed partial class ApiKeyHandler(
    IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory loggers,
    UrlEncoder encoder, ApiKeys keys, AnonymousCallers anonymous, RefusedLogins refused,
    FailedAttempts failures, AccessSettings settings) : AuthenticationHandler<AuthenticationSchemeOptions>(options, loggers, encoder)
{
    public const string SchemeName = "ApiKey";
    public const string KeyHeader = "x-api-key";

    private const string Bearer = "Bearer ";

    private KeyRefusal? _refusal;
    private TimeSpan? _wait;
    private string? _notTrusted;

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        if (Sent() is { } sent)
        {
            return await CheckAsync(sent);
        }

        if (settings.Mode == AccessMode.ApiKey)
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
                $"Too many keys of this address were refused (more than {settings.FailuresPerMinute} a minute). Wait, and send a right one.", null);
        }

        Response.Headers.WWWAuthenticate = _refusal is null ? "Bearer realm=\"Qrie\"" : "Bearer realm=\"Qrie\", error=\"invalid_token\"";
        return Problems.WriteAsync(Context, 401, "Unauthorized", Reason(), null);
    }

    protected override Task HandleForbiddenAsync(AuthenticationProperties properties)
    {
        var caller = Caller.Of(Context);
        var needed = Context.GetEndpoint()?.Metadata.GetMetadata<NeededRole>() ?? new NeededRole(Role.Reader);
        var has = caller.KeyId is null
            ? $"Callers without a key have the role {Word(caller.Role)} (Auth:AnonymousRole)"
            : $"Your key has the role {Word(caller.Role)}";
        var needs = needed.Installation ? "an admin of the organization default" : $"the role {Word(needed.Role)}";
        return Problems.WriteAsync(
            Context, 403, "Forbidden",
            $"{has}; {Request.Method} {Request.Path} needs {needs}. Send a key that has it; an admin makes one with POST /keys.", null);
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
            if (_wait is null)
            {
                // Beyond the limit it would be the attacker who writes the log.
                Log.Refused(Logger, Context.Connection.RemoteIpAddress?.ToString() ?? "-", refusal.Value);
            }

            return AuthenticateResult.Fail(Reason());
        }
        catch (StoreUnavailableException) when (Context.GetEndpoint()?.Metadata.GetMetadata<IAllowAnonymous>() is not null)
        {
            return AuthenticateResult.NoResult(); // whether it is alive and what is in its way is told to everybody
        }
    }

    private AuthenticateResult Success(System.Security.Claims.ClaimsPrincipal principal) =>
        AuthenticateResult.Success(new AuthenticationTicket(principal, Scheme.Name));

    /// <summary>In mode none a bearer token that is no key may be the business of a proxy in front.</summary>
    private string? Sent()
    {
        var bearer = Request.Headers.Authorization.ToString();
        if (bearer.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase) && bearer[Bearer.Length..].Trim() is var token
            && (settings.Mode == AccessMode.ApiKey || token.StartsWith(ApiKeyText.Prefix, StringComparison.Ordinal)))
        {
            return token;
        }

        return Request.Headers.TryGetValue(KeyHeader, out var key) ? key.ToString().Trim() : null;
    }

    private string Reason() => _refusal switch
    {
        null =>
            $"An API key is needed. Send it as '{HeaderNames.Authorization}: Bearer qrie_…' or '{KeyHeader}: qrie_…'; "
            + "an admin makes one with POST /keys or qrie keys create.",
        KeyRefusal.Expired => "The API key has expired. An admin makes another one with POST /keys or qrie keys create.",
        KeyRefusal.Revoked => "The API key was revoked. An admin makes another one with POST /keys or qrie keys create.",
        _ =>
            "The API key is not known. Check that all of it was sent, from qrie_ on; if it is lost, "
            + "an admin makes another one with POST /keys or qrie keys create.",
    };

    private static string Word(Role role) => ApiEnumNames.Of(role);

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "A key from {Address} was refused: {Reason}")]
        public static partial void Refused(ILogger logger, string address, KeyRefusal reason);
    }
}
