using System.Text.Json;
using Qrie.Tests.Api;

namespace Qrie.Ui.Tests;

/// <summary>Names and texts of others are shown as text, whatever is in them.</summary>
public sealed class MarkupTests(Chromium chromium)
{
    private const string Markup = "<img src=x onerror=\"window.broken=1\"><script>window.broken=1</script>";

    [BrowserFact]
    public async Task Markup_in_names_is_text_on_every_page()
    {
        var configuration = JsonSerializer.Serialize(new Dictionary<string, object>
        {
            ["Name"] = Markup,
            [Markup] = new { Inner = Markup },
            ["Versioning"] = new { Status = Markup },
            ["_unknown"] = new Dictionary<string, string> { ["Encryption"] = Markup },
        });
        await using var qrie = await RunningQrie.StartAsync(new ScriptedCollector().With(configuration, Markup));
        var tags = new Dictionary<string, string> { ["a"] = Markup };
        await qrie.PostAsync("/accounts", new { account_id = "210987654321", name = Markup, ou = $"/{Markup.Replace('/', '|')}", tags });
        await qrie.PostAsync("/keys", new { role = "reader", name = Markup });
        await qrie.ScanAsync(new { kind = "inventory" });
        var (_, launched) = await qrie.PostAsync(
            "/policies/launch", new { policy_id = "S3BucketVersioningDisabled", remediation = $"{Markup} [link](javascript:window.broken=1)" });
        await qrie.FinishedAsync(launched.GetProperty("scan_id").GetString()!);
        var finding = (await qrie.GetAsync("/findings?state=ACTIVE")).Body.GetProperty("findings")[0];
        var scan = (await qrie.GetAsync("/scans?page_size=1")).Body.GetProperty("scans")[0].GetProperty("scan_id").GetString();
        await using var window = await chromium.OpenAsync(qrie.Http.BaseAddress!);

        var shown = 0;
        foreach (var page in (string[])
            [
                "", "findings", $"findings?id={finding.GetProperty("finding_id").GetString()}", "findings?group=resource", "resources",
                $"resources/{Uri.EscapeDataString(finding.GetProperty("arn").GetString()!)}", "policies", "policies/S3BucketVersioningDisabled", "studio",
                "scans", $"scans/{scan}", "coverage", "accounts", "accounts/210987654321", "events", "access", "start", "compliance",
                $"findings?policy={Uri.EscapeDataString(Markup)}", $"docs/{Uri.EscapeDataString(Markup)}",
            ])
        {
            await window.GoAsync(page);
            (await window.Page.EvaluateAsync<bool>("() => 'broken' in window")).ShouldBeFalse(page);
            (await window.Page.Locator("img[src='x'], main script, a[href^='javascript']").CountAsync()).ShouldBe(0, page);
            shown += (await window.Page.ContentAsync()).Contains("&lt;img src=x", StringComparison.Ordinal) ? 1 : 0;
        }

        shown.ShouldBeGreaterThan(8); // it was there to be seen
        window.Problems.Where(t => t.Contains("Content Security Policy", StringComparison.Ordinal)).ShouldBeEmpty();
    }
}
