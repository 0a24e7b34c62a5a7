using System.Net;
using System.Text.Json;
using Dapper;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Qrie.Benchmarks.Crash;
using Qrie.Sql.Database;
using Qrie.Tests.Api;
using Qrie.Tests.Stores;

namespace Qrie.Tests.Crash;

/// <summary>
/// The store fails during a scan, with each kind of SQLite error, and recovers: the process reports the problem, keeps running, and completes the scan.
/// </summary>
public sealed class BrokenStoreTests
{
    private const int Buckets = 300;
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(60); // only failing tests wait that long

    /// <summary>Ways to break a store, each with the expected message.</summary>
    public static TheoryData<string, string> Errors => new()
    {
        { "full", "The disk is full; free some space." },
        { "read-only", "Make the file and its folder writable." },
        { "locked", "Another program holds the file; close it." },
    };

    [Theory]
    [MemberData(nameof(Errors))]
    public async Task Running_work_is_completed_when_the_store_is_available_again(string fault, string remedy)
    {
        using var file = new SqliteFile();
        var log = new LogLines();
        var collector = new ScriptedCollector().With(
            $$"""{"Padding":"{{new string('x', 2000)}}"}""", [.. Enumerable.Range(0, Buckets).Select(i => $"bucket-{i}")]);
        var (entered, goOn) = (new TaskCompletionSource(), new TaskCompletionSource());
        collector.Gate = async cancel =>
        {
            entered.TrySetResult();
            await goOn.Task.WaitAsync(cancel);
        };
        var scans = new List<string>();
        await using (var qrie = await RunningQrie.StartAsync(collector, store: file.Path, adjust: builder =>
        {
            builder.Logging.AddProvider(log);
            builder.Services.AddSingleton<SqlDatabase>(_ => SqliteDatabase.Open(file.Path, busyTimeout: TimeSpan.FromSeconds(1)));
        }))
        {
            scans.Add(await AcceptedAsync(qrie));
            await entered.Task.WaitAsync(Long);

            var end = await BeginAsync(fault, qrie.Services.GetRequiredService<SqlDatabase>(), file.Path);
            var problem = await RefusedAsync(qrie, scans);
            goOn.SetResult();
            await log.WaitForAsync("is restarted when it is available again", Long);

            problem.GetProperty("detail").GetString()!.ShouldContain(remedy);
            log.Lines.ShouldContain(line => line.StartsWith("Error", StringComparison.Ordinal) && line.Contains(remedy));
            (await qrie.GetAsync("/health/live")).Status.ShouldBe(HttpStatusCode.OK);
            (await qrie.GetAsync("/resources")).Status.ShouldBe(HttpStatusCode.OK); // stored data can be read
            await end();

            foreach (var scan in scans)
            {
                (await qrie.FinishedAsync(scan, Long)).GetProperty("status").GetString().ShouldBe("completed");
            }

            (await qrie.AllAsync("/resources", "resources")).Count.ShouldBe(Buckets);
            (await qrie.FinishedAsync(scans[0])).GetProperty("counters").GetProperty("resources_found").GetInt64().ShouldBe(Buckets);
        }

        (await StoreFile.ViolationsAsync(file.Path, default)).ShouldBeEmpty();
    }

    private static async Task<string> AcceptedAsync(RunningQrie qrie)
    {
        var (status, body) = await qrie.PostAsync("/scans", new { kind = "inventory", service = "s3" });
        status.ShouldBe(HttpStatusCode.Accepted);
        return body.GetProperty("scan_id").GetString()!;
    }

    /// <summary>A full disk may still have room for a few small rows; accepted scans must be completed.</summary>
    private static async Task<JsonElement> RefusedAsync(RunningQrie qrie, List<string> scans)
    {
        while (true)
        {
            var (status, body) = await qrie.PostAsync("/scans", new { kind = "inventory", service = "s3" });
            if (status != HttpStatusCode.Accepted)
            {
                status.ShouldBe(HttpStatusCode.ServiceUnavailable, body.ToString());
                body.GetProperty("title").GetString().ShouldBe("Store unavailable");
                return body;
            }

            scans.Add(body.GetProperty("scan_id").GetString()!);
            scans.Count.ShouldBeLessThan(200, "the store never became full");
        }
    }

    /// <summary>Causes the failure; the result ends it.</summary>
    private static async Task<Func<Task>> BeginAsync(string fault, SqlDatabase database, string path)
    {
        if (fault == "locked")
        {
            var other = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Pooling = false }.ToString());
            await other.OpenAsync();
            await other.ExecuteAsync("BEGIN IMMEDIATE");
            return async () => await other.DisposeAsync();
        }

        // On the writing connection, because these are settings of a connection.
        var writer = await database.WriteAsync(transaction => Task.FromResult(transaction.Connection!), default);
        var (broken, repaired) = fault == "full"
            ? ($"PRAGMA max_page_count = {await writer.ExecuteScalarAsync<long>("PRAGMA page_count")}", "PRAGMA max_page_count = 1000000")
            : ("PRAGMA query_only = 1", "PRAGMA query_only = 0");
        await SetAsync(broken);
        return () => SetAsync(repaired);

        // The service uses the same connection; while it is in a transaction, a command without one is refused.
        async Task SetAsync(string setting)
        {
            for (var tries = 1; ; tries++)
            {
                try
                {
                    await writer.ExecuteAsync(setting);
                    return;
                }
                catch (InvalidOperationException) when (tries < 500)
                {
                    await Task.Delay(10);
                }
            }
        }
    }

    /// <summary>The log entries, with levels and exceptions.</summary>
    private sealed class LogLines : ILoggerProvider, ILogger
    {
        private readonly List<string> _lines = [];

        public IReadOnlyList<string> Lines
        {
            get
            {
                lock (_lines)
                {
                    return [.. _lines];
                }
            }
        }

        public async Task WaitForAsync(string text, TimeSpan within)
        {
            using var late = new CancellationTokenSource(within);
            while (!Lines.Any(line => line.Contains(text, StringComparison.Ordinal)))
            {
                await Task.Delay(20, late.Token);
            }
        }

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            lock (_lines)
            {
                _lines.Add($"{logLevel} {formatter(state, exception)} {exception?.Message}");
            }
        }

        public void Dispose()
        {
        }
    }
}
