using Microsoft.Playwright;
using Qrie.Tests.Emulator;

[assembly: AssemblyFixture(typeof(Qrie.Ui.Tests.Chromium))]
[assembly: AssemblyFixture(typeof(Qrie.Ui.Tests.Demo))]

namespace Qrie.Ui.Tests;

/// <summary>One browser for all tests; each has windows of its own.</summary>
public sealed class Chromium : IAsyncLifetime
{
    /// <summary>For machines that build and test other things meanwhile: whoever waits, waits for a state, so that a long limit costs nothing.</summary>
    private const float TimeLimit = 90_000;

    private IPlaywright? _playwright;
    private IBrowser? _browser;

    public async ValueTask InitializeAsync()
    {
        if (Requirements.FindOnPath("chromium") is not { } program)
        {
            return; // its tests are skipped, or fail when they open a window
        }

        Assertions.SetDefaultExpectTimeout(TimeLimit);
        _playwright = await Playwright.CreateAsync();
        _browser = await _playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
        {
            ExecutablePath = program,
            Args =
            [
                "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update",
                "--disable-sync",
            ],
        });
    }

    /// <summary>A window with cookies and storage of its own.</summary>
    /// <param name="address">Of the service.</param>
    public async Task<Window> OpenAsync(Uri address, string theme = "light", int width = 1280, string zone = "Europe/Berlin")
    {
        var browser = _browser ?? throw new InvalidOperationException("chromium is not on PATH: apt-get install chromium.");
        var context = await browser.NewContextAsync(new BrowserNewContextOptions
        {
            BaseURL = address.ToString(),
            ColorScheme = theme == "dark" ? ColorScheme.Dark : ColorScheme.Light,
            TimezoneId = zone,
            ViewportSize = Window.Size(width),
            Permissions = ["clipboard-read", "clipboard-write"],
        });
        context.SetDefaultTimeout(TimeLimit);
        return new Window(context, await context.NewPageAsync());
    }

    public async ValueTask DisposeAsync()
    {
        if (_browser is not null)
        {
            await _browser.DisposeAsync();
        }

        _playwright?.Dispose();
    }
}
