using FsCheck;
using FsCheck.Fluent;
using Microsoft.Extensions.Logging.Abstractions;
using Qrie.Domain;
using Qrie.Domain.Dashboard;
using Qrie.Domain.Findings;
using Qrie.Domain.Findings.Exceptions;
using Qrie.Domain.Inventory;
using Qrie.Domain.Policies;
using Qrie.Tests.Support;

namespace Qrie.Tests.Stores;

/// <summary>
/// Weeks of a dashboard after random histories of findings: the result from stored counts must equal that of recording every state of every finding.
/// </summary>
public abstract class FindingHistoryContract : StoreContract
{
    private static readonly string[] Accounts = [Some.AccountId, Some.OtherAccountId];
    private static readonly string[] Buckets = ["a", "b", "c"];
    private static readonly string[] Policies = [Some.Public, Some.Unversioned];

    private static readonly Gen<Command> Writes =
        from account in Gen.Elements(Accounts)
        from bucket in Gen.Elements(Buckets)
        from configuration in Gen.Choose(1, 3)
        select (Command)new Write(account, bucket, configuration);

    private static readonly Gen<Command> Deletes =
        from account in Gen.Elements(Accounts) from bucket in Gen.Elements(Buckets) select (Command)new Delete(account, bucket);

    private static readonly Gen<Command> Evaluations =
        from account in Gen.Elements(Accounts)
        from bucket in Gen.Elements(Buckets)
        from fails in Gen.Elements(true, true, false).ArrayOf(2)
        from severity in Gen.Elements(10, 30, 60, 89, 90, 95)
        select (Command)new Evaluate(account, bucket, fails, severity);

    private static readonly Gen<Command> Stops =
        from policy in Gen.Elements(Policies)
        from status in Gen.Elements(PolicyStatus.Suspended, PolicyStatus.Deleted)
        select (Command)new Stop(policy, status);

    private static readonly Gen<Command> Excepts =
        from policy in Gen.Elements(Policies)
        from account in Gen.Elements(Accounts)
        from days in Gen.Choose(1, 20)
        select (Command)new Except(policy, account, days);

    private static readonly Gen<Command> Commands = Gen.Frequency(
        (2, Excepts), (1, Gen.Choose(0, 3).Select(number => (Command)new EndException(number))),
        (4, Writes), (1, Deletes), (9, Evaluations), (1, Stops), (2, Gen.Elements(Policies).Select(policy => (Command)new Launch(policy))),
        (5, Gen.Choose(1, 150).Select(hours => (Command)new Wait(hours))),
        (3, Gen.Elements(Enum.GetValues<Moment>()).Select(moment => (Command)new WaitFor(moment))),
        (1, Gen.Elements(Accounts).Select(account => (Command)new Remove(account))),
        (1, Gen.Elements(Accounts).Select(account => (Command)new Return(account))));

    private enum Moment
    {
        NextWeek,
        JustBeforeNextWeek,
        NextMonth,
    }

    [Fact]
    public void After_any_history_every_week_and_the_current_month_equal_the_recorded_states() =>
        Sequences.Check(Commands, length: 70, samples: Stores.Samples(40), async commands =>
        {
            var life = await Life.BeginAsync(await EmptyOrganizationAsync());
            foreach (var (i, command) in commands.Index())
            {
                await life.RunAsync(command);
                if (i % 10 == 9)
                {
                    await life.ShouldBeWhatTheWitnessSawAsync();
                }
            }

            await life.ShouldBeWhatTheWitnessSawAsync();
        });

    private int _organizations;

    /// <summary>Account ids are active in one organization only, so each history ends the previous one.</summary>
    private async Task<(StoreSet Stores, string Organization)> EmptyOrganizationAsync()
    {
        foreach (var account in Accounts)
        {
            await Stores.RemoveAccountAsync($"org-{_organizations}", account);
        }

        return (Stores, $"org-{++_organizations}");
    }

    private abstract record Command;

    private sealed record Write(string Account, string Bucket, int Configuration) : Command;

    private sealed record Delete(string Account, string Bucket) : Command;

    private sealed record Evaluate(string Account, string Bucket, bool[] Fails, int Severity) : Command
    {
        public override string ToString() => $"Evaluate {Account} {Bucket} {string.Join(' ', Fails)} {Severity}";
    }

    private sealed record Stop(string PolicyId, PolicyStatus Status) : Command;

    private sealed record Launch(string PolicyId) : Command;

    private sealed record Except(string PolicyId, string Account, int Days) : Command;

    private sealed record EndException(int Number) : Command;

    private sealed record Remove(string Account) : Command;

    private sealed record Return(string Account) : Command;

    private sealed record Wait(int Hours) : Command;

    private sealed record WaitFor(Moment Moment) : Command;

    /// <summary>A recorded state of a finding, from a certain time on.</summary>
    private sealed record Sight(DateTimeOffset At, FindingState State, DateTimeOffset? ResolvedAt, int Severity);

