using System.Diagnostics;
using System.Globalization;
using Qrie.Benchmarks.Events;
using Qrie.Benchmarks.Processes;
using Qrie.Domain;
using Qrie.Domain.Findings;
using Qrie.Domain.Inventory;
using Qrie.Domain.Scans;
using Qrie.Dynamo;
using Qrie.Tests.Stores;
using Qrie.Tests.Stores.Dynamo;

namespace Qrie.Soak.Tests.Replicas;

/// <summary>
/// Two replicas on DynamoDB, woken by messages of SQS, scan several accounts in two regions and process events, while one of them is killed, stopped for longer
/// than its leases, or cut off from DynamoDB. In the end the store must equal one that an undisturbed process fills, and its counts its rows.
/// </summary>
internal sealed class DynamoReplicaSoak(int seed, TextWriter output) : IAsyncDisposable
{
    private const int MaxRows = 100_000;

    private static readonly string[] s_disturbances = ["killed", "stopped", "cut off"];

    /// <summary>Longer than the lease of a unit.</summary>
    private static readonly TimeSpan s_stopped = TimeSpan.FromSeconds(65);

    private static readonly TimeSpan s_timeLimit = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(200);

    private readonly Random _random = new(seed);
    private readonly List<string> _wrong = [];
    private readonly QrieProcess?[] _replicas = new QrieProcess?[2];
    private DynamoSettings _settings = DynamoServer.NewSettings();
    private Uri _dynamo = null!;
    private TcpProxy? _proxy;
    private Uri _aws = null!;
    private string _queue = "";

