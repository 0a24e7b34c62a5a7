using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Qrie.Api.Exports;
using Qrie.Domain;
using Qrie.Domain.Catalog;
using Qrie.Domain.Findings;
using Qrie.Sql;
using Qrie.Sql.Database;

namespace Qrie.Benchmarks.Lists;

/// <summary>
/// Every format of exports, from the store to a stream that is thrown away. <c>--findings N</c> (default 1,000,000), <c>--store FILE</c>: created if it does
/// not exist, and kept; <c>--only FORMAT</c>.
/// </summary>
internal sealed class ExportWorkload : IWorkload
{
    public string Name => "exports";

    public string Description => "exports of findings in every format, with their memory: --findings N [--store FILE] [--only FORMAT]";

    public async Task<int> RunAsync(string[] args, FigureWriter figures)
    {
        var count = Value(args, "--findings") is { } text ? int.Parse(text, CultureInfo.InvariantCulture) : 1_000_000;
        var kept = Value(args, "--store");
        var folder = kept is null ? Directory.CreateTempSubdirectory("qrie-exports-") : null;
        var store = kept ?? Path.Combine(folder!.FullName, "qrie.db");
        try
        {
            if (!File.Exists(store))
            {
                await FindingsStore.FillAsync(store, count, TimeProvider.System.GetUtcNow());
            }

            await using var services = new ServiceCollection()
                .AddSqlStores(_ => SqliteDatabase.Open(store))
                .AddSingleton<ICatalog>(new CatalogHolder(ResourceCatalog.Empty))
                .AddSingleton(TimeProvider.System)
                .AddSingleton<ExportReader>()
                .BuildServiceProvider();
            foreach (var format in ExportFormats.All.Where(f => (Value(args, "--only") ?? f.Name) == f.Name))
            {
                await MeasureAsync(services.GetRequiredService<ExportReader>(), format, figures);
            }

            return 0;
        }
        finally
        {
            folder?.Delete(recursive: true);
        }
    }

    private static async Task MeasureAsync(ExportReader reader, IExportFormat format, FigureWriter figures)
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
        using var memory = new PeakMemory();
        var (began, before) = (Stopwatch.GetTimestamp(), Environment.CpuUsage.TotalTime);
        await using var written = new CountingStream();
        var export = await reader.ReadAsync(Organizations.Default, new FindingFilter(), withUnknown: true, CancellationToken.None);
        await format.WriteAsync(export, written, CancellationToken.None);
        figures.Write($"exports.{format.Name}.time", Stopwatch.GetElapsedTime(began).TotalSeconds, "s");
        figures.Write($"exports.{format.Name}.cpu", (Environment.CpuUsage.TotalTime - before).TotalSeconds, "s");
        figures.Write($"exports.{format.Name}.size", written.Bytes / 1e6, "MB");
        figures.Write($"exports.{format.Name}.rss", memory.Megabytes, "MB");
    }

    private static string? Value(string[] args, string name) => Array.IndexOf(args, name) is >= 0 and var at && at + 1 < args.Length ? args[at + 1] : null;

    /// <summary>Counts what is written to it, and forgets it.</summary>
    private sealed class CountingStream : Stream
    {
        public long Bytes { get; private set; }

        public override bool CanRead => false;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => Bytes;

        public override long Position { get => Bytes; set => throw new NotSupportedException(); }

        public override void Write(byte[] buffer, int offset, int count) => Bytes += count;

        public override void Write(ReadOnlySpan<byte> buffer) => Bytes += buffer.Length;

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            Bytes += buffer.Length;
            return ValueTask.CompletedTask;
        }

        public override void Flush()
        {
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();
    }
}
