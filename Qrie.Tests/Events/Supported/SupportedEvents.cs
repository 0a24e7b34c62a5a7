using Microsoft.Extensions.DependencyInjection;
using Qrie.Domain;
using Qrie.Domain.Accounts;
using Qrie.Domain.Catalog;
using Qrie.Domain.Events;
using Qrie.Domain.Findings;
using Qrie.Domain.Inventory;
using Qrie.Domain.Management;
using Qrie.Domain.Work;
using Qrie.JmesPath;
using Qrie.Tests.Api;
using Qrie.Tests.Catalog.CloudTrail;
using Qrie.Tests.Emulator;

namespace Qrie.Tests.Events.Supported;

/// <summary>The service on the emulator with every policy launched, shared by all cases of a class; each case has its own account.</summary>
public sealed class SupportedEvents : IAsyncLifetime
{
    private RunningQrie _qrie = null!;
    private FaultProxy? _proxy;

    public async ValueTask InitializeAsync()
    {
        if (Requirements.MissingProgram("moto_server") is not null)
        {
            return;
        }

        _proxy = await FaultProxy.StartAsync();
        Lacking.AnswerEmptyLists(_proxy);

        // Events that affect a whole type are processed at once instead of after five seconds.
        _qrie = await RunningQrie.StartAtAsync(
            _proxy.Url, builder => builder.Services.AddSingleton(new EventSettings { Debounce = TimeSpan.Zero }),
            null, $"--Aws:Regions={EventScene.Region}");
        await Get<PolicyLifeCycle>().LaunchAllAsync(
            new BulkLaunchRequest(Organizations.Default, [.. Get<ICatalog>().Current.Policies.Where(p => !p.Deprecated).Select(p => p.Id)]), default);
    }

    public async ValueTask DisposeAsync()
    {
        if (_qrie is not null)
        {
            await _qrie.DisposeAsync();
        }

        if (_proxy is not null)
        {
            await _proxy.DisposeAsync();
        }
    }

    internal static TheoryData<string> NamesOf(IEnumerable<EventCase> cases) => [.. cases.Select(c => c.Name)];

    /// <summary>The events of a source without a case.</summary>
    internal static IEnumerable<string> Missing(string source, IEnumerable<EventCase> cases) => ForwardedEvents.Of(source).Except(cases.Select(c => c.Event));

    internal async Task RunAsync(EventCase one)
    {
        var scene = new EventScene(Estate.Create());
        var account = await Get<AccountRegistry>().AddAsync(
            new NewAccount(Organizations.Default, scene.Estate.AccountId, null, null, null, "an-external-id", null), default);
        if (ServiceOf(one) == "iam")
        {
            await scene.IamAsync("GenerateCredentialReport", new { }); // otherwise the first inventory waits for it
        }

        await one.Before(scene);
        await ScanAsync(account, ServiceOf(one));
        var before = await StateAsync(account, one);

        await one.Change(scene);
        var message = scene.Message(one, DateTimeOffset.UtcNow);
        var batch = await Get<EventProcessor>().ProcessAsync([new EventMessage(Guid.NewGuid().ToString(), "r", message, 1)], hasDeadLetterQueue: false,
            default);
        batch.Done.Count.ShouldBe(1, message);
        while (await Get<RecheckRunner>().ReadUnitAsync(default))
        {
        }

        var after = await StateAsync(account, one);
        Changes(before.Findings, after.Findings).ShouldBe(Expected(one), ignoreOrder: true);
        CheckResources(one, before, after);
        var scan = await ScanAsync(account, ServiceOf(one));
        (scan[ScanCounters.ResourcesCreated], scan[ScanCounters.ResourcesChanged],
            scan[ScanCounters.ResourcesDeleted], scan[ScanCounters.FindingsCreated], scan[ScanCounters.FindingsClosed])
            .ShouldBe((0, 0, 0, 0, 0), $"a scan finds nothing that the event had not reported, but found changes of {await UntoldAsync(account, one, after)}");
    }

