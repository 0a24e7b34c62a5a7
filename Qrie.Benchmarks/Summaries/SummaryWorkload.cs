using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Qrie.Domain;
using Qrie.Domain.Accounts;
using Qrie.Domain.Compliance;
using Qrie.Domain.Dashboard;
using Qrie.Domain.Findings;
using Qrie.Domain.Inventory;
using Qrie.Domain.Policies;
using Qrie.Sql;
using Qrie.Sql.Compliance;
using Qrie.Sql.Database;

namespace Qrie.Benchmarks.Summaries;

/// <summary>
/// The cost of dashboard and summaries with a store full of findings that were opened and resolved over years: <c>--findings N</c> (default 100,000),
/// <c>--accounts N</c> (default 300), <c>--weeks N</c> (default 104).
/// </summary>
internal sealed class SummaryWorkload : IWorkload
{
    private const int Policies = 300;
    private const int FindingsPerResource = 30;
    private const int Calls = 1000;
    private const string Type = "AWS::S3::Bucket";

    /// <summary>Nine of ten accounts are below it.</summary>
    private const string Unit = "/Production";

    public string Name => "summary";

    public string Description => "dashboard and summaries: --findings N [--accounts N] [--weeks N]";

    public async Task<int> RunAsync(string[] args, FigureWriter figures)
    {
        var (findings, accounts, weeks) = (Option(args, "--findings", 100_000), Option(args, "--accounts", 300), Option(args, "--weeks", 104));
        var folder = Directory.CreateTempSubdirectory("qrie-summary-");
        try
        {
            var file = Path.Combine(folder.FullName, "qrie.db");
            await using var services = new ServiceCollection().AddSqlStores(_ => SqliteDatabase.Open(file)).BuildServiceProvider();
            var now = TimeProvider.System.GetUtcNow();
            var clock = Stopwatch.StartNew();
            await FillAsync(services, findings, accounts, weeks, now);
            figures.Write("summary.fill", clock.Elapsed.TotalSeconds, "s");

            var summaries = services.GetRequiredService<ISummaryStore>();
            var one = AccountId(accounts / 2);
            await MeasureAsync(figures, "summary.findings", () => summaries.CountFindingsAsync(Organizations.Default, null, default));
            await MeasureAsync(figures, "summary.findings.account", () => summaries.CountFindingsAsync(Organizations.Default, one, default));
            await MeasureAsync(figures, "summary.resources", () => summaries.CountResourcesAsync(Organizations.Default, null, default));
            await MeasureAsync(figures, "summary.dashboard", () => DashboardAsync(summaries, now));
            await MeasureComplianceAsync(services, figures, accounts);
            var total = new FindingsSummary(await summaries.CountFindingsAsync(Organizations.Default, null, default)).Total;
            figures.Write("summary.count", total, "findings");
            return 0;
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>By a new store for each call, so that nothing was read before.</summary>
    private static async Task MeasureComplianceAsync(ServiceProvider services, FigureWriter figures, int accounts)
    {
        var database = services.GetRequiredService<SqlDatabase>();
        Task<ComplianceTotals> ReadAsync(AccountSelection selection) =>
            new SqlComplianceStore(database).ReadTotalsAsync(Organizations.Default, selection, default);
        await MeasureAsync(figures, "summary.compliance", () => ReadAsync(AccountSelection.All));
        await MeasureAsync(figures, "summary.compliance.account", () => ReadAsync(new AccountSelection([AccountId(accounts / 2)])));
        await MeasureAsync(figures, "summary.compliance.ou", () => ReadAsync(AccountSelection.InOu(Unit)));
    }

    private static async Task<IReadOnlyList<FindingWeek>> DashboardAsync(ISummaryStore summaries, DateTimeOffset now)
    {
        var week = Periods.WeekOf(now);
        var counts = await summaries.ReadDashboardAsync(Organizations.Default, FindingWeek.FirstOf(week), Periods.MonthOf(now), default);
        var summary = new FindingsSummary(counts.Resources.Findings);
        return FindingWeek.Of(summary.Total, summary.Open, counts.Changes, week, week);
    }

    private static async Task MeasureAsync<T>(FigureWriter figures, string name, Func<Task<T>> call)
    {
        var times = new double[Calls];
        for (var i = -50; i < Calls; i++)
        {
            var clock = Stopwatch.GetTimestamp();
            JsonSerializer.SerializeToUtf8Bytes(await call());
            times[Math.Max(i, 0)] = Stopwatch.GetElapsedTime(clock).TotalMilliseconds;
        }

        Array.Sort(times);
        figures.Write($"{name}.p50", times[Calls / 2], "ms");
        figures.Write($"{name}.p99", times[Calls * 99 / 100], "ms");
    }

    /// <summary>Each account is evaluated once in some week; in every fifth account, half of the findings are resolved a week later.</summary>
    private static async Task FillAsync(ServiceProvider services, int findings, int accounts, int weeks, DateTimeOffset now)
    {
        await services.GetRequiredService<IInstallation>().PrepareAsync(default);
        for (var i = 0; i < Policies; i++)
        {
            var policy = new LaunchedPolicy
            {
                Organization = Organizations.Default,
                PolicyId = PolicyId(i),
                Status = PolicyStatus.Active,
                CreatedAt = now,
                UpdatedAt = now,
            };
            await services.GetRequiredService<IPolicyStore>().LaunchAsync(policy, default);
        }

        for (var account = 0; account < accounts; account++)
        {
            var at = now.AddDays(-7 * (account % weeks));
            await services.GetRequiredService<IAccountStore>().AddAsync(
                new Account
                {
                    Organization = Organizations.Default,
                    AccountId = AccountId(account),
                    Ou = account % 10 == 0 ? "/Other" : $"{Unit}/Team {account % 10}",
                    CreatedAt = at,
                    UpdatedAt = at,
                },
                default);
            var resources = Enumerable.Range(0, findings / accounts / FindingsPerResource).Select(i => Resource(AccountId(account), i, at)).ToList();
            await services.GetRequiredService<IResourceStore>().WriteAsync(Organizations.Default, resources, at, default);
            await EvaluateAsync(services, resources, at, Verdict.Fail);
            if (account % 5 == 0)
            {
                await EvaluateAsync(services, resources.Take(resources.Count / 2), at.AddDays(7), Verdict.Pass);
            }
        }
    }

    private static async Task EvaluateAsync(ServiceProvider services, IEnumerable<CollectedResource> resources, DateTimeOffset at, Verdict verdict)
    {
        foreach (var batch in resources.Chunk(100))
        {
            await services.GetRequiredService<IFindingStore>()
                .ApplyAsync(Organizations.Default, [.. batch.Select((r, i) => Evaluated(r, i, at, verdict))], null, default);
        }
    }

    private static EvaluatedResource Evaluated(CollectedResource resource, int number, DateTimeOffset at, Verdict verdict) => new()
    {
        AccountService = AccountService.Of(resource.AccountId, resource.Service),
        Arn = resource.Arn,
        Type = Type,
        Region = resource.Region,
        DescribeTime = resource.DescribeTime,
        Hash = resource.Hash,
        Fingerprint = $"{at:u}",
        EvaluatedAt = at,
        Policies =
        [
            .. Enumerable.Range(number % (Policies / FindingsPerResource) * FindingsPerResource, FindingsPerResource)
                .Select(i => new EvaluatedPolicy(PolicyId(i), 1, i % 100, new PolicyVerdict { Verdict = verdict })),
        ],
    };

    private static CollectedResource Resource(string accountId, int number, DateTimeOffset at) => new()
    {
        AccountId = accountId,
        Service = "s3",
        Type = Type,
        Arn = $"arn:aws:s3:::bucket-{accountId}-{number}",
        Id = $"{number}",
        Region = "eu-west-1",
        ListedIn = Regions.Global,
        Configuration = JsonElement.Parse("{}"),
        Hash = "hash",
        DescribeTime = at,
    };

    private static string PolicyId(int number) => $"Policy{number:000}";

    private static string AccountId(int number) => number.ToString("100000000000", CultureInfo.InvariantCulture);

    private static int Option(string[] args, string name, int standard)
    {
        var at = Array.IndexOf(args, name);
        return at >= 0 && at + 1 < args.Length ? int.Parse(args[at + 1].Replace("_", "", StringComparison.Ordinal), CultureInfo.InvariantCulture) : standard;
    }
}
