using System.Collections.Concurrent;
using System.Text.RegularExpressions;
using Microsoft.Playwright;

namespace Qrie.Ui.Tests;

/// <summary>A window of the browser, which notes everything that goes wrong in it.</summary>
public sealed class Window : IAsyncDisposable
{
    private readonly IBrowserContext _context;
    private readonly ConcurrentQueue<string> _problems = new();

    internal Window(IBrowserContext context, IPage page)
    {
        (_context, Page) = (context, page);
        page.Console += (_, message) => Note(message.Type is "error" or "warning", $"console {message.Type}: {message.Text}");
        page.PageError += (_, error) => Note(true, $"page error: {error}");
        page.RequestFailed += (_, request) => Note(!IsDisconnect(request), $"request failed: {request.Url} {request.Failure}");
        page.Response += (_, response) => Note(response.Status >= 400, $"status {response.Status}: {response.Url}");
        page.Request += (_, request) => Note(!IsOwn(request.Url), $"request to another host: {request.Url}");
    }

    public IPage Page { get; }

    /// <summary>Errors and warnings of the console, failed requests, and requests to other hosts.</summary>
    public IReadOnlyCollection<string> Problems => _problems;

    public static ViewportSize Size(int width) => new() { Width = width, Height = width > 800 ? 900 : 844 };

    public Task ResizeAsync(int width) => Page.SetViewportSizeAsync(Size(width).Width, Size(width).Height);

    /// <summary>What went wrong until now, to begin anew.</summary>
    public IReadOnlyList<string> TakeTrouble()
    {
        var taken = new List<string>();
        while (_problems.TryDequeue(out var problem))
        {
            taken.Add(problem);
        }

        return taken;
    }

    /// <summary>Opens a page of the console and waits until it shows its data.</summary>
    /// <param name="path">Below /ui/.</param>
    public async Task GoAsync(string path)
    {
        await Page.GotoAsync($"/ui/{path}");
        await ReadyAsync();
    }

    public async Task ReadyAsync()
    {
        // The page says when it has read all that it shows.
        await Page.WaitForSelectorAsync("main[aria-busy=false] h1");
    }

    /// <summary>Clicks the button with exactly this name.</summary>
    public Task ClickAsync(string name) => Page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = name, Exact = true }).ClickAsync();

    /// <summary>The list to choose from with exactly this name.</summary>
    public ILocator Choice(string name) => Page.GetByRole(AriaRole.Combobox, new PageGetByRoleOptions { Name = name, Exact = true });

    /// <summary>Waits until the address is one like this; the page may change it at any time, also before this is called.</summary>
    /// <param name="pattern">An asterisk stands for any text.</param>
    /// <remarks>Not WaitForURLAsync: it misses an address that the page's script changes between its first look and its waiting.</remarks>
    public Task AtAsync(string pattern) => Assertions.Expect(Page).ToHaveURLAsync(
        new Regex($"^{Regex.Escape(pattern).Replace("\\*", ".*", StringComparison.Ordinal)}$", RegexOptions.None, TimeSpan.FromSeconds(1)));

    /// <summary>Waits until the page shows a text.</summary>
    public Task ShowsAsync(string text, string selector = "main") => Assertions.Expect(Page.Locator(selector)).ToContainTextAsync(text);

    /// <summary>The button with this name in the dialog that is open.</summary>
    public Task ConfirmAsync(string name) =>
        Page.Locator(".mud-dialog").GetByRole(AriaRole.Button, new LocatorGetByRoleOptions { Name = name, Exact = true }).ClickAsync();

    /// <summary>What is shown now; only for what cannot change any more.</summary>
    public async Task<string> TextAsync(string selector = "main") => await Page.InnerTextAsync(selector);

    /// <summary>How many pixels the page is wider than the window.</summary>
    public Task<int> OverflowAsync() => Page.EvaluateAsync<int>("() => document.documentElement.scrollWidth - window.innerWidth");

    public async ValueTask DisposeAsync() => await _context.DisposeAsync();

    /// <summary>What a page that is left sends: the browser does not wait for its answer.</summary>
    private static bool IsDisconnect(IRequest request) => request.Url.EndsWith("/_blazor/disconnect", StringComparison.Ordinal);

    private static bool IsOwn(string url) => url.StartsWith("http://127.0.0.1:", StringComparison.Ordinal)
        || url.StartsWith("data:", StringComparison.Ordinal) || url.StartsWith("blob:", StringComparison.Ordinal);

    private void Note(bool isProblem, string what)
    {
        if (isProblem)
        {
            _problems.Enqueue(what);
        }
    }
}
