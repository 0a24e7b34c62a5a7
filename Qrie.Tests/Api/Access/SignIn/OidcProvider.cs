using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Qrie.Tests.Api.Access.SignIn;

/// <summary>
/// An identity provider on loopback: discovery, keys that can be rotated, authorization codes with PKCE, end of session. It signs in whoever
/// <see cref="SignedIn"/> is, without asking, and refuses what a real one refuses: unknown clients and addresses, used codes, wrong verifiers and secrets.
/// </summary>
public sealed class OidcProvider : IAsyncDisposable
{
    public const string Audience = "qrie-api";
    public const string ClientId = "qrie-console";
    public const string ClientSecret = "not-a-secret";

    private readonly WebApplication _app;
    private readonly ConcurrentDictionary<string, (string RedirectUri, string Challenge, string Nonce)> _codes = new();
    private static readonly Lazy<RSAParameters>[] s_keys = [.. Enumerable.Range(0, 4).Select(_ => new Lazy<RSAParameters>(MakeKey))];
    private static uint s_made;

    private volatile RsaSecurityKey _key = NewKey();

    private OidcProvider(WebApplication app) => _app = app;

    public string Issuer => _app.Urls.First();

    /// <summary>Who uses the browser; null refuses.</summary>
    public (string Subject, string Name, string[] Groups)? SignedIn { get; set; }

    public ConcurrentQueue<string> EndedSessions { get; } = new();

    /// <summary>How often the keys were read.</summary>
    public int KeyReads => _keyReads;

    private int _keyReads;

    public RsaSecurityKey Key => _key;

