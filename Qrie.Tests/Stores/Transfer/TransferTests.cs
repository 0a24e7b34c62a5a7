using Qrie.Domain;
using Qrie.Domain.Transfer;
using Qrie.Domain.Validation;
using Qrie.Sql;
using Qrie.Sql.Database;
using Qrie.Sql.Transfer;
using Qrie.Tests.Demo;

namespace Qrie.Tests.Stores.Transfer;

/// <summary>Everything in a store moves to another one, of either kind, and back; what is interrupted or damaged harms nothing.</summary>
[Collection(DemoHost.Collection)]
public sealed class TransferTests(DemoHost demo) : IDisposable
{
    private const string NewAlert = "INSERT INTO alert_outbox (organization, at, kind) VALUES (@organization, 1, 'opened')";

    private readonly ExportFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_store_is_the_same_after_a_way_through_PostgreSQL()
    {
        var first = await ExportDemoAsync();
        var connection = await PostgresServer.CreateEmptyDatabaseAsync();
        string second;
        await using (var postgres = PostgresDatabase.Open(connection))
        {
            await ImportAsync(postgres, first);
            second = await ExportAsync(postgres);
        }

        using var file = new SqliteFile();
        string third;
        await using (var sqlite = SqliteDatabase.Open(file.Path, durable: false))
        {
            await ImportAsync(sqlite, second);
            third = await ExportAsync(sqlite);
        }

        var rows = await ExportFolder.RowsAsync(first);
        rows.Count.ShouldBeGreaterThan(10_000);
        (await ExportFolder.RowsAsync(second)).ShouldBe(rows);
        (await ExportFolder.RowsAsync(third)).ShouldBe(rows);

        // The numbers that the server assigns continue after the imported ones.
        await using var filled = PostgresDatabase.Open(connection);
        await filled.WriteAsync(transaction => transaction.ExecuteRowsAsync(NewAlert, [new { organization = Organizations.Default }]), default);
    }

    [Fact]
    public async Task An_interrupted_import_continues_and_no_service_starts_before()
    {
        var export = await ExportDemoAsync(rowsPerPart: 500);
        var manifest = await TransferManifest.ReadAsync(export, default);
        manifest.Tables.ShouldContain(t => t.Parts.Count > 3);
        using var file = new SqliteFile();
        await using var store = SqliteDatabase.Open(file.Path, durable: false);
        foreach (var limit in (long[])[1, manifest.Rows / 3, manifest.Rows - 1])
        {
            await Should.ThrowAsync<OperationCanceledException>(() => new StoreImport(store).RunAsync(
                export, manifest, rows => rows >= limit ? throw new OperationCanceledException() : Task.CompletedTask, default));
            (await Should.ThrowAsync<StoreUnavailableException>(() => new SqlInstallation(store).PrepareAsync(default))).Message.ShouldContain("qrie import");
        }

        await ImportAsync(store, export);

        await new SqlInstallation(store).PrepareAsync(default);
        (await ExportFolder.RowsAsync(await ExportAsync(store))).ShouldBe(await ExportFolder.RowsAsync(export));
        (await Should.ThrowAsync<TransferException>(() => ImportAsync(store, export))).Message.ShouldContain("not empty");
    }

    [Fact]
    public async Task A_damaged_or_missing_part_is_named_and_the_import_continues_with_the_right_one()
    {
        var export = await ExportDemoAsync();
        var part = Path.Combine(export, "resources-00001.jsonl.gz");
        var right = await File.ReadAllBytesAsync(part);
        using var file = new SqliteFile();
        await using var store = SqliteDatabase.Open(file.Path, durable: false);

        await File.WriteAllBytesAsync(part, [.. right[..^9], (byte)(right[^9] ^ 1), .. right[^8..]]);
        (await Should.ThrowAsync<TransferException>(() => ImportAsync(store, export))).Message.ShouldContain("resources-00001.jsonl.gz is damaged");
        File.Delete(part);
        (await Should.ThrowAsync<TransferException>(() => ImportAsync(store, export))).Message.ShouldContain("resources-00001.jsonl.gz is missing");
        await File.WriteAllBytesAsync(part, right);
        await ImportAsync(store, export);

        (await ExportFolder.RowsAsync(await ExportAsync(store))).ShouldBe(await ExportFolder.RowsAsync(export));
    }

