using System.IO.Compression;
using Qrie.Domain.Transfer;

namespace Qrie.Tests.Stores.Transfer;

/// <summary>Exports in a folder that is deleted with it.</summary>
internal sealed class ExportFolder : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("qrie-transfer-").FullName;
    private int _folders;

    /// <summary>The path of a folder that is not there yet.</summary>
    public string Next() => Path.Combine(_folder, $"{++_folders}");

    public async Task<string> ExportAsync(ITransferStore store)
    {
        var folder = Next();
        await store.ExportAsync(folder, _ => Task.CompletedTask, CancellationToken.None);
        return folder;
    }

    public static async Task ImportAsync(ITransferStore store, string folder) =>
        await store.ImportAsync(folder, await TransferManifest.ReadAsync(folder, CancellationToken.None), _ => Task.CompletedTask, CancellationToken.None);

    /// <summary>All rows of all tables, in an order of their own.</summary>
    public static async Task<List<string>> RowsAsync(string folder)
    {
        var rows = new List<string>();
        foreach (var file in Directory.EnumerateFiles(folder, "*.jsonl.gz"))
        {
            var table = Path.GetFileName(file).Split('-')[0];
            using var reader = new StreamReader(new GZipStream(File.OpenRead(file), CompressionMode.Decompress));
            while (await reader.ReadLineAsync() is { } line)
            {
                rows.Add($"{table} {line}");
            }
        }

        rows.Sort(StringComparer.Ordinal);
        return rows;
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
