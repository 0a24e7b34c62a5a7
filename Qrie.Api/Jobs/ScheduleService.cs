using System.Collections.Concurrent;
using Qrie.Domain.Access;
using Qrie.Domain.Scans;
using Qrie.Domain.Schedules;
using Qrie.Domain.Validation;
using Quartz;

namespace Qrie.Api.Jobs;

/// <summary>
/// The schedules of each organization: those set by users, or else the configured ones. They are stored and take effect immediately. A schedule counts from
/// when it was first seen, so that neither a new installation nor a changed cron expression has missed scans.
/// </summary>
internal sealed class ScheduleService(
    IReadOnlyList<Schedule> configured, IScheduleStore store, IOrganizationStore organizations, IScheduler scheduler, TimeProvider clock)
{
    private readonly ConcurrentDictionary<string, Schedule> _applied = new(StringComparer.Ordinal);

    /// <summary>The schedules of an organization, one of each kind.</summary>
    public Task<IReadOnlyList<EffectiveSchedule>> ListAsync(string organization, CancellationToken cancel) =>
        ListAsync(organization, clock.GetUtcNow(), cancel);

    /// <summary>The schedules of all organizations.</summary>
    public async Task<IReadOnlyList<EffectiveSchedule>> ListAllAsync(CancellationToken cancel)
    {
        var all = new List<EffectiveSchedule>();
        foreach (var (organization, _, made) in await organizations.ListAsync(cancel))
        {
            all.AddRange(await ListAsync(organization, made, cancel));
        }

        return all;
    }

    /// <summary>Stores and activates the effective schedules; called at startup.</summary>
    public async Task OpenAsync(CancellationToken cancel)
    {
        foreach (var effective in await ListAllAsync(cancel))
        {
            await OpenAsync(effective, cancel);
        }
    }

    /// <summary>Applies what other replicas have changed.</summary>
    public async Task RefreshAsync(CancellationToken cancel)
    {
        foreach (var effective in await ListAllAsync(cancel))
        {
            if (!_applied.TryGetValue(NameOf(effective), out var applied) || applied != effective.Schedule)
            {
                await ApplyAsync(effective, cancel);
            }
        }
    }

    /// <summary>Whether a schedule is the stored one of an organization: another replica may have changed it just now.</summary>
    public async Task<bool> IsCurrentAsync(string organization, Schedule schedule, CancellationToken cancel) =>
        (await ListAsync(organization, cancel)).Any(s => s.Schedule == schedule);

    /// <summary>The same for a new organization.</summary>
    public async Task OpenAsync(string organization, CancellationToken cancel)
    {
        foreach (var effective in await ListAsync(organization, cancel))
        {
            await OpenAsync(effective, cancel);
        }
    }

    /// <summary>Sets the schedule of a scan kind.</summary>
    /// <param name="cron">A cron expression or off; null for the configured schedule.</param>
    /// <param name="level">The level of its policy scans; null for none.</param>
    /// <exception cref="InvalidInputException">The expression is invalid or fires too often.</exception>
    /// <exception cref="NotFoundException">There is no such kind.</exception>
    public async Task<EffectiveSchedule> SetAsync(string organization, ScanKind kind, string? cron, ScanLevel? level, CancellationToken cancel)
    {
        var now = clock.GetUtcNow();
        if (cron is not (null or Schedule.Off) && Schedule.WhatIsWrong(cron, now) is { } wrong)
        {
            throw InvalidInputException.Of("cron", wrong);
        }

        var before = (await ListAsync(organization, cancel)).First(s => s.Schedule.Kind == kind);
        var standard = configured.First(s => s.Kind == kind);
        var after = new EffectiveSchedule(
            organization, cron is null ? standard : new Schedule(kind, cron == Schedule.Off ? null : cron, level), cron is not null, now);
        if (after.Schedule == before.Schedule)
        {
            after = after with { Since = before.Since };
        }

        await store.SaveAsync(after.ToStored(), cancel);
        await ApplyAsync(after, cancel);
        return after;
    }

    private async Task OpenAsync(EffectiveSchedule effective, CancellationToken cancel)
    {
        if (!effective.Chosen)
        {
            await store.SaveConfiguredAsync(effective.ToStored(), cancel);
        }

        await ApplyAsync(effective, cancel);
    }

    /// <param name="unseenSince">The start time of schedules that are not stored yet.</param>
    private async Task<IReadOnlyList<EffectiveSchedule>> ListAsync(string organization, DateTimeOffset unseenSince, CancellationToken cancel)
    {
        var stored = (await store.ListAsync(cancel)).Where(s => s.Organization == organization).ToDictionary(s => s.Kind);
        return [.. configured.Select(c => Effective(organization, c, stored.GetValueOrDefault(c.Kind), unseenSince))];
    }

    private EffectiveSchedule Effective(string organization, Schedule standard, StoredSchedule? stored, DateTimeOffset unseenSince)
    {
        var schedule = stored is { Chosen: true } ? new Schedule(standard.Kind, stored.Cron, stored.Level) : standard;
        var since = stored is null ? unseenSince : stored.Cron == schedule.Cron ? stored.Since : clock.GetUtcNow();
        return new EffectiveSchedule(organization, schedule, stored?.Chosen ?? false, since);
    }

    private static string NameOf(EffectiveSchedule effective) => $"{effective.Organization}/{effective.Schedule.Kind}";

    private async Task ApplyAsync(EffectiveSchedule effective, CancellationToken cancel)
    {
        var name = NameOf(effective);
        _applied[name] = effective.Schedule;
        await scheduler.UnscheduleJob(new TriggerKey(name), cancel);
        if (effective.Schedule.Cron is not { } cron)
        {
            return;
        }

        var job = JobBuilder.Create<ScheduledScanJob>().WithIdentity(name)
            .UsingJobData(ScheduledScanJob.Organization, effective.Organization).UsingJobData(ScheduledScanJob.Kind, effective.Schedule.Kind.ToString())
            .UsingJobData(ScheduledScanJob.Cron, cron).UsingJobData(ScheduledScanJob.Level, effective.Schedule.Level?.ToString() ?? "").Build();
        var trigger = TriggerBuilder.Create(clock).WithIdentity(name)
            .WithCronSchedule(cron, c => c.InTimeZone(TimeZoneInfo.Utc).WithMisfireInstruction(CronTriggerMisfireInstruction.FireAndProceed))
            .StartAt(clock.GetUtcNow()).Build();
        await scheduler.ScheduleJob(job, trigger, new ScheduleJobOptions { Replace = true }, cancel);
    }
}

/// <summary>An effective schedule.</summary>
/// <param name="Chosen">True if a user set it, false if it is configured.</param>
/// <param name="Since">Fire times before this do not count as missed.</param>
internal sealed record EffectiveSchedule(string Organization, Schedule Schedule, bool Chosen, DateTimeOffset Since)
{
    public StoredSchedule ToStored() => new(Organization, Schedule.Kind, Schedule.Cron, Chosen, Since, Schedule.Level);
}
