using Microsoft.Playwright;
using Qrie.Tests.Api;
using Qrie.Tests.Support;

namespace Qrie.Ui.Tests;

/// <summary>Exceptions and triage by clicks, checked over REST.</summary>
public sealed class HandlingTests(Chromium chromium)
{
    private const string Unversioned = "S3BucketVersioningDisabled";

    [BrowserFact]
    public async Task A_finding_is_excepted_from_its_panel_and_the_exception_is_removed()
    {
        await using var qrie = await StartAsync();
        await using var window = await chromium.OpenAsync(qrie.Http.BaseAddress!);
        await window.GoAsync("findings");
        await window.Page.Locator("main table .q-link").First.ClickAsync();

        await window.ClickAsync("Except…");
        await window.Page.GetByLabel("Reason").FillAsync("A public site");
        await window.ConfirmAsync("Create the exception");
        await window.ShowsAsync("owner is required.", ".mud-dialog .q-error");
        await window.Page.GetByLabel("Owner").FillAsync("web");
        await window.ConfirmAsync("Create the exception");
        await window.Page.GetByText("The exception is created.").WaitForAsync();

        var made = (await qrie.GetAsync("/exceptions")).Body.GetProperty("exceptions")[0];
        (made.GetProperty("policy_id").GetString(), made.GetProperty("arn").GetString(), made.GetProperty("owner").GetString(),
            made.GetProperty("account_ids")[0].GetString()).ShouldBe((Unversioned, "arn:aws:s3:::site", "web", StoredWorld.Account));
        await window.GoAsync("exceptions");
        await window.ShowsAsync("A public site");
        await window.Page.GetByRole(AriaRole.Button, new() { Name = "Remove the exception of web" }).ClickAsync();
        await window.ConfirmAsync("Remove");
        await window.ShowsAsync("No exception matches.");

        (await qrie.GetAsync($"/exceptions/{made.GetProperty("exception_id").GetString()}")).Body.GetProperty("state").GetString().ShouldBe("removed");
        window.Problems.Where(p => !p.Contains("status 400", StringComparison.Ordinal) && !p.Contains("400 (Bad Request)", StringComparison.Ordinal))
            .ShouldBeEmpty();
    }

    [BrowserFact]
    public async Task A_finding_is_assigned_and_commented_in_its_panel_and_found_by_that()
    {
        await using var qrie = await StartAsync();
        await using var window = await chromium.OpenAsync(qrie.Http.BaseAddress!);
        await window.GoAsync("findings");
        await window.Page.Locator("main table .q-link").First.ClickAsync();

        await window.Choice("Workflow of the finding").SelectOptionAsync("IN_PROGRESS");
        await window.Page.GetByLabel("Assigned to").FillAsync("anna");
        await window.Page.GetByLabel("Comment").FillAsync("Next week");
        await window.ClickAsync("Note");
        await window.ShowsAsync("In progress; assigned to anna; Next week", ".q-panel .q-history >> nth=0");

        var finding = (await qrie.GetAsync("/findings?assignee=anna")).Body.GetProperty("findings")[0];
        finding.GetProperty("workflow").GetString().ShouldBe("IN_PROGRESS");
        await window.GoAsync("findings");
        await window.Choice("Workflow").SelectOptionAsync("IN_PROGRESS");
        await window.AtAsync("*workflow=IN_PROGRESS");
        await window.ShowsAsync("In progress, anna", "main table");
        await window.Choice("Workflow").SelectOptionAsync("NOTIFIED");
        await window.ShowsAsync("No finding matches.");
        window.Problems.ShouldBeEmpty();
    }

    private static async Task<RunningQrie> StartAsync()
    {
        var qrie = await RunningQrie.StartAsync();
        await qrie.LaunchQuietlyAsync(Unversioned);
        var bucket = StoredWorld.Bucket("site");
        await qrie.WriteAsync(bucket);
        await qrie.EvaluateAsync(bucket, Some.Fails(Unversioned));
        return qrie;
    }
}
