using Qrie.Api.Exports;
using Qrie.Domain;

namespace Qrie.Api.Cli.Scans;

/// <summary>The files of a result: <c>findings.sarif</c>, or <c>findings.partial.sarif</c> if it is incomplete.</summary>
internal static class ResultFiles
{
    private const int BufferSize = 64 * 1024;

    /// <summary>
    /// Writes a file, which appears when it is complete and replaces the one of an earlier scan, whether that was partial or not. Returns its path.
    /// </summary>
    public static async Task<string> WriteAsync(string folder, IExportFormat format, Export export)
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
                await format.WriteAsync(export, buffered, CancellationToken.None);
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

/// <summary>Passes UTF-8 on to a writer of text.</summary>
internal sealed class TextWriterStream(TextWriter writer) : Stream
{
    private readonly System.Text.Decoder _decoder = System.Text.Encoding.UTF8.GetDecoder();

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        var text = new char[_decoder.GetCharCount(buffer, flush: false)];
        _decoder.GetChars(buffer, text, flush: false);
        writer.Write(text);
    }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var text = new char[_decoder.GetCharCount(buffer.Span, flush: false)];
        _decoder.GetChars(buffer.Span, text, flush: false);
        await writer.WriteAsync(text.AsMemory(), cancellationToken);
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override void Flush() => writer.Flush();

    public override Task FlushAsync(CancellationToken cancellationToken) => writer.FlushAsync(cancellationToken);

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();
}
