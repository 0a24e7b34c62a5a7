using Microsoft.Extensions.Configuration.CommandLine;
using Microsoft.Extensions.Configuration.EnvironmentVariables;
using Qrie.Api.Hosting;
using Qrie.Aws.Api;
using Qrie.Aws.Api.Recording;
using Qrie.Domain.Events;
using Qrie.Sql.Database;

namespace Qrie.Api.Demo;

/// <summary>
/// <c>--demo</c>: Qrie on the recorded responses of a sample organization. No AWS and no network; the store is a temporary file unless the environment or the
/// command line names one.
/// </summary>
internal static class DemoMode
{
    public const string Switch = "--demo";
    public const string EventsSwitch = "--demo-events";

    private const string StorePath = "Store:Path";

    private static string Samples => Path.Combine(AppContext.BaseDirectory, "samples", "demo");

    /// <exception cref="StartRefusedException">Recorded events were requested without the demo.</exception>
    public static (bool Demo, bool Events) Read(string[] args)
    {
        var (demo, events) = (args.Contains(Switch), args.Contains(EventsSwitch));
        return demo || !events
            ? (demo, events)
            : throw new StartRefusedException(
                $"{EventsSwitch} replays events of the demo's organization and goes with {Switch} only: qrie {Switch} {EventsSwitch}");
    }

    /// <summary>The configuration that the host itself reads.</summary>
    public static string[] WithoutSwitches(string[] args) => [.. args.Where(a => a is not (Switch or EventsSwitch))];

    public static void AddDemo(this WebApplicationBuilder builder, bool events)
    {
        if (!NamesStore(builder.Configuration))
        {
            var folder = Directory.CreateTempSubdirectory("qrie-demo-");
            builder.Configuration[StorePath] = Path.Combine(folder.FullName, "qrie.db");
            builder.Services.AddSingleton(_ => new TemporaryStore(folder));
        }

        builder.Configuration["Store:Kind"] = "sqlite";
        builder.Configuration["Work:Kind"] = "store";

        // No schedules, which would disturb the demo.
        builder.Configuration["Schedules:Inventory"] = "off";
        builder.Configuration["Schedules:PolicyScan"] = "off";
        var organization = SampleOrganization.Read(Samples);
        builder.Configuration["Aws:Regions"] = string.Join(',', organization.Regions);
        builder.Services.AddSingleton(organization);
        builder.Services.AddSingleton(new DemoClock(TimeProvider.System, TimeSpan.FromDays(7 * organization.Weeks)));
        builder.Services.AddHostedService<DemoRunner>();
        if (events)
        {
            builder.Services.AddOptions<DemoOptions>().BindConfiguration(DemoOptions.Section).ValidateDataAnnotations().ValidateOnStart();
            builder.Services.AddSingleton(RecordedEvents.Read(Samples));
            builder.Services.AddHostedService<EventFeeder>();
        }
    }

    /// <summary>Must be called after clock, store and AWS access were registered: the last registration counts.</summary>
    public static void ReplayInsteadOfAws(this IServiceCollection services, bool events)
    {
        if (events)
        {
            services.AddSingleton(p => new EventChannel(new InProcessEventQueue(p.GetRequiredService<TimeProvider>())));
        }

        // Thousands of commits in seconds, of what the next start makes again.
        services.AddSingleton<SqlDatabase>(
            p => SqliteDatabase.Open(StoreSettings.Read(p.GetRequiredService<IConfiguration>()).Path, durable: false));
        services.AddSingleton<TimeProvider>(p => p.GetRequiredService<DemoClock>());
        services.AddSingleton<IAwsApi>(p => p.GetRequiredService<LayeredReplay>());
        services.AddSingleton(p =>
        {
            var (organization, clock) = (p.GetRequiredService<SampleOrganization>(), p.GetRequiredService<DemoClock>());
            var recordings = Path.Combine(Samples, "recordings");

            // Recorded times are shifted by the time that has passed on the real clock, so that history is stable.
            return new LayeredReplay(
            [
                .. organization.Layers.Select((_, n) => new ReplayAwsApi(Path.Combine(recordings, $"{n}"), clock, organization.RecordedAt - clock.Behind)),
                .. p.GetService<RecordedEvents>()?.Layers(clock, clock.Behind) ?? [],
            ]);
        });
    }

    /// <summary>Created before the store is opened, so that it is disposed after the store is closed.</summary>
    public static void HoldTemporaryStore(this WebApplication app) => app.Services.GetService<TemporaryStore>();

    private static bool NamesStore(ConfigurationManager configuration) =>
        ((IConfigurationRoot)configuration).Providers
            .Where(p => p is EnvironmentVariablesConfigurationProvider or CommandLineConfigurationProvider)
            .Any(p => p.TryGet(StorePath, out _));

    /// <summary>Deletes the demo's store when the process ends.</summary>
    private sealed class TemporaryStore(DirectoryInfo folder) : IDisposable
    {
        public void Dispose() => folder.Delete(recursive: true);
    }
}
