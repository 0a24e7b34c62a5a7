using Qrie.Api.Hosting;
using Qrie.Domain.Scans;
using Quartz;

namespace Qrie.Api.Jobs;

/// <summary>The cron jobs: the configured schedules and the schedule service.</summary>
internal static class Schedules
{
    private const string InventoryDefault = "0 0 0 ? * SAT";
    private const string PolicyScanDefault = "0 0 4 * * ?";

    /// <exception cref="StartRefusedException">A cron expression is invalid.</exception>
    public static IServiceCollection AddSchedules(this IServiceCollection services, IConfiguration configuration)
    {
        var now = TimeProvider.System.GetUtcNow();
        Schedule[] schedules =
        [
            Schedule.Read(configuration, ScanKind.Inventory, "Schedules:Inventory", InventoryDefault, now),
            Schedule.Read(configuration, ScanKind.Policy, "Schedules:PolicyScan", PolicyScanDefault, now),
        ];
        services.AddSingleton<IReadOnlyList<Schedule>>(schedules);
        services.AddSingleton<ScheduleService>();
        services.AddSingleton<ScheduledScans>();
        services.AddSingleton<MissedSchedules>();
        // The longest sleep before looking for due jobs: shorter than the default of 30 seconds, because the machine may be suspended or its clock changed.
        services.AddQuartz(quartz => quartz.ConfigureScheduler(o => o.IdleWaitTime = TimeSpan.FromSeconds(2)));
        return services.AddQuartzHostedService(o => o.WaitForJobsToComplete = true);
    }
}
