using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using Microsoft.Playwright;
using Qrie.Benchmarks.Load;

namespace Qrie.Benchmarks.WebConsole;

/// <summary>
/// The console in a real Chromium (<c>chromium</c> must be on PATH): how soon pages can be used, what a connected user costs, and how soon pages can be used
/// beside many connected users and running scans. Of the demo, or of <c>--store FILE</c> made by the workload <c>findings</c>; <c>--loads N</c> per page
/// (default 15), <c>--sessions N</c> (default 100).
/// </summary>
internal sealed class ConsoleWorkload : IWorkload
{
    private const int WarmUps = 3;

    private static readonly (string Name, string Path)[] s_pages =
        [("dashboard", ""), ("findings", "findings"), ("findings_by_resource", "findings?group=resource"), ("findings_by_severity", "findings?sort=severity")];

    public string Name => "console";

    public string Description => "pages of the console in Chromium, memory of connected users: [--store FILE] [--loads N] [--sessions N]";

    public async Task<int> RunAsync(string[] args, FigureWriter figures)
    {
        var (loads, sessions, store) = (Number(args, "--loads", 15), Number(args, "--sessions", 100), Text(args, "--store"));
        await using var app = store is null
            ? await InProcessService.StartDemoAsync(null, default)
            : await InProcessService.StartAsync(
                [$"--Store:Path={store}", "--Aws:Endpoint=http://127.0.0.1:9", "--Schedules:Inventory=off", "--Schedules:PolicyScan=off"], null, default);
        var address = new Uri(app.Urls.First());
        using var playwright = await Playwright.CreateAsync();
        await using var browser = await playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
        {
            ExecutablePath = Chromium(),
            // All windows share two processes: a hundred of their own would need the memory of the machine.
            Args = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--renderer-process-limit=2"],
        });
        await using var context = await browser.NewContextAsync(new BrowserNewContextOptions { BaseURL = address.ToString() });
        context.SetDefaultTimeout(120_000);
        await PagesAsync(context, figures, "console", loads);
        await UsersAsync(context, address, figures, loads, sessions);
        return 0;
    }

    private static async Task PagesAsync(IBrowserContext context, FigureWriter figures, string prefix, int loads)
    {
        foreach (var (name, path) in s_pages)
        {
            var (usable, complete) = (new List<double>(), new List<double>());
            for (var i = 0; i < loads + WarmUps; i++)
            {
                var (one, all) = await LoadAsync(context, path);
                if (i >= WarmUps)
                {
                    usable.Add(one);
                    complete.Add(all);
                }
            }

            Write(figures, $"{prefix}.{name}.usable", usable);
            Write(figures, $"{prefix}.{name}.complete", complete);
        }
    }

    /// <summary>
    /// A new window, to the page's first data with its controls at work, and to all of it: what is below follows. The browser has the files of the console.
    /// </summary>
    private static async Task<(double Usable, double Complete)> LoadAsync(IBrowserContext context, string path)
    {
        var page = await context.NewPageAsync();
        var began = Stopwatch.GetTimestamp();
        await page.GotoAsync($"/ui/{path}", new PageGotoOptions { WaitUntil = WaitUntilState.Commit });
        await page.WaitForFunctionAsync("() => document.querySelector('main h1') && !document.querySelector('.q-loading')");
        var usable = Stopwatch.GetElapsedTime(began).TotalMilliseconds;
        await page.WaitForSelectorAsync("main[aria-busy=false]");
        var complete = Stopwatch.GetElapsedTime(began).TotalMilliseconds;
        await page.CloseAsync();
        return (usable, complete);
    }

    private static async Task UsersAsync(IBrowserContext context, Uri address, FigureWriter figures, int loads, int sessions)
    {
        await Task.Delay(TimeSpan.FromSeconds(5), TimeProvider.System); // the sessions of closed windows end
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var windows = new List<IPage>();
        for (var i = 0; i < sessions; i++)
        {
            var page = await context.NewPageAsync();
            await page.GotoAsync($"/ui/{s_pages[i % s_pages.Length].Path}");
            await page.WaitForSelectorAsync("main[aria-busy=false]");
            windows.Add(page);
        }

        figures.Write("console.session", (GC.GetTotalMemory(forceFullCollection: true) - before) / 1e6 / sessions, "MB");
        using var http = new HttpClient { BaseAddress = address };
        using var stop = new CancellationTokenSource();
        var scanning = ScanAsync(http, stop.Token);
        await PagesAsync(context, figures, string.Create(CultureInfo.InvariantCulture, $"console.beside_{sessions}_and_scans"), loads);
        await stop.CancelAsync();
        figures.Write("console.scans", await scanning, "scans");
        foreach (var window in windows)
        {
            await window.CloseAsync();
        }
    }

    /// <summary>Inventories, one after the other; how many ended.</summary>
    private static async Task<int> ScanAsync(HttpClient http, CancellationToken stop)
    {
        for (var ended = 0; ; ended++)
        {
            try
            {
                using var body = new StringContent("""{"kind": "inventory"}""", Encoding.UTF8, new MediaTypeHeaderValue("application/json"));
                using var started = await http.PostAsync(new Uri("/scans", UriKind.Relative), body, stop);
                var scanId = System.Text.Json.JsonElement.Parse(await started.Content.ReadAsStringAsync(stop)).GetProperty("scan_id").GetString();
                var scan = new Uri($"/scans/{scanId}", UriKind.Relative);
                while (!(await http.GetStringAsync(scan, stop)).Contains("\"finished_at\":\"", StringComparison.Ordinal))
                {
                    await Task.Delay(TimeSpan.FromMilliseconds(200), TimeProvider.System, stop);
                }
            }
            catch (OperationCanceledException)
            {
                return ended;
            }
        }
    }

    private static void Write(FigureWriter figures, string name, List<double> milliseconds)
    {
        milliseconds.Sort();
        figures.Write($"{name}.p50", milliseconds[milliseconds.Count / 2], "ms");
        figures.Write($"{name}.max", milliseconds[^1], "ms");
    }

    private static string Chromium() => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
        .Select(folder => Path.Combine(folder, "chromium")).FirstOrDefault(File.Exists)
        ?? throw new InvalidOperationException("chromium is not on PATH: apt-get install chromium.");

    private static int Number(string[] args, string name, int standard) =>
        Text(args, name) is { } text ? int.Parse(text, CultureInfo.InvariantCulture) : standard;

    private static string? Text(string[] args, string name) => Array.IndexOf(args, name) is >= 0 and var at && at + 1 < args.Length ? args[at + 1] : null;
}
