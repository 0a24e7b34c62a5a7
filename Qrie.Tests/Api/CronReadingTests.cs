using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Qrie.Api.Hosting;
using Qrie.Api.Jobs;
using Qrie.Domain.Scans;

namespace Qrie.Tests.Api;

public sealed class CronReadingTests
{
    [Theory]
    [InlineData("0 0 4 * * ?", "every day at 04:00 UTC")]
    [InlineData("0 0 4 * * *", "every day at 04:00 UTC")]
    [InlineData("0 0 0 ? * SAT", "every Saturday at 00:00 UTC")]
    [InlineData("0 0 0 ? * 7", "every Saturday at 00:00 UTC")]
    [InlineData("0 30 2,14 ? * MON-FRI", "every Monday to Friday at 02:30 and 14:30 UTC")]
    [InlineData("0 0 6 ? * 2,4,6", "every Monday, Wednesday and Friday at 06:00 UTC")]
    [InlineData("15 0 6 1 * ?", "on day 1 of the month at 06:00:15 UTC")]
    [InlineData("0 0 6 L * ?", "on the last day of the month at 06:00 UTC")]
    [InlineData("0 0 6 LW * ?", "on the last weekday of the month at 06:00 UTC")]
    [InlineData("0 0 6 L-3 * ?", "3 days before the last day of the month at 06:00 UTC")]
    [InlineData("0 0 6 15W * ?", "on the weekday nearest to day 15 of the month at 06:00 UTC")]
    [InlineData("0 0 6 ? * 6L", "on the last Friday of the month at 06:00 UTC")]
    [InlineData("0 0 6 ? * TUE#2", "on Tuesday number 2 of the month at 06:00 UTC")]
    [InlineData("0 0 6 1 JAN,7 ?", "on day 1 of the month in January and July at 06:00 UTC")]
    [InlineData("0 0 6 1 1 ? 2030-2032", "on day 1 of the month in January in the years 2030 to 2032 at 06:00 UTC")]
    [InlineData("0 0/20 * * * ?", "every day at every 20 minutes from 0 of every hour UTC")]
    [InlineData("0 0 8-17 * * ?", "every day at minute 0 of hour 8 to 17 UTC")]
    [InlineData("0 0 6 1/10 * ?", "on every 10 days from day 1 of the month at 06:00 UTC")]
    public void An_expression_is_said_in_words(string cron, string words)
    {
        new Schedule(ScanKind.Policy, cron).NextRuns(new DateTimeOffset(2026, 11, 29, 0, 0, 0, TimeSpan.Zero)).ShouldNotBeEmpty();
        CronReading.FindAmbiguity(cron).ShouldBeNull();
        CronReading.Describe(cron).ShouldBe(words);
    }

    [Theory]
    [InlineData("0 0 4 1 * MON", "together mean either here and both elsewhere")]
    [InlineData("@daily", "write the fields")]
    [InlineData("0 0 0 1 1 ? 2020", "no future fire time")]
    [InlineData("0 0 4 * *", "neither a Quartz cron expression")]
    public void A_configured_expression_with_two_readings_or_none_refuses_the_start(string cron, string says)
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection([new("Schedules:PolicyScan", cron)]).Build();
        Should.Throw<StartRefusedException>(() => new ServiceCollection().AddSchedules(configuration)).Message.ShouldContain(says);
    }
}
