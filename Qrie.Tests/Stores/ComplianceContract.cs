using System.Globalization;
using FsCheck;
using FsCheck.Fluent;
using Qrie.Domain;
using Qrie.Domain.Accounts;
using Qrie.Domain.Compliance;
using Qrie.Domain.Inventory;
using Qrie.Domain.Policies;
using Qrie.Tests.Support;

namespace Qrie.Tests.Stores;

/// <summary>The totals behind compliance; that verdicts are counted right after any history is <see cref="CountsContract"/>'s.</summary>
public abstract class ComplianceContract : StoreContract
{
    private const string Other = "AWS::S3::Other";

    /// <summary>Each history has accounts of its own, because an account is active in one organization only.</summary>
    private static readonly string[] s_accounts = ["1", "2", "3"];

    private static readonly Gen<Command> Lists =
        from account in Gen.Elements(s_accounts)
        from type in Gen.Elements(Some.BucketType, Other)
        from region in Gen.Elements("us-east-1", "eu-west-1")
        from outcome in Gen.Elements(Enum.GetValues<ListOutcome>())
        select (Command)new List(account, type, region, outcome);

    private static readonly Gen<Command> Removals = Gen.Elements(s_accounts).Select(account => (Command)new Remove(account));

    private static readonly Gen<Command> Additions =
        from account in Gen.Elements(s_accounts)
        from services in Gen.Elements<string?>(null, null, "s3", "ec2")
        from ou in Gen.Elements<string?>(null, "/", "/A", "A/B/", "/A/B/C", "/AB")
        select (Command)new Add(account, services, ou);

    private static readonly Gen<Command> Buckets =
        from account in Gen.Elements(s_accounts)
        from verdict in Gen.Elements(Enum.GetValues<Verdict>())
        select (Command)new Evaluate(account, verdict);

    [Fact]
    public void After_any_history_totals_equal_a_recount()
    {
        var run = 0;
        Sequences.Check(
            Gen.Frequency((6, Lists), (1, Removals), (2, Additions), (4, Buckets)), length: 25, samples: Stores.Samples(60), async commands =>
            {
                var history = new History(Stores, Interlocked.Increment(ref run));
                await history.BeginAsync();
                foreach (var command in commands)
                {
                    await history.RunAsync(command);
                }

                foreach (var accounts in (string[]?[])[null, ["1"], ["2", "3"]])
                {
                    await history.ShouldEqualARecountAsync(accounts);
                }

                foreach (var unit in (string[])["/", "/A", "/A/B", "/A/B/C", "/AB", "/None"])
                {
                    await history.ShouldEqualARecountAsync(unit);
                }
            });
    }

    [Fact]
    public async Task A_day_that_ends_as_the_one_before_has_no_row_and_a_later_state_of_a_day_replaces_the_earlier()
    {
        RecordedScore Score(int passed) => new(
            default, "demo", RecordedScore.Everything, null, "1", "d", "p", new Score(passed, 1, 0, 0, 0, 0, 0, PairCounts.None with { Passed = passed }));
        async Task SaveAsync(int day, int passed) => await Stores.Compliance.SaveDayAsync(Some.Org, new DateOnly(2026, 11, day), [Score(passed)], None);
        async Task<IEnumerable<string>> DaysAsync(int from, int to) => (await Stores.Compliance.ListDaysAsync(
            Some.Org, "demo", RecordedScore.Everything, null, new DateOnly(2026, 11, from), new DateOnly(2026, 11, to), None))
            .Select(d => $"{d.Day.Day}:{d.Score.Passed}");

        await SaveAsync(1, 3);
        await SaveAsync(2, 3);
        await SaveAsync(3, 4);
        await SaveAsync(3, 5);
        await SaveAsync(4, 6);
        await SaveAsync(4, 5);
        var version = Stores.Compliance.Version();
        await SaveAsync(3, 5);
        await SaveAsync(4, 5);

        Stores.Compliance.Version().ShouldBe(version);
        (await DaysAsync(1, 30)).ShouldBe(["1:3", "3:5"]);
        (await DaysAsync(2, 2)).ShouldBe(["1:3"]);
        (await DaysAsync(3, 9)).ShouldBe(["1:3", "3:5"]);
        (await Stores.Compliance.ListDaysAsync("another", "demo", RecordedScore.Everything, null, default, DateOnly.MaxValue, None)).ShouldBeEmpty();
    }

