using Qrie.Domain;
using Qrie.Domain.Findings;
using Qrie.Domain.Findings.Exceptions;
using Qrie.Dynamo.Accounts;
using Qrie.Dynamo.Client;
using Qrie.Dynamo.Counts;
using Qrie.Dynamo.Items;
using Qrie.Dynamo.Tables;
using Qrie.Dynamo.Writes;

namespace Qrie.Dynamo.Findings.Exceptions;

internal sealed class DynamoExceptionStore(DynamoStore store, CounterItems counters, VerdictWriter verdicts) : IExceptionStore
{
    private const int AtOnce = 90;

    /// <summary>The exceptions of all organizations that are in force or pending: what is due is found there.</summary>
    private const string Open = "exceptions-open";

    /// <summary>Its end was announced.</summary>
    internal const string Warned = "Warned";

    public async Task<bool> AddAsync(IReadOnlyList<FindingException> exceptions, int most, CancellationToken cancel)
    {
        foreach (var group in exceptions.GroupBy(e => e.Organization))
        {
            var left = group.Count();
            foreach (var some in group.Chunk(AtOnce / 2))
            {
                if (!await store.WriteAsync(session => AddAsync(session, group.Key, some, most - left), cancel))
                {
                    return false;
                }

                left -= some.Length;
            }
        }

        return true;
    }

    public Task<FindingException?> ChangeAsync(string organization, string exceptionId, ExceptionChange change, CancellationToken cancel) =>
        ChangeAsync(
            organization, exceptionId, exception => exception.Status != ExceptionStatus.Active ? null : exception with
            {
                Owner = change.Owner ?? exception.Owner,
                Reason = change.Reason ?? exception.Reason,
                Ticket = change.Ticket is null ? exception.Ticket : change.Ticket.Length == 0 ? null : change.Ticket,
                ExpiresAt = change.ExpiresAt ?? exception.ExpiresAt,
            },
            advance: false, warned: change.ExpiresAt is null ? null : false, cancel);

    public Task<FindingException?> RemoveAsync(string organization, string exceptionId, DateTimeOffset now, CancellationToken cancel) =>
        ChangeAsync(
            organization, exceptionId, exception => exception.Status != ExceptionStatus.Active
                ? null
                : exception with { Status = ExceptionStatus.Removed, EndedAt = now, IsPending = true },
            advance: true, warned: null, cancel);

    public Task<FindingException?> FindAsync(string organization, string exceptionId, CancellationToken cancel) =>
        store.FindAsync<FindingException>(ExceptionSets.KeyOf(organization, exceptionId), cancel);

    public Task<Page<FindingException>> ListAsync(string organization, ExceptionFilter filter, PageRequest page, CancellationToken cancel) =>
        store.PageAsync<FindingException>(
            new ItemQuery(StoreTables.State, ExceptionSets.PartitionOf(organization)) { Descending = true, Strong = true }, page.Size, page.After?[0],
            e => [e.ExceptionId],
            e => (filter.PolicyId is null || e.Scope.PolicyId == filter.PolicyId) && (filter.Status is null || e.Status == filter.Status)
                && (filter.ExpiresBefore is null || (e.Status == ExceptionStatus.Active && e.ExpiresAt < filter.ExpiresBefore))
                && (filter.AccountId is null || e.Scope.AccountIds.Count == 0 || e.Scope.AccountIds.Contains(filter.AccountId)),
            cancel);

    public async Task<IReadOnlyDictionary<string, long>> CountFindingsAsync(
        string organization, IReadOnlyCollection<string> exceptionIds, CancellationToken cancel)
    {
        var wanted = exceptionIds.ToHashSet(StringComparer.Ordinal);
        return (await counters.ReadActiveAsync(
            organization, await AccountItems.ListInactiveAsync(store, organization, cancel), CounterGroups.Exception, cancel))
            .Select(c => (Id: c.Group[CounterGroups.Exception.Length..], c.N)).Where(c => wanted.Contains(c.Id)).ToDictionary(c => c.Id, c => c.N);
    }

    public async Task<int> ExpireAsync(DateTimeOffset now, CancellationToken cancel)
    {
        var expired = 0;
        foreach (var (organization, exceptionId) in await ListOpenAsync(cancel))
        {
            expired += await ChangeAsync(
                organization, exceptionId, e => e.Status != ExceptionStatus.Active || e.ExpiresAt > now
                    ? null
                    : e with { Status = ExceptionStatus.Expired, EndedAt = e.ExpiresAt, IsPending = true },
                advance: true, warned: null, cancel) is null ? 0 : 1;
        }

        return expired;
    }

    public async Task<IReadOnlyList<FindingException>> TakeExpiringAsync(DateTimeOffset before, CancellationToken cancel)
    {
        var expiring = new List<FindingException>();
        foreach (var (organization, exceptionId) in await ListOpenAsync(cancel))
        {
            var taken = await store.WriteAsync(
                async session =>
                {
                    var key = ExceptionSets.KeyOf(organization, exceptionId);
                    if (await session.FindAsync<FindingException>(key) is not { Status: ExceptionStatus.Active } exception || exception.ExpiresAt > before
                        || await WarnedAsync(session, exception))
                    {
                        return null;
                    }

                    await SaveAsync(session, exception, warned: true);
                    return exception;
                },
                cancel);
            if (taken is not null)
            {
                expiring.Add(taken);
            }
        }

        return expiring;
    }

