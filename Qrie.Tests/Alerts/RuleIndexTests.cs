using Qrie.Domain.Alerts;
using Qrie.Tests.Support;

namespace Qrie.Tests.Alerts;

public sealed class RuleIndexTests
{
    private static readonly AlertRule _rule = SomeAlerts.Rule() with { Kinds = [AlertKind.Opened, AlertKind.ScanFailed] };

    private static readonly AlertEvent _scan = new()
    {
        Seq = 1,
        Organization = Some.Org,
        At = Some.Noon,
        Kind = AlertKind.ScanFailed,
        ScanId = "scan-1",
    };

    [Fact]
    public void Every_selection_must_hold()
    {
        Wants(_rule, SomeAlerts.Opened()).ShouldBeTrue();
        Wants(_rule with { Enabled = false }, SomeAlerts.Opened()).ShouldBeFalse();
        Wants(_rule with { Kinds = [AlertKind.Resolved] }, SomeAlerts.Opened()).ShouldBeFalse();
        Wants(_rule with { MinSeverity = 60 }, SomeAlerts.Opened()).ShouldBeTrue();
        Wants(_rule with { MinSeverity = 61 }, SomeAlerts.Opened()).ShouldBeFalse();
        Wants(_rule with { Policies = [Some.Unversioned, Some.Public] }, SomeAlerts.Opened()).ShouldBeTrue();
        Wants(_rule with { Policies = [Some.Unversioned] }, SomeAlerts.Opened()).ShouldBeFalse();
        Wants(_rule with { Accounts = [Some.AccountId] }, SomeAlerts.Opened()).ShouldBeTrue();
        Wants(_rule with { Accounts = [Some.OtherAccountId] }, SomeAlerts.Opened()).ShouldBeFalse();
    }

    [Fact]
    public void What_is_no_finding_is_selected_by_kind_and_account_only()
    {
        var rule = _rule with { MinSeverity = 90, Policies = [Some.Public], Tags = Tags("env", "prod") };

        Wants(rule, _scan).ShouldBeTrue();
        Wants(rule with { Accounts = [Some.OtherAccountId] }, _scan).ShouldBeTrue("it concerns all accounts");
        Wants(rule with { Accounts = [Some.OtherAccountId] }, _scan with { AccountId = Some.AccountId }).ShouldBeFalse();
    }

    [Fact]
    public void One_tag_suffices_and_unreadable_tags_match_with_a_mark()
    {
        var rule = _rule with { Tags = new Dictionary<string, IReadOnlyList<string>> { ["env"] = ["prod", "live"], ["team"] = ["core"] } };

        Match(rule, "env", "live").ShouldBe([false]);
        Match(rule, "team", "core").ShouldBe([false]);
        Match(rule, "env", "test").ShouldBeEmpty();
        Match(rule, "Env", "live").ShouldBeEmpty();
        new RuleIndex([rule]).Match(SomeAlerts.Opened(), null).Select(m => m.TagsUnknown).ShouldBe([true]);
        new RuleIndex([_rule]).Match(SomeAlerts.Opened(), null).Select(m => m.TagsUnknown).ShouldBe([false]);
    }

    [SeededProperty]
    public void Many_rules_match_like_each_by_itself(int seed)
    {
        var random = new Random(seed);
        T[] Of<T>(params T[] values) => [.. values.Where(_ => random.Next(2) == 0)];
        var rules = Enumerable.Range(0, 20).Select(i => SomeAlerts.Rule($"rule-{i}") with
        {
            Kinds = Of(AlertKind.Opened, AlertKind.Resolved, AlertKind.ScanFailed),
            Policies = Of(Some.Public, Some.Unversioned),
            Accounts = Of(Some.AccountId, Some.OtherAccountId),
            MinSeverity = random.Next(100),
            Enabled = random.Next(5) > 0,
        }).ToList();
        var index = new RuleIndex(rules);
        foreach (var policy in (string[])[Some.Public, Some.Unversioned])
        {
            var alertEvent = SomeAlerts.Opened(policy: policy, severity: random.Next(100), account: random.Next(2) == 0 ? Some.AccountId : Some.OtherAccountId);
            index.Match(alertEvent, null).Select(m => m.Rule.AlertId).ShouldBe(rules.Where(rule => Wants(rule, alertEvent)).Select(rule => rule.AlertId));
        }
    }

    private static Dictionary<string, IReadOnlyList<string>> Tags(string key, string value) => new() { [key] = [value] };

    private static bool Wants(AlertRule rule, AlertEvent alertEvent) => new RuleIndex([rule]).Match(alertEvent, null).Any();

    private static IEnumerable<bool> Match(AlertRule rule, string key, string value) =>
        new RuleIndex([rule]).Match(SomeAlerts.Opened(), new Dictionary<string, string> { [key] = value }).Select(m => m.TagsUnknown);
}
