using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Qrie.Api.Jobs;
using Qrie.Domain;
using Qrie.Domain.Access;
using Qrie.Domain.Scans;
using Qrie.Tests.Support;

namespace Qrie.Tests.Api;

/// <summary>Scans that start by themselves, and those that should have.</summary>
public sealed class ScheduleTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("qrie-schedules-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [InlineData("0 0 4 * * ?", "2026-11-21T03:59:59Z", null)]
    [InlineData("0 0 4 * * ?", "2026-11-21T04:00:00Z", "2026-11-21T04:00:00Z")]
    [InlineData("0 0 4 * * ?", "2026-11-25T12:00:00Z", "2026-11-25T04:00:00Z")]
    [InlineData("0 0 0 ? * SAT", "2026-12-04T23:59:59Z", "2026-11-28T00:00:00Z")]
    public void The_last_fire_time_is_the_one_before_now(string cron, string now, string? expected) =>
        new Schedule(ScanKind.Policy, cron).Last(DateTimeOffset.Parse("2026-11-21T00:00:00Z", null), DateTimeOffset.Parse(now, null))
            .ShouldBe(expected is null ? null : DateTimeOffset.Parse(expected, null));

    [Fact]
    public void A_schedule_that_is_off_never_fires() =>
        new Schedule(ScanKind.Policy, null).Last(DateTimeOffset.UnixEpoch, DateTimeOffset.MaxValue).ShouldBeNull();

    [Fact]
    public async Task Schedules_show_when_they_run_next()
    {
        await using var qrie = await StartAsync(TimeSpan.Zero, "0 0 4 * * ?");

        var schedules = (await qrie.GetAsync("/schedules")).Body.GetProperty("schedules").EnumerateArray().ToList();

        schedules.Select(s => s.GetProperty("kind").GetString()).ShouldBe(["inventory", "policy"]);
        (schedules[0].GetProperty("enabled").GetBoolean(), schedules[0].GetProperty("cron").GetString(), schedules[0].GetProperty("next_run").ValueKind)
            .ShouldBe((false, "off", JsonValueKind.Null));
        var next = schedules[1].GetProperty("next_run").GetDateTimeOffset();
        (next.Hour, next.Minute, next.Offset).ShouldBe((4, 0, TimeSpan.Zero));
        next.ShouldBeGreaterThan(TimeProvider.System.GetUtcNow());
    }

    [Fact]
    public async Task What_was_missed_while_nothing_ran_starts_once_at_the_next_start()
    {
        await using (var first = await StartAsync(TimeSpan.Zero, "0 0 4 * * ?"))
        {
            (await ScansAsync(first)).ShouldBeEmpty(); // a new installation has missed nothing
        }

        await using (var later = await StartAsync(TimeSpan.FromDays(3), "0 0 4 * * ?"))
        {
            var scan = (await ScansAsync(later)).ShouldHaveSingleItem();
            (scan.GetProperty("kind").GetString(), scan.GetProperty("scan_type").GetString(), scan.GetProperty("trigger").GetString())
                .ShouldBe(("policy", "anti-entropy", "schedule"));
            await later.FinishedAsync(scan.GetProperty("scan_id").GetString()!);
            var schedule = (await later.GetAsync("/schedules")).Body.GetProperty("schedules")[1];
            schedule.GetProperty("last_scheduled").GetDateTimeOffset().Hour.ShouldBe(4);
            schedule.GetProperty("last_full_scan").GetProperty("scan_id").GetString().ShouldBe(scan.GetProperty("scan_id").GetString());
        }

        await using var again = await StartAsync(TimeSpan.FromDays(3), "0 0 4 * * ?");
        (await ScansAsync(again)).ShouldHaveSingleItem();
    }

    [Fact]
    public async Task What_was_missed_starts_in_every_organization_that_was_there_then()
    {
        await using (var first = await StartAsync(TimeSpan.Zero, "0 0 4 * * ?"))
        {
            await first.Services.GetRequiredService<OrganizationRegistry>().AddAsync("shop", null, default);
        }

        await using (var later = await StartAsync(TimeSpan.FromDays(3), "0 0 4 * * ?"))
        {
            (await later.Services.GetRequiredService<IScanStore>().ListAsync("shop", new PageRequest(10), default)).Items.Single().Trigger.ShouldBe("schedule");
            (await ScansAsync(later)).ShouldHaveSingleItem();
            await later.Services.GetRequiredService<OrganizationRegistry>().AddAsync("new", null, default);
        }

        await using var again = await StartAsync(TimeSpan.FromDays(3), "0 0 4 * * ?");
        (await again.Services.GetRequiredService<IScanStore>().ListAsync("new", new PageRequest(10), default)).Items.ShouldBeEmpty();
        (await again.Services.GetRequiredService<IScanStore>().ListAsync("shop", new PageRequest(10), default)).Items.ShouldHaveSingleItem();
    }

    [Fact]
    public async Task A_schedule_that_was_changed_has_missed_nothing()
    {
        await using (await StartAsync(TimeSpan.Zero, "0 0 4 * * ?"))
        {
        }

        await using var later = await StartAsync(TimeSpan.FromDays(3), "0 0 5 * * ?");

        (await ScansAsync(later)).ShouldBeEmpty();
    }

    private Task<RunningQrie> StartAsync(TimeSpan offset, string cron) => RunningQrie.StartAsync(
        store: Path.Combine(_folder.FullName, "qrie.db"), adjust: builder =>
        {
            builder.Services.RemoveAll<IReadOnlyList<Schedule>>();
            builder.Services.AddSingleton<IReadOnlyList<Schedule>>([new Schedule(ScanKind.Inventory, null), new Schedule(ScanKind.Policy, cron)]);
            builder.Services.Replace(ServiceDescriptor.Singleton<TimeProvider>(new OffsetClock(offset)));
        });

    private static async Task<List<JsonElement>> ScansAsync(RunningQrie qrie) => [.. (await qrie.GetAsync("/scans")).Body.GetProperty("scans").EnumerateArray()];
}