    private sealed class Life(StoreSet stores, string organization)
    {
        private static readonly DateTimeOffset Monday = new(2026, 8, 24, 0, 0, 0, TimeSpan.Zero);

        private readonly FakeClock _clock = new(Monday.AddHours(30));
        private readonly Dictionary<(string Account, string Bucket, string Policy), List<Sight>> _seen = [];
        private readonly HashSet<string> _active = [.. Accounts];
        private readonly List<string> _exceptions = [];

        public static async Task<Life> BeginAsync((StoreSet Stores, string Organization) place)
        {
            var (stores, organization) = place;
            foreach (var account in Accounts)
            {
                await stores.Accounts.AddAsync(Some.Account(account, organization), None);
            }

            foreach (var policy in Policies)
            {
                await stores.Policies.LaunchAsync(Some.Policy(policy, organization), None);
            }

            return new Life(stores, organization);
        }

        public async Task RunAsync(Command command)
        {
            var now = _clock.Now;
            var seconds = (now - Some.Noon).TotalSeconds;
            switch (command)
            {
                case Write write when _active.Contains(write.Account):
                    await stores.Resources.WriteAsync(
                        organization, [Some.Bucket(write.Bucket, seconds, $$"""{"v":{{write.Configuration}}}""", account: write.Account)], now, None);
                    break;
                case Delete delete when _active.Contains(delete.Account):
                    await stores.Resources.DeleteAsync(organization, [Some.Deletion(delete.Bucket, seconds, delete.Account)], now, None);
                    break;
                case Evaluate evaluate when _active.Contains(evaluate.Account)
                    && await FindAsync(evaluate.Account, evaluate.Bucket) is { DeletedAt: null } stored:
                    await ApplyAsync(evaluate, stored, now);
                    break;
                case Stop stop:
                    await stores.Policies.SetStatusAsync(organization, stop.PolicyId, stop.Status, now, None);
                    var reason = stop.Status == PolicyStatus.Suspended ? ResolvedReason.PolicySuspended : ResolvedReason.PolicyDeleted;
                    while (await stores.Findings.ResolvePolicyAsync(organization, stop.PolicyId, reason, now, 2, None) > 0)
                    {
                    }

                    break;
                case Launch launch:
                    await stores.Policies.LaunchAsync(Some.Policy(launch.PolicyId, organization), None);
                    break;
                case Except except:
                    var exception = Some.Exception(except.PolicyId, at: seconds, organization: organization, accounts: except.Account) with
                    {
                        ExpiresAt = now.AddDays(except.Days),
                    };
                    await stores.Exceptions.AddAsync([exception], most: 100, None);
                    _exceptions.Add(exception.ExceptionId);
                    break;
                case EndException end when end.Number < _exceptions.Count:
                    await stores.Exceptions.RemoveAsync(organization, _exceptions[end.Number], now, None);
                    break;
                case Remove remove when _active.Remove(remove.Account):
                    await stores.RemoveAccountAsync(organization, remove.Account);
                    break;
                case Return @return when _active.Add(@return.Account):
                    await stores.Accounts.AddAsync(Some.Account(@return.Account, organization), None);
                    break;
                case Wait wait:
                    _clock.Advance(TimeSpan.FromHours(wait.Hours));
                    return;
                case WaitFor { Moment: Moment.NextMonth }:
                    _clock.Set(new DateTimeOffset(now.Year, now.Month, 1, 0, 0, 0, TimeSpan.Zero).AddMonths(1));
                    return;
                case WaitFor wait:
                    var week = Monday.AddDays(7 * (Math.Floor((now - Monday).TotalDays / 7) + 1));
                    var until = wait.Moment == Moment.NextWeek ? week : week.AddMilliseconds(-1);
                    _clock.Set(until > now ? until : now);
                    return;
            }

            await PassAsync();
            await LookAsync();
        }

        /// <summary>Findings follow the exceptions, expired ones included, before anything else happens.</summary>
        private Task PassAsync() => new ExceptionPasses(
            stores.Exceptions, stores.Findings, new ExceptionSettings(), _clock, NullLogger<ExceptionPasses>.Instance).RunAsync(None);

