using Microsoft.Extensions.Logging;
using Qrie.Domain.Accounts.Purging;
using Qrie.Domain.Validation;
using Qrie.Domain.Work;

namespace Qrie.Domain.Archiving;

/// <summary>Requests archives, writes those that are requested, and lets purges wait for theirs.</summary>
public sealed partial class Archives(
    IArchiveStore store, IArchiveBucket bucket, ArchiveWriter writer, TimeProvider clock, ILogger<Archives> logger) : IDisposable
{
    private readonly WorkSignal _signal = new(clock);
    private readonly SemaphoreSlim _running = new(1, 1);

    /// <summary>Completes when an archive is requested: take this before looking for work.</summary>
    public Task Asked => _signal.Next;

    /// <summary>Requests an archive of an organization or an account, which is written in the background.</summary>
    /// <exception cref="ConflictException">No bucket is configured, or the same archive is pending.</exception>
    public async Task<Archive> RequestAsync(string organization, string? accountId, CancellationToken cancel)
    {
        if (bucket.Location is null)
        {
            throw new ConflictException("There is no bucket for archives: set Archive:Bucket, and restart Qrie.");
        }

        var archive = New(organization, ArchiveReason.Manual, accountId);
        if (!await store.AddAsync(archive, cancel))
        {
            throw new ConflictException("The same archive is being written already; GET /archive shows its progress.");
        }

        _signal.Wake();
        return archive;
    }

    /// <summary>Writes the requested archives, one at a time. A failure is recorded and does not keep the others.</summary>
    public async Task RunAsync(CancellationToken cancel)
    {
        foreach (var archive in await store.ListPendingAsync(cancel))
        {
            if (archive.Reason != ArchiveReason.Purge) // the purge writes its own
            {
                await TryWriteAsync(archive, cancel);
            }
        }
    }

    /// <summary>Archives an organization, unless that was done less than an interval ago. A failed one is repeated at every call.</summary>
    public async Task RunScheduledAsync(string organization, TimeSpan every, CancellationToken cancel)
    {
        var last = await store.FindLastAsync(organization, ArchiveReason.Schedule, null, clock.GetUtcNow() - every, cancel);
        if (bucket.Location is null || last is { Status: ArchiveStatus.Completed })
        {
            return;
        }

        var archive = last ?? New(organization, ArchiveReason.Schedule, null);
        if (last is not null || await store.AddAsync(archive, cancel))
        {
            await TryWriteAsync(archive, cancel);
        }
    }

    /// <summary>
    /// Archives the findings of an account before its rows are deleted: once for each purge, and again if findings were written before it is checked. Does
    /// nothing if no bucket is configured.
    /// </summary>
    /// <exception cref="ArchiveException">The archive could not be written: nothing may be deleted.</exception>
    public async Task BeforePurgeAsync(AccountPurge purge, CancellationToken cancel)
    {
        if (bucket.Location is null || (await store.ReadFindingsAsync(purge.Organization, purge.AccountId, null, 1, cancel)).Count == 0)
        {
            return;
        }

        var since = purge.FinishedAt ?? purge.RequestedAt;
        var last = await store.FindLastAsync(purge.Organization, ArchiveReason.Purge, purge.AccountId, since, cancel);
        if (last is { Status: ArchiveStatus.Completed })
        {
            return; // the deletion was interrupted
        }

        var archive = last ?? New(purge.Organization, ArchiveReason.Purge, purge.AccountId);
        if (last is null && !await store.AddAsync(archive, cancel))
        {
            throw new ArchiveException($"Another archive of the account {purge.AccountId} is being written.");
        }

        if (await TryWriteAsync(archive, cancel) is { Error: { } error })
        {
            throw new ArchiveException(error);
        }
    }

    public void Dispose() => _running.Dispose();

    private Archive New(string organization, ArchiveReason reason, string? accountId)
    {
        var now = clock.GetUtcNow();
        return new Archive
        {
            Organization = organization,
            ArchiveId = Guid.CreateVersion7(now).ToString(),
            Reason = reason,
            AccountId = accountId,
            Status = ArchiveStatus.Pending,
            CreatedAt = now,
        };
    }

    /// <summary>Writes an archive and records how it ended.</summary>
    private async Task<Archive> TryWriteAsync(Archive archive, CancellationToken cancel)
    {
        await _running.WaitAsync(cancel);
        try
        {
            var ended = await WriteAsync(archive, cancel);
            await store.SaveAsync(ended, CancellationToken.None);
            return ended;
        }
        finally
        {
            _running.Release();
        }
    }

    private async Task<Archive> WriteAsync(Archive archive, CancellationToken cancel)
    {
        try
        {
            var manifest = await writer.WriteAsync(archive, cancel);
            Log.Written(logger, archive.ArchiveId, archive.Organization, manifest.Findings, bucket.Location!);
            return archive with
            {
                Status = ArchiveStatus.Completed,
                FinishedAt = clock.GetUtcNow(),
                Findings = manifest.Findings,
                Parts = manifest.Parts.Count,
                Bytes = manifest.Parts.Sum(p => p.Bytes),
                Error = null,
            };
        }
        catch (ArchiveException e)
        {
            Log.Failed(logger, archive.ArchiveId, archive.Organization, e.Message);
            return archive with { Status = ArchiveStatus.Failed, FinishedAt = clock.GetUtcNow(), Error = SafeText.Clean(e.Message) };
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "Archive {ArchiveId} of {Organization}: {Findings} findings in {Location}")]
        public static partial void Written(ILogger logger, string archiveId, string organization, long findings, string location);

        [LoggerMessage(2, LogLevel.Error, "Archive {ArchiveId} of {Organization} could not be written: {Problem}")]
        public static partial void Failed(ILogger logger, string archiveId, string organization, string problem);
    }
}
