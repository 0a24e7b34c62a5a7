using Microsoft.Extensions.Logging;
using Qrie.Domain.Accounts;
using Qrie.Domain.Accounts.Purging;
using Qrie.Domain.Archiving;
using Qrie.Domain.Validation;
using Qrie.Domain.Work;

namespace Qrie.Domain.Management;

/// <summary>
/// Deletes all rows of accounts in the background, in small transactions that do not block other writers, after their findings are archived. An interrupted
/// purge continues at the next start.
/// </summary>
public sealed partial class AccountPurger(
    IAccountPurgeStore purges, IAccountStore accounts, AccountLifeCycle lifeCycle, Archives archives, TimeProvider clock, ILogger<AccountPurger> logger)
{
    private const int RowsAtOnce = 1000;

    /// <summary>Longer than a worker of another process can continue without noticing that its unit was cancelled.</summary>
    private static readonly TimeSpan RecheckAfter = TimeSpan.FromMinutes(3);

    private readonly WorkSignal _signal = new(clock);

    /// <summary>Completes when a purge is requested: take this before looking for work.</summary>
    public Task Asked => _signal.Next;

    /// <summary>Requests a purge. The account is removed first, so that it is no longer scanned.</summary>
    /// <exception cref="NotFoundException">It is not registered.</exception>
    public async Task<AccountPurge> BeginAsync(string organization, string accountId, CancellationToken cancel)
    {
        if (await accounts.FindAsync(organization, accountId, cancel) is not null)
        {
            await lifeCycle.RemoveAsync(organization, accountId, RemovalReason.Requested, cancel);
        }

        if (!await purges.BeginAsync(organization, accountId, clock.GetUtcNow(), cancel))
        {
            throw AccountRegistry.NotRegistered(accountId);
        }

        _signal.Wake();
        return (await purges.FindAsync(organization, accountId, cancel))!;
    }

    /// <summary>Runs the open purges. One that fails does not stop the others and stays open.</summary>
    public async Task RunAsync(CancellationToken cancel)
    {
        foreach (var purge in await purges.ListOpenAsync(clock.GetUtcNow() - RecheckAfter, cancel))
        {
            try
            {
                await PurgeAsync(purge, cancel);
            }
            catch (Exception e) when (e is not (OperationCanceledException or OutOfMemoryException))
            {
                Log.Failed(logger, e, purge.AccountId);
            }
        }
    }

    private async Task PurgeAsync(AccountPurge purge, CancellationToken cancel)
    {
        var (organization, accountId) = (purge.Organization, purge.AccountId);
        await archives.BeforePurgeAsync(purge, cancel);
        if (purge.FinishedAt is not null)
        {
            await purges.CheckAgainAsync(organization, accountId, cancel);
        }

        while (await purges.DeleteNextAsync(organization, accountId, RowsAtOnce, clock.GetUtcNow(), cancel))
        {
            cancel.ThrowIfCancellationRequested();
        }

        var done = await purges.FindAsync(organization, accountId, cancel);
        Log.Purged(logger, accountId, done?.Deleted.Values.Sum() ?? 0);
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "Purged account {AccountId}: {Rows} rows were deleted")]
        public static partial void Purged(ILogger logger, string accountId, long rows);

        [LoggerMessage(2, LogLevel.Error, "Could not purge account {AccountId} yet; it is retried")]
        public static partial void Failed(ILogger logger, Exception exception, string accountId);
    }
}
