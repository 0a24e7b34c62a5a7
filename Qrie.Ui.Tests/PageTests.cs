using System.Text.Json;

namespace Qrie.Ui.Tests;

/// <summary>Every page, in both themes and widths: no error, no serious hindrance, nothing beside the window; with a picture in the artifacts folder.</summary>
public sealed class PageTests(Chromium chromium, Demo demo, PageTests.Windows windows) : IClassFixture<PageTests.Windows>
{
    private static readonly string s_pictures = Directory.CreateDirectory(
        Path.Combine(new DirectoryInfo(AppContext.BaseDirectory).Parent!.Parent!.Parent!.FullName, "console")).FullName;

    public static TheoryData<string> Pages =>
    [
        "dashboard", "findings", "exceptions", "finding", "findings-by-policy", "findings-by-resource", "resources", "resource", "policies", "policy", "studio",
        "compliance", "framework", "requirement", "scans", "scan", "coverage", "accounts", "account", "alerts", "events", "access", "docs", "document",
        "start", "sign-in",
    ];

    [BrowserTheory]
    [MemberData(nameof(Pages))]
    public async Task A_page_can_be_used_in_both_themes_and_widths(string name)
    {
        var address = await AddressAsync(name);
        var wrong = await Task.WhenAll(((string[])["light", "dark"]).Select(async theme =>
            await WrongAsync(await windows.GetAsync(theme, () => demo.OpenAsync(chromium, theme)), name, address, theme)));

        wrong.SelectMany(w => w).ShouldBeEmpty();
    }

    private static async Task<IReadOnlyList<string>> WrongAsync(Window window, string name, string address, string theme)
    {
        var wrong = new List<string>();
        foreach (var width in (int[])[1280, 390])
        {
            await window.ResizeAsync(width);
            if (width == 1280)
            {
                await window.Page.GotoAsync($"/ui/{address}");
                await (name == "sign-in" ? window.Page.WaitForSelectorAsync("h1") : window.ReadyAsync());
                if (name == "finding")
                {
                    await window.Page.GetByText("Configuration, with what is in the evidence marked").WaitForAsync();
                }
            }

            await window.Page.ScreenshotAsync(new() { Path = Path.Combine(s_pictures, $"{name}-{theme}-{width}.png"), FullPage = true });
            var place = $"{theme}, {width} px";
            if (await window.OverflowAsync() is > 0 and var over)
            {
                wrong.Add($"{place}: {over} pixels wider than the window");
            }

            wrong.AddRange((await Axe.SeriousAsync(window)).Select(v => $"{place}: {v}"));
        }

        wrong.AddRange(window.TakeTrouble().Select(t => $"{theme}: {t}"));
        (await window.Page.GetAttributeAsync("html", "data-theme")).ShouldBe(theme);
        return wrong;
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
            case "findings-by-resource":
                return "findings?group=resource";
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
                var detail = await demo.GetAsync($"/frameworks/{framework}?state=failed");
                return $"compliance/{framework}/{detail.GetProperty("requirements")[0].GetProperty("id").GetString()}";
            case "scan":
                return $"scans/{(await demo.GetAsync("/scans?page_size=1")).GetProperty("scans")[0].GetProperty("scan_id").GetString()}";
            case "account":
                return "accounts/210987654321";
            case "document":
                return "docs/policies";
            default:
                return name;
        }
    }

    private async Task<JsonElement> FirstAsync() =>
        (await demo.GetAsync("/findings?state=ACTIVE&policy=EC2SecurityGroupHighRiskPort&page_size=1")).GetProperty("findings")[0];

    private async Task<string> FrameworkAsync() => (await demo.GetAsync("/frameworks")).GetProperty("frameworks")[0].GetProperty("id").GetString()!;

    /// <summary>A window of each theme, which goes from page to page with what it has loaded.</summary>
    public sealed class Windows : IAsyncDisposable
    {
        private readonly Dictionary<string, Window> _windows = [];

        public async Task<Window> GetAsync(string theme, Func<Task<Window>> open)
        {
            if (!_windows.TryGetValue(theme, out var window))
            {
                window = await open();
                lock (_windows)
                {
                    _windows[theme] = window;
                }
            }

            return window;
        }

        public async ValueTask DisposeAsync()
        {
            foreach (var window in _windows.Values)
            {
                await window.DisposeAsync();
            }
        }
    }
}