    public static async Task<OidcProvider> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        var provider = new OidcProvider(app);
        app.Run(provider.AnswerAsync);
        await app.StartAsync();
        return provider;
    }

    /// <summary>A key of its own id; successive ones are different keys, made once for all tests, because making one takes a tenth of a second.</summary>
    public static RsaSecurityKey NewKey() =>
        new(RSA.Create(s_keys[Interlocked.Increment(ref s_made) % s_keys.Length].Value)) { KeyId = Guid.NewGuid().ToString("N") };

    /// <summary>The old key signs and verifies nothing any more.</summary>
    public void Rotate() => _key = NewKey();

    /// <summary>An access token for the API; the arguments replace what a valid one has.</summary>
    public string Token(
        string[] groups, string subject = "user-1", string? issuer = null, string? audience = Audience, SigningCredentials? credentials = null,
        TimeSpan? expiresIn = null, TimeSpan? validIn = null, string? name = "ada") =>
        Sign(groups, subject, issuer ?? Issuer, audience, credentials ?? new SigningCredentials(_key, SecurityAlgorithms.RsaSha256), expiresIn, validIn, name);

    /// <summary>The settings of a service that trusts it.</summary>
    public string[] Settings(params (string Group, string Role, string? Organization, string? Accounts)[] grants) =>
    [
        "--Auth:Mode=oidc", $"--Auth:Oidc:Authority={Issuer}", $"--Auth:Oidc:Audience={Audience}", $"--Auth:Oidc:ClientId={ClientId}",
        $"--Auth:Oidc:ClientSecret={ClientSecret}",
        .. grants.SelectMany((g, i) => new[]
        {
            $"--Auth:Oidc:Grants:{i}:Group={g.Group}", $"--Auth:Oidc:Grants:{i}:Role={g.Role}",
            g.Organization is null ? null : $"--Auth:Oidc:Grants:{i}:Organization={g.Organization}",
            g.Accounts is null ? null : $"--Auth:Oidc:Grants:{i}:Accounts={g.Accounts}",
        }).OfType<string>(),
    ];

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();

    private static string Sign(
        string[] groups, string subject, string issuer, string? audience, SigningCredentials credentials, TimeSpan? expiresIn, TimeSpan? validIn, string? name,
        string? nonce = null)
    {
        var now = DateTime.UtcNow;
        var claims = new Dictionary<string, object> { ["sub"] = subject, ["groups"] = groups };
        if (name is not null)
        {
            claims["preferred_username"] = name;
        }

        if (nonce is not null)
        {
            claims["nonce"] = nonce;
        }

        var from = now + (validIn ?? TimeSpan.Zero);
        var until = now + (expiresIn ?? TimeSpan.FromMinutes(5));
        return new JsonWebTokenHandler { SetDefaultTimesOnTokenCreation = false }.CreateToken(new SecurityTokenDescriptor
        {
            Issuer = issuer,
            Audience = audience,
            Claims = claims,
            IssuedAt = now,
            NotBefore = from < until ? from : until.AddMinutes(-5),
            Expires = until,
            SigningCredentials = credentials,
        });
    }

    private Task AnswerAsync(HttpContext context) => context.Request.Path.Value switch
    {
        "/.well-known/openid-configuration" => JsonAsync(context, 200, new
        {
            issuer = Issuer,
            authorization_endpoint = $"{Issuer}/authorize",
            token_endpoint = $"{Issuer}/token",
            end_session_endpoint = $"{Issuer}/end",
            jwks_uri = $"{Issuer}/keys",
            response_types_supported = new[] { "code" },
            subject_types_supported = new[] { "public" },
            id_token_signing_alg_values_supported = new[] { "RS256" },
            code_challenge_methods_supported = new[] { "S256" },
        }),
        "/keys" => KeysAsync(context),
        "/authorize" => AuthorizeAsync(context),
        "/token" => TokenAsync(context),
        "/end" => EndAsync(context),
        _ => JsonAsync(context, 404, new { error = "not_found" }),
    };

    private Task KeysAsync(HttpContext context)
    {
        Interlocked.Increment(ref _keyReads);
        var key = JsonWebKeyConverter.ConvertFromRSASecurityKey(new RsaSecurityKey(_key.Rsa.ExportParameters(false)) { KeyId = _key.KeyId });
        return JsonAsync(context, 200, new { keys = new[] { new { kty = "RSA", use = "sig", alg = "RS256", kid = key.Kid, n = key.N, e = key.E } } });
    }

    private Task AuthorizeAsync(HttpContext context)
    {
        var query = context.Request.Query;
        if (query["client_id"] != ClientId || query["response_type"] != "code" || query["code_challenge_method"] != "S256"
            || !query["scope"].ToString().Split(' ').Contains("openid") || !IsConsole(query["redirect_uri"]))
        {
            return JsonAsync(context, 400, new { error = "invalid_request" });
        }

        var back = query["redirect_uri"].ToString();
        if (SignedIn is null)
        {
            context.Response.Redirect($"{back}?error=access_denied&state={Uri.EscapeDataString(query["state"]!)}");
            return Task.CompletedTask;
        }

        var code = Guid.NewGuid().ToString("N");
        _codes[code] = (back, query["code_challenge"].ToString(), query["nonce"].ToString());
        context.Response.Redirect($"{back}?code={code}&state={Uri.EscapeDataString(query["state"]!)}");
        return Task.CompletedTask;
    }

    private async Task TokenAsync(HttpContext context)
    {
        var form = await context.Request.ReadFormAsync();
        if (form["client_id"] != ClientId || form["client_secret"] != ClientSecret || form["grant_type"] != "authorization_code"
            || !_codes.TryRemove(form["code"].ToString(), out var code) || form["redirect_uri"] != code.RedirectUri
            || Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(form["code_verifier"].ToString()))) != code.Challenge
            || SignedIn is not { } who)
        {
            await JsonAsync(context, 400, new { error = "invalid_grant" });
            return;
        }

        await JsonAsync(context, 200, new
        {
            access_token = Token(who.Groups, who.Subject),
            token_type = "Bearer",
            expires_in = 300,
            id_token = Sign(
                who.Groups, who.Subject, Issuer, ClientId, new SigningCredentials(_key, SecurityAlgorithms.RsaSha256), null, null, who.Name, code.Nonce),
        });
    }

    private Task EndAsync(HttpContext context)
    {
        EndedSessions.Enqueue(context.Request.Query["id_token_hint"].ToString());
        context.Response.Redirect(context.Request.Query["post_logout_redirect_uri"].ToString());
        return Task.CompletedTask;
    }

    private static bool IsConsole(string? address) =>
        Uri.TryCreate(address, UriKind.Absolute, out var uri) && uri.IsLoopback && uri.AbsolutePath == "/ui/session/callback";

    private static async Task JsonAsync(HttpContext context, int status, object body)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        await context.Response.WriteAsync(JsonSerializer.Serialize(body));
    }

    private static RSAParameters MakeKey()
    {
        using var rsa = RSA.Create(2048);
        return rsa.ExportParameters(includePrivateParameters: true);
    }
}
