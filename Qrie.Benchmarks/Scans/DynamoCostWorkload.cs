using System.Globalization;
using Amazon.DynamoDBv2;
using Amazon.Runtime;
using Microsoft.Extensions.DependencyInjection;
using Qrie.Domain;
using Qrie.Domain.Accounts;
using Qrie.Domain.Catalog;
using Qrie.Domain.Findings;
using Qrie.Domain.Inventory;
using Qrie.Domain.Policies;
using Qrie.Domain.Scans;
using Qrie.Domain.Work;
using Qrie.Dynamo;
using Qrie.Dynamo.Client;

namespace Qrie.Benchmarks.Scans;

/// <summary>
/// What the store in DynamoDB costs, in request units as DynamoDB Local (<c>--endpoint URL</c>) reports them and in dollars: the inventory of
/// <c>--resources N</c> (default 1,000) of one account with ten policies each, again without changes, the first policy scan, one without changes, and
/// the change of one resource.
/// </summary>
internal sealed class DynamoCostWorkload : IWorkload
{
    /// <summary>On demand, in us-east-1, in November 2026: dollars per million request units.</summary>
    private const double DollarsPerMillionWrites = 0.625;
    private const double DollarsPerMillionReads = 0.125;
    private const int WriteAtOnce = 1000;

    public string Name => "dynamo-cost";

    public string Description => "units and dollars of the store in DynamoDB: --endpoint URL [--resources N]";

    public async Task<int> RunAsync(string[] args, FigureWriter figures)
    {
        if (Array.IndexOf(args, "--endpoint") is not (>= 0 and var at))
        {
            await Console.Error.WriteLineAsync("--endpoint is missing: the address of DynamoDB Local");
            return 2;
        }

        var count = Array.IndexOf(args, "--resources") is >= 0 and var option ? int.Parse(args[option + 1], CultureInfo.InvariantCulture) : 1000;
        await using var services = Open(args[at + 1]);
        var meter = services.GetRequiredService<DynamoMeter>();
        await services.GetRequiredService<IInstallation>().PrepareAsync(default);
        var accountId = SyntheticResources.AccountId(0);
        var now = TimeProvider.System.GetUtcNow();
        await services.GetRequiredService<IAccountStore>().AddAsync(
            new Account { Organization = Organizations.Default, AccountId = accountId, CreatedAt = now, UpdatedAt = now }, default);
        var resources = new SyntheticResources(count, 1, now.AddMinutes(-20));
        var first = SyntheticCatalog.Services.ToDictionary(s => s, s => resources.Of(accountId, s).ToList());
        await MeasureAsync(figures, meter, "inventory.first", count, () => WriteAsync(services, first.Values, now));
        await MeasureAsync(figures, meter, "inventory.unchanged", count, () => WriteAsync(
            services, first.Values.Select(all => all.ConvertAll(r => r with { DescribeTime = now.AddMinutes(-10) })), now));
        foreach (var policy in services.GetRequiredService<ICatalog>().Current.Policies)
        {
            await services.GetRequiredService<IPolicyStore>().LaunchAsync(
                new LaunchedPolicy
                {
                    Organization = Organizations.Default,
                    PolicyId = policy.Id,
                    Status = PolicyStatus.Active,
                    CreatedAt = now,
                    UpdatedAt = now,
                },
                default);
        }

        await MeasureAsync(figures, meter, "policy_scan.first", count, () => ScanAsync(services));
        await MeasureAsync(figures, meter, "policy_scan.unchanged", count, () => ScanAsync(services));
        var changed = SyntheticResources.Resource(accountId, "beta", 1, now, revision: 1);
        await MeasureAsync(figures, meter, "resource_changed", 1000, () => WriteAsync(services, [[changed]], now));
        await MeasureAsync(figures, meter, "policy_scan.one_changed", count, () => ScanAsync(services));
        await MeasureAsync(figures, meter, "findings.page_of_100", 1000, () => services.GetRequiredService<IFindingStore>().ListAsync(
            Organizations.Default, new FindingFilter(State: FindingState.Active), new PageRequest(100), default));
        return 0;
    }

    private static ServiceProvider Open(string endpoint) => SyntheticServices.Of(services => services.AddDynamoStores(
        new DynamoSettings { TablePrefix = $"cost_{Guid.NewGuid():N}_" },
        _ => new AmazonDynamoDBClient(
            new BasicAWSCredentials("cost", "cost"),
            new AmazonDynamoDBConfig { ServiceURL = endpoint, AuthenticationRegion = "us-east-1" }.ConfigureClient())));

    private static async Task WriteAsync(ServiceProvider services, IEnumerable<IReadOnlyList<CollectedResource>> all, DateTimeOffset now)
    {
        foreach (var batch in all.SelectMany(some => some.Chunk(WriteAtOnce)))
        {
            await services.GetRequiredService<IResourceStore>().WriteAsync(Organizations.Default, batch, now, default);
        }
    }

    private static async Task ScanAsync(ServiceProvider services)
    {
        var scan = (await services.GetRequiredService<ScanCoordinator>().StartAsync(
            new ScanRequest(Organizations.Default, ScanKind.Policy, ScanType.Bootstrap, "manual", ScanFilter.Everything), default))!;
        while (await services.GetRequiredService<UnitRunner>().RunNextAsync("worker", default))
        {
        }

        var ended = (await services.GetRequiredService<IScanStore>().FindAsync(Organizations.Default, scan.ScanId, default))!;
        if (ended.Status != ScanStatus.Completed)
        {
            throw new InvalidOperationException($"The scan ended {ended.Status}: {string.Join("; ", ended.Errors)}");
        }
    }

    /// <summary>Scaled to a thousand.</summary>
    private static async Task MeasureAsync(FigureWriter figures, DynamoMeter meter, string name, int count, Func<Task> work)
    {
        using var use = meter.Begin();
        await work();
        var requests = use.Snapshot();
        var (reads, writes) = (requests.Sum(r => r.ReadUnits) * 1000 / count, requests.Sum(r => r.WriteUnits) * 1000 / count);
        figures.Write($"dynamo.{name}.requests", requests.Sum(r => r.Requests) * 1000.0 / count, "per 1,000");
        figures.Write($"dynamo.{name}.read_units", reads, "per 1,000");
        figures.Write($"dynamo.{name}.write_units", writes, "per 1,000");
        figures.Write(
            $"dynamo.{name}.microdollars", (reads * DollarsPerMillionReads) + (writes * DollarsPerMillionWrites), "millionths of a dollar per 1,000");
    }
}
