using Qrie.Domain;
using Qrie.Domain.Catalog;
using Qrie.Domain.Findings;
using Qrie.Domain.Inventory;
using Qrie.Domain.Policies;
using Qrie.Tests.Support;

namespace Qrie.Tests.Stores;

/// <summary>Every filter of findings, alone and combined, page by page, compared with a filter in memory.</summary>
public abstract class FindingFilterContract : StoreContract
{
    private const string Third = "777788889999";

    /// <summary>Edge cases of ranges: the last code points, text that UTF-16 orders differently, wildcards.</summary>
    private static readonly string[] s_names =
        ["a", "a%", "a_b", "ab", "a\uD7FF", "a\uD7FFz", "a\uE000", "a\U0001F600", "a\U0010FFFF", "a\U0010FFFFz", "b", "é", "A"];

    private static readonly (string Name, FindingFilter Filter)[] s_filters =
    [
        ("none", new FindingFilter()),
        ("account", new FindingFilter(Some.AccountId)),
        ("account that is not there", new FindingFilter("000000000000")),
        ("service", new FindingFilter(Service: "ec2")),
        ("policy", new FindingFilter(PolicyId: Some.Public)),
        ("state", new FindingFilter(State: FindingState.Resolved)),
        ("exact severity", new FindingFilter(SeverityFrom: 50, SeverityTo: 50)),
        ("least severity", new FindingFilter(SeverityFrom: 49)),
        ("greatest severity", new FindingFilter(SeverityTo: 25)),
        ("region", new FindingFilter(Region: "ap-south-2")),
        ("type", new FindingFilter(Type: "AWS::EC2::Volume")),
        ("prefix", new FindingFilter(ArnPrefix: Some.ArnOf("a"))),
        ("prefix of everything", new FindingFilter(ArnPrefix: "")),
        ("prefix with a wildcard", new FindingFilter(ArnPrefix: Some.ArnOf("a%"))),
        ("prefix with another wildcard", new FindingFilter(ArnPrefix: Some.ArnOf("a_"))),
        ("prefix in another case", new FindingFilter(ArnPrefix: "ARN:aws:s3")),
        ("prefix before surrogates", new FindingFilter(ArnPrefix: Some.ArnOf("a\uD7FF"))),
        ("prefix that is a pair", new FindingFilter(ArnPrefix: Some.ArnOf("a\U0001F600"))),
        ("prefix with the last code point", new FindingFilter(ArnPrefix: Some.ArnOf("a\U0010FFFF"))),
        ("nothing but the last code point", new FindingFilter(ArnPrefix: "\U0010FFFF")),
        ("first seen from", new FindingFilter(FirstSeenFrom: Some.At(11))),
        ("first seen to", new FindingFilter(FirstSeenTo: Some.At(11))),
        ("first seen between", new FindingFilter(FirstSeenFrom: Some.At(11), FirstSeenTo: Some.At(31), State: FindingState.Active)),
        ("account and state", new FindingFilter(Some.AccountId, State: FindingState.Active)),
        ("account and everything", new FindingFilter(
            Some.AccountId, "s3", Some.Public, FindingState.Active, 10, 90, "eu-west-1", Some.BucketType, Some.ArnOf("a"), Some.At(1), Some.At(100))),
        ("account and service", new FindingFilter(Some.OtherAccountId, "ec2")),
        ("policy and state", new FindingFilter(PolicyId: Some.Unversioned, State: FindingState.Active)),
        ("policy, severity and region", new FindingFilter(PolicyId: Some.Unversioned, SeverityFrom: 50, Region: "eu-west-1")),
        ("service, time and prefix", new FindingFilter(Service: "s3", FirstSeenFrom: Some.At(11), ArnPrefix: Some.ArnOf("a"))),
        ("text in the name", new FindingFilter(Text: "A_")),
        ("text and the policies it names", new FindingFilter(Text: "a%", TextPolicyIds: [Some.Unversioned])),
        ("text, prefix and account", new FindingFilter(Some.AccountId, ArnPrefix: Some.ArnOf("a"), Text: "ab")),
        ("text and prefix", new FindingFilter(ArnPrefix: Some.ArnOf("a"), Text: "ab")),
        ("text in another alphabet", new FindingFilter(Text: "É")),
        ("state and severity", new FindingFilter(State: FindingState.Active, SeverityFrom: 50, SeverityTo: 89)),
        ("what never was", new FindingFilter(Region: "eu-west-1", Type: "AWS::EC2::Volume", State: FindingState.Resolved, PolicyId: Some.Unversioned)),
    ];

