using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Qrie.Api.Workers;
using Qrie.Domain.Alerts;
using Qrie.Domain.Policies;
using Qrie.Tests.Api;
using Qrie.Tests.Support;

namespace Qrie.Tests.Alerts;

/// <summary>A service whose alerts run when the test says so, with a clock of the test and a receiver of webhooks.</summary>
internal sealed class AlertWorld : IAsyncDisposable
{
    private bool _disposed;

    private AlertWorld(RunningQrie qrie, WebhookSink sink, FakeClock clock) => (Qrie, Sink, Clock) = (qrie, sink, clock);

    public RunningQrie Qrie { get; }

    public WebhookSink Sink { get; }

    public FakeClock Clock { get; }

    /// <param name="store">A store that exists; null for an empty one.</param>
    public static async Task<AlertWorld> StartAsync(
        string? store = null, FakeClock? clock = null, Action<WebApplicationBuilder>? adjust = null, params string[] settings)
    {
        var (sink, time) = (await WebhookSink.StartAsync(), clock ?? new FakeClock());
        var qrie = await RunningQrie.StartAsync(
            store: store,
            adjust: builder =>
            {
                WithoutWorkers(builder.Services);
                builder.Services.AddSingleton<TimeProvider>(time);
                adjust?.Invoke(builder);
            },
            settings: ["--Alerts:AllowPrivateTargets=127.0.0.1", "--Alerts:ConsoleUrl=https://qrie.example.com/", .. settings]);
        if ((await qrie.Services.GetRequiredService<IPolicyStore>().ListAsync(Some.Org, default)).Count == 0)
        {
            await qrie.LaunchQuietlyAsync(Some.Public);
        }

        return new AlertWorld(qrie, sink, time);
    }

    /// <summary>So that they do not race with what the test calls, and do nothing by themselves when its clock advances.</summary>
    public static void WithoutWorkers(IServiceCollection services)
    {
        foreach (var worker in services.Where(s => s.ServiceType == typeof(IHostedService)
            && s.ImplementationType?.Namespace == typeof(AlertMatchingWorker).Namespace).ToList())
        {
            services.Remove(worker);
        }
    }

    /// <summary>Creates a rule for everything, with the sink as its target. Returns its id.</summary>
    public Task<string> RuleAsync(object? target = null, string[]? kinds = null, object? quiet_hours = null, int group_seconds = 60) => CreateAsync(new
    {
        name = "everything",
        kinds = kinds ?? [.. SomeAlerts.AllKinds.Select(AlertRuleSettings.NameOf)],
        quiet_hours,
        group_seconds,
        target = target ?? new { kind = "webhook", url = new Uri(Sink.Url, "/hook").ToString(), secret = "0123456789abcdef" },
    });

    public async Task<string> CreateAsync(object rule)
    {
        var (status, body) = await Qrie.PostAsync("/alerts", rule);
        status.ShouldBe(HttpStatusCode.Created, body.ToString());
        return body.GetProperty("alert_id").GetString()!;
    }

    /// <summary>Buckets with a finding each.</summary>
    public async Task OpenAsync(params string[] buckets)
    {
        var resources = buckets.Select(name => StoredWorld.Bucket(name)).ToArray();
        await Qrie.WriteAsync(resources);
        await Qrie.EvaluateAsync(resources, Some.Fails());
    }

    /// <summary>Matches, lets a time pass, and sends what is due then.</summary>
    public async Task PassAsync(double seconds = 60)
    {
        await MatchAsync();
        Clock.Advance(TimeSpan.FromSeconds(seconds));
        await DeliverAsync();
    }

    public Task<long> MatchAsync() => Qrie.Services.GetRequiredService<AlertMatcher>().RunAsync(default);

    public Task<int> DeliverAsync() => Qrie.Services.GetRequiredService<AlertDeliverer>().RunAsync(default);

    public async Task<List<JsonElement>> LogAsync(string alertId) => await Qrie.AllAsync($"/alerts/{alertId}/deliveries", "deliveries");

    public async Task<IReadOnlyList<string>> WarningsAsync() =>
        [.. (await Qrie.GetAsync("/health")).Body.GetProperty("warnings").EnumerateArray().Select(w => w.GetString()!)];

    public async ValueTask DisposeAsync()
    {
        if (!_disposed)
        {
            _disposed = true;
            await Qrie.DisposeAsync();
            await Sink.DisposeAsync();
        }
    }
}
