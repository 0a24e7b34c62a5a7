using Microsoft.Extensions.DependencyInjection;
using Qrie.Domain;
using Qrie.Domain.Events;
using Qrie.Tests.Api;
using Qrie.Tests.Emulator;
using Qrie.Tests.Events;

namespace Qrie.Ui.Tests;

/// <summary>Schedules, dead messages, purges and discovery by clicks, checked over REST.</summary>
public sealed class OperationTests(Chromium chromium)
{
    [BrowserFact]
    public async Task A_schedule_is_changed_and_reset()
    {
        await using var qrie = await RunningQrie.StartAsync();
        await using var window = await chromium.OpenAsync(qrie.Http.BaseAddress!);
        await window.GoAsync("scans");
        var configured = await CronAsync(qrie);

        await window.ClickAsync("Edit the schedule of inventory");
        await window.Page.GetByLabel("Quartz expression in UTC, or off").FillAsync("every day");
        await window.ConfirmAsync("Save");
        await window.ShowsAsync("cron", ".mud-dialog .q-error");
        (await CronAsync(qrie)).ShouldBe(configured);

        await window.Page.GetByLabel("Quartz expression in UTC, or off").FillAsync("0 30 2 * * ?");
        await window.ConfirmAsync("Save");
        await window.ShowsAsync("Set here");
        await window.ShowsAsync("02:30");
        (await CronAsync(qrie)).ShouldBe("0 30 2 * * ?");

        await window.ClickAsync("Edit the schedule of inventory");
        await window.ConfirmAsync("As configured");
        await Microsoft.Playwright.Assertions.Expect(window.Page.Locator("main")).Not.ToContainTextAsync("Set here");
        (await CronAsync(qrie)).ShouldBe(configured);
        window.Problems.ShouldBeEmpty();
    }

    [BrowserFact]
    public async Task A_dead_message_is_sent_back()
    {
        await using var qrie = await RunningQrie.StartAsync(
            adjust: builder => builder.Services.AddSingleton(new EventChannel(new InProcessEventQueue(TimeProvider.System))));
        var now = TimeProvider.System.GetUtcNow();
        var body = EventWorld.Record("GetBucketVersioning", "a", now, "123456789012");
        var dead = new DeadEvent("m-1", Organizations.Default, "123456789012", "us-east-1", "s3/GetBucketVersioning", "It failed.", 3, now, false, body);
        await qrie.Services.GetRequiredService<IEventStore>().SaveBatchAsync(
            new EventBatch([], [], [(dead, new MessageResult(dead.Organization, dead.AccountId, dead.Region, MessageOutcome.Failed, null, null, null))], now),
            default);
        await using var window = await chromium.OpenAsync(qrie.Http.BaseAddress!);
        await window.GoAsync("events");

        await window.ShowsAsync("It failed.");
        await window.ClickAsync("Send back");

        await window.Page.GetByText("1 sent back.").WaitForAsync();
        await window.ShowsAsync("There is none.");
        (await qrie.GetAsync("/events/dead")).Body.GetProperty("dead").GetArrayLength().ShouldBe(0);
        window.Problems.ShouldBeEmpty();
    }

    [BrowserFact]
    public async Task The_data_of_an_account_is_deleted_once_its_id_is_typed()
    {
        await using var qrie = await RunningQrie.StartAsync(new ScriptedCollector().With("""{"Name":"x"}""", "a"));
        await qrie.ScanAsync(new { kind = "inventory" });
        (await qrie.GetAsync("/resources")).Body.GetProperty("resources").GetArrayLength().ShouldBe(1);
        await using var window = await chromium.OpenAsync(qrie.Http.BaseAddress!);
        await window.GoAsync("accounts/123456789012");

        await window.ClickAsync("Delete its data");
        await window.Page.GetByLabel("Type 123456789012 to confirm").FillAsync("123456789012");
        await window.ConfirmAsync("Delete its data");
        await window.AtAsync("*/ui/accounts");

        (await qrie.GetAsync("/resources?include_removed=true&deleted=true")).Body.GetProperty("resources").GetArrayLength().ShouldBe(0);
        (await qrie.GetAsync("/accounts")).Body.GetArrayLength().ShouldBe(0);
        window.Problems.ShouldBeEmpty();
    }

    [BrowserFact]
    public async Task Accounts_of_the_organization_are_discovered()
    {
        var estate = Estate.Create();
        await estate.DoAsync("organizations", "CreateOrganization", new { FeatureSet = "ALL" });
        var member = (await estate.DoAsync("organizations", "CreateAccount", new { AccountName = "shop", Email = "shop@example.com" }))
            .GetProperty("CreateAccountStatus").GetProperty("AccountId").GetString()!;
        await using var proxy = await FaultProxy.StartAsync();
        await using var qrie = await RunningQrie.StartAtAsync(
            proxy.Url, settings: [$"--Discovery:RoleArn=arn:aws:iam::{estate.AccountId}:role/OrganizationReader"]);
        await using var window = await chromium.OpenAsync(qrie.Http.BaseAddress!);
        await window.GoAsync("accounts");

        await window.ClickAsync("Discover");
        await window.ShowsAsync("2 pending", ".mud-snackbar");
        await window.Choice("Status").SelectOptionAsync("pending");

        await window.ShowsAsync(member);
        (await qrie.GetAsync("/accounts?status=pending")).Body.EnumerateArray().Select(a => a.GetProperty("account_id").GetString()).ShouldContain(member);
        window.Problems.ShouldBeEmpty();
    }

    private static async Task<string?> CronAsync(RunningQrie qrie) =>
        (await qrie.GetAsync("/schedules")).Body.GetProperty("schedules").EnumerateArray().Single(s => s.GetProperty("kind").GetString() == "inventory")
            .GetProperty("cron").GetString();
}
