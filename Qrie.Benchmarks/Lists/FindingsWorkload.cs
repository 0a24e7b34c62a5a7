using System.Diagnostics;
using System.Globalization;
using Qrie.Benchmarks.Processes;
using Qrie.Sql.Database;

namespace Qrie.Benchmarks.Lists;

/// <summary>
/// Pages of findings requested by eight clients from the built service. <c>--findings N</c> (default 1,000,000), <c>--store FILE</c>: created if it does not
/// exist, and kept, or <c>--postgres "Host=…;Database=…"</c>, filled if it is empty; <c>--requests N</c> per figure
/// (default 400), <c>--clients N</c> (default 8), <c>--only TEXT</c>: figures whose name contains it.
/// </summary>
internal sealed class FindingsWorkload : IWorkload
{
    private const int PagesDeep = 200;

    /// <summary>The repeated requests, by name. A star is replaced by another account, policy or service for each request.</summary>
    private static readonly (string Name, string Path)[] s_paths =
    [
        ("findings.page.none", "/findings?page_size=50"),
        ("findings.page.account", "/findings?account={account}"),
        ("findings.page.policy", "/findings?policy={policy}"),
        ("findings.page.state", "/findings?state=RESOLVED"),
        ("findings.page.severity", "/findings?severity=critical"),
        ("findings.page.min_severity", "/findings?min_severity=70"),
        ("findings.page.account_state", "/findings?account={account}&state=ACTIVE"),
        ("findings.page.policy_state", "/findings?policy={policy}&state=ACTIVE"),
        ("findings.page.arn_prefix", "/findings?arn_prefix={prefix}"),
        ("findings.page.arn_prefix_narrow", "/findings?arn_prefix={prefix}{service}-0000001"),
        ("findings.page.arn_prefix_broad", "/findings?arn_prefix=arn:aws:"),
        ("findings.page.region", "/findings?region=us-east-1"),
        ("findings.page.rare", "/findings?region=ap-south-2"),
        ("findings.page.rare_in_account", "/findings?region=ap-south-2&account=100000000007"),
        ("findings.page.rare_not_in_account", "/findings?region=ap-south-2&account={account}"),
        ("findings.page.service", "/findings?service={service}"),
        ("findings.page.account_policy", "/findings?account={account}&policy={policy}"),
        ("findings.page.service_state_severity", "/findings?service={service}&state=ACTIVE&severity=high"),
        ("findings.page.resource_type_region", "/findings?resource_type=AWS::Beta::Thing&region=us-east-1"),
        ("findings.page.first_seen", "/findings?first_seen_to={weeks_ago}"),
        ("findings.page.sort_severity", "/findings?sort=severity&state=ACTIVE"),
        ("findings.page.sort_severity_in_account", "/findings?sort=severity&account={account}"),
        ("findings.page.sort_policy", "/findings?sort=policy&state=ACTIVE"),
        ("findings.page.sort_account", "/findings?sort=account&state=ACTIVE"),
        ("findings.page.sort_resource", "/findings?sort=resource&state=ACTIVE"),
        ("findings.page.sort_resource_rare", "/findings?sort=resource&account={account}&policy={policy}"),
        ("findings.page.text", "/findings?text={service}-0000001"),
        ("findings.page.text_nothing", "/findings?text=nothing-has-this"),
        ("findings.groups.policy", "/findings/groups?by=policy&state=ACTIVE"),
        ("findings.groups.account", "/findings/groups?by=account&state=ACTIVE&severity=critical"),
        ("findings.groups.account_of_policy", "/findings/groups?by=account&policy={policy}"),
        ("findings.groups.resource", "/findings/groups?by=resource&state=ACTIVE"),
        ("findings.groups.resource_in_account", "/findings/groups?by=resource&account={account}"),
        ("findings.one", "/findings/{finding}"),
        ("summary.dashboard", "/summary/dashboard"),
        ("summary.findings", "/summary/findings"),
        ("summary.findings_account", "/summary/findings?account={account}"),
        ("summary.resources", "/summary/resources"),
        ("resources.page.none", "/resources"),
        ("resources.page.account", "/resources?account={account}"),
        ("resources.page.region", "/resources?region=us-east-1"),
        ("resources.page.rare", "/resources?region=ap-south-2"),
        ("resources.page.tag", "/resources?tag=Environment:production"),
        ("resources.page.tag_rare", "/resources?tag=Name:{service}-00000017"),
        ("resources.page.type", "/resources?resource_type=AWS::Gamma::Thing"),
        ("resources.page.arn_prefix", "/resources?arn_prefix={prefix}"),
        ("resources.one", "/resources/{resource}"),
    ];

    /// <summary>The same, but each request is for the next page.</summary>
    private static readonly string[] s_deep =
    [
        "findings.page.none", "findings.page.account", "findings.page.policy", "findings.page.state",
        "findings.page.severity", "findings.page.account_state", "findings.page.policy_state",
        "findings.page.arn_prefix", "findings.page.arn_prefix_broad", "findings.page.region", "findings.page.sort_severity", "findings.page.sort_resource",
        "findings.groups.resource", "resources.page.none", "resources.page.tag",
    ];

