using Microsoft.AspNetCore.Http.HttpResults;
using Qrie.Api.Access;
using Qrie.Api.Endpoints.Http;
using Qrie.Api.Jobs;
using Qrie.Domain.Scans;

namespace Qrie.Api.Endpoints;

internal static class ScheduleEndpoints
{
    public static void MapSchedules(this IEndpointRouteBuilder routes) =>
        routes.MapGet("/schedules", ListSchedules).WithTags("Scans").WithSummary("When scans start by themselves, and when they last did");

    private static async Task<Ok<ScheduleListView>> ListSchedules(
        IReadOnlyList<Schedule> schedules, IScanStore scans, TimeProvider clock, Caller caller, CancellationToken cancel)
    {
        var views = new List<ScheduleView>();
        foreach (var schedule in schedules)
        {
            var last = await scans.FindLastFullAsync(caller.Organization, schedule.Kind, cancel);
            views.Add(new ScheduleView(
                Words.Of(schedule.Kind), schedule.Cron ?? "off", schedule.Cron is not null, schedule.Next(clock.GetUtcNow()),
                await scans.FindLastScheduledAsync(caller.Organization, schedule.Kind, cancel), last is null ? null : LastScanView.From(last)));
        }

        return TypedResults.Ok(new ScheduleListView(views));
    }

    internal sealed record ScheduleListView(IEnumerable<ScheduleView> Schedules);

    /// <param name="Cron">A Quartz cron expression in UTC, or off.</param>
    /// <param name="NextRun">Null: it is off.</param>
    /// <param name="LastScheduled">The latest time that a scan was started for; null: none was.</param>
    /// <param name="LastFullScan">The last complete anti-entropy scan over everything, by which drift is measured; null: there never was one.</param>
    internal sealed record ScheduleView(
        string Kind, string Cron, bool Enabled, DateTimeOffset? NextRun, DateTimeOffset? LastScheduled, LastScanView? LastFullScan);

    internal sealed record LastScanView(string ScanId, string Status, DateTimeOffset FinishedAt)
    {
        public static LastScanView From(Scan scan) => new(scan.ScanId, Words.Of(scan.Status), scan.FinishedAt!.Value);
    }
}
