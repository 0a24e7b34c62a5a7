using System.Text.Json;
using Qrie.Domain.Catalog;
using Qrie.Domain.Compliance;
using Qrie.Domain.Policies;
using Qrie.Tests.Support;

namespace Qrie.Tests.Compliance;

/// <summary>What follows from totals, case by case.</summary>
public sealed class FrameworkAssessorTests
{
    private const string First = "S3BucketPublic";
    private const string Second = "S3BucketVersioningDisabled";

    private static readonly ResourceCatalog Catalog = new MinimalCatalog(
        MinimalCatalog.Policy(First, parameters: new Dictionary<string, JsonElement> { ["max_age_days"] = Some.Json("90") }),
        MinimalCatalog.Policy(Second)).Current;

    private static readonly PairCounts OnePass = PairCounts.None with { Passed = 1 };
    private static readonly PairCounts OneFail = PairCounts.None with { Failed = 1 };

    [Fact]
    public void All_pairs_pass() => StateOf(World(OnePass, OnePass)).ShouldBe(RequirementState.Passed);

    [Fact]
    public void One_pair_fails() => StateOf(World(OnePass, OneFail)).ShouldBe(RequirementState.Failed);

    [Fact]
    public void One_pair_is_unknown() => StateOf(World(OnePass, PairCounts.None with { Unknown = 1 })).ShouldBe(RequirementState.Unknown);

    [Fact]
    public void Excepted_pairs_neither_pass_nor_fail()
    {
        var excepted = PairCounts.None with { Excepted = 1 };
        StateOf(World(OnePass, excepted)).ShouldBe(RequirementState.Passed);
        StateOf(World(OneFail, excepted)).ShouldBe(RequirementState.Failed);
        StateOf(World(excepted, PairCounts.None with { Unknown = 1 })).ShouldBe(RequirementState.Unknown);

        var assessed = Assess(World(excepted, PairCounts.None with { NotApplicable = 1 }));
        (assessed.State, assessed.Causes.Single().Kind, assessed.Causes.Single().Count).ShouldBe((RequirementState.NotAssessed, CauseKind.Excepted, 1));
    }

    [Fact]
    public void Nothing_applies()
    {
        StateOf(World(PairCounts.None with { NotApplicable = 1 }, PairCounts.None with { NotApplicable = 1 })).ShouldBe(RequirementState.NotApplicable);
        StateOf(World(PairCounts.None, PairCounts.None) with { Types = Buckets(new TypeTotals(0, 0, 1)) }).ShouldBe(RequirementState.NotApplicable);
    }

    [Fact]
    public void A_policy_that_is_not_launched_or_suspended_makes_it_not_assessed_and_says_which()
    {
        var world = World(OnePass, OnePass);
        var without = Assess(world with { Launched = world.Launched.Where(l => l.Key == First).ToDictionary() });
        var suspended = Assess(world with
        {
            Launched = new Dictionary<string, LaunchedPolicy>(world.Launched) { [Second] = Some.Policy(Second) with { Status = PolicyStatus.Suspended } },
        });

        (without.State, without.Causes.Single().Kind, without.Causes.Single().PolicyId).ShouldBe((RequirementState.NotAssessed, CauseKind.NotLaunched, Second));
        (suspended.State, suspended.Causes.Single().Kind).ShouldBe((RequirementState.NotAssessed, CauseKind.Suspended));
    }

    [Fact]
    public void A_failure_is_certain_whatever_else_is_not_known()
    {
        var world = World(OneFail, OnePass);
        var assessed = Assess(world with { Launched = world.Launched.Where(l => l.Key == First).ToDictionary(), WithoutRegions = 1 });

        assessed.State.ShouldBe(RequirementState.Failed);
        assessed.Causes.ShouldContain(c => c.Kind == CauseKind.NotLaunched);
    }

    [Fact]
    public void A_refused_list_hides_resources_so_that_nothing_passes()
    {
        StateOf(World(OnePass, OnePass) with { Types = Buckets(new TypeTotals(1, 1, 1)) }).ShouldBe(RequirementState.Unknown);
        StateOf(World(PairCounts.None, PairCounts.None) with { Types = Buckets(new TypeTotals(0, 1, 1)) }).ShouldBe(RequirementState.Unknown);
    }

    [Fact]
    public void An_account_that_was_never_inventoried_makes_it_not_assessed()
    {
        var assessed = Assess(World(OnePass, OnePass) with { Accounts = 3, Types = Buckets(new TypeTotals(1, 0, 1)) });

        (assessed.State, assessed.Causes[0].Kind, assessed.Causes[0].Count).ShouldBe((RequirementState.NotAssessed, CauseKind.NotInventoried, 2));
    }

    [Fact]
    public void An_account_that_does_not_watch_the_service_is_not_missed()
    {
        StateOf(World(OnePass, OnePass) with { Accounts = 2, Restricted = [["ec2"]] }).ShouldBe(RequirementState.Passed);
        StateOf(World(PairCounts.None, PairCounts.None) with { Restricted = [["ec2"]], Types = new Dictionary<string, TypeTotals>() })
            .ShouldBe(RequirementState.NotAssessed);
    }

