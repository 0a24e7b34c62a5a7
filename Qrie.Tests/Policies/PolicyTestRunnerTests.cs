using Qrie.Domain.Catalog.Loading;
using Qrie.Domain.Policies.Testing;

namespace Qrie.Tests.Policies;

/// <summary>Runs the policy test runner with deliberately wrong policies.</summary>
public class PolicyTestRunnerTests
{
    [Fact]
    public void A_wrong_verdict_is_reported() =>
        Run("Bad", "{ Bad: false }", "expect: fail").ShouldBe(["DemoThingBad, 'case': expected fail, got pass.", .. Repeated]);

    [Fact]
    public void A_policy_that_passes_without_data_is_reported()
    {
        // With `Bad` instead of `!Good`, a resource without any attribute passes.
        Run("Bad", "{ Bad: false }", "expect: pass").ShouldBe(Repeated);
        Run("!Good", "{ Good: true }", "expect: pass").ShouldBeEmpty();
    }

    [Fact]
    public void A_declaration_for_an_absent_attribute_must_be_correct() =>
        Run("Bad", "{ Bad: false }", "expect: pass, absent: { Bad: pass }").ShouldBeEmpty();

    [Fact]
    public void A_policy_that_ignores_the_unknown_is_reported() =>
        Run("_unknown.Good && `false` || !_unknown.Good && !Good", "{ Good: true }", "expect: pass").ShouldBe(
            ["DemoThingBad, 'case': with 'Good' unknown, expected unknown, got pass."]);

    [Fact]
    public void A_declaration_for_an_attribute_that_is_not_read_is_stale() =>
        Run("!Good", "{ Good: true }", "expect: pass, absent: { Other: pass }")
            .ShouldBe(["DemoThingBad, 'case': mentions 'Other', which it does not read."]);

    [Fact]
    public void Times_are_relative_to_the_tests_clock()
    {
        Run("age_days(At) > `10`", "{ At: '{now-11d}' }", "expect: fail").ShouldBeEmpty();
        Run("age_days(At) > `10`", "{ At: '{now-239h}' }", "expect: pass, absent: { At: unknown }")
            .ShouldNotContain(failure => failure.Contains("expected pass"));
    }

    private static readonly string[] Repeated = ["DemoThingBad, 'case': with 'Bad' removed, expected fail, got pass. State it: 'absent: { Bad: pass }'."];

    private static IReadOnlyList<string> Run(string violation, string config, string expectation)
    {
        const string service = """
            service: demo
            name: Demo
            scope: regional
            resources:
              - type: AWS::Demo::Thing
                list: { call: 'demo:ListThings', select: Things }
                id: Name
            """;
        var policy = $$"""
            id: DemoThingBad
            title: Bad
            description: Bad.
            resource: AWS::Demo::Thing
            category: encryption
            severity: 60
            violation: "{{violation}}"
            remediation: Make it good.
            tests:
              - { name: case, config: {{config}}, {{expectation}} }
              - { name: other, config: {}, expect: pass }
              - { name: another, config: {}, expect: fail }
            """;
        var catalog = CatalogLoader.Load(
            [new CatalogFile("demo.yaml", service, CatalogFileKind.Service), new CatalogFile("DemoThingBad.yaml", policy, CatalogFileKind.Policy)]);
        return PolicyTestRunner.Run(catalog.Policies[0], catalog.Policies[0].Tests[0]);
    }
}
