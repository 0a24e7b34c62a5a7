using System.Diagnostics;
using System.Net;
using System.Text.Json;
using Qrie.Benchmarks.Processes;

namespace Qrie.Benchmarks.Crash;

/// <summary>A store and its process, which may be killed at any time.</summary>
internal sealed class CrashedStore(Uri emulator) : IAsyncDisposable
{
    private static readonly string[] Policies =
    [
        "S3BucketVersioningDisabled", "S3BucketPublic", "S3BucketEncryptionDisabled", "EBSUnencrypted", "EC2SecurityGroupOpenToWorld", "VPCFlowLogsDisabled",
        "IAMUserInlinePolicyOverlyPermissive", "IAMPolicyOverlyPermissive", "IAMRoleTrustPublic",
    ];

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("qrie-crash-");
    private readonly HashSet<string> _launched = [];
    private readonly HashSet<string> _acknowledged = [];
    private readonly List<Kill> _kills = [];
    private readonly List<string> _logged = [];
    private QrieProcess? _qrie;
    private int _scansSeen;

    /// <summary>The duration of the last start of the process.</summary>
    public TimeSpan StartUp { get; private set; }

    private string Path => System.IO.Path.Combine(_folder.FullName, "qrie.db");

    /// <summary>Completes one phase, killing the process after each of these times. Returns the duration.</summary>
    public async Task<TimeSpan> RunAsync(string kind, IReadOnlyList<TimeSpan> killAfter, CancellationToken cancel)
    {
        if (_qrie is null)
        {
            var starting = Stopwatch.StartNew();
            _qrie = QrieProcess.Spawn(Path, emulator);
            await RequireReadyAsync(_qrie, cancel);
            StartUp = starting.Elapsed;
        }

        var clock = Stopwatch.StartNew();
        var before = await ScanIdsAsync(_qrie, kind, cancel);
        foreach (var delay in killAfter)
        {
            var qrie = _qrie;
            var working = WorkAsync(qrie, kind, before, cancel);
            await Task.Delay(delay, TimeProvider.System, cancel);
            await qrie.KillAsync();
            var ready = await UntilKilledAsync(working);
            var (unfinished, running, violations) = await StoreFile.AutopsyAsync(Path, cancel);
            _kills.Add(new Kill(!ready, unfinished, running, violations));
            _logged.AddRange(qrie.Errors);
            await qrie.DisposeAsync();
            _qrie = QrieProcess.Spawn(Path, emulator);
        }

        if (!await WorkAsync(_qrie, kind, before, cancel))
        {
            throw new InvalidOperationException($"Qrie exited unexpectedly:\n{string.Join('\n', _qrie.Log)}");
        }

        return clock.Elapsed;
    }

    /// <summary>The current state, and what is wrong with it. Stops the process.</summary>
    public async Task<EndState> EndAsync(CancellationToken cancel)
    {
        var qrie = _qrie!;
        var facts = await ReportedState.ReadAsync(qrie, cancel);
        var scans = await qrie.AllAsync("/scans", "scans", cancel);
        await qrie.StopAsync(cancel);
        var wrong = await StoreFile.ViolationsAsync(Path, cancel);
        facts.UnionWith(await StoreFile.FactsAsync(Path, cancel));
        wrong.UnionWith(_logged.Concat(qrie.Errors).Select(line => $"logged {line}"));
        wrong.UnionWith(scans.Where(s => s.GetProperty("status").GetString() != "completed").Select(s => $"not completed: {s}"));
        wrong.UnionWith(_acknowledged.Except(scans.Select(IdOf)).Select(id => $"scan {id} was accepted and is lost"));
        await qrie.DisposeAsync();
        _qrie = null;
        _logged.Clear();
        var newScans = scans.Count - _scansSeen;
        _scansSeen = scans.Count;
        return new EndState(
            facts, wrong, newScans,
            await StoreFile.CountAsync(Path, "SELECT count(*) FROM resources WHERE deleted_at IS NULL", cancel),
            await StoreFile.CountAsync(Path, "SELECT count(*) FROM findings", cancel));
    }

    public List<Kill> TakeKills()
    {
        List<Kill> taken = [.. _kills];
        _kills.Clear();
        return taken;
    }

    public async ValueTask DisposeAsync()
    {
        if (_qrie is not null)
        {
            await _qrie.DisposeAsync();
        }

        _folder.Delete(recursive: true);
    }

    /// <summary>Requests a scan like a user who does not know how far the process came before it ended. False if there was no response.</summary>
    private async Task<bool> WorkAsync(QrieProcess qrie, string kind, IReadOnlySet<string> before, CancellationToken cancel)
    {
        if (!await qrie.ReadyAsync(cancel))
        {
            return false;
        }

        if (kind == "policy")
        {
            foreach (var policy in Policies.Where(p => !_launched.Contains(p)))
            {
                var (status, launched) = await qrie.PostAsync("/policies/launch", new { policy_id = policy }, cancel);
                Require(status is HttpStatusCode.Created or HttpStatusCode.Conflict, launched); // conflict: it was launched, but the response was lost
                if (status == HttpStatusCode.Created)
                {
                    _acknowledged.Add(IdOf(launched));
                }

                _launched.Add(policy);
            }
        }

        if (!(await ScanIdsAsync(qrie, kind, cancel)).Except(before).Any())
        {
            var (status, started) = await qrie.PostAsync("/scans", new { kind }, cancel);
            Require(status == HttpStatusCode.Accepted, started);
            _acknowledged.Add(IdOf(started));
        }

        await qrie.FinishedScansAsync(cancel);
        return true;
    }

    /// <summary>Waits for work whose process was killed, and ignores its failure. False if the process was not ready yet.</summary>
    private static async Task<bool> UntilKilledAsync(Task<bool> working)
    {
        try
        {
            return await working;
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            return true;
        }
    }

    /// <summary>Requested scans, without those of launches.</summary>
    private static async Task<IReadOnlySet<string>> ScanIdsAsync(QrieProcess qrie, string kind, CancellationToken cancel) =>
        (await qrie.AllAsync("/scans", "scans", cancel))
        .Where(s => s.GetProperty("kind").GetString() == kind && s.GetProperty("trigger").GetString() == "manual").Select(IdOf).ToHashSet();

    private static async Task RequireReadyAsync(QrieProcess qrie, CancellationToken cancel)
    {
        if (!await qrie.ReadyAsync(cancel))
        {
            throw new InvalidOperationException($"Qrie did not start:\n{string.Join('\n', qrie.Log)}");
        }
    }

    private static void Require(bool condition, JsonElement answer)
    {
        if (!condition)
        {
            throw new InvalidOperationException($"Qrie returned {answer}");
        }
    }

    private static string IdOf(JsonElement scan) => scan.GetProperty("scan_id").GetString()!;

    /// <param name="WhileStarting">Whether it was before the process was ready.</param>
    /// <param name="UnfinishedScans">Scans that it interrupted.</param>
    /// <param name="RunningUnits">Units in progress.</param>
    /// <param name="Violations">Violated invariants in the store at that moment.</param>
    internal sealed record Kill(bool WhileStarting, long UnfinishedScans, long RunningUnits, IReadOnlySet<string> Violations);

    /// <param name="Facts">Facts that must be equal in every store with the same history.</param>
    /// <param name="Wrong">Violated invariants.</param>
    /// <param name="Scans">Scans since the previous state.</param>
    internal sealed record EndState(SortedSet<string> Facts, SortedSet<string> Wrong, int Scans, long Resources, long Findings);
}