    public async Task<IReadOnlyList<FindingException>> ListPendingAsync(CancellationToken cancel)
    {
        var pending = new List<FindingException>();
        foreach (var (organization, exceptionId) in await ListOpenAsync(cancel))
        {
            if (await FindAsync(organization, exceptionId, cancel) is { IsPending: true } exception)
            {
                pending.Add(exception);
            }
        }

        return pending;
    }

    public Task<int> ReconsiderAsync(string organization, IReadOnlyList<FindingIdentity> findings, DateTimeOffset now, CancellationToken cancel) =>
        verdicts.ReconsiderAsync(organization, findings, now, cancel);

    public async Task<int> ReleaseAsync(string organization, string exceptionId, DateTimeOffset now, int limit, CancellationToken cancel)
    {
        if (await FindAsync(organization, exceptionId, cancel) is not { Status: not ExceptionStatus.Active })
        {
            return 0;
        }

        var held = await HeldAsync(organization, exceptionId, limit, cancel);
        await verdicts.ReconsiderAsync(organization, held, now, cancel);
        return held.Count;
    }

    public Task SettleAsync(FindingException exception, CancellationToken cancel) =>
        store.WriteAsync(
            async session =>
            {
                var key = ExceptionSets.KeyOf(exception.Organization, exception.ExceptionId);
                if (await session.FindAsync<FindingException>(key) is { } stored && stored.Status == exception.Status)
                {
                    await SaveAsync(session, stored with { IsPending = false }, await WarnedAsync(session, stored));
                }
            },
            cancel);

    /// <param name="most">How many others may be in force.</param>
    private async Task<bool> AddAsync(WriteSession session, string organization, FindingException[] exceptions, int most)
    {
        // First: a concurrent addition makes this transaction start again and count the new ones.
        await ExceptionSets.AdvanceAsync(session, organization);
        if ((await InForceAsync(organization, session.Cancel)).Count > most)
        {
            return false;
        }

        foreach (var exception in exceptions)
        {
            session.Expect(ExceptionSets.KeyOf(organization, exception.ExceptionId), null);
            await SaveAsync(session, exception with { IsPending = true }, warned: false);
        }

        return true;
    }

    /// <summary>The findings that an exception holds, of those that are suppressed.</summary>
    private async Task<List<FindingIdentity>> HeldAsync(string organization, string exceptionId, int limit, CancellationToken cancel)
    {
        var filter = new FindingFilter(State: FindingState.Suppressed, IncludeRemoved: true);
        var held = new List<FindingIdentity>();
        await foreach (var (finding, _) in new FindingSources(store.Calls, organization, filter).ReadAsync(null, cancel))
        {
            if (finding.ExceptionId == exceptionId)
            {
                held.Add(new FindingIdentity(finding.AccountService, finding.Arn, finding.PolicyId));
                if (held.Count == limit)
                {
                    break;
                }
            }
        }

        return held;
    }

    private Task<FindingException?> ChangeAsync(
        string organization, string exceptionId, Func<FindingException, FindingException?> change, bool advance, bool? warned, CancellationToken cancel) =>
        store.WriteAsync(
            async session =>
            {
                if (await session.FindAsync<FindingException>(ExceptionSets.KeyOf(organization, exceptionId)) is not { } stored
                    || change(stored) is not { } after)
                {
                    return null;
                }

                await SaveAsync(session, after, warned ?? await WarnedAsync(session, stored));
                if (advance)
                {
                    await ExceptionSets.AdvanceAsync(session, organization);
                }

                return after;
            },
            cancel);

    private static async Task<bool> WarnedAsync(WriteSession session, FindingException exception) =>
        (await session.GetAsync(ExceptionSets.KeyOf(exception.Organization, exception.ExceptionId)))?.Number(Warned) == 1;

    internal static async Task SaveAsync(WriteSession session, FindingException exception, bool warned)
    {
        await session.PutAsync(
            ExceptionSets.KeyOf(exception.Organization, exception.ExceptionId), exception, item => item.Set(Warned, warned ? 1 : 0));
        var open = Documents.Key(Open, KeyText.Join(exception.Organization, exception.ExceptionId));
        if (exception.IsPending || exception.Status == ExceptionStatus.Active)
        {
            session.Overwrite(open, new Item());
        }
        else
        {
            session.Remove(open);
        }
    }

    private async Task<List<FindingException>> InForceAsync(string organization, CancellationToken cancel) =>
    [
        .. (await store.ListAsync<FindingException>(
            new ItemQuery(StoreTables.State, ExceptionSets.PartitionOf(organization)) { Strong = true }, cancel))
            .Where(e => e.Status == ExceptionStatus.Active),
    ];

    private async Task<List<(string Organization, string ExceptionId)>> ListOpenAsync(CancellationToken cancel) =>
    [
        .. (await store.ListAsync(new ItemQuery(StoreTables.State, Open) { Strong = true }, cancel))
            .Select(item => item.RequiredText(StoreTables.State.Range!).Split(KeyText.Separator)).Select(parts => (parts[0], parts[1])),
    ];
}
