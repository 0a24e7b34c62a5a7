using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Qrie.Domain;
using Qrie.Domain.Archiving;
using Qrie.Sql;
using Qrie.Sql.Database;

namespace Qrie.Benchmarks.Lists;

/// <summary>An archive of all findings, to a bucket that throws it away: <c>--findings N</c> (default 100,000).</summary>
internal sealed class ArchiveWorkload : IWorkload
{
    public string Name => "archive";

    public string Description => "archive of findings, with its memory: [--findings N]";

    public async Task<int> RunAsync(string[] args, FigureWriter figures)
    {
        var count = Array.IndexOf(args, "--findings") is >= 0 and var at && at + 1 < args.Length
            ? int.Parse(args[at + 1], NumberStyles.AllowThousands, CultureInfo.InvariantCulture)
            : 100_000;
        var folder = Directory.CreateTempSubdirectory("qrie-archive-");
        try
        {
            var store = Path.Combine(folder.FullName, "qrie.db");
            var now = TimeProvider.System.GetUtcNow();
            await FindingsStore.FillAsync(store, count, now);
            await using var services = new ServiceCollection().AddSqlStores(_ => SqliteDatabase.Open(store)).BuildServiceProvider();
            GC.Collect();
            GC.WaitForPendingFinalizers();
            GC.Collect();
            using var memory = new PeakMemory();
            var (began, before) = (Stopwatch.GetTimestamp(), Environment.CpuUsage.TotalTime);
            var archive = new Archive
            {
                Organization = Organizations.Default,
                ArchiveId = "archive",
                Reason = ArchiveReason.Manual,
                Status = ArchiveStatus.Pending,
                CreatedAt = now,
            };
            var manifest = await new ArchiveWriter(services.GetRequiredService<IArchiveStore>(), new NoBucket(), TimeProvider.System)
                .WriteAsync(archive, CancellationToken.None);
            figures.Write("archive.time", Stopwatch.GetElapsedTime(began).TotalSeconds, "s");
            figures.Write("archive.cpu", (Environment.CpuUsage.TotalTime - before).TotalSeconds, "s");
            figures.Write("archive.findings", manifest.Findings, "findings");
            figures.Write("archive.parts", manifest.Parts.Count, "parts");
            figures.Write("archive.size", manifest.Parts.Sum(p => p.Bytes) / 1e6, "MB");
            figures.Write("archive.rss", memory.Megabytes, "MB");
            return 0;
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private sealed class NoBucket : IArchiveBucket
    {
        public string? Location => "nowhere";

        public Task PutAsync(string key, ReadOnlyMemory<byte> content, ReadOnlyMemory<byte> sha256, CancellationToken cancel) => Task.CompletedTask;

        public Task<byte[]?> FindAsync(string key, long maxBytes, CancellationToken cancel) => Task.FromResult<byte[]?>(null);

        public IAsyncEnumerable<string> ListAsync(string key, CancellationToken cancel) => AsyncEnumerable.Empty<string>();
    }
}
