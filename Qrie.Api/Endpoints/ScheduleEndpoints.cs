using Microsoft.AspNetCore.Http.HttpResults;
using Qrie.Api.Access;
using Qrie.Api.Endpoints.Http;
using Qrie.Api.Jobs;
using Qrie.Domain.Access;
using Qrie.Domain.Scans;
using Qrie.Domain.Validation;

namespace Qrie.Api.Endpoints;

internal static class ScheduleEndpoints
{
    public static void MapSchedules(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/schedules").WithTags("Scans");
        group.MapGet("", ListSchedules).WithSummary("The schedules of scans, and their last runs");
        group.MapPut("/{kind}", SetSchedule).Writes(Role.Admin, AuditActions.SetSchedule)
            .WithSummary("Set the schedule of a scan kind: a cron expression (UTC), or off").ProducesProblems(400, 404);
        group.MapDelete("/{kind}", ResetSchedule).Writes(Role.Admin,
            AuditActions.SetSchedule).WithSummary("Reset to the configured schedule").ProducesProblems(404);
        group.MapPost("/{kind}/run", RunNow).Writes(Role.Operator, AuditActions.StartScan)
            .WithSummary("Start the scheduled scan now").ProducesProblems(404);
    }

    private static async Task<Ok<ScheduleListView>> ListSchedules(
        ScheduleService schedules, IScanStore scans, TimeProvider clock, Caller caller, CancellationToken cancel)
    {
        var views = new List<ScheduleView>();
        foreach (var effective in await schedules.ListAsync(caller.Organization, cancel))
        {
            views.Add(await ViewAsync(effective, scans, clock, cancel));
        }

        return TypedResults.Ok(new ScheduleListView(views));
    }

    private static async Task<Ok<ScheduleView>> SetSchedule(
        string kind, JsonBody<ScheduleBody> body, ScheduleService schedules, IScanStore scans,
        TimeProvider clock, RequestAudit audit, Caller caller, CancellationToken cancel)
    {
        var cron = body.Value.Cron?.Trim() is { Length: > 0 } text ? text
            : throw InvalidInputException.Of("cron", "cron is required: a Quartz cron expression in UTC such as '0 0 4 * * ?' (every day at 04:00), or off.");
        var level = ApiEnumNames.Find<ScanLevel>(body.Value.Level);
        var errors = new FieldErrors();
        errors.Require(body.Value.Level is null || level is not null, "level", $"level must be {string.Join(", ", ApiEnumNames.All<ScanLevel>())}");
        errors.Require(body.Value.Level is null || kind == "policy", "level", "level is for policy scans; deep includes the inventory that they need");
        errors.ThrowIfAny();
        return TypedResults.Ok(await ViewAsync(await SetAsync(kind, cron, level, schedules, audit, caller, cancel), scans, clock, cancel));
    }

    private static async Task<Ok<ScheduleView>> ResetSchedule(
        string kind, ScheduleService schedules, IScanStore scans, TimeProvider clock, RequestAudit audit, Caller caller, CancellationToken cancel) =>
        TypedResults.Ok(await ViewAsync(await SetAsync(kind, null, null, schedules, audit, caller, cancel), scans, clock, cancel));

    private static async Task<EffectiveSchedule> SetAsync(
        string kind, string? cron, ScanLevel? level, ScheduleService schedules, RequestAudit audit, Caller caller, CancellationToken cancel)
    {
        var scanKind = KindOf(kind);
        return await audit.ChangeAsync(
            kind,
            async token => (await schedules.ListAsync(caller.Organization, token)).Where(s => s.Schedule.Kind == scanKind)
                .Select(s => new ScheduleState(s.Schedule.Cron ?? Schedule.Off, s.Chosen, LevelOf(s.Schedule))).First(),
            () => schedules.SetAsync(caller.Organization, scanKind, cron, level, cancel), cancel);
    }

    private static async Task<Accepted<StartedScanView>> RunNow(
        string kind, ScheduledScans scans, ScheduleService schedules, RequestAudit audit, Caller caller, CancellationToken cancel)
    {
        var scanKind = KindOf(kind);
        var schedule = (await schedules.ListAsync(caller.Organization, cancel)).First(s => s.Schedule.Kind == scanKind).Schedule;
        var scan = (await audit.MakeAsync(
            "", () => scans.StartAsync(caller.Organization, schedule, "manual", scheduledFor: null, cancel),
            started => [(started!.ScanId, ScanEndpoints.ScanState.Of(started))], cancel))!;
        return TypedResults.Accepted($"/scans/{scan.ScanId}", new StartedScanView(scan.ScanId, ApiEnumNames.Of(scan.Status)));
    }

    private static ScanKind KindOf(string kind) => kind switch
    {
        "inventory" => ScanKind.Inventory,
        "policy" => ScanKind.Policy,
        _ => throw new NotFoundException($"Schedule {kind} not found; there are inventory and policy"),
    };

    private static async Task<ScheduleView> ViewAsync(EffectiveSchedule effective, IScanStore scans, TimeProvider clock, CancellationToken cancel)
    {
        var (organization, schedule, chosen, _) = effective;
        var last = await scans.FindLastFullAsync(organization, schedule.Kind, cancel);
        return new ScheduleView(
            ApiEnumNames.Of(schedule.Kind), schedule.Cron ?? Schedule.Off, LevelOf(schedule), schedule.Cron is not null, chosen,
            schedule.Cron is { } cron ? CronReading.Describe(cron) : "never", schedule.Next(clock.GetUtcNow()), schedule.NextRuns(clock.GetUtcNow()).Take(5),
            await scans.FindLastScheduledAsync(organization, schedule.Kind, cancel), last is null ? null : LastScanView.From(last));
    }

    internal sealed record ScheduleListView(IEnumerable<ScheduleView> Schedules);

    private static string? LevelOf(Schedule schedule) => schedule.Level is { } level ? ApiEnumNames.Of(level) : null;

    /// <param name="Cron">A Quartz cron expression in UTC, or off.</param>
    /// <param name="Level">For policy scans: quick, standard or deep; see POST /scans.</param>
    internal sealed record ScheduleBody(string? Cron, string? Level);

    /// <summary>A schedule as recorded in the audit log.</summary>
    internal sealed record ScheduleState(string Cron, bool Chosen, string? Level);

    internal sealed record StartedScanView(string ScanId, string Status);

    /// <param name="Cron">A Quartz cron expression in UTC, or off.</param>
    /// <param name="Chosen">True if it was set over the API, false if it comes from the configuration.</param>
    /// <param name="Description">The expression in words: <c>every day at 04:00 UTC</c>; <c>never</c> if it is off.</param>
    /// <param name="NextRun">Null if it is off.</param>
    /// <param name="NextRuns">The next five times; empty if it is off.</param>
    /// <param name="LastScheduled">The latest time for which a scan was started; null if there was none.</param>
    /// <param name="LastFullScan">The last complete anti-entropy scan over everything, the reference for drift; null if there was none.</param>
    /// <param name="Level">The level of policy scans; null for scans by all policies on what is stored.</param>
    internal sealed record ScheduleView(
        string Kind, string Cron, string? Level, bool Enabled, bool Chosen, string Description, DateTimeOffset? NextRun,
        IEnumerable<DateTimeOffset> NextRuns, DateTimeOffset? LastScheduled, LastScanView? LastFullScan);

    internal sealed record LastScanView(string ScanId, string Status, DateTimeOffset FinishedAt)
    {
        public static LastScanView From(Scan scan) => new(scan.ScanId, ApiEnumNames.Of(scan.Status), scan.FinishedAt!.Value);
    }
}
