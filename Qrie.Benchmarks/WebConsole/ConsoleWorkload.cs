using System.Collections.Concurrent;
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
/// (default 15), <c>--sessions N</c> (default 100). Each user beside follows a link every <c>--think N</c> seconds (default 10), without a browser.
/// </summary>
internal sealed class ConsoleWorkload : IWorkload
{
    private const int WarmUps = 3;

    private static readonly (string Name, string Path)[] s_pages =
        [("dashboard", ""), ("findings", "findings"), ("findings_by_resource", "findings?group=resource"), ("findings_by_severity", "findings?sort=severity")];

    /// <summary>The links that a connected user follows, with a text that the page has only once its data is there.</summary>
    private static readonly (string Path, string Text)[] s_links =
        [("", "Verdict coverage"), ("findings", "First seen"), ("", "Verdict coverage"), ("findings?group=resource", "most severe findings first")];

    public string Name => "console";

    public string Description => "pages of the console in Chromium, memory of connected users: [--store FILE] [--loads N] [--sessions N] [--think N]";

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
            Args = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"],
        });
        await using var context = await browser.NewContextAsync(new BrowserNewContextOptions { BaseURL = address.ToString() });
        context.SetDefaultTimeout(120_000);
        await BrowserAsync(context, figures, loads);
        await PagesAsync(context, figures, "console", loads);
        await UsersAsync(context, address, figures, loads, new Users(sessions, TimeSpan.FromSeconds(Number(args, "--think", 10))));
        return 0;
    }

    /// <summary>The browser's own part of every load: a window with a page of a few bytes.</summary>
    private static async Task BrowserAsync(IBrowserContext context, FigureWriter figures, int loads)
    {
        var usable = new List<double>();
        for (var i = 0; i < loads + WarmUps; i++)
        {
            var (one, _) = await LoadAsync(context, "data:text/html,<main aria-busy=false><h1>Empty</h1></main>");
            if (i >= WarmUps)
            {
                usable.Add(one);
            }
        }

        Write(figures, "console.browser", usable);
    }

    private static async Task PagesAsync(IBrowserContext context, FigureWriter figures, string prefix, int loads)
    {
        foreach (var (name, path) in s_pages)
        {
            var (usable, complete) = (new List<double>(), new List<double>());
            for (var i = 0; i < loads + WarmUps; i++)
            {
                var (one, all) = await LoadAsync(context, $"/ui/{path}");
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
    private static async Task<(double Usable, double Complete)> LoadAsync(IBrowserContext context, string address)
    {
        var page = await context.NewPageAsync();
        var began = Stopwatch.GetTimestamp();
        await page.GotoAsync(address, new PageGotoOptions { WaitUntil = WaitUntilState.Commit });
        await page.WaitForFunctionAsync("() => document.querySelector('main h1') && !document.querySelector('.q-loading')");
        var usable = Stopwatch.GetElapsedTime(began).TotalMilliseconds;
        await page.WaitForSelectorAsync("main[aria-busy=false]");
        var complete = Stopwatch.GetElapsedTime(began).TotalMilliseconds;
        await page.CloseAsync();
        return (usable, complete);
    }

    /// <summary>Pages beside connected users who follow links all the time, first alone, then with inventories, one after the other.</summary>
    private static async Task UsersAsync(IBrowserContext context, Uri address, FigureWriter figures, int loads, Users users)
    {
        await Task.Delay(TimeSpan.FromSeconds(5), TimeProvider.System); // the sessions of closed windows end
        var before = GC.GetTotalMemory(forceFullCollection: true);
        using var http = new HttpClient { BaseAddress = address };
        using var stop = new CancellationTokenSource();
        var circuits = new List<ConsoleCircuit>();
        for (var i = 0; i < users.Count; i++)
        {
            circuits.Add(await ConsoleCircuit.OpenAsync(http, address, "", s_links[0].Text, default));
        }

        figures.Write("console.session", (GC.GetTotalMemory(forceFullCollection: true) - before) / 1e6 / users.Count, "MB");
        var clicks = new ConcurrentBag<double>();
        var clicking = circuits.Select((circuit, i) => ClickAsync(circuit, i, users, clicks, stop.Token)).ToList();
        await PagesAsync(context, figures, string.Create(CultureInfo.InvariantCulture, $"console.beside_{users.Count}"), loads);
        Write(figures, "console.click", [.. clicks]);
        clicks.Clear();
        var scanning = ScanAsync(http, stop.Token);
        await PagesAsync(context, figures, string.Create(CultureInfo.InvariantCulture, $"console.beside_{users.Count}_and_scans"), loads);
        await stop.CancelAsync();
        figures.Write("console.scans", await scanning, "scans");
        await Task.WhenAll(clicking);
        Write(figures, "console.click_beside_scans", [.. clicks]);
        foreach (var circuit in circuits)
        {
            await circuit.DisposeAsync();
        }
    }

    /// <summary>A link, and a time to look at the page, until stopped.</summary>
    private static async Task ClickAsync(ConsoleCircuit circuit, int number, Users users, ConcurrentBag<double> times, CancellationToken stop)
    {
        try
        {
            await Task.Delay(users.Think * number / users.Count, TimeProvider.System, stop);
            for (var i = 1; ; i++)
            {
                var (path, text) = s_links[i % s_links.Length];
                times.Add((await circuit.GoAsync(path, text, stop)).TotalMilliseconds);
                await Task.Delay(users.Think, TimeProvider.System, stop);
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The end of the measurement.
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
        figures.Write($"{name}.p95", milliseconds[(int)(milliseconds.Count * 0.95)], "ms");
        figures.Write($"{name}.max", milliseconds[^1], "ms");
    }

    private static string Chromium() => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
        .Select(folder => Path.Combine(folder, "chromium")).FirstOrDefault(File.Exists)
        ?? throw new InvalidOperationException("chromium is not on PATH: apt-get install chromium.");

    private static int Number(string[] args, string name, int standard) =>
        Text(args, name) is { } text ? int.Parse(text, CultureInfo.InvariantCulture) : standard;

    private static string? Text(string[] args, string name) => Array.IndexOf(args, name) is >= 0 and var at && at + 1 < args.Length ? args[at + 1] : null;

    /// <param name="Think">The time between two links of a user.</param>
    private sealed record Users(int Count, TimeSpan Think);
}
