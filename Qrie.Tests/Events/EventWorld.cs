using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Qrie.Domain;
using Qrie.Domain.Access;
using Qrie.Domain.Accounts;
using Qrie.Domain.Catalog;
using Qrie.Domain.Events;
using Qrie.Domain.Findings;
using Qrie.Domain.Inventory;
using Qrie.Domain.Policies;
using Qrie.Domain.Registration;
using Qrie.Domain.Scans;
using Qrie.Domain.Work;
using Qrie.Sql;
using Qrie.Sql.Database;
using Qrie.Tests.Catalog;
using Qrie.Tests.Stores;
using Qrie.Tests.Support;

namespace Qrie.Tests.Events;

/// <summary>
/// Qrie's domain with a real store and the shipped catalog, and a fake AWS whose buckets change as scripted and show changes only after a delay.
/// </summary>
internal sealed class EventWorld : IAsyncDisposable
{
    private readonly ServiceProvider _services;
    private readonly SqliteFile _file;

    private EventWorld(ServiceProvider services, SqliteFile file, FakeClock clock, LaggingBuckets aws)
    {
        _services = services;
        _file = file;
        Clock = clock;
        Aws = aws;
    }

    public FakeClock Clock { get; }

    public LaggingBuckets Aws { get; }

    public EventProcessor Processor => Get<EventProcessor>();

    public RecheckRunner Rechecks => Get<RecheckRunner>();

    public IEventStore Events => Get<IEventStore>();

    /// <param name="catalog">The catalog; null for the shipped one.</param>
    /// <param name="policies">The policies to launch; if empty, the one for versioning.</param>
    public static Task<EventWorld> NewAsync(ResourceCatalog? catalog = null, params string[] policies) => NewAsync(new EventSettings(), catalog, policies);

    public static async Task<EventWorld> NewAsync(EventSettings settings, ResourceCatalog? catalog = null, params string[] policies)
    {
        var (file, clock) = (new SqliteFile(), new FakeClock());
        var aws = new LaggingBuckets(clock);
        var services = new ServiceCollection()
            .AddLogging()
            .AddSingleton<TimeProvider>(clock)
            .AddSqlStores(_ => SqliteDatabase.Open(file.Path, durable: false))
            .AddSingleton<ICatalog>(new CatalogHolder(catalog ?? ShippedCatalog.Instance))
            .AddSingleton<IAwsAccess>(new KnownRegions())
            .AddSingleton<IResourceCollector>(aws)
            .AddSingleton<ICallCounter>(new ScriptedCalls())
            .AddSingleton(new ScanLimits())
            .AddSingleton(settings)
            .AddSingleton(new EventChannel(null))
            .AddDomain()
            .BuildServiceProvider();
        var world = new EventWorld(services, file, clock, aws);
        await world.Get<IInstallation>().PrepareAsync(default);
        await world.Get<OrganizationRegistry>().EnsureDefaultAsync(default);
        await world.Get<IAccountStore>().AddAsync(Some.Account(), default);
        foreach (var policy in policies.DefaultIfEmpty(Some.Unversioned))
        {
            await world.Get<IPolicyStore>().LaunchAsync(Some.Policy(policy), default);
        }

        return world;
    }

    public T Get<T>()
        where T : notnull => _services.GetRequiredService<T>();

    /// <summary>The stored state: existing buckets with their versioning, and the state of each finding.</summary>
    public async Task<string> StateAsync()
    {
        var resources = (await Get<IResourceStore>().ListAsync(Some.Org, new ResourceFilter(), new PageRequest(100), default)).Items
            .Where(r => r.Type == Some.BucketType).Select(r => $"{r.Id} {r.Configuration!.Value.GetProperty("Versioning").GetProperty("Status").GetString()}");
        var findings = (await Get<IFindingStore>().ListAsync(Some.Org, new FindingFilter(), new PageRequest(100), default)).Items
            .Select(f => $"{f.Arn} {f.State}");
        return string.Join('\n', resources.Order(StringComparer.Ordinal).Concat(findings.Order(StringComparer.Ordinal)));
    }

