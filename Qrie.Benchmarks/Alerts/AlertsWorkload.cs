using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Qrie.Domain;
using Qrie.Domain.Accounts;
using Qrie.Domain.Alerts;
using Qrie.Domain.Catalog;
using Qrie.Domain.Catalog.Loading;
using Qrie.Domain.Findings;
using Qrie.Domain.Inventory;
using Qrie.Domain.Policies;
using Qrie.Sql;
using Qrie.Sql.Database;

namespace Qrie.Benchmarks.Alerts;

/// <summary>
/// The cost of alerts: of writing transitions without and with rules, and of matching them: <c>--rules N</c> (default 100), <c>--transitions N</c> (default
/// 10,000).
/// </summary>
internal sealed class AlertsWorkload : IWorkload
{
    private const int Policies = 10;
    private const int ResourcesAtOnce = 100;
    private const int Rounds = 3;
    private const string AccountId = "100000000000";
    private const string Type = "AWS::S3::Bucket";

    public string Name => "alerts";

    public string Description => "alert rules × transitions: [--rules N] [--transitions N]";

    public async Task<int> RunAsync(string[] args, FigureWriter figures)
    {
        var (rules, transitions) = (Option(args, "--rules", 100), Option(args, "--transitions", 10_000));
        var folder = Directory.CreateTempSubdirectory("qrie-alerts-");
        try
        {
            await using var services = new ServiceCollection().AddSqlStores(_ => SqliteDatabase.Open(Path.Combine(folder.FullName, "qrie.db")))
                .BuildServiceProvider();
            await PrepareAsync(services, transitions);
            figures.Write("alerts.write.without_rules", await WriteAsync(services, transitions, 0), "ms");
            var alerts = services.GetRequiredService<IAlertStore>();
            for (var i = 0; i < rules; i++)
            {
                await alerts.AddAsync(Rule(i), default);
            }

            figures.Write("alerts.write.with_rules", await WriteAsync(services, transitions, Rounds * 2), "ms");
            var outbox = await alerts.ReadOutboxAsync(int.MaxValue, default);
            figures.Write("alerts.outbox", outbox.Count, "rows");

            var clock = Stopwatch.StartNew();
            var index = new RuleIndex(await alerts.ListEnabledAsync(Organizations.Default, default));
            var matches = outbox.Sum(e => index.Match(e, null).Count());
            figures.Write("alerts.match", clock.Elapsed.TotalMilliseconds, "ms");
            figures.Write("alerts.matches", matches, "matches");

            var catalog = new CatalogHolder(CatalogLoader.Load(Array.Empty<CatalogFile>()));
            using var matcher = new AlertMatcher(
                alerts, services.GetRequiredService<IAccountStore>(), catalog, TimeProvider.System, NullLogger<AlertMatcher>.Instance);
            clock.Restart();
            await matcher.RunAsync(default);
            figures.Write("alerts.collect", clock.Elapsed.TotalMilliseconds, "ms");
            figures.Write("alerts.messages", (await alerts.ListCollectingAsync(Organizations.Default, default)).Count, "messages");
            return 0;
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>Half of the rules want everything of some policies, the others what is severe in an account or has a tag.</summary>
    private static AlertRule Rule(int number) => new()
    {
        Organization = Organizations.Default,
        AlertId = string.Create(CultureInfo.InvariantCulture, $"rule-{number:0000}"),
        Name = $"Rule {number}",
        Enabled = true,
        Kinds = [AlertKind.Opened, AlertKind.Reopened, AlertKind.Resolved],
        Policies = number % 2 == 0 ? [PolicyId(number % Policies), PolicyId((number + 1) % Policies)] : [],
        MinSeverity = number % 2 == 0 ? 0 : 50,
        Accounts = number % 4 == 1 ? [AccountId] : [],
        Tags = number % 4 == 3 ? new Dictionary<string, IReadOnlyList<string>> { ["env"] = ["prod"] } : new Dictionary<string, IReadOnlyList<string>>(),
        Target = new AlertTarget { Kind = AlertTargetKind.Webhook, Url = "https://example.com/", Secret = "0123456789abcdef" },
        CreatedAt = DateTimeOffset.UnixEpoch,
        UpdatedAt = DateTimeOffset.UnixEpoch,
    };

    private static async Task PrepareAsync(ServiceProvider services, int transitions)
    {
        await services.GetRequiredService<IInstallation>().PrepareAsync(default);
        await services.GetRequiredService<IAccountStore>().AddAsync(
            new Account
            {
                Organization = Organizations.Default,
                AccountId = AccountId,
                CreatedAt = DateTimeOffset.UnixEpoch,
                UpdatedAt = DateTimeOffset.UnixEpoch,
            },
            default);
        for (var i = 0; i < Policies; i++)
        {
            var policy = new LaunchedPolicy
            {
                Organization = Organizations.Default,
                PolicyId = PolicyId(i),
                Status = PolicyStatus.Active,
                CreatedAt = DateTimeOffset.UnixEpoch,
                UpdatedAt = DateTimeOffset.UnixEpoch,
            };
            await services.GetRequiredService<IPolicyStore>().LaunchAsync(policy, default);
        }

        await services.GetRequiredService<IResourceStore>().WriteAsync(
            Organizations.Default, [.. Resources(transitions)], DateTimeOffset.UnixEpoch, default);
    }

    /// <summary>Opens and resolves all findings, several times. Returns the milliseconds of the fastest round that opens them.</summary>
    private static async Task<double> WriteAsync(ServiceProvider services, int transitions, int after)
    {
        var (fastest, findings) = (double.MaxValue, services.GetRequiredService<IFindingStore>());
        for (var round = 0; round < Rounds * 2; round++)
        {
            var verdict = round % 2 == 0 ? Verdict.Fail : Verdict.Pass;
            var clock = Stopwatch.StartNew();
            foreach (var batch in Resources(transitions).Chunk(ResourcesAtOnce))
            {
                await findings.ApplyAsync(Organizations.Default, [.. batch.Select(r => Evaluated(r, after + round, verdict))], null, default);
            }

            fastest = verdict == Verdict.Fail ? Math.Min(fastest, clock.Elapsed.TotalMilliseconds) : fastest;
            if (round < (Rounds * 2) - 2)
            {
                await EmptyAsync(services);
            }
        }

        return fastest;
    }

    /// <summary>So that the last two rounds stay for the matching.</summary>
    private static async Task EmptyAsync(ServiceProvider services)
    {
        var alerts = services.GetRequiredService<IAlertStore>();
        while (await alerts.ReadOutboxAsync(10_000, default) is { Count: > 0 } events)
        {
            await alerts.SaveMatchedAsync(Organizations.Default, [.. events.Select(e => e.Seq)], [], default);
        }
    }

    private static IEnumerable<CollectedResource> Resources(int transitions) => Enumerable.Range(0, transitions / 2 / Policies).Select(Resource);

    private static CollectedResource Resource(int i) => new()
    {
        AccountId = AccountId,
        Service = "s3",
        Type = Type,
        Arn = $"arn:aws:s3:::bucket-{i}",
        Id = $"bucket-{i}",
        Region = "eu-west-1",
        ListedIn = Regions.Global,
        Tags = new Dictionary<string, string> { ["env"] = i % 2 == 0 ? "prod" : "test" },
        Configuration = JsonElement.Parse("{}"),
        Hash = "hash",
        DescribeTime = DateTimeOffset.UnixEpoch,
    };

    private static EvaluatedResource Evaluated(CollectedResource resource, int round, Verdict verdict) => new()
    {
        AccountService = AccountService.Of(resource.AccountId, resource.Service),
        Arn = resource.Arn,
        Type = Type,
        Region = resource.Region,
        DescribeTime = resource.DescribeTime,
        Hash = resource.Hash,
        Fingerprint = $"{round}",
        EvaluatedAt = resource.DescribeTime.AddSeconds(round),
        Policies = [.. Enumerable.Range(0, Policies).Select(i => new EvaluatedPolicy(PolicyId(i), 1, i * 10, new PolicyVerdict { Verdict = verdict }))],
    };

    private static string PolicyId(int number) => $"Policy{number:000}";

    private static int Option(string[] args, string name, int standard)
    {
        var at = Array.IndexOf(args, name);
        return at >= 0 && at + 1 < args.Length ? int.Parse(args[at + 1].Replace("_", "", StringComparison.Ordinal), CultureInfo.InvariantCulture) : standard;
    }
}
