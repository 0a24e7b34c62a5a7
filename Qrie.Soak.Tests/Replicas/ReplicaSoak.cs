using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text.Json;
using Dapper;
using Npgsql;
using Qrie.Benchmarks.Events;
using Qrie.Benchmarks.Processes;
using Qrie.Tests.Stores;

namespace Qrie.Soak.Tests.Replicas;

/// <summary>
/// Two replicas scan several accounts in two regions and process events, while one of them is killed, stopped for longer than its leases, or cut off from the
/// database; their clocks differ by ten minutes. The other one never is disturbed in the same round. In the end the store must equal one that an undisturbed
/// process fills, and its counts its rows.
/// </summary>
internal sealed class ReplicaSoak(int seed, TextWriter output) : IAsyncDisposable
{
    private const int ChangesInRound = 8;
    private const string Topic = "arn:aws:sns:us-east-1:123456789012:alerts";

    private static readonly string[] _disturbances = ["killed", "stopped", "cut off"];

    /// <summary>In addition to the account of Qrie's own credentials, whose content changes; <c>QRIE_REPLICA_ACCOUNTS</c> counts all of them.</summary>
    private static readonly string[] _accounts =
    [
        .. Enumerable.Range(1, int.Parse(Environment.GetEnvironmentVariable("QRIE_REPLICA_ACCOUNTS") ?? "4", CultureInfo.InvariantCulture) - 1)
            .Select(number => number.ToString("D12", CultureInfo.InvariantCulture)),
    ];

    /// <summary>What all scans read. With many accounts SNS instead of EC2, which needs most of the calls: the emulator is a single process.</summary>
    private static readonly string[] _services = _accounts.Length < 10 ? ["s3", "iam", "ec2"] : ["s3", "iam", "sns"];

    private static readonly string[] _policies =
        ["S3BucketVersioningDisabled", "S3BucketPublic", "EBSUnencrypted", "EC2SecurityGroupOpenToWorld", "VPCFlowLogsDisabled", "IAMRoleTrustPublic"];

    /// <summary>Longer than the lease of a unit.</summary>
    private static readonly TimeSpan _stopped = TimeSpan.FromSeconds(65);

    private static readonly TimeSpan _timeLimit = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan _pause = TimeSpan.FromMilliseconds(200);

    private readonly Random _random = new(seed);
    private readonly List<string> _wrong = [];
    private readonly List<string> _requested = [];
    private readonly QrieProcess?[] _replicas = new QrieProcess?[2];
    private string _connection = "";
    private TcpProxy? _proxy;
    private Uri? _aws;
    private string _queue = "";

