using Quartz;
using Qrie.Api.Hosting;
using Qrie.Domain.Scans;

namespace Qrie.Api.Jobs;

/// <summary>The cron jobs.</summary>
internal static class Schedules
{
    public const string InventoryDefault = "0 0 0 ? * SAT";
    public const string PolicyScanDefault = "0 0 4 * * ?";
    private const string Off = "off";

    /// <exception cref="StartRefusedException">A cron expression that Quartz does not understand.</exception>
    public static IServiceCollection AddSchedules(this IServiceCollection services, IConfiguration configuration)
    {
        var schedules = new (ScanKind Kind, string Key, string Cron)[]
        {
            (ScanKind.Inventory, "Schedules:Inventory", configuration["Schedules:Inventory"] ?? InventoryDefault),
            (ScanKind.Policy, "Schedules:PolicyScan", configuration["Schedules:PolicyScan"] ?? PolicyScanDefault),
        };
        services.AddQuartz(quartz =>
        {
            foreach (var (kind, key, cron) in schedules.Where(s => s.Cron != Off))
            {
                Check(key, cron);
                quartz.ScheduleJob<ScheduledScanJob>(
                    trigger => trigger.WithIdentity($"{kind}").WithCronSchedule(cron, c => c.InTimeZone(TimeZoneInfo.Utc).WithMisfireInstruction(CronTriggerMisfireInstruction.FireAndProceed)),
                    job => job.WithIdentity($"{kind}").UsingJobData(ScheduledScanJob.Kind, kind.ToString()));
            }
        });
        return services.AddQuartzHostedService(o => o.WaitForJobsToComplete = true);
    }

    private static void Check(string key, string cron)
    {
        try
        {
            _ = new CronExpression(cron);
        }
        catch (FormatException e)
        {
            throw new StartRefusedException(
                $"{key} is '{cron}', which is no Quartz cron expression ({e.Message}) and not 'off'. "
                + $"Its fields are seconds, minutes, hours, day, month, weekday: '{PolicyScanDefault}' is every day at 04:00 UTC.");
        }
    }
}