    [Fact]
    public async Task Exports_of_other_versions_and_unfinished_ones_are_refused()
    {
        var export = await ExportDemoAsync();
        var path = Path.Combine(export, TransferManifest.FileName);
        var text = await File.ReadAllTextAsync(path);
        using var file = new SqliteFile();
        await using var store = SqliteDatabase.Open(file.Path, durable: false);

        await File.WriteAllTextAsync(path, text.Replace("\"describe_time\"", "\"described\"", StringComparison.Ordinal));
        (await Should.ThrowAsync<TransferException>(() => ImportAsync(store, export))).Message.ShouldContain("evaluations.described (Number)");
        await File.WriteAllTextAsync(path, text.Replace("\"format\": 1", "\"format\": 9", StringComparison.Ordinal));
        (await Should.ThrowAsync<TransferException>(() => ImportAsync(store, export))).Message.ShouldContain("has format 9");
        File.Delete(path);
        (await Should.ThrowAsync<TransferException>(() => ImportAsync(store, export))).Message.ShouldContain("interrupted");
        await File.WriteAllTextAsync(path, text);
        await ImportAsync(store, export);
        (await Should.ThrowAsync<TransferException>(() => new StoreExport(store, TimeProvider.System).RunAsync(export, _ => Task.CompletedTask, default)))
            .Message.ShouldContain("complete export");
    }

    [Fact]
    public async Task An_export_replaces_an_interrupted_one_and_nothing_else()
    {
        using var file = new SqliteFile();
        await demo.CopyAsync(file.Path);
        await using var store = SqliteDatabase.Open(file.Path, durable: false);
        var folder = _folder.Next();
        var theirs = Path.Combine(folder, "theirs.jsonl.gz");
        Directory.CreateDirectory(folder);
        await File.WriteAllTextAsync(theirs, "theirs");

        (await Should.ThrowAsync<TransferException>(() => RunAsync(_ => Task.CompletedTask))).Message.ShouldContain("theirs.jsonl.gz");
        (await File.ReadAllTextAsync(theirs)).ShouldBe("theirs");
        File.Delete(theirs);
        await Should.ThrowAsync<OperationCanceledException>(() => RunAsync(_ => throw new OperationCanceledException()));
        Directory.EnumerateFiles(folder, "*.jsonl.gz").ShouldNotBeEmpty();
        var manifest = await RunAsync(_ => Task.CompletedTask);

        Directory.EnumerateFiles(folder).Select(Path.GetFileName).ShouldBe(
            [TransferManifest.FileName, .. manifest.Tables.SelectMany(t => t.Parts).Select(p => p.File)], ignoreOrder: true);

        Task<TransferManifest> RunAsync(Func<long, Task> progress) => new StoreExport(store, TimeProvider.System).RunAsync(folder, progress, default);
    }

    private async Task<string> ExportDemoAsync(int rowsPerPart = 50_000)
    {
        using var file = new SqliteFile();
        await demo.CopyAsync(file.Path);
        await file.ExecuteAsync(NewAlert, new { organization = Organizations.Default });
        await using var store = SqliteDatabase.Open(file.Path, durable: false);
        return await ExportAsync(store, rowsPerPart);
    }

    private async Task<string> ExportAsync(SqlDatabase store, int rowsPerPart = 50_000)
    {
        var folder = _folder.Next();
        await new StoreExport(store, TimeProvider.System, rowsPerPart).RunAsync(folder, _ => Task.CompletedTask, default);
        return folder;
    }

    private static async Task ImportAsync(SqlDatabase store, string folder) =>
        await new StoreImport(store).RunAsync(folder, await TransferManifest.ReadAsync(folder, default), _ => Task.CompletedTask, default);
}
