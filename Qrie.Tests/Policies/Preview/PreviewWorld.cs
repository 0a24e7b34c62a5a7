using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Qrie.Domain;
using Qrie.Domain.Accounts;
using Qrie.Domain.Catalog;
using Qrie.Domain.Catalog.Loading;
using Qrie.Domain.Findings;
using Qrie.Domain.Findings.Preview;
using Qrie.Domain.Inventory;
using Qrie.Domain.Management;
using Qrie.Domain.Policies;
using Qrie.Domain.Registration;
using Qrie.Domain.Scans;
using Qrie.Domain.Work;
using Qrie.Sql;
using Qrie.Sql.Database;
using Qrie.Tests.Stores;
using Qrie.Tests.Support;

namespace Qrie.Tests.Policies.Preview;

/// <summary>A store with the real domain, and a policy that reads an attribute, an age and a parameter.</summary>
public sealed class PreviewWorld : IAsyncDisposable
{
    public const string PolicyId = "S3BucketTooLarge";

    private const string Policy =
        """
        id: S3BucketTooLarge
        title: Too large
        description: It is larger or older than it may be.
        resource: AWS::S3::Bucket
        category: data_protection
        severity: 60
        params: { max: 3 }
        applies: Kind == 'a'
        violation: [ "abs(Size) > $max", "age_days(Created) > `1000`" ]
        evidence: '{size: Size, max: $max}'
        remediation: Make it smaller.
        tests:
          - { name: small, config: { Kind: a, Size: 1, Created: '{now-1d}' }, expect: pass, absent: { Kind: not_applicable, Size: unknown, Created: unknown } }
          - { name: large, config: { Kind: a, Size: 9 }, expect: fail }
        """;

    private readonly SqliteFile _file = new();
    private readonly ServiceProvider _services;

    private PreviewWorld() => _services = new ServiceCollection()
        .AddLogging()
        .AddSingleton<TimeProvider>(Clock)
        .AddSqlStores(_ => SqliteDatabase.Open(_file.Path, durable: false))
        .AddSingleton<ICatalog>(new CatalogHolder(CatalogLoader.Load(
        [
            new CatalogFile("services/s3.yaml", MinimalCatalog.S3, CatalogFileKind.Service),
            new CatalogFile($"policies/s3/{PolicyId}.yaml", Policy, CatalogFileKind.Policy),
            new CatalogFile("policies/s3/S3BucketOther.yaml", Policy.Replace(PolicyId, "S3BucketOther", StringComparison.Ordinal), CatalogFileKind.Policy),
        ])))
        .AddSingleton<IAwsAccess, KnownRegions>()
        .AddSingleton<IResourceCollector, ScriptedCollector>()
        .AddSingleton<ICallCounter, ScriptedCalls>()
        .AddSingleton(new ScanLimits())
        .AddDomain()
        .BuildServiceProvider();

    public FakeClock Clock { get; } = new(Some.At(1000));

    public SqliteFile File => _file;

    public static async Task<PreviewWorld> NewAsync()
    {
        var world = new PreviewWorld();
        await world.Get<IInstallation>().PrepareAsync(default);
        return world;
    }

    public T Get<T>()
        where T : notnull => _services.GetRequiredService<T>();

    public async Task WriteAsync(string organization, params CollectedResource[] resources) =>
        await Get<IResourceStore>().WriteAsync(organization, resources, Clock.Now, default);

    /// <summary>A policy scan of everything, until nothing is left to do.</summary>
    public async Task ScanAsync(string organization)
    {
        await Get<ScanCoordinator>().StartAsync(new ScanRequest(organization, ScanKind.Policy, ScanType.Bootstrap, "manual", ScanFilter.Everything), default);
        await WorkAsync();
    }

    public async Task WorkAsync()
    {
        while (await Get<UnitRunner>().RunNextAsync("test", default))
        {
        }
    }

    public Task<PreviewResult> PreviewAsync(
        string organization = Some.Org, PolicyScope? scope = null, int? severity = null, int? max = null, CancellationToken cancel = default) =>
        Get<PolicyPreview>().PreviewAsync(new PreviewRequest(organization, PolicyId, scope, severity, ParamsOf(max)), cancel);

    /// <summary>Launches the policy, or changes and resumes it, and evaluates it.</summary>
    public async Task ApplyAsync(string organization = Some.Org, PolicyScope? scope = null, int? severity = null, int? max = null)
    {
        var launched = await Get<IPolicyStore>().FindAsync(organization, PolicyId, default);
        if (launched is null)
        {
            await Get<PolicyLifeCycle>().LaunchAsync(new LaunchRequest(organization, PolicyId, scope, severity, ParamsOf(max), null), default);
        }
        else
        {
            var wake = launched.Status == PolicyStatus.Suspended ? PolicyStatus.Active : (PolicyStatus?)null;
            await Get<PolicyUpdates>().UpdateAsync(
                new PolicyUpdate(organization, PolicyId, wake, new PolicyChange(scope ?? launched.Scope, severity, ParamsOf(max), null)), default);
        }

        await WorkAsync();
    }

    public async Task<Dictionary<(string AccountService, string Arn), Finding>> FindingsAsync(string organization = Some.Org) =>
        (await Get<IFindingStore>().ListAsync(organization, new FindingFilter(PolicyId: PolicyId), new PageRequest(10_000), default)).Items
            .ToDictionary(f => (f.AccountService, f.Arn));

    /// <summary>Every row of every table, as text.</summary>
    public async Task<string> DumpAsync()
    {
        var tables = (await _file.QueryAsync("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")).ToList();
        var rows = new List<string>();
        foreach (var table in tables)
        {
            var columns = await _file.QueryAsync($"SELECT group_concat('quote(' || name || ')', ' || '','' || ') FROM pragma_table_info('{table}')");
            rows.AddRange((await _file.QueryAsync($"SELECT {columns.Single()} FROM {table}")).Select(row => $"{table}: {row}"));
        }

        return string.Join('\n', rows);
    }

    public async ValueTask DisposeAsync()
    {
        await _services.DisposeAsync();
        _file.Dispose();
    }

    private static Dictionary<string, JsonElement>? ParamsOf(int? max) =>
        max is { } value ? new() { ["max"] = JsonSerializer.SerializeToElement(value) } : null;
}