    public string Name => "findings";

    public string Description =>
        "pages of findings and resources over HTTP: --findings N [--store FILE | --postgres CONNECTION] [--requests N] [--clients N] [--only TEXT]";

    public async Task<int> RunAsync(string[] args, FigureWriter figures)
    {
        var (count, requests, clients) = (Number(args, "--findings", 1_000_000), Number(args, "--requests", 400), Number(args, "--clients", 8));
        var only = Text(args, "--only") ?? "";
        var kept = Text(args, "--store");
        var folder = kept is null ? Directory.CreateTempSubdirectory("qrie-findings-") : null;
        var store = kept ?? Path.Combine(folder!.FullName, "qrie.db");
        try
        {
            var now = TimeProvider.System.GetUtcNow();
            var server = Text(args, "--postgres");
            var clock = Stopwatch.StartNew();
            if (server is not null)
            {
                await FindingsStore.FillAsync(() => PostgresDatabase.Open(server), count, now);
                figures.Write("findings.fill", clock.Elapsed.TotalSeconds, "s");
            }
            else if (!File.Exists(store))
            {
                await FindingsStore.FillAsync(store, count, now);
                figures.Write("findings.fill", clock.Elapsed.TotalSeconds, "s");
                figures.Write("findings.store", new FileInfo(store).Length / 1e6, "MB");
            }

            // AWS is never called; the address is unreachable.
            await using var qrie = QrieProcess.Spawn(
                store, new Uri("http://127.0.0.1:9"), server is null ? [] : ["--Store:Kind=postgres", $"--Store:ConnectionString={server}"]);
            if (!await qrie.ReadyAsync(default))
            {
                throw new InvalidOperationException(string.Join('\n', qrie.Log));
            }

            var samples = new RequestSamples(qrie, now);
            await samples.TakeAsync();
            foreach (var (_, path) in s_paths)
            {
                await MeasureAsync(samples, path, clients * 10, clients, deep: false); // until the runtime has optimized the code
            }

            foreach (var (name, path) in s_paths.Where(p => p.Name.Contains(only, StringComparison.Ordinal)))
            {
                await MeasureAsync(samples, path, clients * 4, clients, deep: false);
                await ReportAsync(figures, name, qrie, () => MeasureAsync(samples, path, requests, clients, deep: false));
            }

            foreach (var (name, path) in s_paths.Where(p => s_deep.Contains(p.Name) && $"{p.Name}.deep".Contains(only, StringComparison.Ordinal)))
            {
                await ReportAsync(figures, $"{name}.deep", qrie, () => MeasureAsync(samples, path, requests, clients, deep: true));
            }

            return 0;
        }
        finally
        {
            folder?.Delete(recursive: true);
        }
    }

    /// <summary>The milliseconds of each request, by clients with one request at a time each.</summary>
    private static async Task<List<double>> MeasureAsync(RequestSamples samples, string path, int requests, int clients, bool deep)
    {
        var times = await Task.WhenAll(Enumerable.Range(0, clients).Select(client => Task.Run(async () =>
        {
            var mine = new List<double>();
            for (var i = 0; i < requests / clients;)
            {
                var asked = samples.Fill(path, client + (i * clients));
                var next = asked;
                for (var depth = 0; i < requests / clients && next is not null && depth < (deep ? PagesDeep : 1); i++, depth++)
                {
                    var clock = Stopwatch.StartNew();
                    var page = await samples.GetAsync(next);
                    mine.Add(clock.Elapsed.TotalMilliseconds);
                    next = page.TryGetProperty("next_token", out var token)
                        ? $"{asked}{(asked.Contains('?', StringComparison.Ordinal) ? '&' : '?')}next_token={token.GetString()}"
                        : null;
                }
            }

            return mine;
        })));
        return [.. times.SelectMany(t => t).Order()];
    }

    private static async Task ReportAsync(FigureWriter figures, string name, QrieProcess qrie, Func<Task<List<double>>> measure)
    {
        using var process = Process.GetProcessById(qrie.Id);
        var before = process.TotalProcessorTime;
        var sorted = await measure();
        process.Refresh();
        figures.Write($"{name}.p50", sorted[sorted.Count / 2], "ms");
        figures.Write($"{name}.p99", sorted[Math.Min(sorted.Count - 1, sorted.Count * 99 / 100)], "ms");
        // Processor time, which other processes on the machine hardly affect.
        figures.Write($"{name}.cpu", (process.TotalProcessorTime - before).TotalMilliseconds / sorted.Count, "ms");
    }

    private static int Number(string[] args, string name, int standard) =>
        Text(args, name) is { } text ? int.Parse(text.Replace("_", "", StringComparison.Ordinal), CultureInfo.InvariantCulture) : standard;

    private static string? Text(string[] args, string name) => Array.IndexOf(args, name) is >= 0 and var at && at + 1 < args.Length ? args[at + 1] : null;
}