    [Fact]
    public async Task An_attestation_is_replaced_and_deleted_and_seen_by_its_organization_only()
    {
        var first = new Attestation
        {
            Framework = "demo",
            Requirement = "1.1",
            IsMet = true,
            Text = "Seen.",
            Link = "https://example.com/",
            AttestedBy = "key",
            AttestedAt = Some.Noon,
            ExpiresAt = Some.At(60),
        };
        await Stores.Compliance.SaveAttestationAsync(Some.Org, first, None);
        var second = first with { IsMet = false, Link = null };
        await Stores.Compliance.SaveAttestationAsync(Some.Org, second, None);

        (await Stores.Compliance.FindAttestationAsync(Some.Org, "demo", "1.1", None)).ShouldBe(second);
        (await Stores.Compliance.ListAttestationsAsync(Some.Org, "demo", None)).ShouldBe([second]);
        (await Stores.Compliance.FindAttestationAsync("another", "demo", "1.1", None)).ShouldBeNull();
        (await Stores.Compliance.DeleteAttestationAsync(Some.Org, "demo", "1.1", None)).ShouldBeTrue();
        (await Stores.Compliance.DeleteAttestationAsync(Some.Org, "demo", "1.1", None)).ShouldBeFalse();
        (await Stores.Compliance.ListAttestationsAsync(Some.Org, "demo", None)).ShouldBeEmpty();
    }

    [Fact]
    public async Task Unknown_pairs_and_unread_lists_are_told_with_their_reasons()
    {
        await Stores.Accounts.AddAsync(Some.Account(), None);
        await Stores.Policies.LaunchAsync(Some.Policy(), None);
        CollectedResource[] buckets = [Some.Bucket("a"), Some.Bucket("b"), Some.Bucket("c")];
        await Stores.Resources.WriteAsync(Some.Org, buckets, Some.Noon, None);
        await Stores.Findings.ApplyAsync(
            Some.Org,
            [
                Some.Evaluated(buckets[0], Some.IsUnknown()), Some.Evaluated(buckets[1], Some.IsUnknown()),
                Some.Evaluated(buckets[2], Some.IsUnknown(attribute: "Policy")),
            ],
            null, None);
        var denied = Some.Coverage() with { Outcome = ListOutcome.Denied, ErrorCode = "AccessDenied", LastSuccessAt = null };
        await Stores.Coverage.RecordAsync(Some.Org, denied, None);
        PairPolicy[] policies = [new(Some.Public, 1, Some.BucketType, "s3")];

        (await Stores.Compliance.CountUnknownAsync(Some.Org, AccountSelection.All, policies, None)).ShouldBe(
            [new UnknownPairs(Some.Public, "Acl", "AccessDenied", 2, 1), new UnknownPairs(Some.Public, "Policy", "AccessDenied", 1, 1)]);
        (await Stores.Compliance.ListUnreadAsync(Some.Org, new([Some.AccountId]), [Some.BucketType], 10, None)).ShouldHaveSingleItem().ErrorCode
            .ShouldBe("AccessDenied");
        (await Stores.Compliance.ListUnreadAsync(Some.Org, new([Some.OtherAccountId]), [Some.BucketType], 10, None)).ShouldBeEmpty();

        await Stores.RemoveAccountAsync(Some.Org, Some.AccountId);
        (await Stores.Compliance.CountUnknownAsync(Some.Org, AccountSelection.All, policies, None)).ShouldBeEmpty();
        (await Stores.Compliance.ListUnreadAsync(Some.Org, AccountSelection.All, [Some.BucketType], 10, None)).ShouldBeEmpty();
    }

