using System.Text.Json;
using Qrie.Tests.Api;

namespace Qrie.Ui.Tests;

/// <summary>What is done on the pages of compliance by clicks, checked over REST.</summary>
public sealed class ComplianceTests(Chromium chromium)
{
    private const string Framework = "cis-5.0";

    [BrowserFact]
    public async Task The_policies_of_a_framework_are_launched_and_its_report_is_downloaded()
    {
        await using var qrie = await RunningQrie.StartAsync(new ScriptedCollector().With("""{"Name":"x"}""", "a"));
        await qrie.ScanAsync(new { kind = "inventory" });
        await using var window = await chromium.OpenAsync(qrie.Http.BaseAddress!);
        await window.GoAsync($"compliance/{Framework}");

        await window.ClickAsync("Launch its policies");
        (await qrie.GetAsync("/policies?status=active")).Body.GetArrayLength().ShouldBe(0); // it asks first
        await window.ConfirmAsync("Launch");
        await window.ShowsAsync("launched", ".mud-snackbar");

        var active = (await qrie.GetAsync("/policies?status=active")).Body.EnumerateArray().Select(p => p.GetProperty("policy_id").GetString()).ToList();
        var ofFramework = (await qrie.GetAsync($"/policies?framework={Framework}")).Body.EnumerateArray().Select(p => p.GetProperty("policy_id").GetString());
        active.ShouldBe(ofFramework, ignoreOrder: true);

        var report = await window.Page.RunAndWaitForDownloadAsync(() => window.ClickAsync("Download the report"));
        report.SuggestedFilename.ShouldBe($"{Framework}.html");
        (await File.ReadAllTextAsync(await report.PathAsync())).ShouldContain("CIS");
        var csv = await window.Page.RunAndWaitForDownloadAsync(() => window.ClickAsync("Download CSV"));
        (await File.ReadAllTextAsync(await csv.PathAsync())).ShouldBe(await CsvAsync(qrie));
        window.Problems.ShouldBeEmpty();
    }

    [BrowserFact]
    public async Task A_requirement_that_nothing_checks_is_attested_and_the_statement_withdrawn()
    {
        await using var qrie = await RunningQrie.StartAsync();
        var manual = (await qrie.GetAsync($"/frameworks/{Framework}?state=manual")).Body.GetProperty("requirements")[0].GetProperty("id").GetString()!;
        await using var window = await chromium.OpenAsync(qrie.Http.BaseAddress!);
        await window.GoAsync($"compliance/{Framework}/{manual}");

        await window.Page.GetByLabel("What the statement is based on").FillAsync("Asked the owners.");
        await window.ClickAsync("Attest");
        await window.Page.GetByText("The statement is recorded.").WaitForAsync();
        (await AttestationAsync(qrie, manual)).GetProperty("text").GetString().ShouldBe("Asked the owners.");

        await window.ClickAsync("Withdraw");
        await window.Page.GetByText("The statement is withdrawn.").WaitForAsync();
        (await AttestationAsync(qrie, manual)).ValueKind.ShouldBe(JsonValueKind.Null);
        window.Problems.ShouldBeEmpty();
    }

    private static async Task<JsonElement> AttestationAsync(RunningQrie qrie, string requirement) =>
        (await qrie.GetAsync($"/frameworks/{Framework}/requirements/{requirement}")).Body.GetProperty("requirement").GetProperty("attestation");

    private static async Task<string> CsvAsync(RunningQrie qrie)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/frameworks/{Framework}");
        request.Headers.Add("Accept", "text/csv");
        using var answer = await qrie.Http.SendAsync(request);
        return await answer.Content.ReadAsStringAsync();
    }
}