    /// <summary>Reads and evaluates everything, like scans, and returns the changes.</summary>
    public async Task<ScanCounters> ScanAsync()
    {
        var counters = new ScanCounters();
        await Get<InventoryReconciler>()
            .ReconcileAsync(Some.Org, new CollectionUnit(Some.Account(), Regions.Global, "s3"), "scan", ScanType.Bootstrap, counters, default);
        await Get<FindingsReconciler>().ReconcileAsync(Some.Account(), "s3", "scan", counters, default);
        return counters;
    }

    public async ValueTask DisposeAsync()
    {
        await _services.DisposeAsync();
        _file.Dispose();
    }

    /// <summary>The record of a bucket's change in EventBridge's envelope.</summary>
    public static string Record(string name, string bucket, DateTimeOffset at, string account = Some.AccountId) =>
        JsonSerializer.Serialize(new Dictionary<string, object?>
        {
            ["detail-type"] = "AWS API Call via CloudTrail",
            ["account"] = account,
            ["region"] = "us-east-1",
            ["detail"] = new
            {
                eventSource = "s3.amazonaws.com",
                eventName = name,
                awsRegion = "us-east-1",
                eventTime = at.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture),
                recipientAccountId = account,
                requestParameters = new { bucketName = bucket },
            },
        });
}

/// <summary>A fake collector of buckets whose changes are visible after a delay.</summary>
internal sealed class LaggingBuckets(TimeProvider clock) : IResourceCollector
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, List<(DateTimeOffset ShownFrom, bool? Versioned)>> _changes = [];

    public int Describes { get; private set; }

    /// <summary>Why a bucket cannot be described; null if it can.</summary>
    public Func<string, SingleCollectionResult.Unreadable?> Refusal { get; set; } = _ => null;

    /// <param name="versioned">The new setting; null if it is deleted.</param>
    public void Change(string bucket, bool? versioned, TimeSpan lag)
    {
        lock (_lock)
        {
            var changes = _changes.TryGetValue(bucket, out var known) ? known : _changes[bucket] = [];
            // A change never becomes visible before an earlier one.
            var from = clock.GetUtcNow() + lag;
            changes.Add((changes.Count > 0 && changes[^1].ShownFrom > from ? changes[^1].ShownFrom : from, versioned));
        }
    }

    public async IAsyncEnumerable<CollectedItem> CollectAsync(CollectionUnit unit, [EnumeratorCancellation] CancellationToken cancel)
    {
        await Task.CompletedTask;
        var now = clock.GetUtcNow();
        List<CollectedResource> shown;
        lock (_lock)
        {
            shown = [.. _changes.Keys.Select(name => (name, Versioned: Shown(name, now)))
                .Where(b => b.Versioned is not null).Select(b => Bucket(b.name, b.Versioned!.Value, now))];
        }

        yield return new ResourcesCollected(Some.BucketType, shown);
        yield return new TypeListed(Some.BucketType, now, ListOutcome.Complete);
    }

    public Task<SingleCollectionResult> CollectOneAsync(CollectionUnit unit, string type, string id, CancellationToken cancel)
    {
        lock (_lock)
        {
            Describes++;
            var now = clock.GetUtcNow();
            return Task.FromResult<SingleCollectionResult>(
                Refusal(id) is { } refusal ? refusal
                    : Shown(id, now) is { } versioned ? new SingleCollectionResult.Found(Bucket(id, versioned, now))
                    : new SingleCollectionResult.Gone(now));
        }
    }

    private bool? Shown(string bucket, DateTimeOffset now) =>
        _changes.TryGetValue(bucket, out var changes) ? changes.FindLast(c => c.ShownFrom <= now).Versioned : null;

    private static CollectedResource Bucket(string name, bool versioned, DateTimeOffset at)
    {
        var json = $$$"""{"Name":"{{{name}}}","Versioning":{"Status":"{{{(versioned ? "Enabled" : "Suspended")}}}"}}""";
        return Some.Bucket(name, 0, json) with { DescribeTime = at };
    }
}
