namespace Qrie.Domain.Archiving;

/// <summary>A copy of findings with their history in a bucket, requested or made.</summary>
public sealed record Archive
{
    public required string Organization { get; init; }

    /// <summary>Increases with time.</summary>
    public required string ArchiveId { get; init; }

    public required ArchiveReason Reason { get; init; }

    /// <summary>Null for all accounts, removed ones included.</summary>
    public string? AccountId { get; init; }

    public required ArchiveStatus Status { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>Null if it is not complete and did not fail.</summary>
    public DateTimeOffset? FinishedAt { get; init; }

    public long Findings { get; init; }

    public int Parts { get; init; }

    /// <summary>The size of the parts.</summary>
    public long Bytes { get; init; }

    /// <summary>Why it failed; null if it did not.</summary>
    public string? Error { get; init; }
}

public enum ArchiveReason
{
    Manual,
    Schedule,

    /// <summary>Before the rows of an account are deleted.</summary>
    Purge,
}

public enum ArchiveStatus
{
    /// <summary>Requested, or being written; after a crash it is written again.</summary>
    Pending,

    Completed,
    Failed,
}

/// <summary>The archive's own description in the bucket, written last: without it, an archive is not complete.</summary>
/// <param name="Version">Of the format.</param>
/// <param name="AccountId">Null for all accounts.</param>
/// <param name="Findings">The sum of the parts.</param>
public sealed record ArchiveManifest(
    int Version, string ArchiveId, string Organization, string Reason, string? AccountId, DateTimeOffset CreatedAt, DateTimeOffset CompletedAt,
    string QrieVersion, long Findings, IReadOnlyList<ArchivePart> Parts)
{
    public const int CurrentVersion = 1;
}

/// <summary>An object of gzip-compressed JSON lines, one finding each.</summary>
/// <param name="Name">Its key after that of the archive.</param>
/// <param name="Bytes">Its compressed size.</param>
/// <param name="Sha256">Of the compressed object, in hexadecimal.</param>
public sealed record ArchivePart(string Name, long Findings, long Bytes, string Sha256);
