using Microsoft.AspNetCore.HttpOverrides;
using Qrie.Api.Access.SignIn;
using Qrie.Api.WebConsole;
using Qrie.Api.Workers;

namespace Qrie.Api.Access;

/// <summary>Registers authentication, authorization and limits, and adds them to the request pipeline.</summary>
internal static class AccessServices
{
    public static void AddAccess(this WebApplicationBuilder builder)
    {
        var (services, settings) = (builder.Services, AccessSettings.Read(builder.Configuration));
        services.AddSingleton(settings);
        services.AddSingleton<AnonymousCallers>();
        services.AddSingleton<FailedAttempts>();
        services.AddSingleton<RefusedKeyLog>();
        services.AddHostedService<AccessRecordingWorker>();
        // Only the core: AddAuthentication would add data protection, which stores keys in the home folder for cookies
        // that are not used here.
        services.AddWebEncoders();
        services.AddTransient<ApiKeyHandler>();
        services.AddAuthenticationCore(o =>
        {
            o.AddScheme<ApiKeyHandler>(ApiKeyHandler.SchemeName, null);
            o.DefaultScheme = ApiKeyHandler.SchemeName;
        });
        services.AddSingleton<ConsoleSessions>();
        if (settings.Mode == AccessMode.Oidc)
        {
            services.AddOidc(OidcSettings.Read(builder.Configuration));
        }

        services.AddAuthorization(o => o.AddRoles());
        services.AddRateLimiter(o => o.Configure(settings));
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = settings.BodyBytes;
        });
    }

    /// <summary>Must precede everything that reads the caller's address or scheme.</summary>
    public static void UseTrustedProxies(this WebApplication app)
    {
        var settings = app.Services.GetRequiredService<AccessSettings>();
        if (settings.TrustedProxies.Count == 0)
        {
            return;
        }

        var options = new ForwardedHeadersOptions { ForwardedHeaders = ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto };
        options.KnownProxies.Clear();
        options.KnownIPNetworks.Clear();
        foreach (var network in settings.TrustedProxies)
        {
            options.KnownIPNetworks.Add(network);
        }

        app.UseForwardedHeaders(options);
    }

    /// <summary>Must be between routing and the endpoint.</summary>
    public static void UseAccess(this WebApplication app)
    {
        app.UseAuthentication();
        app.Use(EvaluationLimits.HurryAsync);
        app.UseRateLimiter();
        app.UseAuthorization();
        app.Use(AccountScope.EnforceAsync);
    }
}
