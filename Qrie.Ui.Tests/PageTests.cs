using System.Text.Json;

namespace Qrie.Ui.Tests;

/// <summary>Every page, in both themes and widths: no error, no serious hindrance, nothing beside the window; with a picture in the artifacts folder.</summary>
[Collection(Demo.Collection)]
public sealed class PageTests(Demo demo)
{
    private static readonly string s_pictures = Directory.CreateDirectory(
        Path.Combine(new DirectoryInfo(AppContext.BaseDirectory).Parent!.Parent!.Parent!.FullName, "console")).FullName;

    public static TheoryData<string> Pages =>
    [
        "dashboard", "findings", "finding", "findings-by-policy", "resources", "resource", "policies", "policy", "studio", "compliance", "framework",
        "requirement", "scans", "scan", "coverage", "accounts", "account", "events", "access", "docs", "document", "start", "sign-in",
    ];

    [BrowserTheory]
    [MemberData(nameof(Pages))]
    public async Task A_page_can_be_used_in_both_themes_and_widths(string name)
    {
        var address = await AddressAsync(name);
        var wrong = new List<string>();
        foreach (var theme in (string[])["light", "dark"])
        {
            foreach (var width in (int[])[1280, 390])
            {
                await using var window = await demo.OpenAsync(theme, width);
                await window.Page.GotoAsync($"/ui/{address}");
                if (name == "sign-in")
                {
                    await window.Page.WaitForSelectorAsync("h1");
                }
                else
                {
                    await window.ReadyAsync();
                }

                if (name == "finding")
                {
                    await window.Page.GetByText("Configuration, with what is in the evidence marked").WaitForAsync();
                }

                await window.Page.ScreenshotAsync(new() { Path = Path.Combine(s_pictures, $"{name}-{theme}-{width}.png"), FullPage = true });
                var place = $"{theme}, {width} px";
                wrong.AddRange(window.Trouble.Select(t => $"{place}: {t}"));
                if (await window.OverflowAsync() is > 0 and var over)
                {
                    wrong.Add($"{place}: {over} pixels wider than the window");
                }

                wrong.AddRange((await Axe.SeriousAsync(window)).Select(v => $"{place}: {v}"));
                (await window.Page.GetAttributeAsync("html", "data-theme")).ShouldBe(theme);
            }
        }

        wrong.ShouldBeEmpty();
    }

    private async Task<string> AddressAsync(string name)
    {
        switch (name)
        {
            case "dashboard":
                return "";
            case "finding":
                return $"findings?id={(await FirstAsync()).GetProperty("finding_id").GetString()}";
            case "findings-by-policy":
                return "findings?group=policy";
            case "resource":
                return $"resources/{Uri.EscapeDataString((await FirstAsync()).GetProperty("arn").GetString()!)}";
            case "policy":
                return "policies/EC2SecurityGroupHighRiskPort";
            case "studio":
                return "studio?policy=S3BucketPublic";
            case "framework":
                return $"compliance/{await FrameworkAsync()}";
            case "requirement":
                var framework = await FrameworkAsync();
                var detail = await demo.Service.GetAsync($"/frameworks/{framework}?state=failed");
                return $"compliance/{framework}/{detail.GetProperty("requirements")[0].GetProperty("id").GetString()}";
            case "scan":
                return $"scans/{(await demo.Service.GetAsync("/scans?page_size=1")).GetProperty("scans")[0].GetProperty("scan_id").GetString()}";
            case "account":
                return "accounts/210987654321";
            case "document":
                return "docs/policies";
            default:
                return name;
        }
    }

    private async Task<JsonElement> FirstAsync() =>
        (await demo.Service.GetAsync("/findings?state=ACTIVE&policy=EC2SecurityGroupHighRiskPort&page_size=1")).GetProperty("findings")[0];

    private async Task<string> FrameworkAsync() =>
        (await demo.Service.GetAsync("/frameworks")).GetProperty("frameworks")[0].GetProperty("id").GetString()!;
}
