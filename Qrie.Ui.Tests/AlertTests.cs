using Qrie.Tests.Alerts;
using Qrie.Tests.Api;

namespace Qrie.Ui.Tests;

/// <summary>Alert rules by clicks, checked over REST and at the target.</summary>
public sealed class AlertTests(Chromium chromium)
{
    [BrowserFact]
    public async Task An_alert_is_created_tried_changed_and_deleted()
    {
        await using var sink = await WebhookSink.StartAsync();
        await using var qrie = await RunningQrie.StartAsync(settings: "--Alerts:AllowPrivateTargets=127.0.0.1");
        await using var window = await chromium.OpenAsync(qrie.Http.BaseAddress!);
        await window.GoAsync("alerts");
        await window.ShowsAsync("There are no alerts.");

        await window.ClickAsync("New alert");
        await window.Page.GetByLabel("Name").FillAsync("Critical");
        await window.Page.GetByLabel("Minimum severity (0 to 100)").FillAsync("90");
        await window.Page.GetByLabel("Tags, key=value per line (empty: all)").FillAsync("env=prod\nenv=live");
        await window.Page.GetByLabel("Quiet from (empty: never)").FillAsync("22:00");
        await window.Page.GetByLabel("Quiet until").FillAsync("07:00");
        await window.Page.GetByLabel("Address").FillAsync("http://example.com/x");
        (await Axe.SeriousAsync(window)).ShouldBeEmpty();
        await window.ConfirmAsync("Create");
        await window.ShowsAsync("https", ".mud-dialog .q-error");
        await window.Page.GetByLabel("Address").FillAsync(sink.Url.ToString());
        await window.ConfirmAsync("Create");
        await window.ShowsAsync("is shown this once");
        var rule = (await qrie.GetAsync("/alerts")).Body.GetProperty("alerts")[0];
        (rule.GetProperty("min_severity").GetInt32(), rule.GetProperty("quiet_hours").GetProperty("to").GetString()).ShouldBe((90, "07:00"));
        rule.GetProperty("tags").GetProperty("env").EnumerateArray().Select(v => v.GetString()).ShouldBe(["prod", "live"]);

        await window.ClickAsync("Test Critical");
        await window.Page.GetByText("The target accepted the test message.").WaitForAsync();
        sink.Requests.Count.ShouldBe(1);
        await window.Page.GetByRole(Microsoft.Playwright.AriaRole.Link, new() { Name = "Critical" }).ClickAsync();
        await window.ShowsAsync("Messages of Critical");
        await window.ShowsAsync("Delivered");

        await window.ClickAsync("Edit Critical");
        await window.Page.GetByLabel("Enabled").UncheckAsync();
        await window.ConfirmAsync("Save");
        await window.ShowsAsync("Off");
        await window.ClickAsync("Test Critical");
        await Microsoft.Playwright.Assertions.Expect(window.Page.Locator("section[aria-labelledby='log'] tbody tr")).ToHaveCountAsync(2);
        sink.Requests.Count.ShouldBe(2, "the address is kept");

        await window.ClickAsync("Delete Critical");
        await window.ConfirmAsync("Delete");
        await window.ShowsAsync("There are no alerts.");
        window.Problems.ShouldBeEmpty();
    }
}
