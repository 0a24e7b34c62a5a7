using Qrie.Domain;

namespace Qrie.Api.Exports;

/// <summary>The files of a result: <c>findings.sarif</c>, or <c>findings.partial.sarif</c> if it is incomplete.</summary>
internal static class ExportFiles
{
    private const int BufferSize = 64 * 1024;

    /// <summary>
    /// Writes a file, which appears when it is complete and replaces the one of an earlier scan, whether that was partial or not. Returns its path.
    /// </summary>
    public static async Task<string> WriteAsync(string folder, IExportFormat format, Export export, CancellationToken cancel)
    {
        PrivateFiles.MakeFolder(Path.GetFullPath(folder));
        var (whole, partial) = (Path.Combine(folder, $"findings.{format.Extension}"), Path.Combine(folder, $"findings.partial.{format.Extension}"));
        var (path, other) = export.Head.Incomplete is null ? (whole, partial) : (partial, whole);
        var unfinished = path + ".tmp";
        try
        {
            await using (var stream = new FileStream(unfinished, PrivateFiles.Options(FileMode.Create, FileAccess.Write, FileShare.None)))
            await using (var buffered = new BufferedStream(stream, BufferSize))
            {
                await format.WriteAsync(export, buffered, cancel);
            }

            File.Move(unfinished, path, overwrite: true);
            File.Delete(other);
            return path;
        }
        finally
        {
            File.Delete(unfinished);
        }
    }
}