    private readonly List<Finding> _all = [];

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        foreach (var account in (string[])[Some.AccountId, Some.OtherAccountId, Third])
        {
            await Stores.Accounts.AddAsync(Some.Account(account), None);
        }

        await Stores.Policies.LaunchAsync(Some.Policy(), None);
        await Stores.Policies.LaunchAsync(Some.Policy(Some.Unversioned), None);
        var random = new Random(7);
        var number = 0;
        foreach (var account in (string[])[Some.AccountId, Some.OtherAccountId, Third])
        {
            foreach (var name in s_names)
            {
                var (service, at) = (random.Next(3) == 0 ? "ec2" : "s3", random.Next(4) * 10);
                var resource = Some.Bucket($"{name}", at, account: account) with
                {
                    Service = service,
                    Type = service == "s3" ? Some.BucketType : random.Next(2) == 0 ? "AWS::EC2::Instance" : "AWS::EC2::Volume",
                    Region = random.Next(5) == 0 ? "ap-south-2" : "eu-west-1",
                };
                await WriteAsync(resource);
                await ApplyAsync(resource, Some.Fails(severity: Severity()), Some.Fails(Some.Unversioned, severity: Severity()));
                if (number++ % 2 == 0)
                {
                    var repaired = resource with { DescribeTime = Some.At(at + 50), Hash = "repaired" };
                    await WriteAsync(repaired);
                    await ApplyAsync(repaired, random.Next(2) == 0 ? Some.Passes() : Some.LeftOut(), Some.Fails(Some.Unversioned, severity: Severity()));
                }

                foreach (var policy in (string[])[Some.Public, Some.Unversioned])
                {
                    _all.Add((await Stores.Findings.FindAsync(Some.Org, AccountService.Of(account, service), resource.Arn, policy, None))!);
                }
            }
        }

