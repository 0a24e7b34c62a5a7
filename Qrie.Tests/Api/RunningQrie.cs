using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Qrie.Api.Hosting;
using Qrie.Api.Workers;
using Qrie.Aws.Api;
using Qrie.Aws.Api.Metering;
using Qrie.Aws.Api.Models;
using Qrie.Domain.Accounts;
using Qrie.Domain.Catalog;
using Qrie.Domain.Inventory;
using Qrie.Sql.Database;
using Qrie.Tests.Catalog;
using Qrie.Tests.Emulator;

namespace Qrie.Tests.Api;

/// <summary>The real service on a free port, with its own store, used over HTTP.</summary>
public sealed class RunningQrie : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly DirectoryInfo? _folder;

    private RunningQrie(WebApplication app, DirectoryInfo? folder)
    {
        _app = app;
        _folder = folder;
        Http = new HttpClient { BaseAddress = new Uri(app.Urls.First()) };
    }

    public HttpClient Http { get; }

    public IServiceProvider Services => _app.Services;

    /// <summary>The routes of the API, without the console's.</summary>
    public IEnumerable<RouteEndpoint> Routes => ((IEndpointRouteBuilder)_app).DataSources.SelectMany(s => s.Endpoints).OfType<RouteEndpoint>();

    /// <summary>Starts a service with a scripted collector, which needs no other process.</summary>
    /// <param name="collector">The collected resources; null for none.</param>
    /// <param name="ambient">The account of its credentials; null for no credentials.</param>
    /// <param name="store">An existing store; null for an empty one that is removed afterwards.</param>
    /// <param name="adjust">Changes the registered services; null for no changes.</param>
    /// <param name="settings">Command-line arguments.</param>
    public static Task<RunningQrie> StartAsync(
        IResourceCollector? collector = null, string? ambient = "123456789012", string? store = null, Action<WebApplicationBuilder>? adjust = null,
        params string[] settings) =>
        StartAsync(store, settings, builder =>
        {
            builder.Services.AddSingleton<IAwsAccess>(new ScriptedAccess(ambient));
            builder.Services.AddSingleton(collector ?? new ScriptedCollector());
            adjust?.Invoke(builder);
        });

    /// <summary>Starts a service that reads the emulator, or a proxy in front of it, with the emulator's base credentials.</summary>
    public static Task<RunningQrie> StartAtAsync(Uri endpoint, string? store = null, params string[] settings) =>
        StartAtAsync(endpoint, logs: null, store, settings);

    /// <summary>The same, with all log entries at every level.</summary>
    public static Task<RunningQrie> StartAtAsync(Uri endpoint, ILoggerProvider? logs, string? store = null, params string[] settings) => StartAtAsync(
        endpoint,
        builder =>
        {
            if (logs is not null)
            {
                builder.Logging.SetMinimumLevel(LogLevel.Trace).AddProvider(logs);
            }
        },
        store, settings);

    /// <summary>The same, with other services registered.</summary>
    public static Task<RunningQrie> StartAtAsync(Uri endpoint, Action<WebApplicationBuilder> adjust, string? store = null, params string[] settings) =>
        StartAsync(store, [$"--Aws:Endpoint={endpoint}", "--Aws:RetryDelay=00:00:00.020", .. settings], builder =>
        {
            builder.Services.AddSingleton(p => new AwsEngine(
                p.GetRequiredService<ModelCatalog>(), p.GetRequiredService<IOptions<AwsApiOptions>>().Value, p.GetRequiredService<AwsRegion>(),
                p.GetRequiredService<CallMeter>(), p.GetRequiredService<TimeProvider>(), p.GetRequiredService<ILogger<AwsApi>>(), EmulatedAws.TestCredentials));
            adjust(builder);
        });

    /// <summary>Starts <c>--demo</c>, which replays its history by itself.</summary>
    public static Task<RunningQrie> StartDemoAsync(string? store = null, Action<WebApplicationBuilder>? adjust = null, params string[] settings) =>
        StartAsync(store, ["--demo", .. settings], adjust ?? (_ => { }));

    public async Task<(HttpStatusCode Status, JsonElement Body)> GetAsync(string path) => await ReadAsync(await Http.GetAsync(path));

    public Task<(HttpStatusCode Status, JsonElement Body)> PostAsync(string path, object body) => PostTextAsync(path, JsonSerializer.Serialize(body));

    public async Task<(HttpStatusCode Status, JsonElement Body)> PostTextAsync(string path, string body)
    {
        using var content = new StringContent(body, Encoding.UTF8, new MediaTypeHeaderValue("application/json"));
        return await ReadAsync(await Http.PostAsync(path, content));
    }

    public async Task<(HttpStatusCode Status, JsonElement Body)> PutAsync(string path, object body)
    {
        using var content = new StringContent(JsonSerializer.Serialize(body), Encoding.UTF8, "application/json");
        return await ReadAsync(await Http.PutAsync(path, content));
    }

    public async Task<(HttpStatusCode Status, JsonElement Body)> DeleteAsync(string path) => await ReadAsync(await Http.DeleteAsync(path));

    /// <summary>Starts a scan and returns it when it is finished.</summary>
    public async Task<JsonElement> ScanAsync(object request)
    {
        var (status, body) = await PostAsync("/scans", request);
        status.ShouldBe(HttpStatusCode.Accepted, body.ToString());
        return await FinishedAsync(body.GetProperty("scan_id").GetString()!);
    }

    /// <summary>Launches a policy and waits for its first scan.</summary>
    public async Task LaunchAsync(string policyId, object? scope = null)
    {
        var (status, body) = await PostAsync("/policies/launch", scope is null ? new { policy_id = policyId } : new { policy_id = policyId, scope });
        status.ShouldBe(HttpStatusCode.Created, body.ToString());
        await FinishedAsync(body.GetProperty("scan_id").GetString()!);
    }

    public async Task<JsonElement> FinishedAsync(string scanId, TimeSpan? within = null)
    {
        for (var waited = Stopwatch.StartNew(); waited.Elapsed < (within ?? TimeSpan.FromSeconds(60));)
        {
            var (status, scan) = await GetAsync($"/scans/{scanId}");
            status.ShouldBe(HttpStatusCode.OK, scan.ToString());
            if (scan.GetProperty("finished_at").ValueKind != JsonValueKind.Null)
            {
                return scan;
            }

            await Task.Delay(50);
        }

        throw new TimeoutException($"Scan {scanId} did not finish.");
    }

    /// <summary>All rows of a list, page by page.</summary>
    public async Task<List<JsonElement>> AllAsync(string path, string member, int pageSize = 100)
    {
        var rows = new List<JsonElement>();
        string? token = null;
        do
        {
            var (status, page) = await GetAsync($"{path}{(path.Contains('?') ? '&' : '?')}page_size={pageSize}{(token is null ? "" : $"&next_token={token}")}");
            status.ShouldBe(HttpStatusCode.OK, page.ToString());
            rows.AddRange(page.GetProperty(member).EnumerateArray());
            token = page.TryGetProperty("next_token", out var next) ? next.GetString() : null;
        }
        while (token is not null);

        return rows;
    }

    public Task StopAsync() => _app.StopAsync();

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await _app.StopAsync();
        await _app.DisposeAsync();
        _folder?.Delete(recursive: true);
    }

    private static async Task<RunningQrie> StartAsync(string? store, string[] args, Action<WebApplicationBuilder> adjust)
    {
        var folder = store is null ? Directory.CreateTempSubdirectory("qrie-test-") : null;
        var path = store ?? Path.Combine(folder!.FullName, "qrie.db");
        var app = QrieHost.Build(
            ["--urls=http://127.0.0.1:0", $"--Store:Path={path}", "--Schedules:Inventory=off", "--Schedules:PolicyScan=off", .. args],
            builder =>
            {
                ShareWhatNeverChanges(builder);
                CompileEndpointsOnce(builder);
                LeaveStoredPoliciesAlone(builder);
                if (builder.Configuration["Store:Kind"] is null)
                {
                    builder.Services.AddSingleton<SqlDatabase>(_ => SqliteDatabase.Open(path, durable: false)); // no test ends the machine
                }

                adjust(builder);
                if (builder.Services.All(s => s.ServiceType != typeof(ILoggerProvider)))
                {
                    builder.Configuration["Serilog:MinimumLevel:Default"] = "Fatal"; // the lines are not read
                }
            });
        await app.Services.GetRequiredService<StartupTasks>().RunAsync(CancellationToken.None);
        await app.StartAsync();
        return new RunningQrie(app, folder);
    }

    /// <summary>
    /// Models and the shipped catalog take most of the time of a start and are the same in every host; a test's own catalog is loaded as in production.
    /// </summary>
    private static void ShareWhatNeverChanges(WebApplicationBuilder builder)
    {
        if (string.IsNullOrEmpty(builder.Configuration["Catalog:Path"]))
        {
            builder.Services.AddSingleton(EmulatedAws.Models);
            builder.Services.AddSingleton(EmulatedAws.Reads);
            builder.Services.AddSingleton(_ => new CatalogHolder(ShippedCatalog.Instance));
        }
    }

    /// <summary>
    /// The cache of authorization policies compiles every endpoint again at startup, which takes a third of the time and does not pay off for few requests.
    /// </summary>
    private static void CompileEndpointsOnce(WebApplicationBuilder builder)
    {
        foreach (var cache in builder.Services.Where(s => s.ServiceType.Name == "AuthorizationPolicyCache").ToList())
        {
            builder.Services.Remove(cache);
        }
    }

    /// <summary>
    /// Tests store policies that were launched in the past and evaluations of their own. The worker would take them for launches whose scan is missing,
    /// at a start that is slow enough or after a minute, and evaluate the resources a second time.
    /// </summary>
    private static void LeaveStoredPoliciesAlone(WebApplicationBuilder builder) =>
        builder.Services.Remove(builder.Services.Single(s => s.ImplementationType == typeof(MissingPolicyScansWorker)));

    private static async Task<(HttpStatusCode Status, JsonElement Body)> ReadAsync(HttpResponseMessage answer)
    {
        using (answer)
        {
            var text = await answer.Content.ReadAsStringAsync();
            return (answer.StatusCode, text.Length == 0 ? default : JsonElement.Parse(text));
        }
    }

    private sealed class ScriptedAccess(string? ambient) : IAwsAccess
    {
        public Task<AmbientAccount> FindAmbientAccountAsync(CancellationToken cancel) => Task.FromResult(
            new AmbientAccount(ambient, null, ambient is null ? "There are no AWS credentials. Set AWS_PROFILE." : null));

        public Task<(IReadOnlyList<string>? Regions, string? ErrorCode)> FindRegionsAsync(Account account, CancellationToken cancel) =>
            Task.FromResult<(IReadOnlyList<string>?, string?)>((["us-east-1"], null));

        public bool ReadsRegion(Account account, string region) => region == "us-east-1";
    }
}
