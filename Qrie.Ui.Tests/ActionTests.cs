using System.Text.Json;
using Microsoft.Playwright;
using Qrie.Tests.Api;

namespace Qrie.Ui.Tests;

/// <summary>Scans, accounts and keys by clicks, checked over REST.</summary>
public sealed class ActionTests(Chromium chromium)
{
    [BrowserFact]
    public async Task A_scan_is_started_followed_and_cancelled()
    {
        var gate = new TaskCompletionSource();
        var collector = new ScriptedCollector().With("""{"Name":"x"}""", "a");
        collector.Gate = cancel => gate.Task.WaitAsync(cancel);
        await using var qrie = await RunningQrie.StartAsync(collector);
        await using var window = await chromium.OpenAsync(qrie.Http.BaseAddress!);
        await window.GoAsync("scans");

        await window.ClickAsync("Start a scan");
        await window.Choice("Service").SelectOptionAsync("s3");
        await window.ClickAsync("Start");
        await window.AtAsync("*/ui/scans/*");
        var id = window.Page.Url.Split('/')[^1];
        (await StatusAsync(qrie, id)).ShouldBeOneOf("queued", "running");
        await window.Page.GetByText("Running", new() { Exact = true }).First.WaitForAsync(); // pushed, without a reload

        await window.Page.GetByRole(AriaRole.Button, new() { Name = "Cancel the scan" }).ClickAsync();
        await window.Page.Locator(".mud-dialog").GetByRole(AriaRole.Button, new() { Name = "Cancel the scan" }).ClickAsync();
        await window.Page.Locator(".q-kpis").GetByText("Cancelled").WaitForAsync();

        (await qrie.FinishedAsync(id)).GetProperty("status").GetString().ShouldBe("cancelled");
        gate.SetResult();
        window.Problems.ShouldBeEmpty();
    }

    [BrowserFact]
    public async Task An_account_is_added_changed_and_removed()
    {
        await using var qrie = await RunningQrie.StartAsync();
        await using var window = await chromium.OpenAsync(qrie.Http.BaseAddress!);
        await window.GoAsync("accounts");

        await window.ClickAsync("Add an account");
        await window.ClickAsync("Generate the template");
        await window.Page.GetByText("aws cloudformation deploy").First.WaitForAsync();
        await window.Page.GetByLabel("Account id (12 digits)").FillAsync("12345");
        await window.ClickAsync("Add");
        await window.ShowsAsync("account_id", ".mud-dialog .q-error");

        await window.Page.GetByLabel("Account id (12 digits)").FillAsync("210987654321");
        await window.Page.GetByLabel("Name", new() { Exact = true }).FillAsync("shop");
        await window.Page.GetByLabel("Organizational unit").FillAsync("/Production");
        await window.ClickAsync("Add");
        await window.AtAsync("*/accounts/210987654321");
        var added = await AccountAsync(qrie);
        (added.GetProperty("name").GetString(), added.GetProperty("ou").GetString(), added.GetProperty("has_external_id").GetBoolean())
            .ShouldBe(("shop", "/Production", true));

        await window.ClickAsync("Edit");
        await window.Page.GetByLabel("Name", new() { Exact = true }).FillAsync("web shop");
        await window.ClickAsync("Save");
        await window.Page.GetByRole(AriaRole.Heading, new() { Name = "web shop", Level = 1 }).WaitForAsync();
        (await AccountAsync(qrie)).GetProperty("has_external_id").GetBoolean().ShouldBeTrue();

        await window.ClickAsync("Remove");
        await window.Page.GetByLabel("Type 210987654321 to confirm").FillAsync("210987654321");
        await window.Page.Locator(".mud-dialog").GetByRole(AriaRole.Button, new() { Name = "Remove" }).ClickAsync();
        await window.AtAsync("*/ui/accounts");
        (await AccountAsync(qrie)).GetProperty("status").GetString().ShouldBe("removed");
        window.Problems.ShouldBeEmpty();
    }

