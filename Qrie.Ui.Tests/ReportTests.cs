using Microsoft.Playwright;
using Qrie.Tests.Exports;

namespace Qrie.Ui.Tests;

/// <summary>The exported page, opened from a file: it filters offline and shows names as text.</summary>
public sealed class ReportTests(Chromium chromium) : IClassFixture<Chromium>
{
    [BrowserFact]
    public async Task The_page_filters_offline_and_shows_names_as_text()
    {
        await using var qrie = await ExportWorld.StartAsync();
        var folder = Directory.CreateTempSubdirectory("qrie-report-");
        try
        {
            var file = Path.Combine(folder.FullName, "findings.html");
            await File.WriteAllTextAsync(file, await qrie.Http.GetStringAsync("/findings?format=html&include_unknown=true"));
            await qrie.StopAsync();
            await using var window = await chromium.OpenAsync(qrie.Http.BaseAddress!);
            var loaded = new List<string>();
            window.Page.Request += (_, request) => loaded.Add(request.Url);
            var page = window.Page;
            await page.GotoAsync(new Uri(file).ToString());

            var rows = page.Locator("#findings tbody tr");
            await Assertions.Expect(page.Locator("#count")).ToHaveTextAsync("4 of 4");
            await Assertions.Expect(rows).ToHaveCountAsync(4);
            await Assertions.Expect(page.GetByText("arn:aws:s3:::</script><img src=x onerror=")).ToBeVisibleAsync();
            (await page.Locator("img").CountAsync()).ShouldBe(0);
            (await page.EvaluateAsync<bool>("() => 'broken' in window")).ShouldBeFalse();

            await page.GetByLabel("State").SelectOptionAsync("UNKNOWN");
            await Assertions.Expect(rows).ToHaveCountAsync(1);
            await Assertions.Expect(rows.First).ToContainTextAsync("arn:aws:s3:::unreadable");
            await rows.First.Locator("summary").ClickAsync();
            await Assertions.Expect(rows.First).ToContainTextAsync("No verdict: Versioning could not be read (AccessDenied)");

            await page.GetByLabel("State").SelectOptionAsync("");
            await page.GetByLabel("Search").FillAsync("versioning fixed");
            await Assertions.Expect(rows).ToHaveCountAsync(1);
            await Assertions.Expect(rows.First).ToContainTextAsync("resolved");
            await page.GetByLabel("Severity").SelectOptionAsync("critical");
            await Assertions.Expect(page.Locator("#count")).ToHaveTextAsync("0 of 4");
            await Assertions.Expect(page.GetByText("AccessDenied: <no>")).ToBeVisibleAsync();

            loaded.ShouldBe([new Uri(file).ToString()]);
            window.Problems.Where(t => !t.Contains(new Uri(file).ToString(), StringComparison.Ordinal)).ShouldBeEmpty();
            (await Axe.SeriousAsync(window)).ShouldBeEmpty();
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
