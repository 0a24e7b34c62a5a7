using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Options;
using Qrie.Api.Access;
using Qrie.Api.Demo;
using Qrie.Api.Endpoints;
using Qrie.Api.Endpoints.Access;
using Qrie.Api.Endpoints.Accounts;
using Qrie.Api.Endpoints.Alerts;
using Qrie.Api.Endpoints.Compliance;
using Qrie.Api.Endpoints.Exceptions;
using Qrie.Api.Endpoints.Findings;
using Qrie.Api.Endpoints.Http;
using Qrie.Api.Endpoints.Permissions;
using Qrie.Api.Endpoints.Resources;
using Qrie.Api.Endpoints.Triage;
using Qrie.Api.WebConsole;
using Qrie.Api.Workers;
using Qrie.Aws.Api.Models;
using Qrie.Domain.Access;
using Qrie.Domain.Catalog;
using Qrie.Domain.Validation;

namespace Qrie.Api.Hosting;

/// <summary>Builds, prepares and runs the service.</summary>
internal static class QrieHost
{
    private const string DefaultUrl = "http://localhost:5080";

    /// <summary>Runs until stopped. Exit code 1 if the start was refused; the reason is on standard error.</summary>
    public static async Task<int> RunAsync(string[] args)
    {
        try
        {
            await using var app = Build(args, builder => builder.Services.AddHostedService<IdleMemoryWorker>());
            await app.Services.GetRequiredService<StartupTasks>().RunAsync(CancellationToken.None);
            await app.RunAsync();
            return 0;
        }
        catch (Exception e) when (e is StartRefusedException or StoreUnavailableException
            or CatalogException or AwsCatalogException or OptionsValidationException)
        {
            return await RefuseAsync(e.Message);
        }
        catch (IOException e) when (e.InnerException is AddressInUseException)
        {
            return await RefuseAsync($"{e.Message} Stop the process that uses the address, or choose another one with ASPNETCORE_URLS.");
        }
    }

    private static async Task<int> RefuseAsync(string why)
    {
        await Console.Error.WriteLineAsync($"Qrie cannot start. {why}");
        return 1;
    }

    /// <exception cref="StartRefusedException">The configuration is invalid.</exception>
    public static WebApplication Build(string[] args, Action<WebApplicationBuilder>? adjust = null)
    {
        var (demo, events) = DemoMode.Read(args);
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions
        {
            ApplicationName = ConsoleHosting.Application,
            Args = DemoMode.WithoutSwitches(args),
            ContentRootPath = AppContext.BaseDirectory,
        });
        builder.Host.UseDefaultServiceProvider(o => o.ValidateOnBuild = o.ValidateScopes = true);
        builder.AddQrieLogging();
        if (demo)
        {
            builder.AddDemo(events);
        }

        builder.AddQrie();
        builder.AddQrieHttp();
        builder.AddConsole();
        Telemetry.Add(builder);
        if (demo)
        {
            builder.Services.ReplayInsteadOfAws(events);
        }

        adjust?.Invoke(builder);
        if (string.IsNullOrEmpty(builder.Configuration[WebHostDefaults.ServerUrlsKey]) && !HasKestrelEndpoints(builder.Configuration))
        {
            builder.WebHost.UseUrls(DefaultUrl);
        }

        var app = builder.Build();
        app.HoldTemporaryStore();
        app.Services.GetRequiredService<ProcessStart>(); // fail now, not on first use
        app.Services.GetRequiredService<AccessSettings>().CheckAddresses(Addresses(app.Configuration));
        app.Services.GetRequiredService<AllowedOrigins>();
        app.MapQrie();
        return app;
    }

    private static void MapQrie(this WebApplication app)
    {
        app.UseTrustedProxies();
        app.Use(app.Services.GetRequiredService<ApiPipeline>().Begin);
        app.UseMiddleware<RequestIds>();
        app.UseRequestLines();
        app.UseMiddleware<SecurityHeaders>();
        app.UseHsts();
        app.UseExceptionHandler(_ => { });
        app.UseStatusCodePages(Problems.WriteStatusAsync);
        app.UseMiddleware<HostFilter>(AllowedHosts.Read(app.Configuration, Addresses(app.Configuration)));
        app.Use(ServeHead);
        app.UseConsole();
        app.Use(Prefix);
        app.UseCors();
        app.Use(ResponseOptions);
        app.UseSwaggerPage();
        app.UseRouting();
        app.UseAccess();
        app.MapSwaggerPage();
        app.MapHealth();
        app.Services.GetRequiredService<Telemetry>().Map(app);
        app.MapGroup("").Needs(Role.Reader).MapApi();
    }

    private static void MapApi(this RouteGroupBuilder app)
    {
        app.MapVersion();
        app.MapKeys();
        app.MapOrganizations();
        app.MapAudit();
        app.MapAccounts();
        app.MapAccountImport();
        app.MapOnboarding();
        app.MapDiscovery();
        app.MapPermissions();
        app.MapServices();
        app.MapResources();
        app.MapFindings();
        app.MapTriage();
        app.MapExceptions();
        app.MapPolicies();
        app.MapPolicyPreview();
        app.MapEvaluate();
        app.MapScans();
        app.MapSchedules();
        app.MapSummaries();
        app.MapCoverage();
        app.MapDrift();
        app.MapFrameworks();
        app.MapFrameworkWrites();
        app.MapFrameworkReport();
        app.MapEvents();
        app.MapAlerts();
        app.MapArchive();
        app.MapOpenApi().Limits(AccountLimit.WithoutAccounts);
    }

    /// <summary>Every route is served at <c>/x</c> and at <c>/api/x</c>, which the web client uses without a base URL.</summary>
    private static Task Prefix(HttpContext context, RequestDelegate next)
    {
        if (context.Request.Path.StartsWithSegments("/api", out var rest) && rest.HasValue)
        {
            context.Request.Path = rest;
        }

        return next(context);
    }

    /// <summary>HEAD is served wherever GET is (RFC 9110, section 9.3.2). Kestrel leaves out the body, because it keeps the method that was sent.</summary>
    private static Task ServeHead(HttpContext context, RequestDelegate next)
    {
        if (HttpMethods.IsHead(context.Request.Method))
        {
            context.Request.Method = HttpMethods.Get;
        }

        return next(context);
    }

    /// <summary>OPTIONS requests that CORS did not handle: 200 without a body on any path.</summary>
    private static Task ResponseOptions(HttpContext context, RequestDelegate next) =>
        HttpMethods.IsOptions(context.Request.Method) ? Task.CompletedTask : next(context);

    private static IEnumerable<string> Addresses(IConfiguration configuration) =>
        (configuration[WebHostDefaults.ServerUrlsKey] ?? DefaultUrl).Split(';', StringSplitOptions.RemoveEmptyEntries)
        .Concat(configuration.GetSection("Kestrel:Endpoints").GetChildren().Select(e => e["Url"]).OfType<string>());

    private static bool HasKestrelEndpoints(ConfigurationManager configuration) => configuration.GetSection("Kestrel:Endpoints").GetChildren().Any();
}
