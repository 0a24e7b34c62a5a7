using System.Net;
using System.Text.Json;
using Microsoft.Playwright;
using Qrie.Tests.Api;

namespace Qrie.Ui.Tests;

/// <summary>What is done to policies by clicks, checked over REST.</summary>
public sealed class PolicyTests(Chromium chromium)
{
    private const string Policy = "S3BucketVersioningDisabled";

    [BrowserFact]
    public async Task A_policy_is_previewed_launched_changed_and_suspended()
    {
        await using var qrie = await StartAsync();
        await using var window = await chromium.OpenAsync(qrie.Http.BaseAddress!);
        await window.GoAsync($"policies?text={Policy}");

        await window.ClickAsync($"Launch {Policy}");
        await window.ClickAsync("Preview");
        await window.Page.GetByText("If it were launched now").WaitForAsync();
        var (_, preview) = await qrie.PostAsync($"/policies/{Policy}/preview", new { });
        await window.ShowsAsync($"{preview.GetProperty("would_open").GetInt64()} findings would open", ".mud-dialog");
        preview.GetProperty("would_open").GetInt64().ShouldBe(3);
        (await StatusAsync(qrie)).ShouldBe("available");

        await window.Page.GetByLabel("Severity (0 to 100)").FillAsync("77");
        await window.ClickAsync("Launch");
        await window.Page.GetByText($"Policy {Policy} launched successfully").WaitForAsync();
        (await PolicyAsync(qrie)).GetProperty("severity").GetInt32().ShouldBe(77);

        await window.GoAsync($"policies/{Policy}");
        await window.ClickAsync("Edit");
        await window.Page.GetByText("Only resources with a tag").WaitForAsync();
        await window.Page.GetByLabel("123456789012").SelectOptionAsync("out");
        await window.ClickAsync("Save");
        await window.Page.GetByText($"Policy {Policy} updated successfully").WaitForAsync();
        (await PolicyAsync(qrie)).GetProperty("scope").GetProperty("exclude_accounts")[0].GetString().ShouldBe("123456789012");

        await window.ClickAsync("Suspend");
        var confirm = window.Page.Locator(".mud-dialog").GetByRole(AriaRole.Button, new() { Name = "Suspend", Exact = true });
        await Assertions.Expect(confirm).ToBeDisabledAsync();
        await window.Page.GetByLabel($"Type {Policy} to confirm").FillAsync(Policy);
        await confirm.ClickAsync();
        await window.Page.GetByText($"{Policy} is suspended.").WaitForAsync();
        (await StatusAsync(qrie)).ShouldBe("suspended");
        window.Problems.ShouldBeEmpty();
    }

    [BrowserFact]
    public async Task Several_policies_are_launched_with_one_scan()
    {
        await using var qrie = await StartAsync();
        await using var window = await chromium.OpenAsync(qrie.Http.BaseAddress!);
        await window.GoAsync("policies?service=s3&severity=critical");

        await window.Page.GetByLabel("Choose S3BucketPublic").CheckAsync();
        await window.Page.GetByLabel("Choose S3BucketEncryptionDisabled").CheckAsync();
        await window.ClickAsync("Launch 2 chosen");
        await window.ClickAsync("Launch");
        await window.Page.GetByText("2 policies launched, 0 skipped").WaitForAsync();

        var (_, active) = await qrie.GetAsync("/policies?status=active");
        active.EnumerateArray().Select(p => p.GetProperty("policy_id").GetString())
            .ShouldBe(["S3BucketEncryptionDisabled", "S3BucketPublic"], ignoreOrder: true);
        window.Problems.ShouldBeEmpty();
    }

    [BrowserFact]
    public async Task A_refused_setting_is_told_with_its_field()
    {
        await using var qrie = await StartAsync();
        await using var window = await chromium.OpenAsync(qrie.Http.BaseAddress!);
        await window.GoAsync($"policies?text={Policy}");

        await window.ClickAsync($"Launch {Policy}");
        await window.Page.GetByLabel("Severity (0 to 100)").FillAsync("500");
        await window.ClickAsync("Launch");

        await window.ShowsAsync("severity", ".mud-dialog .q-error");
        (await StatusAsync(qrie)).ShouldBe("available");
    }

    [BrowserFact]
    public async Task The_studio_shows_mistakes_at_their_place_and_evaluates()
    {
        await using var qrie = await StartAsync();
        await using var window = await chromium.OpenAsync(qrie.Http.BaseAddress!);
        await window.GoAsync("studio");

        await window.ClickAsync("Evaluate");
        await window.Page.GetByText("No mistakes").WaitForAsync();
        await window.ShowsAsync("Fail");

        var text = await window.Page.InputValueAsync("#studio-text");
        await window.Page.FillAsync("#studio-text", text.Replace("Versioning.Status !=", "Versioning.Sttus !="));
        await window.Page.GetByText("Line 7").WaitForAsync(); // without a click
        await window.Page.FillAsync("#studio-text", text);
        await window.ClickAsync("Evaluate the inventory");
        await window.Page.GetByText("The first 3 resources of the type").WaitForAsync();

        var download = await window.Page.RunAndWaitForDownloadAsync(() => window.ClickAsync("Download YAML"));
        download.SuggestedFilename.ShouldBe("S3BucketVersioningOff.yaml");
        window.Problems.ShouldBeEmpty();
    }

    private static async Task<RunningQrie> StartAsync()
    {
        var qrie = await RunningQrie.StartAsync(new ScriptedCollector().With("""{"Name":"x","Versioning":{"Status":"Suspended"}}""", "a", "b", "c"));
        await qrie.ScanAsync(new { kind = "inventory" });
        return qrie;
    }

    private static async Task<JsonElement> PolicyAsync(RunningQrie qrie)
    {
        var (status, policies) = await qrie.GetAsync($"/policies?policy_id={Policy}");
        status.ShouldBe(HttpStatusCode.OK);
        return policies[0];
    }

    private static async Task<string?> StatusAsync(RunningQrie qrie) => (await PolicyAsync(qrie)).GetProperty("status").GetString();
}