        public async Task ShouldBeWhatTheWitnessSawAsync()
        {
            var now = _clock.Now;
            var current = Periods.WeekOf(now);
            var month = new DateTimeOffset(now.Year, now.Month, 1, 0, 0, 0, TimeSpan.Zero);
            foreach (var back in new[] { 0, 3 })
            {
                var last = current.AddDays(-7 * back);
                var counts = await stores.Summaries.ReadDashboardAsync(organization, FindingWeek.FirstOf(last), Periods.MonthOf(now), None);
                var summary = new FindingsSummary(counts.Resources.Findings);
                FindingWeek.Of(summary.Total, summary.Open, counts.Changes, last, current)
                    .ShouldBe(Enumerable.Range(0, 8).Select(i => WeekSeen(last.AddDays(7 * (i - 7)), current)), $"at {now:u}, {back} weeks back");
                foreach (var policy in Policies)
                {
                    var history = await stores.Summaries.ReadPolicyHistoryAsync(organization, policy, FindingWeek.FirstOf(last), None);
                    FindingWeek.Of(history.Total, history.Open, history.Changes, last, current)
                        .ShouldBe(Enumerable.Range(0, 8).Select(i => WeekSeen(last.AddDays(7 * (i - 7)), current, policy)), $"{policy} at {now:u}");
                }

                counts.Changes.Where(c => c.Change == FindingChange.Resolved).Sum(c => c.N)
                    .ShouldBe(Seen().Count(s => s[^1] is { State: FindingState.Resolved, ResolvedAt: { } at } && at >= month), $"this month at {now:u}");
                var failing = _seen.Where(s => _active.Contains(s.Key.Account) && s.Value[^1].State == FindingState.Active)
                    .Select(s => (s.Key.Account, s.Key.Bucket)).Distinct().Count();
                counts.Resources.Services.Sum(s => s.NonCompliant).ShouldBe(failing);
            }
        }

        private IEnumerable<List<Sight>> Seen(string? policy = null) =>
            _seen.Where(s => _active.Contains(s.Key.Account) && (policy is null || s.Key.Policy == policy)).Select(s => s.Value);

        private FindingWeek WeekSeen(DateOnly week, DateOnly current, string? policy = null)
        {
            var (from, to) =
                (new DateTimeOffset(week, TimeOnly.MinValue, TimeSpan.Zero), new DateTimeOffset(week.AddDays(7), TimeOnly.MinValue, TimeSpan.Zero));
            var seen = Seen(policy).Where(s => s[0].At < to).Select(s => s.Where(sight => sight.At < to).ToList()).ToList();
            var created = seen.Where(s => s[0].At >= from).ToList();
            return new FindingWeek(
                week, seen.Count, seen.Count(s => s[^1].State == FindingState.Active), created.Count,
                seen.Count(s => LeftOpenAt(s) >= from),
                seen.Sum(s => s.Index().Count(sight => sight is { Index: > 0, Item: { State: FindingState.Active, At: var at } } && at >= from
                    && LeftOpenAt(s[..sight.Index]) < from)),
                created.Count(s => s[0].Severity >= 90), week == current);
        }

        /// <summary>When the finding was last seen to be open no more; null while it is open.</summary>
        private static DateTimeOffset? LeftOpenAt(List<Sight> sights) =>
            sights.FindLastIndex(s => s.State == FindingState.Active) is var open && open == sights.Count - 1 ? null : sights[open + 1].At;

        /// <summary>Removed accounts have findings too, which are not listed but may be restored.</summary>
        private async Task LookAsync()
        {
            foreach (var key in from account in Accounts from bucket in Buckets from policy in Policies select (account, bucket, policy))
            {
                var finding = await stores.Findings.FindAsync(organization, AccountService.Of(key.account, "s3"), Some.ArnOf(key.bucket), key.policy, None);
                if (finding is null)
                {
                    continue;
                }

                if (!_seen.TryGetValue(key, out var sights))
                {
                    _seen[key] = sights = [];
                }

                if (sights.Count == 0 || sights[^1] with { At = default } != new Sight(default, finding.State, finding.ResolvedAt, finding.Severity))
                {
                    sights.Add(new Sight(_clock.Now, finding.State, finding.ResolvedAt, finding.Severity));
                }
            }
        }

        private Task<StoredResource?> FindAsync(string account, string bucket) =>
            stores.Resources.FindAsync(organization, AccountService.Of(account, "s3"), Some.ArnOf(bucket), None);

        private async Task ApplyAsync(Evaluate evaluate, StoredResource stored, DateTimeOffset now)
        {
            var revisions = (await stores.Policies.ListAsync(organization, None))
                .Where(p => p.Status == PolicyStatus.Active).ToDictionary(p => p.PolicyId, p => p.Revision);
            var result = await stores.Findings.ApplyAsync(
                organization,
                [
                    new EvaluatedResource
                    {
                        AccountService = stored.AccountService,
                        Arn = stored.Arn,
                        Type = stored.Type,
                        Region = stored.Region,
                        DescribeTime = stored.DescribeTime,
                        Hash = stored.Hash,
                        Fingerprint = $"{evaluate}",
                        EvaluatedAt = now,
                        Policies =
                        [
                            .. Policies.Zip(evaluate.Fails).Where(p => revisions.ContainsKey(p.First)).Select(p => p.Second
                                ? Some.Fails(p.First, revisions[p.First], evaluate.Severity)
                                : Some.Passes(p.First, revisions[p.First])),
                        ],
                    },
                ],
                "scan", None);
            result.Outcomes.ShouldBe([ApplyOutcome.Applied]);
        }
    }
}
