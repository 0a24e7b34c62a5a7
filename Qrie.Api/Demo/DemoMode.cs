using Microsoft.Extensions.Configuration.CommandLine;
using Microsoft.Extensions.Configuration.EnvironmentVariables;
using Qrie.Aws.Api;
using Qrie.Aws.Api.Recording;

namespace Qrie.Api.Demo;

/// <summary>
/// <c>--demo</c>: the main job on the recorded answers of a sample organization. No AWS, no network, and no trace afterwards: the store is a
/// temporary file, unless the environment or the command line names one.
/// </summary>
internal static class DemoMode
{
    public const string Switch = "--demo";

    private const string StorePath = "Store:Path";

    public static void AddDemo(this WebApplicationBuilder builder)
    {
        var samples = Path.Combine(AppContext.BaseDirectory, "samples", "demo");
        if (!NamesStore(builder.Configuration))
        {
            var folder = Directory.CreateTempSubdirectory("qrie-demo-");
            builder.Configuration[StorePath] = Path.Combine(folder.FullName, "qrie.db");
            builder.Services.AddSingleton(_ => new TemporaryStore(folder));
        }

        // Nothing scheduled may start beside what the demo shows, and the console of another origin may look at it.
        builder.Configuration["Schedules:Inventory"] = "off";
        builder.Configuration["Schedules:PolicyScan"] = "off";
        builder.Configuration["Cors:Origins"] ??= "*";
        var organization = SampleOrganization.Read(samples);
        builder.Configuration["Aws:Regions"] = string.Join(',', organization.Regions);
        builder.Services.AddSingleton(organization);
        builder.Services.AddSingleton(new DemoClock(TimeProvider.System, TimeSpan.FromDays(7 * organization.Weeks)));
        builder.Services.AddHostedService<DemoRunner>();
    }

    /// <summary>To be called after clock and AWS side were registered: the last registration counts.</summary>
    public static void ReplayInsteadOfAws(this IServiceCollection services)
    {
        services.AddSingleton<TimeProvider>(p => p.GetRequiredService<DemoClock>());
        services.AddSingleton<IAwsApi>(p => p.GetRequiredService<LayeredReplay>());
        services.AddSingleton(p =>
        {
            var (organization, clock) = (p.GetRequiredService<SampleOrganization>(), p.GetRequiredService<DemoClock>());
            var recordings = Path.Combine(AppContext.BaseDirectory, "samples", "demo", "recordings");

            // What a thing says of its past is the same whenever it is asked: times move by what has passed on the real clock.
            return new LayeredReplay([.. organization.Layers.Select(
                (_, n) => new ReplayAwsApi(Path.Combine(recordings, $"{n}"), clock, organization.RecordedAt - clock.Behind))]);
        });
    }

    /// <summary>Made before the store is opened, so that it is disposed after the store is closed.</summary>
    public static void HoldTemporaryStore(this WebApplication app) => app.Services.GetService<TemporaryStore>();

    private static bool NamesStore(ConfigurationManager configuration) =>
        ((IConfigurationRoot)configuration).Providers
            .Where(p => p is EnvironmentVariablesConfigurationProvider or CommandLineConfigurationProvider)
            .Any(p => p.TryGet(StorePath, out _));

    /// <summary>Removes the demo's store when the process ends.</summary>
    private sealed class TemporaryStore(DirectoryInfo folder) : IDisposable
    {
        public void Dispose() => folder.Delete(recursive: true);
    }
}