    [Fact]
    public async Task Pairs_are_paged_in_order_and_filtered_by_verdict()
    {
        await Stores.Accounts.AddAsync(Some.Account(), None);
        await Stores.Accounts.AddAsync(Some.Account(Some.OtherAccountId), None);
        await Stores.Policies.LaunchAsync(Some.Policy(), None);
        await Stores.Policies.LaunchAsync(Some.Policy(Some.Unversioned), None);
        EvaluatedPolicy[] verdicts = [Some.Fails(), Some.Passes(), Some.NotApplicable(), Some.IsUnknown(), Some.LeftOut()];
        foreach (var account in (string[])[Some.AccountId, Some.OtherAccountId])
        {
            for (var i = 0; i < 12; i++)
            {
                var bucket = Some.Bucket(Some.Numbered($"{account[..1]}-", i), account: account);
                await Stores.Resources.WriteAsync(Some.Org, [bucket], Some.Noon, None);
                if (i % 6 < 5)
                {
                    await Stores.Findings.ApplyAsync(Some.Org, [Some.Evaluated(bucket, verdicts[i % 6], Some.Passes(Some.Unversioned))], null, None);
                }
            }
        }

        PairPolicy[] policies = [new(Some.Unversioned, 1, Some.BucketType, "s3"), new(Some.Public, 1, Some.BucketType, "s3")];
        var all = await PairsAsync(policies, null, 100);
        all.Count.ShouldBe(48);
        all.Select(p => p.PolicyId).Distinct().ShouldBe([Some.Unversioned, Some.Public]);
        foreach (var size in (int[])[1, 5, 12, 13])
        {
            (await PairsAsync(policies, null, size)).Select(Some.Text).ShouldBe(all.Select(Some.Text));
            foreach (var verdict in Enum.GetValues<PairVerdict>())
            {
                (await PairsAsync(policies, verdict, size)).Select(Some.Text).ShouldBe(all.Where(p => p.Verdict == verdict).Select(Some.Text), $"{verdict}");
            }
        }

        all.CountBy(p => p.Verdict).ToDictionary(c => c.Key, c => c.Value).ShouldBe(
            new Dictionary<PairVerdict, int>
            {
                [PairVerdict.Pass] = 24,
                [PairVerdict.Fail] = 4,
                [PairVerdict.NotApplicable] = 4,
                [PairVerdict.Unknown] = 4,
                [PairVerdict.OutOfScope] = 4,
                [PairVerdict.NotEvaluated] = 8,
            },
            ignoreOrder: true);

        async Task<List<PolicyPair>> PairsAsync(PairPolicy[] of, PairVerdict? verdict, int size)
        {
            var pairs = new List<PolicyPair>();
            var page = new Page<PolicyPair>([], null);
            do
            {
                page = await Stores.Compliance.ListPairsAsync(Some.Org, AccountSelection.All, of, verdict, new PageRequest(size, page.Next), None);
                page.Items.Count.ShouldBeLessThanOrEqualTo(size);
                pairs.AddRange(page.Items);
            }
            while (page.Next is not null);
            return pairs;
        }
    }

    private abstract record Command;

    private sealed record List(string Account, string Type, string Region, ListOutcome Outcome) : Command;

    private sealed record Remove(string Account) : Command;

    private sealed record Add(string Account, string? Service, string? Ou) : Command;

    private sealed record Evaluate(string Account, Verdict Verdict) : Command;

    /// <summary>What happens, and what a recount of it would find.</summary>
    private sealed class History(StoreSet stores, int run)
    {
        private readonly string _organization = $"org-{run}";
        private readonly Dictionary<(string Account, string Type, string Region), ListOutcome> _lists = [];
        private readonly Dictionary<string, string?> _active = [];
        private readonly Dictionary<string, string?> _ous = [];
        private readonly List<(string Account, Verdict Verdict)> _pairs = [];
        private int _step;

        public async Task BeginAsync()
        {
            await stores.Policies.LaunchAsync(Some.Policy(organization: _organization), None);
            foreach (var account in s_accounts)
            {
                await RunAsync(new Add(account, null, null));
            }
        }

