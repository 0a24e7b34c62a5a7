using System.Net;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Qrie.Api.Jobs;
using Qrie.Domain;
using Qrie.Domain.Scans;
using Qrie.Tests.Support;

namespace Qrie.Tests.Api;

/// <summary>Scheduled scans and missed ones.</summary>
public sealed class ScheduleTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("qrie-schedules-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [InlineData("0 0 4 * * ?", "2026-11-21T03:59:59Z", null)]
    [InlineData("0 0 4 * * ?", "2026-11-21T04:00:00Z", "2026-11-21T04:00:00Z")]
    [InlineData("0 0 4 * * ?", "2026-11-25T12:00:00Z", "2026-11-25T04:00:00Z")]
    [InlineData("0 0 0 ? * SAT", "2026-12-04T23:59:59Z", "2026-11-28T00:00:00Z")]
    public void The_last_fire_time_is_the_latest_before_now(string cron, string now, string? expected) =>
        new Schedule(ScanKind.Policy, cron).Last(DateTimeOffset.Parse("2026-11-21T00:00:00Z", null), DateTimeOffset.Parse(now, null))
            .ShouldBe(expected is null ? null : DateTimeOffset.Parse(expected, null));

    [Theory]
    [InlineData("2026-11-21T04:00:00Z", "2026-11-21T04:00:00Z")]
    [InlineData("2026-11-21T04:00:00.250Z", "2026-11-21T04:00:00Z")]
    [InlineData("2026-11-21T05:13:07Z", "2026-11-21T04:00:00Z")]
    public void The_scheduled_time_does_not_depend_on_the_delay(string fired, string due) =>
        new Schedule(ScanKind.Policy, "0 0 4 * * ?").Due(DateTimeOffset.Parse(fired, null)).ShouldBe(DateTimeOffset.Parse(due, null));

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
        schedules[1].GetProperty("next_runs").EnumerateArray().Select(t => t.GetDateTimeOffset()).ShouldBe(Enumerable.Range(0, 5).Select(d => next.AddDays(d)));
        schedules[1].GetProperty("description").GetString().ShouldBe("every day at 04:00 UTC");
        (schedules[0].GetProperty("next_runs").GetArrayLength(), schedules[0].GetProperty("description").GetString()).ShouldBe((0, "never"));
    }

    [Fact]
    public async Task A_scan_missed_while_the_service_was_down_starts_once_at_startup()
    {
        await using (var first = await StartAsync(TimeSpan.Zero, "0 0 4 * * ?"))
        {
            (await ScansAsync(first)).ShouldBeEmpty(); // a new installation has no missed scans
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
    public async Task Missed_scans_start_in_every_organization_that_existed_then()
    {
        await using (var first = await StartAsync(TimeSpan.Zero, "0 0 4 * * ?"))
        {
            await first.PostAsync("/organizations", new { organization = "shop" });
        }

        await using (var later = await StartAsync(TimeSpan.FromDays(3), "0 0 4 * * ?"))
        {
            (await later.Services.GetRequiredService<IScanStore>().ListAsync("shop", new PageRequest(10), default)).Items.Single().Trigger.ShouldBe("schedule");
            (await ScansAsync(later)).ShouldHaveSingleItem();
            await later.PostAsync("/organizations", new { organization = "new" });
        }

        await using var again = await StartAsync(TimeSpan.FromDays(3), "0 0 4 * * ?");
        (await again.Services.GetRequiredService<IScanStore>().ListAsync("new", new PageRequest(10), default)).Items.ShouldBeEmpty();
        (await again.Services.GetRequiredService<IScanStore>().ListAsync("shop", new PageRequest(10), default)).Items.ShouldHaveSingleItem();
    }

    [Fact]
    public async Task A_changed_schedule_has_no_missed_scans()
    {
        await using (await StartAsync(TimeSpan.Zero, "0 0 4 * * ?"))
        {
        }

        await using var later = await StartAsync(TimeSpan.FromDays(3), "0 0 5 * * ?");

        (await ScansAsync(later)).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_changed_schedule_takes_effect_at_once_and_after_a_restart()
    {
        var clock = new FakeClock(DateTimeOffset.Parse("2026-11-21T00:30:00Z", null));
        await using (var first = await StartAsync(clock, "0 0 4 * * ?"))
        {
            var (status, schedule) = await first.PutAsync("/schedules/policy", new { cron = "0 0 1 * * ?" });

            status.ShouldBe(HttpStatusCode.OK, schedule.ToString());
            (schedule.GetProperty("cron").GetString(), schedule.GetProperty("chosen").GetBoolean(), schedule.GetProperty("next_run").GetDateTimeOffset())
                .ShouldBe(("0 0 1 * * ?", true, DateTimeOffset.Parse("2026-11-21T01:00:00Z", null)));
            clock.Set(DateTimeOffset.Parse("2026-11-21T01:00:01Z", null));
            var scan = await FirstScanAsync(first, clock);
            (scan.GetProperty("trigger").GetString(), scan.GetProperty("scan_type").GetString()).ShouldBe(("schedule", "anti-entropy"));
            var list = (await first.GetAsync("/schedules")).Body.GetProperty("schedules");
            list[1].GetProperty("last_scheduled").GetDateTimeOffset().ShouldBe(DateTimeOffset.Parse("2026-11-21T01:00:00Z", null));
            list[0].GetProperty("chosen").GetBoolean().ShouldBeFalse();
        }

        clock.Set(DateTimeOffset.Parse("2026-11-23T00:00:00Z", null));
        await using var second = await StartAsync(clock, "0 0 4 * * ?");

        // The one missed according to the changed schedule, not to the configured one.
        (await ScansAsync(second)).Count.ShouldBe(2);
        var policy = (await second.GetAsync("/schedules")).Body.GetProperty("schedules")[1];
        (policy.GetProperty("cron").GetString(), policy.GetProperty("last_scheduled").GetDateTimeOffset(), policy.GetProperty("next_run").GetDateTimeOffset())
            .ShouldBe(("0 0 1 * * ?", DateTimeOffset.Parse("2026-11-22T01:00:00Z", null), DateTimeOffset.Parse("2026-11-23T01:00:00Z", null)));
    }

    [Fact]
    public async Task A_schedule_is_off_until_it_is_set_again_or_reset_to_the_configuration()
    {
        var clock = new FakeClock(DateTimeOffset.Parse("2026-11-21T00:30:00Z", null));
        await using var qrie = await StartAsync(clock, "0 0 4 * * ?");

        var off = (await qrie.PutAsync("/schedules/policy", new { cron = "off" })).Body;
        (off.GetProperty("enabled").GetBoolean(), off.GetProperty("next_run").ValueKind).ShouldBe((false, JsonValueKind.Null));
        clock.Advance(TimeSpan.FromDays(2));
        await Task.Delay(300);
        (await ScansAsync(qrie)).ShouldBeEmpty();

        var back = (await qrie.DeleteAsync("/schedules/policy")).Body;
        (back.GetProperty("cron").GetString(), back.GetProperty("chosen").GetBoolean()).ShouldBe(("0 0 4 * * ?", false));
        clock.Set(back.GetProperty("next_run").GetDateTimeOffset().AddSeconds(1));
        await FirstScanAsync(qrie, clock);
    }

    [Theory]
    [InlineData("/schedules/policy", """{"cron": "0 4 * * *"}""", "not a Quartz cron expression")]
    [InlineData("/schedules/policy", """{"cron": "every day"}""", "not a Quartz cron expression")]
    [InlineData("/schedules/policy", """{"cron": "0 * * * * ?"}""", "more often than every 15 minutes")]
    [InlineData("/schedules/inventory", """{"cron": "0 0 0 1 1 ? 2020"}""", "no future fire time")]
    [InlineData("/schedules/policy", """{"cron": "0 0 4 1 * MON"}""", "write '?' for one of them")]
    [InlineData("/schedules/policy", """{"cron": "0 0 4 1 * *"}""", "write '?' for the day of week")]
    [InlineData("/schedules/policy", """{"cron": "0 0 4 * * 2"}""", "write '?' for the day of month")]
    [InlineData("/schedules/policy", """{"cron": "0 0 4 ? * ?"}""", "no day is named")]
    [InlineData("/schedules/policy", """{"cron": "@daily"}""", "write the fields")]
    [InlineData("/schedules/inventory", """{"cron": " "}""", "required")]
    [InlineData("/schedules/inventory", "{}", "required")]
    public async Task An_invalid_cron_expression_is_refused_with_the_remedy(string path, string body, string says)
    {
        await using var qrie = await StartAsync(TimeSpan.Zero, "0 0 4 * * ?");

        using var content = new StringContent(body, System.Text.Encoding.UTF8, "application/json");
        using var answer = await qrie.Http.PutAsync(path, content);
        var problem = JsonElement.Parse(await answer.Content.ReadAsStringAsync());

        answer.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        problem.GetProperty("errors").GetProperty("cron")[0].GetString()!.ShouldContain(says);
        (await qrie.GetAsync("/schedules")).Body.GetProperty("schedules")[1].GetProperty("cron").GetString().ShouldBe("0 0 4 * * ?");
    }

    [Fact]
    public async Task A_schedule_can_be_run_immediately()
    {
        await using var qrie = await StartAsync(TimeSpan.Zero, "0 0 4 * * ?");

        var (status, started) = await qrie.PostAsync("/schedules/policy/run", new { });

        status.ShouldBe(HttpStatusCode.Accepted);
        var scan = await qrie.FinishedAsync(started.GetProperty("scan_id").GetString()!);
        (scan.GetProperty("kind").GetString(), scan.GetProperty("scan_type").GetString(), scan.GetProperty("trigger").GetString())
            .ShouldBe(("policy", "anti-entropy", "manual"));
        (await qrie.GetAsync("/schedules")).Body.GetProperty("schedules")[1].GetProperty("last_full_scan").GetProperty("scan_id").GetString()
            .ShouldBe(scan.GetProperty("scan_id").GetString());
        (await qrie.PostAsync("/schedules/drift/run", new { })).Status.ShouldBe(HttpStatusCode.NotFound);
        (await qrie.PutAsync("/schedules/drift", new { cron = "off" })).Status.ShouldBe(HttpStatusCode.NotFound);
    }

    private Task<RunningQrie> StartAsync(TimeSpan offset, string cron) => StartAsync(new OffsetClock(offset), cron);

    private Task<RunningQrie> StartAsync(TimeProvider clock, string cron) => RunningQrie.StartAsync(
        store: Path.Combine(_folder.FullName, "qrie.db"), adjust: builder =>
        {
            builder.Services.RemoveAll<IReadOnlyList<Schedule>>();
            builder.Services.AddSingleton<IReadOnlyList<Schedule>>([new Schedule(ScanKind.Inventory, null), new Schedule(ScanKind.Policy, cron)]);
            builder.Services.Replace(ServiceDescriptor.Singleton(clock));
        });

    /// <summary>Advances the clock repeatedly, because Quartz may have read it just before it was set.</summary>
    private static async Task<JsonElement> FirstScanAsync(RunningQrie qrie, FakeClock clock)
    {
        for (var waited = System.Diagnostics.Stopwatch.StartNew(); waited.Elapsed < TimeSpan.FromSeconds(30);)
        {
            if (await ScansAsync(qrie) is [var scan])
            {
                return scan;
            }

            await Task.Delay(200);
            clock.Advance(TimeSpan.FromSeconds(2));
        }

        throw new TimeoutException("No scan began.");
    }

    private static async Task<List<JsonElement>> ScansAsync(RunningQrie qrie) =>
        [.. (await qrie.GetAsync("/scans")).Body.GetProperty("scans").EnumerateArray()];
}
