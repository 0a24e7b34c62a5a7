using System.Text.RegularExpressions;
using Qrie.Domain.Catalog;
using Qrie.Domain.Catalog.Loading;
using Qrie.Domain.Catalog.Reference;

namespace Qrie.Tests.Catalog;

public sealed partial class EquivalentTests
{
    private const string Policy = """
        id: DemoThingBad
        title: A bad thing
        description: It is bad.
        resource: AWS::Demo::Thing
        category: encryption
        severity: 60
        violation: "!Good"
        remediation: Make it good.
        equivalents:
          EQUIVALENTS
        tests:
          - { name: good, config: { Good: true }, expect: pass }
          - { name: bad, config: {}, expect: fail }
        """;

    [Fact]
    public void An_equivalent_is_an_id_a_list_or_an_id_with_its_coverage()
    {
        var equivalents = Load("""
            securityhub: Demo.1
              config: [demo-thing-good, { id: demo-thing-better, covers: more, why: Old things count as well. }]
              prowler: { id: demo_thing_good, covers: less, why: Things on Outposts are not read. }
              cis: { id: '1.10', covers: same }
            """).Equivalents;

        equivalents.Keys.ShouldBe(["securityhub", "config", "prowler", "cis"]);
        equivalents["securityhub"].ShouldBe([new("Demo.1", EquivalentCoverage.Same, null)]);
        equivalents["config"].ShouldBe(
            [new("demo-thing-good", EquivalentCoverage.Same, null), new("demo-thing-better", EquivalentCoverage.More, "Old things count as well.")]);
        equivalents["prowler"].ShouldBe([new("demo_thing_good", EquivalentCoverage.Less, "Things on Outposts are not read.")]);
        equivalents["cis"].ShouldBe([new("1.10", EquivalentCoverage.Same, null)]);
    }

    [Theory]
    [InlineData("securityhub: { id: Demo.1, covers: some, why: x }", 38, "'some' does not say what is covered", "Write 'same'; 'more'")]
    [InlineData("securityhub: { id: Demo.1, covers: less }", 16, "Why 'Demo.1' covers less is not said", "Add 'why:'")]
    [InlineData("securityhub: { id: Demo.1, covers: more, why: }", 49, "'why' is empty", "Write a text")]
    [InlineData("securityhub: { covers: same }", 16, "has no 'id'", "Add 'id:'")]
    [InlineData("securityhub: { id: Demo.1, cover: less, why: x }", 30, "no key 'cover'", "Did you mean 'covers'?")]
    [InlineData("securityhub: []", 16, "'securityhub' has no ids", "leave the key out")]
    [InlineData("securityhub: [Demo.1, Demo.2, { id: demo.1 }]", 33, "names 'demo.1' twice", "once")]
    [InlineData("securityhub: [[Demo.1]]", 17, "must be a text, not a list", "Quote")]
    [InlineData("securityhub:", 15, "'securityhub' is empty", "Write a text")]
    [InlineData("securtyhub: Demo.1", 3, "no key 'securtyhub'", "Did you mean 'securityhub'?")]
    [InlineData("steampipe: x", 3, "no key 'steampipe'", "Known keys: cis config prowler securityhub")]
    public void An_error_in_an_equivalent_is_reported(string equivalents, int column, string message, string remedy)
    {
        var error = Should.Throw<CatalogException>(() => Load(equivalents)).Errors.ShouldHaveSingleItem();

        (error.File, error.Line, error.Column).ShouldBe(("policies/demo/DemoThingBad.yaml", 10, column));
        error.Message.ShouldContain(message);
        error.Remedy.ShouldContain(remedy);
    }

    [Fact]
    public void Equivalents_must_be_a_map() =>
        Should.Throw<CatalogException>(() => Load("[Demo.1]")).Errors.ShouldHaveSingleItem().Message.ShouldBe("'equivalents' must be a map, not a list.");

    [Fact]
    public void The_coverage_of_an_equivalent_does_not_change_the_definition_hash() =>
        Load("securityhub: Demo.1").DefinitionHash.ShouldBe(Load("securityhub: { id: Demo.2, covers: less, why: x }").DefinitionHash);

    [Fact]
    public void The_reference_lists_controls_in_order_with_differences()
    {
        var page = CatalogReference.PagesOf(Catalog("securityhub: [Demo.10, { id: Demo.9, covers: less, why: Only things that are a|b. }]"))["equivalents.md"];

        page.ShouldContain("""
            ## Coming from Security Hub

            | control | policy | covers | why |
            |---|---|---|---|
            | Demo.9 | [DemoThingBad](demo.md#demothingbad) | less | Only things that are a\|b. |
            | Demo.10 | [DemoThingBad](demo.md#demothingbad) | same |  |
            """);
    }

    public static TheoryData<string, string, string> Shipped()
    {
        var shipped = new TheoryData<string, string, string>();
        foreach (var policy in ShippedCatalog.Instance.Policies)
        {
            foreach (var (kind, equivalents) in policy.Equivalents)
            {
                foreach (var equivalent in equivalents)
                {
                    shipped.Add(policy.Id, kind, equivalent.Id);
                }
            }
        }

        return shipped;
    }

    [Theory, MemberData(nameof(Shipped))]
    public void A_shipped_equivalent_has_the_form_of_its_kind(string policy, string kind, string id) =>
        (kind switch
        {
            "securityhub" => SecurityHubControl(),
            "config" => ConfigRule(),
            "prowler" => ProwlerCheck(),
            _ => CisRecommendation(),
        }).IsMatch(id).ShouldBeTrue($"{policy}: {kind} {id}");

    /// <summary>S3.8, EC2.19, CloudTrail.2.</summary>
    [GeneratedRegex("^[A-Z][A-Za-z0-9]+\\.[1-9][0-9]*$")]
    private static partial Regex SecurityHubControl();

    /// <summary>Names of managed rules are words with hyphens.</summary>
    [GeneratedRegex("^[a-z0-9]+(-[a-z0-9]+)+$")]
    private static partial Regex ConfigRule();

    /// <summary>A service, followed by the check.</summary>
    [GeneratedRegex("^[a-z0-9]+(_[a-z0-9]+)+$")]
    private static partial Regex ProwlerCheck();

    [GeneratedRegex("^[1-9](\\.[1-9][0-9]*){1,2}$")]
    private static partial Regex CisRecommendation();

    private static PolicyDefinition Load(string equivalents) => Catalog(equivalents).Policies[0];

    private static ResourceCatalog Catalog(string equivalents) => CatalogLoader.Load(
    [
        new CatalogFile("services/demo.yaml", CatalogLoaderTests.Service, CatalogFileKind.Service),
        new CatalogFile("policies/demo/DemoThingBad.yaml", Policy.Replace("EQUIVALENTS", equivalents, StringComparison.Ordinal), CatalogFileKind.Policy),
    ]);
}
