using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Qrie.Domain;
using Qrie.Domain.Accounts;
using Qrie.Domain.Findings;
using Qrie.Domain.Inventory;
using Qrie.Domain.Policies;
using Qrie.Sql;
using Qrie.Sql.Database;

namespace Qrie.Benchmarks.Lists;

/// <summary>
/// A store full of findings, created through the stores' interfaces as by scans: 50 accounts, 4 services with 10 policies each. Every resource violates all
/// ten. Resources appear over eight weeks, and four in ten are fixed some days later. Two regions; three findings are in a third one.
/// </summary>
internal static class FindingsStore
{
    public const int Accounts = 50;
    public const int PoliciesPerService = 10;
    public const string RareRegion = "ap-south-2";

    private const int Weeks = 8;
    private const int ResourcesAtOnce = 50;

    public static readonly IReadOnlyList<string> Services = ["alpha", "beta", "gamma", "delta"];

    /// <summary>The severities of the ten policies of a service: two critical, four high, three medium, one low.</summary>
    private static readonly int[] s_severities = [95, 90, 75, 70, 60, 50, 45, 30, 25, 10];

    public static string AccountId(int number) => (100_000_000_000 + number).ToString(CultureInfo.InvariantCulture);

    public static string PolicyId(string service, int number) => $"{service.ToUpperInvariant()}Bad{number}";

    public static string ArnPrefix(string accountId, string service) => $"arn:aws:{service}:eu-west-1:{accountId}:thing/";

    /// <param name="path">A file.</param>
    public static Task FillAsync(string path, int findings, DateTimeOffset now) => FillAsync(() => SqliteDatabase.Open(path), findings, now);

    /// <summary>Does nothing if there are accounts already.</summary>
    public static async Task FillAsync(Func<SqlDatabase> open, int findings, DateTimeOffset now)
    {
        await using var services = new ServiceCollection().AddSqlStores(_ => open()).BuildServiceProvider();
        await services.GetRequiredService<IInstallation>().PrepareAsync(default);
        var (accounts, policies) = (services.GetRequiredService<IAccountStore>(), services.GetRequiredService<IPolicyStore>());
        if ((await accounts.ListAsync(Organizations.Default, includeRemoved: true, default)).Count > 0)
        {
            return;
        }

        foreach (var accountId in Enumerable.Range(0, Accounts).Select(AccountId))
        {
            await accounts.AddAsync(new Account { Organization = Organizations.Default, AccountId = accountId, CreatedAt = now, UpdatedAt = now }, default);
        }

        foreach (var id in Services.SelectMany(service => Enumerable.Range(0, PoliciesPerService).Select(n => PolicyId(service, n))))
        {
            await policies.LaunchAsync(
                new LaunchedPolicy { Organization = Organizations.Default, PolicyId = id, Status = PolicyStatus.Active, CreatedAt = now, UpdatedAt = now },
                default);
        }

        var perPair = findings / (Accounts * Services.Count * PoliciesPerService);
        for (var account = 0; account < Accounts; account++)
        {
            foreach (var service in Services)
            {
                await FillAsync(services, AccountId(account), service, perPair, now);
            }
        }

        var rare = Resource(AccountId(7), "beta", -1, now.AddDays(-50), 0);
        await EvaluateAsync(services, [rare with { Region = RareRegion }], "beta", now.AddDays(-50), failing: 3);
    }

    private static async Task FillAsync(ServiceProvider services, string accountId, string service, int count, DateTimeOffset now)
    {
        var began = now.AddDays(-7 * Weeks);
        for (var from = 0; from < count; from += ResourcesAtOnce)
        {
            // Half exist from the beginning, as with every first scan; the others appear day by day.
            var part = Math.Min(ResourcesAtOnce, count - from);
            var seen = from < count / 2 ? began : began.AddDays(7.0 * Weeks * (from - (count / 2)) / count * 2);
            var resources = Enumerable.Range(from, part).Select(n => Resource(accountId, service, n, seen.AddMilliseconds(n % 97), 0)).ToList();
            await EvaluateAsync(services, resources, service, seen.AddMinutes(1), PoliciesPerService);
            var repaired = resources.Where((_, i) => i % 5 < 2)
                .Select((_, i) => Resource(accountId, service, from + ((i / 2 * 5) + (i % 2)), seen.AddDays(5), 1)).ToList();
            await EvaluateAsync(services, repaired, service, seen.AddDays(5).AddMinutes(1), failing: 0);
        }
    }

    private static async Task EvaluateAsync(ServiceProvider services, IReadOnlyList<CollectedResource> resources, string service, DateTimeOffset now,
        int failing)
    {
        await services.GetRequiredService<IResourceStore>().WriteAsync(Organizations.Default, resources, now, default);
        var evidence = JsonElement.Parse(
            """{"public_access_block_configuration":{"BlockPublicAcls":false,"IgnorePublicAcls":true},"reason":"one of the four flags is not set"}""");
        var fail = new PolicyVerdict { Verdict = Verdict.Fail, Evidence = evidence };
        var evaluated = resources.Select(r => new EvaluatedResource
        {
            AccountService = AccountService.Of(r.AccountId, r.Service),
            Arn = r.Arn,
            Type = r.Type,
            Region = r.Region,
            DescribeTime = r.DescribeTime,
            Hash = r.Hash,
            Fingerprint = r.Hash,
            // Scans evaluate resources one after the other, so each has its own time.
            EvaluatedAt = r.DescribeTime.AddMinutes(1),
            Policies =
            [
                .. Enumerable.Range(0, PoliciesPerService)
                    .Select(n => new EvaluatedPolicy(PolicyId(service, n), 1, s_severities[n], n < failing ? fail : PolicyVerdict.Pass)),
            ],
        }).ToList();
        var result = await services.GetRequiredService<IFindingStore>().ApplyAsync(Organizations.Default, evaluated, null, default);
        if (result.Outcomes.Any(o => o != ApplyOutcome.Applied))
        {
            throw new InvalidOperationException($"Evaluating ended {result.Outcomes.First(o => o != ApplyOutcome.Applied)}.");
        }
    }

    private static CollectedResource Resource(string accountId, string service, int number, DateTimeOffset at, int revision)
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"{service}-{number:00000000}");
        return new CollectedResource
        {
            AccountId = accountId,
            Service = service,
            Type = $"AWS::{char.ToUpperInvariant(service[0])}{service[1..]}::Thing",
            Arn = ArnPrefix(accountId, service) + name,
            Id = name,
            Region = number % 3 == 0 ? "us-east-1" : "eu-west-1",
            ListedIn = Regions.Global,
            Tags = new Dictionary<string, string> { ["Environment"] = "production", ["Name"] = name },
            Configuration = JsonElement.Parse(string.Create(CultureInfo.InvariantCulture, $$"""{"Name":"{{name}}","Revision":{{revision}}}""")),
            Hash = string.Create(CultureInfo.InvariantCulture, $"{revision:x16}{number:x16}"),
            DescribeTime = at,
        };
    }
}
