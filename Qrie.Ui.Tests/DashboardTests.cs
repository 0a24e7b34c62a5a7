using System.Globalization;

namespace Qrie.Ui.Tests;

public sealed class DashboardTests(Chromium chromium, Demo demo)
{
    [BrowserFact]
    public async Task It_shows_what_rest_answers()
    {
        var summary = await demo.GetAsync("/summary/dashboard");
        var coverage = await demo.GetAsync("/coverage");
        await using var window = await demo.OpenAsync(chromium);

        await window.Page.GotoAsync("/");
        await window.ReadyAsync();

        var text = await window.TextAsync();
        text.ShouldContain(N(summary.GetProperty("total_open_findings").GetInt64()));
        text.ShouldContain(N(summary.GetProperty("critical_open_findings").GetInt64()));
        text.ShouldContain(N(summary.GetProperty("high_open_findings").GetInt64()));
        text.ShouldContain(N(summary.GetProperty("resolved_this_month").GetInt64()));
        text.ShouldContain(N(summary.GetProperty("resources").GetInt64()));
        text.ShouldContain($"{coverage.GetProperty("percent_with_verdict").GetDouble().ToString("0.#", CultureInfo.InvariantCulture)} %");
        text.ShouldContain(summary.GetProperty("anti_entropy").GetProperty("last_inventory_scan").GetProperty("scan_id").GetString()!);
        foreach (var policy in summary.GetProperty("top_policies").EnumerateArray())
        {
            text.ShouldContain(policy.GetProperty("policy_id").GetString()!);
        }

        await window.Page.GetByText("Numbers").ClickAsync();
        var weeks = await window.Page.Locator("details table tbody tr").AllInnerTextsAsync();
        weeks.Select(w => w.Split('\t')[1]).ShouldBe(
            summary.GetProperty("findings_weekly").EnumerateArray().Select(w => N(w.GetProperty("open_findings").GetInt64())));
        window.Problems.ShouldBeEmpty();
    }

    [BrowserFact]
    public async Task Open_findings_are_shown_by_account()
    {
        await using var window = await demo.OpenAsync(chromium);

        await window.GoAsync("");
        var rows = await window.Page.Locator(".q-barstable tbody tr").AllInnerTextsAsync();
        var expected = new List<string>();
        foreach (var account in (await demo.GetAsync("/accounts")).EnumerateArray())
        {
            var counts = await demo.GetAsync($"/summary/findings?account={account.GetProperty("account_id").GetString()}");
            expected.Add(
                $"{account.GetProperty("name").GetString() ?? account.GetProperty("account_id").GetString()}|{Count(counts, "critical")}"
                + $"|{Count(counts, "high")}|{Count(counts, "medium")}|{Count(counts, "low")}");
        }

        rows.Select(r => string.Join('|', r.Split('\t').Select(c => c.Trim()))).ShouldBe(expected, ignoreOrder: true);
    }

    private static string Count(System.Text.Json.JsonElement counts, string band) => N(counts.GetProperty($"{band}_findings").GetInt64());

    private static string N(long value) => value.ToString("N0", CultureInfo.InvariantCulture);
}
