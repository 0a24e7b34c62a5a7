using System.Diagnostics;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Qrie.Api.Hosting;

namespace Qrie.Benchmarks.Load;

/// <summary>The service in this process, ready after creation.</summary>
internal static class InProcessService
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan TimeLimit = TimeSpan.FromMinutes(3);

    /// <summary>With the demo's recorded responses of AWS.</summary>
    public static Task<WebApplication> StartDemoAsync(Action<WebApplicationBuilder>? adjust, CancellationToken cancel) =>
        StartAsync(["--demo"], adjust, cancel);

    public static async Task<WebApplication> StartAsync(string[] settings, Action<WebApplicationBuilder>? adjust, CancellationToken cancel)
    {
        var app = QrieHost.Build([.. settings, "--urls=http://127.0.0.1:0"], builder =>
        {
            builder.Configuration["Serilog:MinimumLevel:Default"] = "Error"; // filters of ILoggingBuilder do not apply to Serilog
            adjust?.Invoke(builder);
        });
        await app.Services.GetRequiredService<StartupTasks>().RunAsync(cancel);
        await app.StartAsync(cancel);
        var readiness = app.Services.GetRequiredService<Readiness>();
        for (var waited = Stopwatch.StartNew(); readiness.NotReadyBecause is not null; await Task.Delay(Look, TimeProvider.System, cancel))
        {
            if (waited.Elapsed > TimeLimit)
            {
                throw new TimeoutException($"It is not ready: {readiness.NotReadyBecause} {readiness.Progress}");
            }
        }

        return app;
    }
}
