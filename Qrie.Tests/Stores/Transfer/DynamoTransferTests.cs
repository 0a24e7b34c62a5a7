using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using Qrie.Domain;
using Qrie.Domain.Transfer;
using Qrie.Domain.Validation;
using Qrie.Domain.Work;
using Qrie.Dynamo;
using Qrie.Sql.Database;
using Qrie.Sql.Transfer;
using Qrie.Tests.Demo;
using Qrie.Tests.Stores.Dynamo;
using Qrie.Tests.Support;

namespace Qrie.Tests.Stores.Transfer;

/// <summary>Everything in a store moves to DynamoDB and back; what is interrupted or damaged harms nothing.</summary>
[Collection(DemoHost.Collection)]
public sealed partial class DynamoTransferTests(DemoHost demo) : IDisposable
{
    /// <summary>What makes sense only while a service runs.</summary>
    private static readonly string[] s_leftOut = ["replicas", "duties"];

    private readonly ExportFolder _folder = new();

    private static CancellationToken None => CancellationToken.None;

    public void Dispose() => _folder.Dispose();

    [DynamoFact]
    public async Task A_store_is_the_same_after_a_way_through_DynamoDB()
    {
        var (everything, demos) = (await ExportEverythingAsync(), await ExportDemoAsync());
        (await EmptyTablesAsync(everything)).Intersect(await EmptyTablesAsync(demos)).ShouldBeSubsetOf(s_leftOut, "what is not there is not tested");
        foreach (var (first, least) in ((string, int)[])[(everything, 300), (demos, 10_000)])
        {
            var second = await WithTablesAsync(async (url, settings) =>
            {
                await using var store = TransferOf(url, settings);
                await ExportFolder.ImportAsync(store, first);
                return await _folder.ExportAsync(store);
            });

            using var file = new SqliteFile();
            await using var sqlite = OpenFile(file);
            await ExportFolder.ImportAsync(sqlite, second);
            var third = await _folder.ExportAsync(sqlite);

            var rows = await ExportFolder.RowsAsync(first);
            rows.Count.ShouldBeGreaterThan(least);
            ShouldBeSame(await ExportFolder.RowsAsync(second), rows);
            ShouldBeSame(await ExportFolder.RowsAsync(third), rows);
        }
    }

    [DynamoFact]
    public async Task A_store_in_DynamoDB_answers_the_same_after_a_way_to_a_file_and_back()
    {
        var (before, export, items) = await WithStoresAsync(async (stores, open, itemsAsync) =>
        {
            await Everything.FillAsync(stores);
            await using var store = open();
            return (await Answers.OfAsync(stores, Everything.Organizations), await _folder.ExportAsync(store), await itemsAsync());
        });
        before.Count.ShouldBeGreaterThan(100);

        using var file = new SqliteFile();
        await using (var sqlite = OpenFile(file))
        {
            await ExportFolder.ImportAsync(sqlite, export);
        }

        await using (var stores = await file.OpenAsync())
        {
            ShouldBeSame(await Answers.OfAsync(stores, Everything.Organizations), before);
        }

        await using var filled = OpenFile(file);
        var again = await _folder.ExportAsync(filled);
        var (after, itemsAfter) = await WithTablesAsync(async (url, settings) =>
        {
            await using (var store = TransferOf(url, settings))
            {
                await ExportFolder.ImportAsync(store, again);
            }

            await using var stores = await StoreSets.PrepareAsync(DynamoServer.ProviderOf(url, settings), () => ValueTask.CompletedTask);
            return (await Answers.OfAsync(stores, Everything.Organizations), await DynamoPortFaultTests.ItemsAsync(url, settings));
        });

        ShouldBeSame(after, before);
        ShouldBeSame(Comparable(itemsAfter), Comparable(items));
    }

    [DynamoFact]
    public async Task The_demo_answers_the_same_in_DynamoDB()
    {
        using var file = new SqliteFile();
        await demo.CopyAsync(file.Path);
        List<string> before;
        await using (var stores = await file.OpenAsync())
        {
            before = await Answers.OfAsync(stores, [Some.Org]);
        }

        await using var sqlite = OpenFile(file);
        var export = await _folder.ExportAsync(sqlite);
        var after = await WithTablesAsync(async (url, settings) =>
        {
            await using (var store = TransferOf(url, settings))
            {
                await ExportFolder.ImportAsync(store, export);
            }

            var most = settings with { LookedAt = 50_000 };
            await using var stores = await StoreSets.PrepareAsync(DynamoServer.ProviderOf(url, most), () => ValueTask.CompletedTask);
            return await Answers.OfAsync(stores, [Some.Org]);
        });

        ShouldBeSame(after, before);
    }

