using Microsoft.Extensions.Logging;
using Qrie.Domain.Access;

namespace Qrie.Domain.Management;

/// <summary>How long what is past is kept; null for ever.</summary>
/// <param name="History">Resolved findings with their triage, and what is counted by day, week and month.</param>
/// <param name="Audit">Entries of the audit log.</param>
/// <param name="Scans">Ended scans with their units.</param>
public sealed record RetentionSettings(TimeSpan? History, TimeSpan? Audit, TimeSpan? Scans);

/// <summary>Deletes what is past, a limited number of rows at a time. Each method returns how many rows it deleted; 0 if none is left.</summary>
public interface IRetentionStore
{
    /// <summary>
    /// Deletes findings that were resolved before the given time, and counts of earlier periods. Of scores, which have a row only where they changed, the last
    /// one before that time stays.
    /// </summary>
    Task<int> DeleteHistoryAsync(string organization, DateTimeOffset before, int rows, CancellationToken cancel);

    Task<int> DeleteAuditAsync(string organization, DateTimeOffset before, int rows, CancellationToken cancel);

    /// <summary>
    /// Deletes scans that ended before the given time. What others rely on stays, however old it is: the newest scan of each kind and filter, and the newest
    /// complete one; the references of drift; the last scheduled ones; what an unfinished scan waits for.
    /// </summary>
    Task<int> DeleteScansAsync(string organization, DateTimeOffset before, int rows, CancellationToken cancel);

    /// <summary>Deletes the counts of refused logins, which belong to no organization.</summary>
    Task<int> DeleteRefusedLoginsAsync(DateTimeOffset before, int rows, CancellationToken cancel);
}

/// <summary>Deletes what is older than the settings say.</summary>
public sealed partial class Retention(
    IRetentionStore store, IOrganizationStore organizations, RetentionSettings settings, TimeProvider clock, ILogger<Retention> logger)
{
    /// <summary>Per transaction: other writers wait for one of them at most.</summary>
    private const int Rows = 500;

    public async Task RunAsync(CancellationToken cancel)
    {
        foreach (var (organization, _, _) in await organizations.ListAsync(cancel))
        {
            await DeleteAsync("history", settings.History, organization, store.DeleteHistoryAsync, cancel);
            await DeleteAsync("audit", settings.Audit, organization, store.DeleteAuditAsync, cancel);
            await DeleteAsync("scans", settings.Scans, organization, store.DeleteScansAsync, cancel);
        }

        await DeleteAsync(
            "refused logins", settings.History, "all organizations",
            (_, before, rows, stop) => store.DeleteRefusedLoginsAsync(before, rows, stop), cancel);
    }

    private async Task DeleteAsync(
        string what, TimeSpan? age, string organization, Func<string, DateTimeOffset, int, CancellationToken, Task<int>> deleteAsync, CancellationToken cancel)
    {
        if (age is not { } kept)
        {
            return;
        }

        var (before, total) = (clock.GetUtcNow() - kept, 0L);
        for (int deleted; (deleted = await deleteAsync(organization, before, Rows, cancel)) > 0; total += deleted)
        {
            cancel.ThrowIfCancellationRequested();
        }

        if (total > 0)
        {
            Log.Deleted(logger, total, what, organization, before);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "Deleted {Rows} rows of {What} of {Organization} from before {Before:O}")]
        public static partial void Deleted(ILogger logger, long rows, string what, string organization, DateTimeOffset before);
    }
}
