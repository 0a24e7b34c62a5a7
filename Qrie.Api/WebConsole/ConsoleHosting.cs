using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.AspNetCore.Mvc;
using MudBlazor.Services;
using Qrie.Api.Access;
using Qrie.Domain.Access;
using Qrie.Ui;
using Qrie.Ui.Api;

namespace Qrie.Api.WebConsole;

/// <summary>Serves the console below <see cref="Path"/>.</summary>
internal static class ConsoleHosting
{
    public const string Path = "/ui";

    /// <summary>The name of the project, by which its files are found, whichever process it runs in.</summary>
    public const string Application = "Qrie.Api";

    public static void AddConsole(this WebApplicationBuilder builder)
    {
        var services = builder.Services;
        var keyRing = new ProcessKeyRing();
        services.AddDataProtection().SetApplicationName(Application);
        services.Configure<KeyManagementOptions>(o => (o.XmlRepository, o.XmlEncryptor) = (keyRing, keyRing));
        services.AddAntiforgery(o =>
        {
            o.Cookie.Name = "qrie-form";
            o.Cookie.Path = Path;
            o.Cookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
        });
        services.AddRazorComponents().AddInteractiveServerComponents();
        services.AddCascadingAuthenticationState();
        services.AddMudServices();
        services.AddQrieUi();
        services.AddSingleton<ApiPipeline>();
        services.AddSingleton<ConsoleCookie>();
        services.AddScoped<IQrieApi, InProcessApi>();
        // From a build folder the files are where the projects and packages are; of a published folder this finds nothing, and they are in wwwroot.
        builder.WebHost.UseStaticWebAssets();
    }

    /// <summary>In a branch of its own: its routes, cookies and forms are nothing to the API.</summary>
    public static void UseConsole(this IApplicationBuilder app) => app.Map(Path, console =>
    {
        console.UseRouting();
        console.UseMiddleware<ConsoleAccess>();
        console.UseAntiforgery();
        console.Use(RefuseForeignForms);
        console.UseEndpoints(routes =>
        {
            routes.MapStaticAssets(System.IO.Path.Combine(AppContext.BaseDirectory, $"{Application}.staticwebassets.endpoints.json"))
                .AllowAnonymous().ExcludeFromDescription();
            routes.MapPost("/session", SignInAsync).AllowAnonymous().ExcludeFromDescription();
            routes.MapPost("/session/end", SignOut).AllowAnonymous().ExcludeFromDescription();
            routes.MapRazorComponents<App>().AddInteractiveServerRenderMode().ExcludeFromDescription();
        });
    });

    /// <summary>Generated request delegates read a form whatever its token is, which is then an internal error.</summary>
    private static Task RefuseForeignForms(HttpContext context, RequestDelegate next)
    {
        if (context.Features.Get<IAntiforgeryValidationFeature>() is not { IsValid: false })
        {
            return next(context);
        }

        context.Response.StatusCode = StatusCodes.Status400BadRequest;
        return context.Response.WriteAsync("The form has expired or is from another page. Go back, reload the page and send it again.", context.RequestAborted);
    }

    private static async Task<IResult> SignInAsync(
        [FromForm] string? key, [FromForm] string? to, ConsoleCookie cookie, ApiKeys keys, RefusedLogins refused, FailedAttempts failures, RefusedKeyLog log,
        HttpContext context)
    {
        var (found, refusal) = await keys.CheckAsync(key?.Trim() ?? "", context.RequestAborted);
        if (found is not null)
        {
            cookie.Write(context, key!.Trim());
            return Results.LocalRedirect(Path + Target(to));
        }

        refused.Note(refusal!.Value);
        log.Note(context.Connection.RemoteIpAddress);
        var reason = failures.Note(context.Connection.RemoteIpAddress) is not null ? "wait" : refusal.Value.ToString().ToLowerInvariant();
        return Results.LocalRedirect($"{Path}/sign-in?refused={reason}&to={Uri.EscapeDataString(Target(to))}");
    }

    private static IResult SignOut([FromForm] string? to, HttpContext context)
    {
        ConsoleCookie.Remove(context);
        return Results.LocalRedirect($"{Path}/sign-in");
    }

    /// <summary>A page of the console, whatever was sent.</summary>
    private static string Target(string? to) =>
        to is ['/', ..] && Uri.TryCreate("http://console" + Path + to, UriKind.Absolute, out var uri) && uri.Host == "console"
            && uri.AbsolutePath.StartsWith(Path + "/", StringComparison.Ordinal) && !to.StartsWith("//", StringComparison.Ordinal)
            ? uri.PathAndQuery[Path.Length..]
            : "/";
}