    [DynamoFact]
    public async Task An_interrupted_import_continues_and_no_service_starts_before()
    {
        var export = await ExportDemoAsync();
        var manifest = await TransferManifest.ReadAsync(export, None);
        var other = Path.Combine(_folder.Next(), "");
        Directory.CreateDirectory(other);
        await File.WriteAllTextAsync(
            Path.Combine(other, TransferManifest.FileName),
            (await File.ReadAllTextAsync(Path.Combine(export, TransferManifest.FileName))).Replace(manifest.ExportId, "other", StringComparison.Ordinal));
        var rows = await WithTablesAsync(async (url, settings) =>
        {
            await using var store = TransferOf(url, settings);
            var reached = new List<long>();
            foreach (var limit in (long[])[1, manifest.Rows / 3, manifest.Rows / 2])
            {
                await Should.ThrowAsync<OperationCanceledException>(() => store.ImportAsync(
                    export, manifest,
                    done =>
                    {
                        reached.Add(done);
                        return done >= limit ? throw new OperationCanceledException() : Task.CompletedTask;
                    },
                    None));
                await using var services = DynamoServer.ProviderOf(url, settings);
                (await Should.ThrowAsync<StoreUnavailableException>(() => services.GetRequiredService<IInstallation>().PrepareAsync(None)))
                    .Message.ShouldContain("qrie import");
                (await Should.ThrowAsync<TransferException>(() => ExportFolder.ImportAsync(store, other))).Message.ShouldContain("another export");
                (await Should.ThrowAsync<StoreUnavailableException>(() => _folder.ExportAsync(store))).Message.ShouldContain("unfinished import");
            }

            await ExportFolder.ImportAsync(store, export);

            (await Should.ThrowAsync<TransferException>(() => ExportFolder.ImportAsync(store, export))).Message.ShouldContain("not empty");
            return await ExportFolder.RowsAsync(await _folder.ExportAsync(store));
        });

        rows.ShouldBe(await ExportFolder.RowsAsync(export));
    }

    [DynamoFact]
    public async Task A_damaged_or_missing_part_changes_nothing_and_the_right_one_is_imported()
    {
        var export = await ExportEverythingAsync();
        var part = Path.Combine(export, "findings-00001.jsonl.gz");
        var right = await File.ReadAllBytesAsync(part);
        var rows = await WithTablesAsync(async (url, settings) =>
        {
            await using var store = TransferOf(url, settings);
            await File.WriteAllBytesAsync(part, [.. right[..^9], (byte)(right[^9] ^ 1), .. right[^8..]]);
            (await Should.ThrowAsync<TransferException>(() => ExportFolder.ImportAsync(store, export))).Message
                .ShouldContain("findings-00001.jsonl.gz is damaged");
            File.Delete(part);
            (await Should.ThrowAsync<TransferException>(() => ExportFolder.ImportAsync(store, export))).Message
                .ShouldContain("findings-00001.jsonl.gz is missing");
            (await DynamoPortFaultTests.ItemsAsync(url, settings)).ShouldHaveSingleItem("only what describes the tables");
            await File.WriteAllBytesAsync(part, right);
            await ExportFolder.ImportAsync(store, export);
            return await ExportFolder.RowsAsync(await _folder.ExportAsync(store));
        });

        rows.ShouldBe(await ExportFolder.RowsAsync(export));
    }