    private async Task<string> UntoldAsync(Account account, EventCase one, State told)
    {
        var found = (await StateAsync(account, one)).Resources;
        return string.Join(
            ' ', found.Keys.Union(told.Resources.Keys).Where(arn => found.GetValueOrDefault(arn)?.Hash != told.Resources.GetValueOrDefault(arn)?.Hash));
    }

    private static void CheckResources(EventCase one, State before, State after)
    {
        (one.Opens + one.Resolves + one.Leaves + one.Deletes + one.Shows + one.Nothing).ShouldNotBeEmpty("a case needs an effect");
        (after.Shown - before.Shown > 0, before.Shown).ShouldBe((one.Shows is not null, 0));
        var gone = before.Resources.Keys.Except(after.Resources.Keys).Select(arn => before.Resources[arn].Type);
        gone.Take(1).ShouldBe(Words(one.Deletes).Take(1));
        var changed = gone.Any() || after.Resources.Values.Any(r => !before.Resources.TryGetValue(r.Arn, out var former) || former.Hash != r.Hash);
        changed.ShouldBe(one.Nothing is null, one.Nothing);
    }

    private static List<string> Expected(EventCase one) =>
    [
        .. Words(one.Opens).Select(p => $"opened {p}"),
        .. Words(one.Resolves).Select(p => $"{ResolvedReason.Compliant} {p}"),
        .. Words(one.Leaves).Select(p => $"{ResolvedReason.NotApplicable} {p}"),
        .. Words(one.Deletes).Skip(1).Select(p => $"{ResolvedReason.ResourceDeleted} {p}"),
    ];

    private static IEnumerable<string> Changes(Dictionary<(string, string), Finding> before, Dictionary<(string, string), Finding> after) =>
        after.Where(f => (before.TryGetValue(f.Key, out var former) ? former.State : FindingState.Resolved) != f.Value.State)
            .Select(f => $"{(f.Value.State == FindingState.Active ? "opened" : f.Value.ResolvedReason)} {f.Value.PolicyId}");

    private async Task<State> StateAsync(Account account, EventCase one)
    {
        var resources =
            (await Get<IResourceStore>().ListAsync(Organizations.Default, new ResourceFilter(account.AccountId), new PageRequest(1000), default)).Items;
        var findings = (await Get<IFindingStore>()
            .ListAsync(Organizations.Default, new FindingFilter { AccountId = account.AccountId }, new PageRequest(1000), default)).Items;
        var shown = 0;
        if (one.Shows is { } shows)
        {
            var (type, expression) = (shows.Split(' ')[0], JmesPathExpression.Parse(shows[(shows.IndexOf(' ') + 1)..]));
            shown = resources.Count(r => r.Type == type && expression.Evaluate(JmesValue.FromElement(r.Configuration!.Value)).IsTruthy);
        }

        return new State(resources.ToDictionary(r => r.Arn), findings.ToDictionary(f => (f.Arn, f.PolicyId)), shown);
    }

    /// <summary>The effect of an inventory and a policy scan of the service.</summary>
    private async Task<ScanCounters> ScanAsync(Account account, string service)
    {
        var counters = new ScanCounters();
        var region = Get<ICatalog>().Current.FindService(service)!.Scope == ResourceScope.Global ? Regions.Global : EventScene.Region;
        var errors = await Get<InventoryReconciler>().ReconcileAsync(
            account.Organization, new CollectionUnit(account, region, service), "scan", ScanType.Bootstrap, counters, default);
        errors.ShouldBeEmpty();
        await Get<FindingsReconciler>().ReconcileAsync(account, service, "scan", counters, default);
        return counters;
    }

    private static string ServiceOf(EventCase one) => CloudTrailCase.All
        .First(c => one.Record is null ? c.EventName == one.Event : c.Name == one.Record).EventSource.Split('.')[0];

    private static string[] Words(string text) => text.Split(' ', StringSplitOptions.RemoveEmptyEntries);

    private T Get<T>()
        where T : notnull => _qrie.Services.GetRequiredService<T>();

    /// <param name="Shown">The number of resources for which the case's expression is true.</param>
    private sealed record State(Dictionary<string, StoredResource> Resources, Dictionary<(string Arn, string PolicyId), Finding> Findings, int Shown);
}