        int Severity() => (int[])[10, 24, 25, 49, 50, 89, 90, 100] is var all ? all[random.Next(all.Length)] : 0;
    }

    [Fact]
    public async Task A_filter_returns_all_matches_in_order_in_full_pages()
    {
        foreach (var (name, filter) in s_filters)
        {
            var expected = Expected(filter, _all);
            foreach (var size in Stores.Samples([3, 10, 1000], 10, 1000))
            {
                (await PagesAsync(filter, size)).ShouldBe(expected, name);
            }
        }
    }

    [Fact]
    public async Task A_list_in_any_order_has_all_matches_in_full_pages()
    {
        foreach (var (name, filter) in s_filters)
        {
            await InAnyOrderAsync(name, filter);
        }
    }

    private async Task InAnyOrderAsync(string name, FindingFilter filter)
    {
        var list = Expected(filter, _all).Select(key => _all.Single(f => KeyOf(f) == key)).ToList();
        (FindingOrder Order, IEnumerable<Finding> Expected)[] orders =
        [
            (FindingOrder.Severity, list.OrderByDescending(f => f.Severity)),
            (FindingOrder.Policy, list.OrderBy(f => f.PolicyId, StringComparer.Ordinal)),
            (FindingOrder.Account, list.OrderBy(f => AccountService.Split(f.AccountService).AccountId, StringComparer.Ordinal)),
            (FindingOrder.Resource, list.OrderBy(f => ByCodePoint(f.Arn), StringComparer.Ordinal).ThenBy(f => f.AccountService, StringComparer.Ordinal)
                .ThenBy(f => f.PolicyId, StringComparer.Ordinal)),
        ];

        foreach (var (order, expected) in orders)
        {
            foreach (var size in Stores.Samples([3, 1000], 20))
            {
                (await PagesAsync(filter with { Order = order }, size)).ShouldBe(expected.Select(KeyOf), $"{name} by {order}");
            }
        }
    }

    [Fact]
    public async Task Groups_count_all_matches_the_worst_first()
    {
        foreach (var (name, filter) in s_filters)
        {
            await InGroupsAsync(name, filter);
        }
    }

    private async Task InGroupsAsync(string name, FindingFilter filter)
    {
        var list = Expected(filter, _all).Select(key => _all.Single(f => KeyOf(f) == key)).OrderByDescending(f => f.Severity).ToList();
        (FindingGrouping By, IEnumerable<FindingGroup> Expected)[] groupings =
        [
            (FindingGrouping.Policy, InOrder(Groups(list, f => f.PolicyId))),
            (FindingGrouping.Account, InOrder(Groups(list, f => AccountService.Split(f.AccountService).AccountId))),
            (FindingGrouping.Resource, list.GroupBy(f => (f.Arn, f.AccountService, f.Type)).Select(g => Group(g.Key.Arn, g.Key.AccountService, g.Key.Type, g))),
        ];

        foreach (var (by, expected) in groupings)
        {
            foreach (var size in Stores.Samples([2, 1000], 20))
            {
                var found = new List<FindingGroup>();
                IReadOnlyList<string>? after = null;
                do
                {
                    var page = await Stores.Findings.GroupAsync(Some.Org, filter, by, new PageRequest(size, after), None);
                    found.AddRange(page.Items);
                    after = page.Next;
                }
                while (after is not null);

                found.ShouldBe(expected, $"{name} by {by}");
            }
        }
    }

    [Fact]
    public async Task What_is_hard_to_find_is_found_page_by_page()
    {
        var resources = Stores.Samples(4200);
        var many = Enumerable.Range(0, resources).Select(i => Some.Bucket(Some.Numbered("many-", i), at: 100 + i)).ToList();
        await Stores.Resources.WriteAsync(Some.Org, many, Some.At(10_000), None);
        await Stores.Findings.ApplyAsync(
            Some.Org, [.. many.Select(r => Some.Evaluated(r, Some.Fails(severity: 10), Some.Fails(Some.Unversioned, severity: 90)))], null, None);
        var sought = Some.Numbered("many-", 3); // one of the oldest
        var filter = new FindingFilter(SeverityFrom: 10, Text: sought.ToUpperInvariant());

        var first = await Stores.Findings.ListAsync(Some.Org, filter, new PageRequest(50), None);
        var all = await AllPagesAsync(filter, 50);

        (first.Items.Count, first.Next is null).ShouldBe((0, false));
        all.Select(f => (f.Arn, f.PolicyId)).ShouldBe([(Some.ArnOf(sought), Some.Public), (Some.ArnOf(sought), Some.Unversioned)]);
        foreach (var order in (FindingOrder[])[FindingOrder.Resource, FindingOrder.Severity, FindingOrder.Policy])
        {
            (await AllPagesAsync(filter with { Order = order }, 50)).Select(KeyOf).ShouldBe(all.Select(KeyOf), ignoreOrder: true, $"{order}");
        }

        (await AllPagesAsync(new FindingFilter(Some.AccountId, Order: FindingOrder.Resource), 1000)).Count.ShouldBe(
            (2 * resources) + _all.Count(f => f.AccountService.StartsWith(Some.AccountId, StringComparison.Ordinal)));
        var groups = await Stores.Findings.GroupAsync(Some.Org, filter with { Text = "many" }, FindingGrouping.Resource, new PageRequest(5000), None);
        groups.Items.ShouldAllBe(g => g.Critical == 1 && g.Low == 1);
        if ((await Stores.Installation.DescribeStoreAsync(None)).Kind == "dynamodb")
        {
            groups.Items.Count.ShouldBe(resources); // it groups all, or refuses
        }
        else
        {
            groups.Next.ShouldNotBeNull();
        }
    }

    [Theory]
    [InlineData(1300)] // more than one sorted chunk
    [InlineData(60)] // a large part of their account
    public async Task Many_rows_have_a_common_prefix(int most)
    {
        var count = Stores.Samples(most);
        var many = Enumerable.Range(0, count).Select(i => Some.Bucket(Some.Numbered("many-", i), at: i % 7)).ToList();
        await Stores.Resources.WriteAsync(Some.Org, many, Some.At(10), None);
        await Stores.Findings.ApplyAsync(
            Some.Org, [.. many.Select(r => Some.Evaluated(r, Some.Fails(severity: 10), Some.Fails(Some.Unversioned, severity: 90)))], null, None);
        var filter = new FindingFilter(ArnPrefix: Some.ArnOf("many-"));

        var found = await PagesAsync(filter, 500);

        found.ShouldBe(found.Order(Comparer<(DateTimeOffset At, string Arn, string Policy, string)>.Create((a, b) =>
            (b.At, a.Arn, a.Policy).CompareTo((a.At, b.Arn, b.Policy)))));
        found.Count.ShouldBe(2 * count);
        (await PagesAsync(filter with { SeverityFrom = 90 }, 500)).Count.ShouldBe(count);
        (await PagesAsync(filter with { PolicyId = Some.Public, Service = "s3", State = FindingState.Active }, 7)).Count.ShouldBe(count);
        await Stores.RemoveAccountAsync(Some.Org, Some.AccountId);
        (await PagesAsync(filter, 500)).ShouldBeEmpty();
        (await PagesAsync(filter with { IncludeRemoved = true }, 500)).ShouldBe(found);
    }

    [Fact]
    public async Task Rows_added_while_a_list_is_read_cause_no_duplicates_or_gaps()
    {
        var first = await Stores.Findings.ListAsync(Some.Org, new FindingFilter(), new PageRequest(20), None);
        await WriteAsync(Some.Bucket("new", at: 90));
        await ApplyAsync(Some.Bucket("new", at: 90), Some.Fails());

        var rest = await PagesAsync(new FindingFilter(), 20, first.Next);

        first.Items.Select(KeyOf).Concat(rest).ShouldBe(Expected(new FindingFilter(), _all));
    }

    [Fact]
    public async Task Removed_accounts_are_listed_on_request()
    {
        await Stores.RemoveAccountAsync(Some.Org, Third);
        var watched = _all.Where(f => !f.AccountService.StartsWith(Third, StringComparison.Ordinal)).ToList();

        foreach (var filter in (FindingFilter[])[new(), new(Service: "s3"), new(ArnPrefix: Some.ArnOf("a")), new(State: FindingState.Active)])
        {
            (await PagesAsync(filter, 7)).ShouldBe(Expected(filter, watched));
            (await PagesAsync(filter with { IncludeRemoved = true }, 7)).ShouldBe(Expected(filter, _all));
        }

        (await PagesAsync(new FindingFilter(Third), 7)).ShouldBeEmpty();
        (await PagesAsync(new FindingFilter(Third, IncludeRemoved: true), 7)).ShouldBe(Expected(new FindingFilter(Third), _all));
    }

    [Fact]
    public async Task The_findings_of_one_resource_are_listed_by_policy()
    {
        (await Stores.Findings.ListOfResourceAsync(Some.Org, _all[0].AccountService, _all[0].Arn, None)).Select(f => f.PolicyId)
            .ShouldBe([Some.Public, Some.Unversioned]);
        (await Stores.Findings.ListOfResourceAsync("another", _all[0].AccountService, _all[0].Arn, None)).ShouldBeEmpty();
    }

    private static IEnumerable<FindingGroup> Groups(IEnumerable<Finding> findings, Func<Finding, string> key) =>
        findings.GroupBy(key).Select(g => Group(g.Key, null, null, g));

    private static IEnumerable<FindingGroup> InOrder(IEnumerable<FindingGroup> groups) =>
        groups.OrderByDescending(g => g.Worst).ThenByDescending(g => g.Total).ThenBy(g => g.Key, StringComparer.Ordinal);

    private static FindingGroup Group(string key, string? accountService, string? type, IEnumerable<Finding> findings)
    {
        var bands = findings.ToLookup(f => Severities.BandOf(f.Severity));
        return new FindingGroup(
            key, accountService, type, bands[SeverityBand.Critical].Count(), bands[SeverityBand.High].Count(), bands[SeverityBand.Medium].Count(),
            bands[SeverityBand.Low].Count());
    }

    private static List<(DateTimeOffset, string, string, string)> Expected(FindingFilter filter, IEnumerable<Finding> all) =>
    [
        .. all.Where(f =>
                (filter.AccountId is null || f.AccountService.StartsWith(filter.AccountId, StringComparison.Ordinal))
                && (filter.Service is null || f.AccountService.EndsWith("_" + filter.Service, StringComparison.Ordinal))
                && (filter.PolicyId is null || f.PolicyId == filter.PolicyId)
                && (filter.State is null || f.State == filter.State)
                && f.Severity >= (filter.SeverityFrom ?? 0) && f.Severity <= (filter.SeverityTo ?? 100)
                && (filter.Region is null || f.Region == filter.Region)
                && (filter.Type is null || f.Type == filter.Type)
                && (filter.Text is null || filter.TextPolicyIds?.Contains(f.PolicyId) == true
                    || Ascii(f.Arn).Contains(Ascii(filter.Text), StringComparison.Ordinal))
                && f.Arn.StartsWith(filter.ArnPrefix ?? "", StringComparison.Ordinal)
                && f.FirstSeen >= (filter.FirstSeenFrom ?? DateTimeOffset.MinValue) && f.FirstSeen < (filter.FirstSeenTo ?? DateTimeOffset.MaxValue))
            .OrderByDescending(f => f.FirstSeen)
            .ThenBy(f => ByCodePoint(f.Arn), StringComparer.Ordinal)
            .ThenBy(f => f.PolicyId, StringComparer.Ordinal)
            .ThenBy(f => f.AccountService, StringComparer.Ordinal)
            .Select(KeyOf),
    ];

    private static string Ascii(string text) => string.Concat(text.Select(c => char.IsAsciiLetter(c) ? char.ToLowerInvariant(c) : c));

    private static string ByCodePoint(string text) => Convert.ToHexString(System.Text.Encoding.UTF8.GetBytes(text));

    private static (DateTimeOffset, string, string, string) KeyOf(Finding f) => (f.FirstSeen, f.Arn, f.PolicyId, f.AccountService);

    private async Task<List<(DateTimeOffset At, string Arn, string Policy, string Service)>> PagesAsync(
        FindingFilter filter, int size, IReadOnlyList<string>? after = null)
    {
        var found = new List<(DateTimeOffset, string, string, string)>();
        do
        {
            var page = await Stores.Findings.ListAsync(Some.Org, filter, new PageRequest(size, after), None);
            if (page.Next is not null)
            {
                page.Items.Count.ShouldBe(size);
            }

            found.AddRange(page.Items.Select(KeyOf));
            after = page.Next;
        }
        while (after is not null);

        return found;
    }

    /// <summary>Pages may be short.</summary>
    private async Task<List<Finding>> AllPagesAsync(FindingFilter filter, int size)
    {
        var found = new List<Finding>();
        IReadOnlyList<string>? after = null;
        do
        {
            var page = await Stores.Findings.ListAsync(Some.Org, filter, new PageRequest(size, after), None);
            found.AddRange(page.Items);
            after = page.Next;
        }
        while (after is not null);

        return found;
    }

    private async Task WriteAsync(CollectedResource resource) => await Stores.Resources.WriteAsync(Some.Org, [resource], resource.DescribeTime, None);

    private async Task ApplyAsync(CollectedResource resource, params EvaluatedPolicy[] policies) =>
        (await Stores.Findings.ApplyAsync(Some.Org, [Some.Evaluated(resource, policies)], null, None)).Outcomes.ShouldBe([ApplyOutcome.Applied]);
}