    [DynamoFact]
    public async Task An_export_is_refused_while_a_service_runs_and_without_tables()
    {
        await WithTablesAsync(async (url, settings) =>
        {
            await using var store = TransferOf(url, settings);
            await using (var services = DynamoServer.ProviderOf(url, settings))
            {
                await services.GetRequiredService<IInstallation>().PrepareAsync(None);
                await services.GetRequiredService<IReplicas>().JoinAsync(None);
                (await Should.ThrowAsync<TransferException>(() => _folder.ExportAsync(store))).Message.ShouldContain("stop all tasks");
            }

            await _folder.ExportAsync(store);
            var full = _folder.Next();
            Directory.CreateDirectory(full);
            await File.WriteAllTextAsync(Path.Combine(full, "theirs.txt"), "theirs");
            (await Should.ThrowAsync<TransferException>(() => store.ExportAsync(full, _ => Task.CompletedTask, None))).Message.ShouldContain("theirs.txt");

            await using var none = TransferOf(url, settings with { TablePrefix = "none_", CreateTables = false });
            (await Should.ThrowAsync<TransferException>(() => _folder.ExportAsync(none))).Message.ShouldContain("none_accounts");
            return true;
        });
    }

    private async Task<string> ExportEverythingAsync()
    {
        using var file = new SqliteFile();
        await using (var stores = await file.OpenAsync())
        {
            await Everything.FillAsync(stores);
        }

        await using var sqlite = OpenFile(file);
        return await _folder.ExportAsync(sqlite);
    }

    private async Task<string> ExportDemoAsync()
    {
        using var file = new SqliteFile();
        await demo.CopyAsync(file.Path);
        await using var sqlite = OpenFile(file);
        return await _folder.ExportAsync(sqlite);
    }

    private static async Task<IEnumerable<string>> EmptyTablesAsync(string export) =>
        (await TransferManifest.ReadAsync(export, None)).Tables.Where(t => t.Parts.Count == 0).Select(t => t.Name);

    private static SqlTransferStore OpenFile(SqliteFile file) => new(SqliteDatabase.Open(file.Path, durable: false), TimeProvider.System);

    private static ITransferStore TransferOf(Uri url, DynamoSettings settings) =>
        DynamoServer.ProviderOf(url, settings).AsTransferStore(cancel => SqlTransferBuffer.OpenAsync(TimeProvider.System, cancel));

    private static Task<T> WithTablesAsync<T>(Func<Uri, DynamoSettings, Task<T>> use) => DynamoServer.WithTablesAsync(use);

    private static Task<T> WithStoresAsync<T>(Func<StoreSet, Func<ITransferStore>, Func<Task<List<string>>>, Task<T>> use) =>
        DynamoServer.WithTablesAsync(async (url, settings) =>
        {
            await using var stores = await StoreSets.PrepareAsync(DynamoServer.ProviderOf(url, settings), () => ValueTask.CompletedTask);
            return await use(stores, () => TransferOf(url, settings), () => DynamoPortFaultTests.ItemsAsync(url, settings));
        });

    /// <summary>One line is easier to read than thousands.</summary>
    private static void ShouldBeSame(IReadOnlyCollection<string> actual, IReadOnlyCollection<string> expected)
    {
        var (less, more) = (expected.Except(actual).ToList(), actual.Except(expected).ToList());
        var first = less.FirstOrDefault();
        less.Concat(more).ShouldBeEmpty($"expected first: {first}");
        actual.Count.ShouldBe(expected.Count);
    }

    /// <summary>Items without what depends on their history, and without counts of zero, which stand for none.</summary>
    private static List<string> Comparable(IEnumerable<string> items) =>
    [
        .. items.Where(item => !OfHistory().IsMatch(item))
            .Select(item => Kept().Replace(item.Contains("PK=counts", StringComparison.Ordinal) ? Zero().Replace(item, "") : item, "").TrimEnd(' ', ','))
            .Where(item => !NoCounts().IsMatch(item)),
    ];

    [GeneratedRegex(
        "PK=(part|scan|units|scan-calls|scan-denials|interrupted|slots|alert-numbers|alert-rule-count|account|purges)[\\n,]|PK=counts.*SK=history",
        RegexOptions.Singleline)]
    private static partial Regex OfHistory();

    [GeneratedRegex("(?<=^state |, )[^,]*=0(, |$)", RegexOptions.Singleline)]
    private static partial Regex Zero();

    [GeneratedRegex("Kept=\\{[^}]*\\}(, |$)")]
    private static partial Regex Kept();

    [GeneratedRegex("^state PK=counts[^,]*, SK=[^,]*$", RegexOptions.Singleline)]
    private static partial Regex NoCounts();
}
