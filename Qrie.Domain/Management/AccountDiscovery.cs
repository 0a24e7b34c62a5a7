using Microsoft.Extensions.Logging;
using Qrie.Domain.Accounts;
using Qrie.Domain.Accounts.Discovery;
using Qrie.Domain.Accounts.Purging;
using Qrie.Domain.Validation;

namespace Qrie.Domain.Management;

/// <summary>
/// Synchronizes accounts with the AWS organization, which is authoritative for organizational units, tags and membership. Users decide which accounts are
/// watched: a removed or purged account stays so, and an account that was never a member is left alone.
/// </summary>
public sealed partial class AccountDiscovery(
    IOrganizationReader reader, IAccountStore accounts, IAccountPurgeStore purges, AccountLifeCycle lifeCycle,
    DiscoverySettings settings, TimeProvider clock, ILogger<AccountDiscovery> logger)
{
    /// <summary>This many accounts may leave at once whatever their share.</summary>
    private const int RemovedWithoutAsking = 20;

    private volatile DiscoveryReport? _last;

    /// <summary>The last report of this process; null if there is none yet.</summary>
    public DiscoveryReport? Last => _last;

    /// <param name="confirmRemovals">Accept that more than half of the accounts left at once.</param>
    /// <exception cref="ConflictException">The AWS organization of Qrie's credentials belongs to another Qrie organization.</exception>
    public async Task<DiscoveryReport> RunAsync(string organization, bool confirmRemovals, CancellationToken cancel)
    {
        if (organization != Organizations.Default)
        {
            throw new ConflictException(
                $"Qrie's own credentials read the AWS organization of '{Organizations.Default}'; "
                + $"register the accounts of '{organization}' with POST /accounts/import.");
        }

        var now = clock.GetUtcNow();
        var answer = await reader.ReadAsync(cancel);
        var report = answer.Members is { } members
            ? await FollowAsync(organization, members, confirmRemovals, now, cancel)
            : DiscoveryReport.Failed(now, answer.Problem!);
        foreach (var problem in report.Problems)
        {
            Log.Problem(logger, problem.Code, problem.Message, problem.Remedy);
        }

        Log.Ended(logger, report.Seen, report.Added.Count, report.Pending.Count, report.Moved.Count, report.Removed.Count);
        return _last = report;
    }

    private async Task<DiscoveryReport> FollowAsync(
        string organization, OrganizationMembers members, bool confirmRemovals, DateTimeOffset now, CancellationToken cancel)
    {
        var purged = await purges.ListIdsAsync(organization, cancel);
        var own = await accounts.ListAsync(organization, includeRemoved: true, cancel);
        var here = members.Accounts.Where(m => m.IsActive).ToDictionary(m => m.AccountId);
        var watched = own.Where(a => a.MemberOf == members.OrganizationId && a.Status != AccountStatus.Removed).ToList();
        var left = watched.Where(a => !here.ContainsKey(a.AccountId)).Select(a => a.AccountId).ToList();
        var believed = confirmRemovals || left.Count <= RemovedWithoutAsking || left.Count * 2 <= watched.Count;
        var changes = here.Values.Where(m => !purged.Contains(m.AccountId))
            .Select(m => new AccountChange(m.AccountId, stored => Joined(organization, stored, m, members.OrganizationId, now)))
            .Concat((believed ? left : []).Select(id => new AccountChange(id, stored => AccountLifeCycle.Removed(stored, RemovalReason.LeftOrganization, now))))
            .ToList();
        var results = await accounts.ChangeAsync(organization, changes, allOrNothing: false, cancel);
        var done = results.Where(r => r.Outcome is AccountChangeOutcome.Added or AccountChangeOutcome.Changed).ToList();
        var removed = Ids(done.Where(r => r.After!.Status == AccountStatus.Removed && r.Before!.Status != AccountStatus.Removed));
        foreach (var accountId in removed)
        {
            await lifeCycle.StopScansAsync(organization, accountId);
        }

        var moved = done.Where(r => r.Before is { Status: AccountStatus.Active } before
            && r.After!.Status == AccountStatus.Active && AccountSettings.ScopeDiffers(before, r.After)).ToList();
        return new DiscoveryReport(
            now, members.OrganizationId, members.ManagementAccountId, members.Accounts.Count,
            Ids(done.Where(r => r.After!.Status == AccountStatus.Active && r.Before is not { Status: AccountStatus.Active })),
            Ids(done.Where(r => r.After!.Status == AccountStatus.Pending && r.Before is not { Status: AccountStatus.Pending })),
            Ids(moved), removed, believed ? [] : left,
            [.. results.Zip(changes).Where(r => r.First.Outcome is AccountChangeOutcome.ActiveElsewhere or AccountChangeOutcome.BeingPurged)
                .Select(r => r.Second.AccountId)],
            believed ? members.Problems
                : [.. members.Problems, TooMany(left.Count, watched.Count)], await lifeCycle.EvaluateAgainAsync(organization, Ids(moved)));
    }

    /// <summary>The updated account; null if nothing changes.</summary>
    private Account? Joined(string organization, Account? stored, MemberAccount member, string organizationId, DateTimeOffset now)
    {
        var known = stored ?? new Account { Organization = organization, AccountId = member.AccountId, CreatedAt = now };
        var comes = stored is null or { Status: AccountStatus.Pending } or { Status: AccountStatus.Removed, RemovedBecause: RemovalReason.LeftOrganization };
        var status = !comes ? known.Status
            : settings.NewAccounts == AccountStatus.Active ? AccountStatus.Active
            : AccountStatus.Pending;
        var isRemoved = status == AccountStatus.Removed;
        var after = known with
        {
            Name = known.Name ?? member.Name,
            Ou = member.Ou ?? known.Ou,
            Tags = member.Tags ?? known.Tags,
            MemberOf = organizationId,
            Status = status,
            RemovedAt = isRemoved ? known.RemovedAt : null,
            RemovedBecause = isRemoved ? known.RemovedBecause : null,
        };
        var same = stored is not null && AccountSettings.Same(stored, after) && (stored.MemberOf, stored.Status) == (after.MemberOf, after.Status);
        return same ? null : after with { UpdatedAt = now };
    }

    private static DiscoveryProblem TooMany(int left, int watched) => new(
        "TooManyRemoved", $"{left} of {watched} accounts seem to have left the AWS organization at once; none of them was removed.", null,
        """If that is right, POST /accounts/discover with {"confirm_removals": true}.""");

    private static List<string> Ids(IEnumerable<AccountChangeResult> results) => [.. results.Select(r => r.After!.AccountId).Order(StringComparer.Ordinal)];

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "Discovery: {Seen} members; {Added} added, {Pending} pending, {Moved} moved, {Removed} removed")]
        public static partial void Ended(ILogger logger, int seen, int added, int pending, int moved, int removed);

        [LoggerMessage(2, LogLevel.Warning, "Discovery: {Code}: {Message} {Remedy}")]
        public static partial void Problem(ILogger logger, string code, string message, string remedy);
    }
}