    [Fact]
    public void A_resource_without_a_verdict_makes_it_not_assessed()
    {
        var assessed = Assess(World(OnePass, OnePass) with { Types = Buckets(new TypeTotals(3, 0, 1)) });

        assessed.State.ShouldBe(RequirementState.NotAssessed);
        assessed.Causes.Select(c => (c.Kind, c.PolicyId, c.Count)).ShouldBe([(CauseKind.NotEvaluated, First, 2), (CauseKind.NotEvaluated, Second, 2)]);
    }

    [Fact]
    public void What_the_scope_leaves_out_does_not_count()
    {
        StateOf(World(OnePass, PairCounts.None with { OutOfScope = 1 })).ShouldBe(RequirementState.Passed);

        var all = Assess(World(PairCounts.None with { OutOfScope = 1 }, PairCounts.None with { OutOfScope = 1 }));
        (all.State, all.Causes[0].Kind).ShouldBe((RequirementState.NotAssessed, CauseKind.OutOfScope));
    }

    [Theory]
    [InlineData("90", 1, 0, RequirementState.Passed, ParamFit.Exact)]
    [InlineData("90", 0, 1, RequirementState.Failed, ParamFit.Exact)]
    [InlineData("45", 1, 0, RequirementState.Passed, ParamFit.Stricter)]
    [InlineData("45", 0, 1, RequirementState.Unknown, ParamFit.Stricter)]
    [InlineData("365", 1, 0, RequirementState.NotAssessed, ParamFit.None)]
    [InlineData("365", 0, 1, RequirementState.NotAssessed, ParamFit.None)]
    [InlineData("90.0", 1, 0, RequirementState.Passed, ParamFit.Exact)]
    public void A_demanded_value_decides_which_verdicts_count(string value, int passed, int failed, RequirementState state, ParamFit fit)
    {
        var world = World(new PairCounts(passed, failed, 0, 0, 0), PairCounts.None);
        var launched = Some.Policy(First) with { Params = new Dictionary<string, JsonElement> { ["max_age_days"] = Some.Json(value) } };
        var demanded = new RequiredPolicy(First, [new RequiredParam("max_age_days", ParamBound.AtMost, Some.Json("90"))]);

        var assessed = Assess(world with { Launched = new Dictionary<string, LaunchedPolicy> { [First] = launched } }, demanded);
        (assessed.State, assessed.Policies.Single().Fit).ShouldBe((state, fit));
    }

    [Fact]
    public void A_pair_counts_once_however_many_requirements_it_serves()
    {
        RequirementDefinition Requirement(string id, params string[] policies) => new()
        {
            Id = id,
            Title = id,
            Section = "1",
            Policies = [.. policies.Select(p => new RequiredPolicy(p, []))],
        };
        var framework = new FrameworkDefinition(
            [new FrameworkSection("1", "One"), new FrameworkSection("2", "Two")],
            [
                Requirement("1", First), Requirement("2", First, Second), new RequirementDefinition { Id = "3", Title = "3", Section = "2", Manual = "Ask." },
                new RequirementDefinition { Id = "4", Title = "4", Section = "2", NotChecked = "Not yet." },
            ])
        {
            Id = "demo",
            Title = "Demo",
            Version = "1",
            Publisher = "Demo",
            About = "Demo",
            DefinitionHash = "1",
        };
        var assessment = FrameworkAssessor.Assess(framework, Catalog, World(OnePass, OneFail));

        var score = assessment.Score;
        (score.Passed, score.Failed, score.Manual, score.NotAssessed, score.NotChecked, score.Total).ShouldBe((1, 1, 1, 1, 1, 4));
        (score.Percent, score.Pairs.Passed, score.Pairs.Failed, score.PairPercent).ShouldBe((50, 1L, 1L, 50));
        assessment.Sections.Select(s => s.Score.Percent).ShouldBe([50, null]);
    }

    [Fact]
    public void A_hundred_percent_is_shown_only_when_nothing_is_missing()
    {
        new Score(0, 0, 0, 0, 0, 0, 0, new PairCounts(999_999, 1, 0, 0, 0)).PairPercent.ShouldBe(99.99);
        new Score(2, 1, 0, 0, 0, 0, 0, PairCounts.None).Percent.ShouldBe(66.67);
        new Score(0, 0, 0, 5, 5, 5, 0, PairCounts.None).Percent.ShouldBeNull();
    }

    private static RequirementState StateOf(ComplianceTotals totals) => Assess(totals).State;

    private static RequirementAssessment Assess(ComplianceTotals totals, params RequiredPolicy[] policies) => FrameworkAssessor.Assess(
        new RequirementDefinition
        {
            Id = "1",
            Title = "One",
            Section = "1",
            Policies = policies.Length > 0 ? policies : [new RequiredPolicy(First, []), new RequiredPolicy(Second, [])],
        },
        Catalog, totals);

    private static Dictionary<string, TypeTotals> Buckets(TypeTotals totals) => new() { [Some.BucketType] = totals };

    /// <summary>One account with one bucket and both policies.</summary>
    private static ComplianceTotals World(PairCounts first, PairCounts second) => new()
    {
        Launched = new Dictionary<string, LaunchedPolicy> { [First] = Some.Policy(First), [Second] = Some.Policy(Second) },
        Policies = new Dictionary<string, PairCounts> { [First] = first, [Second] = second },
        Types = Buckets(new TypeTotals(1, 0, 1)),
        Accounts = 1,
        Restricted = [],
        WithoutRegions = 0,
        WithNewRegions = 0,
    };
}
