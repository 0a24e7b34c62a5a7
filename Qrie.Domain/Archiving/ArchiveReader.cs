using System.IO.Compression;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Qrie.Domain.Archiving;

/// <summary>Reads archives back. A part is verified before any of it is returned.</summary>
public sealed class ArchiveReader(IArchiveBucket bucket)
{
    private const int LargestManifest = 16 * 1024 * 1024;

    /// <summary>Larger than any part that is written.</summary>
    private const int LargestPart = 64 * 1024 * 1024;

    /// <summary>The ids of the archives of an organization, the oldest first, with the manifest; null if it is missing: the archive is not complete.</summary>
    public async IAsyncEnumerable<(string ArchiveId, ArchiveManifest? Manifest)> ListAsync(
        string organization, [EnumeratorCancellation] CancellationToken cancel)
    {
        await foreach (var archiveId in bucket.ListAsync(ArchiveKeys.Of(organization), cancel))
        {
            yield return (archiveId, await FindManifestAsync(organization, archiveId, cancel));
        }
    }

    /// <exception cref="ArchiveException">There is none, or it is not one.</exception>
    public async Task<ArchiveManifest> ManifestAsync(string organization, string archiveId, CancellationToken cancel) =>
        await FindManifestAsync(organization, archiveId, cancel)
        ?? throw new ArchiveException(
            $"The archive {archiveId} of {organization} has no manifest in {bucket.Location}: there is no such archive, or it was not completed.");

    /// <summary>The findings as JSON lines, without line breaks.</summary>
    /// <param name="manifest">The archive.</param>
    /// <param name="policyId">Null for all.</param>
    /// <param name="accountId">Null for all.</param>
    /// <param name="cancel">Cancels reading.</param>
    /// <exception cref="ArchiveException">A part is missing or damaged. Lines of the parts before it have been returned.</exception>
    public async IAsyncEnumerable<string> ReadAsync(
        ArchiveManifest manifest, string? policyId, string? accountId, [EnumeratorCancellation] CancellationToken cancel)
    {
        foreach (var part in manifest.Parts)
        {
            var bytes = await VerifiedAsync(manifest, part, cancel);
            using var reader = new StreamReader(new GZipStream(new MemoryStream(bytes), CompressionMode.Decompress), Encoding.UTF8);
            var findings = 0L;
            while (await reader.ReadLineAsync(cancel) is { } line)
            {
                findings++;
                if (Matches(line, "policy", policyId) && Matches(line, "account_id", accountId))
                {
                    yield return line;
                }
            }

            if (findings != part.Findings)
            {
                throw Damaged(manifest, part, $"it has {findings} findings, the manifest says {part.Findings}");
            }
        }
    }

    private async Task<byte[]> VerifiedAsync(ArchiveManifest manifest, ArchivePart part, CancellationToken cancel)
    {
        var key = ArchiveKeys.Of(manifest.Organization, manifest.ArchiveId) + part.Name;
        var bytes = await bucket.FindAsync(key, LargestPart, cancel) ?? throw Damaged(manifest, part, "it is missing");
        if (bytes.Length != part.Bytes)
        {
            throw Damaged(manifest, part, $"it has {bytes.Length} bytes, the manifest says {part.Bytes}");
        }

        return Convert.ToHexStringLower(SHA256.HashData(bytes)) == part.Sha256
            ? bytes
            : throw Damaged(manifest, part, "its checksum is not that of the manifest");
    }

    private async Task<ArchiveManifest?> FindManifestAsync(string organization, string archiveId, CancellationToken cancel)
    {
        var key = ArchiveKeys.Manifest(organization, archiveId);
        if (await bucket.FindAsync(key, LargestManifest, cancel) is not { } bytes)
        {
            return null;
        }

        try
        {
            var manifest = JsonSerializer.Deserialize<ArchiveManifest>(bytes, ArchiveJson.Options);
            return manifest is { Version: ArchiveManifest.CurrentVersion, Parts: not null } && manifest.Organization == organization
                && manifest.ArchiveId == archiveId
                    ? manifest
                    : throw new ArchiveException($"{key} in {bucket.Location} is not a manifest that this version of Qrie can read.");
        }
        catch (JsonException e)
        {
            throw new ArchiveException($"{key} in {bucket.Location} is damaged: it is not JSON.", e);
        }
    }

    private ArchiveException Damaged(ArchiveManifest manifest, ArchivePart part, string why) => new(
        $"The part {part.Name} of the archive {manifest.ArchiveId} in {bucket.Location} is damaged: {why}. "
        + "Restore an earlier version of the object, if the bucket keeps them.");

    private static bool Matches(string line, string member, string? value)
    {
        if (value is null)
        {
            return true;
        }

        using var json = JsonDocument.Parse(line);
        return json.RootElement.GetProperty(member).GetString() == value;
    }
}
