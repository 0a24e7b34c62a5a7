using Microsoft.AspNetCore.HttpOverrides;
using Qrie.Api.Workers;

namespace Qrie.Api.Access;

/// <summary>Registers who may do what, and puts it into the way of every request.</summary>
internal static class AccessServices
{
    public static void AddAccess(this WebApplicationBuilder builder)
    {
        var (services, settings) = (builder.Services, AccessSettings.Read(builder.Configuration));
        services.AddSingleton(settings);
        services.AddSingleton<AnonymousCallers>();
        services.AddSingleton<FailedAttempts>();
        services.AddHostedService<AccessRecordingWorker>();
        // The core alone: AddAuthentication would bring data protection along, which keeps keys of its own in the home
        // folder for cookies that nobody gets here.
        services.AddWebEncoders();
        services.AddTransient<ApiKeyHandler>();
        services.AddAuthenticationCore(o =>
        {
            o.AddScheme<ApiKeyHandler>(ApiKeyHandler.SchemeName, null);
            o.DefaultScheme = ApiKeyHandler.SchemeName;
        });
        services.AddAuthorization(o => o.AddRoles());
        services.AddRateLimiter(o => o.Configure(settings));
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = settings.BodyBytes;
        });
    }

    /// <summary>Before everything that looks at the caller's address or at http and https.</summary>
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

    /// <summary>Between finding the endpoint and calling it.</summary>
    public static void UseAccess(this WebApplication app)
    {
        app.UseAuthentication();
        app.UseRateLimiter();
        app.UseAuthorization();
    }
}