        public async Task RunAsync(Command command)
        {
            _step++;
            switch (command)
            {
                case List list:
                    var coverage = Some.Coverage(NameOf(list.Account), list.Region, list.Type) with { Outcome = list.Outcome, CheckedAt = Some.At(_step) };
                    await stores.Coverage.RecordAsync(_organization, coverage, None);
                    _lists[(list.Account, list.Type, list.Region)] = list.Outcome;
                    break;
                case Remove remove:
                    await stores.RemoveAccountAsync(_organization, NameOf(remove.Account));
                    _active.Remove(remove.Account);
                    break;
                case Add add:
                    var account = Some.Account(NameOf(add.Account), _organization) with
                    {
                        Services = add.Service is null ? null : [add.Service],
                        Ou = add.Ou,
                    };
                    await stores.Accounts.ChangeAsync(_organization, [new AccountChange(account.AccountId, _ => account)], allOrNothing: true, None);
                    _active[add.Account] = add.Service;
                    _ous[add.Account] = add.Ou;
                    break;
                case Evaluate evaluate:
                    var bucket = Some.Bucket($"b{_step}", _step, account: NameOf(evaluate.Account));
                    await stores.Resources.WriteAsync(_organization, [bucket], Some.Noon, None);
                    await stores.Findings.ApplyAsync(_organization, [Some.Evaluated(bucket, Of(evaluate.Verdict))], null, None);
                    _pairs.Add((evaluate.Account, evaluate.Verdict));
                    break;
            }
        }

        public async Task ShouldEqualARecountAsync(string[]? accounts)
        {
            await ShouldEqualARecountAsync(new AccountSelection(accounts?.Select(NameOf).ToList()), a => accounts is null || accounts.Contains(a));
        }

        /// <summary>Of a unit and those below it.</summary>
        public Task ShouldEqualARecountAsync(string unit) => ShouldEqualARecountAsync(
            AccountSelection.InOu(unit), a => _ous[a] is { } ou && (unit == "/" || $"/{ou.Trim('/')}/".StartsWith(unit + "/", StringComparison.Ordinal)));

        private async Task ShouldEqualARecountAsync(AccountSelection selection, Func<string, bool> isSelected)
        {
            var totals = await stores.Compliance.ReadTotalsAsync(_organization, selection, None);
            var counted = _active.Where(a => isSelected(a.Key)).ToDictionary();
            var lists = _lists.Where(l => counted.TryGetValue(l.Key.Account, out var services) && services is null or "s3").ToList();
            totals.Accounts.ShouldBe(counted.Count);
            totals.Watching("s3").ShouldBe(counted.Count(a => a.Value is null or "s3"));
            foreach (var type in (string[])[Some.BucketType, Other])
            {
                var of = totals.Types.GetValueOrDefault(type, TypeTotals.None);
                var own = lists.Where(l => l.Key.Type == type).ToList();
                of.Unread.ShouldBe(own.Count(l => l.Value is not (ListOutcome.Complete or ListOutcome.NotAvailable)), type);
                of.Accounts.ShouldBe(own.Select(l => l.Key.Account).Distinct().Count(), type);
            }

            var pairs = _pairs.Where(p => counted.ContainsKey(p.Account)).Select(p => p.Verdict).ToList();
            totals.Types.GetValueOrDefault(Some.BucketType, TypeTotals.None).Resources.ShouldBe(pairs.Count);
            totals.Policies.GetValueOrDefault(Some.Public, PairCounts.None).ShouldBe(new PairCounts(
                pairs.Count(v => v == Verdict.Pass), pairs.Count(v => v == Verdict.Fail), pairs.Count(v => v == Verdict.Unknown),
                pairs.Count(v => v == Verdict.NotApplicable), 0));
        }

        private string NameOf(string account) => run.ToString("00000000000", CultureInfo.InvariantCulture) + account;

        private static EvaluatedPolicy Of(Verdict verdict) => verdict switch
        {
            Verdict.Pass => Some.Passes(),
            Verdict.Fail => Some.Fails(),
            Verdict.NotApplicable => Some.NotApplicable(),
            _ => Some.IsUnknown(),
        };
    }
}
