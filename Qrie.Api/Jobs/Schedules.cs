using Qrie.Api.Hosting;
using Qrie.Domain.Scans;
using Quartz;

namespace Qrie.Api.Jobs;

/// <summary>The cron jobs: what is configured, and the book of what is in force.</summary>
internal static class Schedules
{
    private const string InventoryDefault = "0 0 0 ? * SAT";
    private const string PolicyScanDefault = "0 0 4 * * ?";

    /// <exception cref="StartRefusedException">A cron expression that Quartz does not understand.</exception>
    public static IServiceCollection AddSchedules(this IServiceCollection services, IConfiguration configuration)
    {
        Schedule[] schedules =
        [
            Schedule.Read(configuration, ScanKind.Inventory, "Schedules:Inventory", InventoryDefault),
            Schedule.Read(configuration, ScanKind.Policy, "Schedules:PolicyScan", PolicyScanDefault),
        ];
        services.AddSingleton<IReadOnlyList<Schedule>>(schedules);
        services.AddSingleton<ScheduleService>();
        services.AddSingleton<ScheduledScans>();
        services.AddSingleton<MissedSchedules>();
        // It sleeps until it looks for what is due: not for the usual 30 seconds, because the machine may have slept too, or its clock been set.
        services.AddQuartz(quartz => quartz.ConfigureScheduler(o => o.IdleWaitTime = TimeSpan.FromSeconds(2)));
        return services.AddQuartzHostedService(o => o.WaitForJobsToComplete = true);
    }
}