    /// <summary>What is wrong in the end; empty if nothing is.</summary>
    public async Task<IReadOnlyList<string>> RunAsync(int rounds, CancellationToken cancel)
    {
        await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"replicas on DynamoDB: seed {seed}"));
        await using var emulator = await EmulatorProcess.StartAsync(cancel);
        using var world = new ChangingBuckets(emulator.Url, new Random(seed));
        using var more = new EmulatedWorld(emulator.Url, new Random(seed));
        await more.FillAsync(cancel);
        await world.OpenQueueAsync("events", cancel);
        (_aws, _queue, _dynamo) = (emulator.Url, world.QueueUrl, await DynamoServer.UrlAsync());
        _proxy = new TcpProxy(_dynamo.Port);
        await StartAsync(0, cancel);
        await StartAsync(1, cancel);
        await ReplicaSoak.PrepareAsync(_replicas[0]!, alert: false, cancel);
        for (var round = 0; round < rounds; round++)
        {
            await RoundAsync(round, world, cancel);
        }

        await UntilAsync(async () => await world.WaitingAsync(cancel) == 0, "the queue is empty", cancel);
        await using (var stores = await OpenAsync())
        {
            await UntilAsync(
                async () => (await stores.Events.ReadHealthAsync(Organizations.Default, TimeProvider.System.GetUtcNow(), cancel)).Rechecks == 0,
                "nothing is rechecked any more", cancel);
            await ScanAsync(_replicas[1]!, cancel);
            await CheckAsync(stores);
            var actual = await FactsAsync(stores);
            _settings = DynamoServer.NewSettings();
            await using var undisturbed = Spawn(_dynamo, disturbed: false);
            await ReplicaSoak.RequireReadyAsync(undisturbed, cancel);
            await ReplicaSoak.PrepareAsync(undisturbed, alert: false, cancel);
            await ScanAsync(undisturbed, cancel);
            await using var second = await OpenAsync();
            var expected = await FactsAsync(second);
            _wrong.AddRange(expected.Except(actual).Select(fact => $"missing: {fact}"));
            _wrong.AddRange(actual.Except(expected).Select(fact => $"unexpected: {fact}"));
            await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{actual.Count} facts, {_wrong.Count} wrong"));
        }

        return _wrong;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var replica in _replicas)
        {
            await (replica?.DisposeAsync() ?? ValueTask.CompletedTask);
        }

        await (_proxy?.DisposeAsync() ?? ValueTask.CompletedTask);
    }

    private async Task RoundAsync(int round, ChangingBuckets world, CancellationToken cancel)
    {
        var (victim, clock) = (_random.Next(2), Stopwatch.StartNew());
        var other = _replicas[1 - victim]!;
        await ReplicaSoak.PostAsync(other, "/scans", new { kind = "inventory" }, cancel);
        await ReplicaSoak.PostAsync(other, "/scans", new { kind = "policy" }, cancel);
        var changing = ReplicaSoak.ChangeAsync(world, cancel);
        await Task.Delay(TimeSpan.FromMilliseconds(_random.Next(4000)), TimeProvider.System, cancel);
        var what = victim == 0 ? (round + seed) % 3 : (round + seed) % 2;
        switch (what)
        {
            case 0:
                await _replicas[victim]!.DisposeAsync(); // SIGKILL
                await StartAsync(victim, cancel);
                break;
            case 1:
                await ReplicaSoak.SignalAsync(_replicas[victim]!, "STOP", cancel);
                await Task.Delay(s_stopped, TimeProvider.System, cancel);
                await ReplicaSoak.SignalAsync(_replicas[victim]!, "CONT", cancel);
                break;
            default:
                _proxy!.Cut(); // only the first replica connects through it
                await Task.Delay(TimeSpan.FromSeconds(_random.Next(5, 70)), TimeProvider.System, cancel);
                await _proxy.RestoreAsync();
                break;
        }

        await changing;
        await other.FinishedScansAsync(cancel);
        await output.WriteLineAsync(string.Create(
            CultureInfo.InvariantCulture, $"round {round + 1}: replica {victim + 1} was {s_disturbances[what]}; {clock.Elapsed.TotalSeconds:0} s"));
    }

    /// <summary>The first one reaches DynamoDB through the proxy.</summary>
    private async Task StartAsync(int which, CancellationToken cancel)
    {
        _replicas[which] = Spawn(which == 1 ? _dynamo : new UriBuilder(_dynamo) { Port = _proxy!.Port }.Uri, disturbed: true);
        await ReplicaSoak.RequireReadyAsync(_replicas[which]!, cancel);
    }

    private QrieProcess Spawn(Uri dynamo, bool disturbed) => QrieProcess.Spawn(
        "", _aws,
        [
            "--Store:Kind=dynamodb", $"--Store:Endpoint={dynamo}", $"--Store:TablePrefix={_settings.TablePrefix}", "--Aws:Regions=us-east-1,eu-west-1",
            "--Scans:Concurrency=2", "--Work:Kind=sqs", $"--Work:Queue=work-{_settings.TablePrefix.Trim('_')}",
            .. disturbed ? (string[])[$"--Events:QueueUrl={_queue}", "--Events:Visibility=00:00:10"] : [],
        ]);

    private static async Task ScanAsync(QrieProcess qrie, CancellationToken cancel)
    {
        foreach (var kind in (string[])["inventory", "policy"])
        {
            await ReplicaSoak.PostAsync(qrie, "/scans", new { kind }, cancel);
            await qrie.FinishedScansAsync(cancel);
        }
    }

    private Task<StoreSet> OpenAsync() => StoreSets.PrepareAsync(DynamoServer.ProviderOf(_dynamo, _settings), () => ValueTask.CompletedTask);

    /// <summary>Every scan is completed and counted each of its units once; counts are those of the rows.</summary>
    private async Task CheckAsync(StoreSet stores)
    {
        var (scans, starts, ended) = ((await stores.Scans.ListAsync(Organizations.Default, new PageRequest(MaxRows), default)).Items, 0, 0);
        foreach (var scan in scans)
        {
            var units = await stores.Scans.AllUnitsAsync(Organizations.Default, scan.ScanId);
            (starts, ended) = (starts + units.Sum(u => u.Attempts), ended + units.Count);
            var progress = await stores.Scans.ReadProgressAsync(Organizations.Default, scan.ScanId, default);
            if (scan.Status != ScanStatus.Completed || scan.RemainingUnits != 0 || scan.TotalUnits != units.Count
                || !units.All(u => u.Status == UnitStatus.Done) || progress.Sum(p => p.Units.GetValueOrDefault(UnitStatus.Done)) != units.Count
                || scan.Counters.Values.Any(c => c.Value != units.Sum(u => u.Counters[c.Key])))
            {
                _wrong.Add($"scan {scan.ScanId} is {scan.Status}, or counted something twice or not at all");
            }
        }

        await output.WriteLineAsync(string.Create(
            CultureInfo.InvariantCulture, $"{scans.Count} scans completed; units were started {starts} times for {ended}"));
        var findings = (await stores.Findings.ListAsync(Organizations.Default, new FindingFilter(), new PageRequest(MaxRows), default)).Items;
        var counted = (await stores.Summaries.CountFindingsAsync(Organizations.Default, null, default)).GroupBy(c => $"{c.PolicyId} {c.State}")
            .Select(g => $"{g.Key} {g.Sum(c => c.N)}").Where(c => !c.EndsWith(" 0", StringComparison.Ordinal));
        var rows = findings.CountBy(f => $"{f.PolicyId} {f.State}").Select(c => $"{c.Key} {c.Value}").ToList();
        _wrong.AddRange(rows.Except(counted).Select(c => $"a finding count is not the number of rows: {c}"));
        var resources = await stores.Resources.ListAsync(Organizations.Default, new ResourceFilter(), new PageRequest(MaxRows), default);
        var alive = (await stores.Summaries.CountResourcesAsync(Organizations.Default, null, default)).Services.Sum(s => s.Alive);
        if (alive != resources.Items.Count)
        {
            _wrong.Add($"{alive} resources are counted, {resources.Items.Count} are there");
        }
    }

    /// <summary>What must be equal in two stores that have seen the same AWS last, whatever they saw before.</summary>
    private static async Task<SortedSet<string>> FactsAsync(StoreSet stores)
    {
        var org = Organizations.Default;
        var page = new PageRequest(MaxRows);
        return new SortedSet<string>(
            [
                .. (await stores.Accounts.ListAsync(org, includeRemoved: true, default)).Select(a => $"account: {a.AccountId} {a.Status}"),
                .. (await stores.Resources.ListAsync(org, new ResourceFilter(), page, default)).Items
                    .Select(r => $"resource: {r.AccountService} {r.Arn} {r.Type} {r.Region} {r.Hash}"),
                .. (await stores.Findings.ListAsync(org, new FindingFilter(State: FindingState.Active), page, default)).Items
                    .Select(f => $"finding: {f.AccountService} {f.Arn} {f.PolicyId} {f.Severity} {f.Evidence}"),
                .. (await stores.Findings.CountVerdictsAsync(org, null, default)).Select(c => $"verdicts: {c}"),
                .. (await stores.Coverage.ListAsync(org, null, default)).Select(c => $"coverage: {c.AccountId} {c.Region} {c.Type} {c.Outcome} {c.ErrorCode}"),
            ],
            StringComparer.Ordinal);
    }

    private async Task UntilAsync(Func<Task<bool>> condition, string what, CancellationToken cancel)
    {
        for (var waited = Stopwatch.StartNew(); !await condition(); await Task.Delay(s_pause, TimeProvider.System, cancel))
        {
            if (waited.Elapsed > s_timeLimit)
            {
                throw new TimeoutException(
                    $"Timed out after {s_timeLimit} waiting until {what}.\n{string.Join('\n', _replicas.SelectMany(r => r!.Log.TakeLast(30)))}");
            }
        }
    }
}
