using System.Buffers;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text.Json;
using Qrie.Domain.Findings;

namespace Qrie.Domain.Archiving;

/// <summary>
/// Writes an archive: parts of gzip-compressed JSON lines, then the manifest. One part at a time is in memory. An archive that is written again replaces its
/// parts.
/// </summary>
public sealed class ArchiveWriter(IArchiveStore store, IArchiveBucket bucket, TimeProvider clock)
{
    private const int FindingsAtOnce = 500;

    /// <summary>A part ends when it has this size, before it is a few hundred kilobytes larger.</summary>
    private const int LongestPart = 8 * 1024 * 1024;

    /// <summary>A part ends after this many findings.</summary>
    public int FindingsInPart { get; init; } = 50_000;

    /// <summary>Writes all findings of an archive. Returns the manifest.</summary>
    /// <exception cref="ArchiveException">The bucket refused something.</exception>
    public async Task<ArchiveManifest> WriteAsync(Archive archive, CancellationToken cancel)
    {
        var parts = new List<ArchivePart>();
        Finding? last = null;
        bool isLast;
        do
        {
            using var content = new MemoryStream();
            (last, var findings, isLast) = await FillAsync(archive, last, content, cancel);
            if (findings > 0 || parts.Count == 0)
            {
                parts.Add(await PutAsync(archive, parts.Count + 1, findings, content, cancel));
            }
        }
        while (!isLast);

        var manifest = new ArchiveManifest(
            ArchiveManifest.CurrentVersion, archive.ArchiveId, archive.Organization, ArchiveJson.NameOf(archive.Reason), archive.AccountId, archive.CreatedAt,
            clock.GetUtcNow(), ArchiveJson.QrieVersion, parts.Sum(p => p.Findings), parts);
        var bytes = JsonSerializer.SerializeToUtf8Bytes(manifest, ArchiveJson.Options);
        await bucket.PutAsync(ArchiveKeys.Manifest(archive.Organization, archive.ArchiveId), bytes, SHA256.HashData(bytes), cancel);
        return manifest;
    }

    /// <summary>Fills a part. Returns the last finding in it, their number, and whether there are no more.</summary>
    private async Task<(Finding? Last, int Findings, bool IsLast)> FillAsync(Archive archive, Finding? last, MemoryStream content, CancellationToken cancel)
    {
        var written = 0;
        await using var zip = new GZipStream(content, CompressionLevel.Optimal, leaveOpen: true);
        var line = new ArrayBufferWriter<byte>();
        while (true)
        {
            var limit = Math.Min(FindingsAtOnce, FindingsInPart - written);
            var chunk = await store.ReadFindingsAsync(archive.Organization, archive.AccountId, last, limit, cancel);
            foreach (var finding in chunk)
            {
                line.ResetWrittenCount();
                ArchiveJson.Write(line, archive.Organization, finding);
                zip.Write(line.WrittenSpan);
            }

            written += chunk.Count;
            last = chunk.Count > 0 ? chunk[^1] : last;
            if (chunk.Count < limit)
            {
                return (last, written, true);
            }

            if (written >= FindingsInPart || content.Length >= LongestPart)
            {
                return (last, written, false);
            }
        }
    }

    private async Task<ArchivePart> PutAsync(Archive archive, int number, long findings, MemoryStream content, CancellationToken cancel)
    {
        var bytes = content.GetBuffer().AsMemory(0, (int)content.Length);
        var hash = SHA256.HashData(bytes.Span);
        var name = ArchiveKeys.Part(number);
        await bucket.PutAsync(ArchiveKeys.Of(archive.Organization, archive.ArchiveId) + name, bytes, hash, cancel);
        return new ArchivePart(name, findings, bytes.Length, Convert.ToHexStringLower(hash));
    }
}
