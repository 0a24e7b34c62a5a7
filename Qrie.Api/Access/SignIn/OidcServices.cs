using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.AspNetCore.Authentication.OpenIdConnect;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.Protocols;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using Microsoft.IdentityModel.Tokens;
using Qrie.Api.WebConsole;

namespace Qrie.Api.Access.SignIn;

/// <summary>Registers the schemes of <c>Auth:Mode=oidc</c>: access tokens of the API, and signing in to the console.</summary>
internal static class OidcServices
{
    public const string Bearer = "OidcBearer";
    public const string Console = "OidcConsole";

    /// <summary>The keys are read again this soon after a token of an unknown key, and no sooner: callers can invent key ids.</summary>
    private static readonly TimeSpan s_soonest = TimeSpan.FromSeconds(30);

    /// <summary>So that a key that the provider withdraws is refused after this time at the latest.</summary>
    private static readonly TimeSpan s_latest = TimeSpan.FromHours(1);

    /// <summary>Of clocks that are synchronized.</summary>
    private static readonly TimeSpan s_clockSkew = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan s_timeLimit = TimeSpan.FromSeconds(10);

    public static void AddOidc(this IServiceCollection services, OidcSettings settings)
    {
        services.AddSingleton(settings);
        services.AddSingleton<TokenCaller>();
        services.AddSingleton<TokenCheck>();
        services.AddSingleton<ConsoleSignIn>();
        var schemes = services.AddAuthentication();
        schemes.AddJwtBearer(Bearer, options =>
        {
            options.Authority = settings.Authority.ToString();
            options.RequireHttpsMetadata = settings.Authority.Scheme == Uri.UriSchemeHttps;
            options.MapInboundClaims = false;
            options.SaveToken = false;
            options.RefreshInterval = s_soonest;
            options.AutomaticRefreshInterval = s_latest;
            options.BackchannelTimeout = s_timeLimit;
            options.TokenValidationParameters = Checks(settings, settings.Audience);
            // The reasons are in the answer as far as callers may know them; a failure to read keys is not an error of the request.
            options.Events = new JwtBearerEvents
            {
                OnAuthenticationFailed = context =>
                {
                    context.Fail(context.Exception);
                    return Task.CompletedTask;
                },
            };
        });
        if (settings.ClientId is not null)
        {
            services.TryAddEnumerable(ServiceDescriptor.Singleton<IPostConfigureOptions<OpenIdConnectOptions>, OpenIdConnectPostConfigureOptions>());
            schemes.AddRemoteScheme<OpenIdConnectOptions, ConsoleSignInHandler>(Console, null, options => Configure(options, settings));
        }

        // By default the keys of the previous document are accepted for an hour after a rotation.
        services.PostConfigure<JwtBearerOptions>(Bearer, o => ForgetOldKeys(o.ConfigurationManager));
        services.PostConfigure<OpenIdConnectOptions>(Console, o => ForgetOldKeys(o.ConfigurationManager));
    }

    private static void Configure(OpenIdConnectOptions options, OidcSettings settings)
    {
        options.Authority = settings.Authority.ToString();
        options.RequireHttpsMetadata = settings.Authority.Scheme == Uri.UriSchemeHttps;
        options.ClientId = settings.ClientId;
        options.ClientSecret = settings.ClientSecret;
        options.ResponseType = OpenIdConnectResponseType.Code;
        // The answer comes as a link: a form of another site would not carry cookies that are SameSite=Lax.
        options.ResponseMode = OpenIdConnectResponseMode.Query;
        options.UsePkce = true;
        options.MapInboundClaims = false;
        options.SaveTokens = false;
        options.DisableTelemetry = true;
        options.RefreshInterval = s_soonest;
        options.AutomaticRefreshInterval = s_latest;
        options.BackchannelTimeout = s_timeLimit;
        options.TokenValidationParameters = Checks(settings, settings.ClientId);
        options.CallbackPath = ConsoleSignIn.CallbackPath;
        options.RemoteSignOutPath = default;
        options.SignedOutCallbackPath = default;
        options.SignInScheme = ApiKeyHandler.SchemeName; // required, and not used: sessions are Qrie's own
        options.Scope.Clear();
        foreach (var scope in settings.Scopes)
        {
            options.Scope.Add(scope);
        }

        foreach (var cookie in new[] { options.NonceCookie, options.CorrelationCookie })
        {
            cookie.SameSite = SameSiteMode.Lax;
            cookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
        }

        options.Events = new OpenIdConnectEvents
        {
            OnTicketReceived = context => context.HttpContext.RequestServices.GetRequiredService<ConsoleSignIn>().AcceptAsync(context),
            OnTokenValidated = ConsoleSignIn.KeepIdToken,
            OnRemoteFailure = ConsoleSignIn.RefuseAsync,
            OnAccessDenied = ConsoleSignIn.RefuseAsync,
        };
    }

    private static void ForgetOldKeys(IConfigurationManager<OpenIdConnectConfiguration>? manager)
    {
        if (manager is BaseConfigurationManager known)
        {
            known.UseLastKnownGoodConfiguration = false;
        }
    }

    private static TokenValidationParameters Checks(OidcSettings settings, string? audience) => new()
    {
        ValidAudience = audience,
        ValidateAudience = true,
        ValidAlgorithms = settings.Algorithms,
        RequireSignedTokens = true,
        RequireExpirationTime = true,
        ValidateLifetime = true,
        ClockSkew = s_clockSkew,
        // Exactly this one: by default an issuer of the discovery document would be accepted as well.
        IssuerValidator = (issuer, _, _) => issuer == settings.Issuer
            ? issuer
            : throw new SecurityTokenInvalidIssuerException("The issuer is another one.") { InvalidIssuer = issuer },
    };
}