    /// <summary>What is wrong in the end; empty if nothing is.</summary>
    /// <param name="rounds">How many.</param>
    public async Task<IReadOnlyList<string>> RunAsync(int rounds, CancellationToken cancel)
    {
        await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"replicas: seed {seed}"));
        await using var emulator = await EmulatorProcess.StartAsync(cancel);
        using var world = new ChangingBuckets(emulator.Url, new Random(seed));
        using var more = new EmulatedWorld(emulator.Url, new Random(seed));
        using var aws = new EmulatorClient(emulator.Url);
        await more.FillAsync(cancel);
        await world.OpenQueueAsync("events", cancel);
        await aws.SendAsync("sns", HttpMethod.Post, "/", Form("Action=CreateTopic&Name=alerts&Version=2010-03-31"), cancel);
        (_aws, _queue) = (emulator.Url, world.QueueUrl);
        _connection = await PostgresServer.CreateEmptyDatabaseAsync();
        _proxy = new TcpProxy(new NpgsqlConnectionStringBuilder(_connection).Port);
        await StartAsync(0, cancel);
        await StartAsync(1, cancel);
        await PrepareAsync(_replicas[0]!, alert: true, cancel);
        var (clock, round) = (Stopwatch.StartNew(), 0);
        for (; round < rounds; round++)
        {
            await RoundAsync(round, world, cancel);
        }

        await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{round} rounds in {clock.Elapsed.TotalSeconds:0} s"));
        await UntilAsync(async () => await world.WaitingAsync(cancel) == 0, "the queue is empty", cancel);
        await UntilAsync(async () => await NumberAsync("SELECT count(*) FROM event_rechecks") == 0, "nothing is rechecked any more", cancel);
        await ScanAsync(_replicas[1]!, cancel);
        await UntilAsync(
            async () => await NumberAsync(
                "SELECT (SELECT count(*) FROM alert_outbox) + (SELECT count(*) FROM alert_deliveries WHERE finished_at IS NULL)") == 0,
            "alerts are delivered", cancel);
        await CheckAsync();
        var actual = await ReplicatedStore.FactsAsync(_connection);
        _connection = await PostgresServer.CreateEmptyDatabaseAsync();
        await using var undisturbed = Spawn(_connection, clock: "");
        await RequireReadyAsync(undisturbed, cancel);
        await PrepareAsync(undisturbed, alert: true, cancel);
        await ScanAsync(undisturbed, cancel);
        var expected = await ReplicatedStore.FactsAsync(_connection);
        _wrong.AddRange(expected.Except(actual).Select(fact => $"missing: {fact}"));
        _wrong.AddRange(actual.Except(expected).Select(fact => $"unexpected: {fact}"));
        await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{actual.Count} facts, {_wrong.Count} wrong"));
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
        await RequestAsync(other, "inventory", cancel);
        await RequestAsync(other, "policy", cancel);
        var changing = ChangeAsync(world, cancel);
        await Task.Delay(TimeSpan.FromMilliseconds(_random.Next(4000)), TimeProvider.System, cancel);
        var running = await NumberAsync("SELECT count(*) FROM units WHERE status = 'running'");
        var what = victim == 0 ? (round + seed) % 3 : (round + seed) % 2;
        switch (what)
        {
            case 0:
                await _replicas[victim]!.DisposeAsync(); // SIGKILL
                await StartAsync(victim, cancel);
                break;
            case 1:
                await SignalAsync(_replicas[victim]!, "STOP", cancel);
                await Task.Delay(_stopped, TimeProvider.System, cancel);
                await SignalAsync(_replicas[victim]!, "CONT", cancel);
                break;
            default:
                _proxy!.Cut(); // only the first replica connects through it
                await Task.Delay(TimeSpan.FromSeconds(_random.Next(5, 70)), TimeProvider.System, cancel);
                await _proxy.RestoreAsync();
                break;
        }

        await changing;
        await other.FinishedScansAsync(cancel, _timeLimit);
        await output.WriteLineAsync(string.Create(
            CultureInfo.InvariantCulture,
            $"round {round + 1}: replica {victim + 1} was {_disturbances[what]} while {running} units ran in both; {clock.Elapsed.TotalSeconds:0} s"));
    }

    internal static async Task ChangeAsync(ChangingBuckets world, CancellationToken cancel)
    {
        for (var change = 0; change < ChangesInRound; change++)
        {
            await world.ChangeAsync(cancel);
            await Task.Delay(_pause, TimeProvider.System, cancel);
        }
    }

    /// <summary>The first one reaches the database through the proxy; one clock is five minutes ahead, the other five minutes behind.</summary>
    private async Task StartAsync(int which, CancellationToken cancel)
    {
        var connection = which == 1 ? _connection
            : new NpgsqlConnectionStringBuilder(_connection) { Port = _proxy!.Port, CommandTimeout = 15 }.ToString();
        _replicas[which] = Spawn(connection, which == 0 ? "+300" : "-300");
        await RequireReadyAsync(_replicas[which]!, cancel);
    }

    /// <summary>Only the wall clock differs. Without the second setting, timed waits of .NET return at once and use all processors.</summary>
    private const string Monotonic = "export FAKETIME_DONT_FAKE_MONOTONIC=1 FAKETIME_FORCE_MONOTONIC_FIX=0;";

    private QrieProcess Spawn(string connection, string clock) => QrieProcess.Spawn(
        "", _aws!,
        [
            "--Store:Kind=postgres", $"--Store:ConnectionString={connection}", "--Aws:Regions=us-east-1,eu-west-1", "--Scans:Concurrency=2",
            .. clock.Length == 0 ? (string[])[]
                : [$"--Events:QueueUrl={_queue}", "--Events:Visibility=00:00:10", "--Schedules:PolicyScan=0 * * * * ?"],
        ],
        clock.Length == 0 ? "" : $"{Monotonic} export FAKETIME={clock} LD_PRELOAD=$(ls /usr/lib/*/faketime/libfaketimeMT.so.1);");

    internal static async Task RequireReadyAsync(QrieProcess qrie, CancellationToken cancel)
    {
        if (!await qrie.ReadyAsync(cancel))
        {
            throw new InvalidOperationException($"Qrie did not start:\n{string.Join('\n', qrie.Log)}");
        }
    }

    /// <summary>Accounts, an alert if wanted, and policies.</summary>
    internal static async Task PrepareAsync(QrieProcess qrie, bool alert, CancellationToken cancel)
    {
        using var content = new StringContent(JsonSerializer.Serialize(new { services = _services }), null, "application/json");
        (await qrie.Http.PutAsync(new Uri("/accounts/123456789012", UriKind.Relative), content, cancel)).EnsureSuccessStatusCode();
        foreach (var account in _accounts)
        {
            await PostAsync(
                qrie, "/accounts",
                new { account_id = account, role_arn = $"arn:aws:iam::{account}:role/QrieReadOnly", services = _services }, cancel);
        }

        if (alert)
        {
            await PostAsync(qrie, "/alerts", new { name = "All", kinds = (string[])["opened"], target = new { kind = "sns", topic_arn = Topic } }, cancel);
        }

        foreach (var policy in _policies)
        {
            await PostAsync(qrie, "/policies/launch", new { policy_id = policy }, cancel);
        }

        await qrie.FinishedScansAsync(cancel, _timeLimit);
    }

    private async Task ScanAsync(QrieProcess qrie, CancellationToken cancel)
    {
        await RequestAsync(qrie, "inventory", cancel);
        await qrie.FinishedScansAsync(cancel, _timeLimit);
        await RequestAsync(qrie, "policy", cancel);
        await qrie.FinishedScansAsync(cancel, _timeLimit);
    }

    private async Task RequestAsync(QrieProcess qrie, string kind, CancellationToken cancel) =>
        _requested.Add((await PostAsync(qrie, "/scans", new { kind }, cancel)).GetProperty("scan_id").GetString()!);

    internal static async Task<JsonElement> PostAsync(QrieProcess qrie, string path, object body, CancellationToken cancel)
    {
        var (status, answer) = await qrie.PostAsync(path, body, cancel);
        return status is HttpStatusCode.OK or HttpStatusCode.Created or HttpStatusCode.Accepted ? answer
            : throw new InvalidOperationException($"POST {path} answered {status}: {answer}\n{string.Join('\n', qrie.Log.TakeLast(20))}");
    }

    private async Task CheckAsync()
    {
        _wrong.AddRange(await ReplicatedStore.ViolationsAsync(_connection));
        await using var connection = new NpgsqlConnection(_connection);
        var completed = (await connection.QueryAsync<string>("SELECT scan_id FROM scans WHERE status = 'completed'")).ToHashSet();
        _wrong.AddRange(_requested.Where(id => !completed.Contains(id)).Select(id => $"scan {id} was accepted and is not completed"));
        var slots = (await connection.QueryAsync<long>("SELECT scheduled_for FROM scans WHERE scheduled_for IS NOT NULL ORDER BY 1")).ToList();
        _wrong.AddRange(slots.GroupBy(slot => slot).Where(slot => slot.Count() > 1).Select(slot => $"the scan of {slot.Key} was started twice"));
        var (started, units) = (await NumberAsync("SELECT sum(attempts) FROM units"), await NumberAsync("SELECT count(*) FROM units"));
        await output.WriteLineAsync(string.Create(
            CultureInfo.InvariantCulture,
            $"{completed.Count} scans completed, {slots.Count} of them scheduled; units were started {started} times for {units}"));
    }

    private async Task<long> NumberAsync(string sql)
    {
        await using var connection = new NpgsqlConnection(_connection);
        return await connection.ExecuteScalarAsync<long>(sql);
    }

    internal static async Task SignalAsync(QrieProcess qrie, string signal, CancellationToken cancel)
    {
        using var kill = Process.Start("/bin/sh", ["-c", string.Create(CultureInfo.InvariantCulture, $"kill -{signal} {qrie.Id}")]);
        await kill.WaitForExitAsync(cancel);
    }

    private static StringContent Form(string body) => new(body, null, "application/x-www-form-urlencoded");

    private async Task UntilAsync(Func<Task<bool>> condition, string what, CancellationToken cancel)
    {
        for (var waited = Stopwatch.StartNew(); !await condition(); await Task.Delay(_pause, TimeProvider.System, cancel))
        {
            if (waited.Elapsed > _timeLimit)
            {
                throw new TimeoutException(
                    $"Timed out after {_timeLimit} waiting until {what}.\n{string.Join('\n', _replicas.SelectMany(r => r!.Log.TakeLast(30)))}");
            }
        }
    }
}
