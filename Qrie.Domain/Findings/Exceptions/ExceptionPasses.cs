using Microsoft.Extensions.Logging;

namespace Qrie.Domain.Findings.Exceptions;

/// <summary>
/// Brings findings into line with exceptions that were created, removed or have expired, in small transactions that do not block other writers. An exception
/// stays pending until its pass is complete, so that an interrupted pass is repeated. Verdicts that are written meanwhile follow the exceptions by themselves.
/// </summary>
public sealed partial class ExceptionPasses(
    IExceptionStore store, IFindingStore findings, ExceptionSettings settings, TimeProvider clock, ILogger<ExceptionPasses> logger)
{
    private const int FindingsAtOnce = 500;

    /// <summary>Ends what has expired and completes all passes. A pass that fails does not stop the others and stays pending.</summary>
    public async Task RunAsync(CancellationToken cancel)
    {
        var now = clock.GetUtcNow();
        if (await store.ExpireAsync(now, cancel) is > 0 and var expired)
        {
            Log.Expired(logger, expired);
        }

        foreach (var soon in await store.TakeExpiringAsync(now.AddDays(settings.WarnDays), cancel))
        {
            Log.Expiring(logger, soon.ExceptionId, soon.Organization, soon.ExpiresAt);
        }

        var failures = new List<Exception>();
        foreach (var exception in await store.ListPendingAsync(cancel))
        {
            try
            {
                var changed = exception.Status == ExceptionStatus.Active ? await SuppressAsync(exception, cancel) : await ReleaseAsync(exception, cancel);
                await store.SettleAsync(exception, cancel);
                Log.Done(logger, exception.ExceptionId, exception.Status, changed);
            }
            catch (Exception e) when (e is not (OperationCanceledException or OutOfMemoryException))
            {
                failures.Add(e);
            }
        }

        if (failures.Count > 0)
        {
            throw new AggregateException(failures);
        }
    }

    /// <summary>
    /// Lists the active findings that may be covered. Those that become active from now on need not be found: the write gate knows the exception already.
    /// </summary>
    private async Task<int> SuppressAsync(FindingException exception, CancellationToken cancel)
    {
        var (scope, changed) = (exception.Scope, 0);
        foreach (var account in scope.AccountIds.DefaultIfEmpty<string?>(null))
        {
            var filter = new FindingFilter(
                AccountId: account, PolicyId: scope.PolicyId, State: FindingState.Active, ArnPrefix: scope.ArnPrefix, IncludeRemoved: true);
            for (PageRequest? next = new(FindingsAtOnce); next is not null;)
            {
                var page = await findings.ListAsync(exception.Organization, filter, next, cancel);
                FindingIdentity[] covered =
                [
                    .. page.Items.Where(f => scope.MayCover(AccountService.Split(f.AccountService).AccountId, f.Region, f.Arn, f.PolicyId))
                        .Select(f => new FindingIdentity(f.AccountService, f.Arn, f.PolicyId)),
                ];
                changed += covered.Length == 0 ? 0 : await store.ReconsiderAsync(exception.Organization, covered, clock.GetUtcNow(), cancel);
                next = page.Next is null ? null : new PageRequest(FindingsAtOnce, page.Next);
            }
        }

        return changed;
    }

    private async Task<int> ReleaseAsync(FindingException exception, CancellationToken cancel)
    {
        var changed = 0;
        int batch;
        do
        {
            batch = await store.ReleaseAsync(exception.Organization, exception.ExceptionId, clock.GetUtcNow(), FindingsAtOnce, cancel);
            changed += batch;
        }
        while (batch > 0);

        return changed;
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "{Count} exceptions have expired")]
        public static partial void Expired(ILogger logger, int count);

        [LoggerMessage(2, LogLevel.Warning, "Exception {ExceptionId} of {Organization} expires at {ExpiresAt:u}; its findings will be active again")]
        public static partial void Expiring(ILogger logger, string exceptionId, string organization, DateTimeOffset expiresAt);

        [LoggerMessage(3, LogLevel.Information, "Exception {ExceptionId} is {Status}: {Findings} findings changed")]
        public static partial void Done(ILogger logger, string exceptionId, ExceptionStatus status, int findings);
    }
}