    [BrowserFact]
    public async Task Accounts_are_imported_after_a_check()
    {
        await using var qrie = await RunningQrie.StartAsync();
        await using var window = await chromium.OpenAsync(qrie.Http.BaseAddress!);
        await window.GoAsync("accounts");

        await window.ClickAsync("Import");
        var dialog = window.Page.Locator(".mud-dialog");
        await dialog.Locator("textarea").FillAsync("account_id,name\n210987654321,shop\n31,wrong");
        await window.ClickAsync("Check");
        await dialog.GetByText("Error", new() { Exact = true }).WaitForAsync();
        (await qrie.GetAsync("/accounts")).Body.GetArrayLength().ShouldBe(1);

        await dialog.Locator("textarea").FillAsync("account_id,name\n210987654321,shop\n310987654321,staging");
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Import" }).ClickAsync();
        await window.Page.GetByRole(AriaRole.Link, new() { Name = "staging" }).WaitForAsync();
        (await qrie.GetAsync("/accounts")).Body.GetArrayLength().ShouldBe(3);
        window.Problems.ShouldBeEmpty();
    }

    [BrowserFact]
    public async Task A_key_is_made_shown_once_and_revoked()
    {
        await using var qrie = await RunningQrie.StartAsync();
        await using var window = await chromium.OpenAsync(qrie.Http.BaseAddress!);
        await window.GoAsync("access");

        await window.Page.GetByLabel("Name of a new key").FillAsync("pipeline");
        await window.Choice("Role").SelectOptionAsync("operator");
        await window.ClickAsync("Create");
        var text = (await window.Page.Locator("pre[aria-label='the key']").InnerTextAsync()).Trim();
        using var client = new HttpClient { BaseAddress = qrie.Http.BaseAddress };
        client.DefaultRequestHeaders.Add("x-api-key", text);
        (await client.GetStringAsync("/whoami")).ShouldContain("operator");

        await window.GoAsync("access");
        (await window.TextAsync()).ShouldNotContain(text);
        var id = text.Split('_')[1];
        await window.ClickAsync($"Revoke {id}");
        await window.Page.Locator(".mud-dialog").GetByRole(AriaRole.Button, new() { Name = "Revoke" }).ClickAsync();
        await window.Page.GetByText("The key is revoked.").WaitForAsync();
        (await client.GetAsync("/whoami")).StatusCode.ShouldBe(System.Net.HttpStatusCode.Unauthorized);
        await window.ShowsAsync("key.revoke"); // in the audit
        window.Problems.ShouldBeEmpty();
    }

    [BrowserFact]
    public async Task The_first_steps_lead_to_findings()
    {
        await using var qrie = await RunningQrie.StartAsync(new ScriptedCollector().With("""{"Name":"x","Versioning":{}}""", "a", "b"));
        await using var window = await chromium.OpenAsync(qrie.Http.BaseAddress!);
        await window.GoAsync("start");

        await window.ClickAsync("Start an inventory");
        await window.Page.GetByText("2 resources are known.").WaitForAsync();
        await window.ClickAsync("Launch the recommended");
        await window.Page.GetByText("findings are open").WaitForAsync();

        var (_, summary) = await qrie.GetAsync("/summary/dashboard");
        await window.ShowsAsync($"{summary.GetProperty("active_policies").GetInt32()} policies are active.");
        summary.GetProperty("total_open_findings").GetInt64().ShouldBeGreaterThan(0);
        window.Problems.ShouldBeEmpty();
    }

    private static async Task<JsonElement> AccountAsync(RunningQrie qrie) => (await qrie.GetAsync("/accounts/210987654321")).Body;

    private static async Task<string?> StatusAsync(RunningQrie qrie, string scanId) =>
        (await qrie.GetAsync($"/scans/{scanId}")).Body.GetProperty("status").GetString();
}
