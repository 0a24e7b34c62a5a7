using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.AspNetCore.Mvc;
using MudBlazor.Services;
using Qrie.Api.Access;
using Qrie.Api.Access.SignIn;
using Qrie.Domain.Access;
using Qrie.Ui;
using Qrie.Ui.Api;
using Qrie.Ui.Shared;

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
        // The build compresses the files of packages by their plain names only, not by the names with a hash that pages use. No other responses are
        // compressed: what contains secrets beside a caller's input must not be.
        services.AddResponseCompression(o => (o.EnableForHttps, o.MimeTypes) = (true, ["text/css", "text/javascript"]));
        services.AddRazorComponents().AddInteractiveServerComponents();
        services.AddCascadingAuthenticationState();
        services.AddMudServices();
        services.AddQrieUi();
        services.AddSingleton(p => new SignInChoices(p.GetService<OidcSettings>() is { ClientId: not null } oidc ? oidc.Authority.Host : null));
        services.AddSingleton<ApiPipeline>();
        services.AddSingleton<ConsoleCookie>();
        services.AddScoped<IQrieApi, InProcessApi>();
        // From a build folder the files are where the projects and packages are; of a published folder this finds nothing, and they are in wwwroot.
        builder.WebHost.UseStaticWebAssets();
    }

    /// <summary>In a branch of its own: its routes, cookies and forms are nothing to the API.</summary>
    public static void UseConsole(this IApplicationBuilder app) => app.Map(Path, console =>
    {
        console.UseResponseCompression();
        console.UseRouting();
        console.Use(AnswerProvider);
        console.UseMiddleware<ConsoleAccess>();
        console.UseAntiforgery();
        console.Use(RefuseForeignForms);
        console.UseEndpoints(routes =>
        {
            routes.MapStaticAssets(System.IO.Path.Combine(AppContext.BaseDirectory, $"{Application}.staticwebassets.endpoints.json"))
                .AllowAnonymous().ExcludeFromDescription();
            routes.MapPost("/session", SignInAsync).AllowAnonymous().ExcludeFromDescription();
            routes.MapPost("/session/end", SignOut).AllowAnonymous().ExcludeFromDescription();
            routes.MapGet("/session/provider", BeginAsync).AllowAnonymous().ExcludeFromDescription();
            routes.MapGet("/session/provider/end", EndAsync).AllowAnonymous().ExcludeFromDescription();
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

    /// <summary>
    /// The cookie of a session stays until one has signed out of the provider, too: it is of no other use. That is a link of the next page, because
    /// browsers do not let a form lead to another site.
    /// </summary>
    private static IResult SignOut([FromForm] string? to, ConsoleCookie cookie, ConsoleSessions sessions, HttpContext context)
    {
        if (cookie.Read(context.Request) is { } id && id.StartsWith(ConsoleSessions.Prefix, StringComparison.Ordinal))
        {
            sessions.End(id);
            return Results.LocalRedirect($"{Path}/sign-in?ended=true");
        }

        ConsoleCookie.Remove(context);
        return Results.LocalRedirect($"{Path}/sign-in");
    }

    private static async Task AnswerProvider(HttpContext context, RequestDelegate next)
    {
        var handlers = context.RequestServices.GetRequiredService<IAuthenticationHandlerProvider>();
        if (await handlers.GetHandlerAsync(context, OidcServices.Console) is not IAuthenticationRequestHandler handler
            || !await handler.HandleRequestAsync())
        {
            await next(context);
        }
    }

    private static Task BeginAsync([FromQuery] string? to, HttpContext context) =>
        context.RequestServices.GetService<OidcSettings>()?.ClientId is not null ? ConsoleSignIn.BeginAsync(context, to) : NotFoundAsync(context);

    private static async Task EndAsync(HttpContext context)
    {
        if (context.RequestServices.GetService<ConsoleSignIn>() is not { } signIn)
        {
            await NotFoundAsync(context);
            return;
        }

        var address = await signIn.FindEndAddressAsync(context);
        ConsoleCookie.Remove(context);
        context.Response.Redirect(address ?? $"{Path}/sign-in");
    }

    private static Task NotFoundAsync(HttpContext context)
    {
        context.Response.StatusCode = StatusCodes.Status404NotFound;
        return Task.CompletedTask;
    }

    /// <summary>A page of the console, whatever was sent.</summary>
    public static string Target(string? to) =>
        to is ['/', ..] && Uri.TryCreate("http://console" + Path + to, UriKind.Absolute, out var uri) && uri.Host == "console"
            && uri.AbsolutePath.StartsWith(Path + "/", StringComparison.Ordinal) && !to.StartsWith("//", StringComparison.Ordinal)
            ? uri.PathAndQuery[Path.Length..]
            : "/";
}
