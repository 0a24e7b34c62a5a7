using Qrie.Domain.Catalog;
using Qrie.Domain.Catalog.Loading;

namespace Qrie.Tests.Catalog;

public sealed class FrameworkLoaderTests
{
    private const string Policy = """
        id: DemoThingOld
        title: An old thing
        description: It is old.
        resource: AWS::Demo::Thing
        category: encryption
        severity: 60
        params: { max_age_days: 90, strict: true }
        aliases: [DemoThingAged]
        violation: "Age > $max_age_days && $strict"
        remediation: Renew it.
        tests:
          - { name: young, config: { Age: 1 }, expect: pass }
          - { name: old, config: { Age: 91 }, expect: fail }
        """;

    private const string Framework = """
        id: demo-1.0
        title: Demo
        version: '1.0'
        publisher: Demo
        about: All of it.
        sections:
          '1': First
          '2': Second
        requirements:
          - id: '1.1'
            title: Young things
            section: '1'
            policies:
              - { policy: DemoThingOld, params: { max_age_days: { at_most: 90 } } }
          - id: '1.10'
            title: People know
            section: '1'
            manual: Ask them.
          - id: '2.1'
            title: Later
            section: '2'
            not_checked: No policy yet.
            note: Soon.
        """;

    [Fact]
    public void A_framework_is_read_as_it_is_written()
    {
        var framework = Load(Framework).FindFramework("demo-1.0").ShouldNotBeNull();

        (framework.Title, framework.Version, framework.Sections.Count).ShouldBe(("Demo", "1.0", 2));
        framework.Requirements.Select(r => r.Id).ShouldBe(["1.1", "1.10", "2.1"]);
        var param = framework.FindRequirement("1.1")!.Policies.ShouldHaveSingleItem().Params.ShouldHaveSingleItem();
        (param.Name, param.Bound, param.Value.GetInt32()).ShouldBe(("max_age_days", ParamBound.AtMost, 90));
        framework.FindRequirement("1.10")!.Manual.ShouldBe("Ask them.");
        (framework.FindRequirement("2.1")!.NotChecked, framework.FindRequirement("2.1")!.Note).ShouldBe(("No policy yet.", "Soon."));
    }

    [Fact]
    public void A_former_policy_id_leads_to_the_current_one() =>
        Load(Framework.Replace("policy: DemoThingOld", "policy: DemoThingAged", StringComparison.Ordinal))
            .FindFramework("demo-1.0")!.FindRequirement("1.1")!.Policies.Single().PolicyId.ShouldBe("DemoThingOld");

    [Fact]
    public void A_user_s_folder_adds_frameworks_and_cannot_replace_one()
    {
        Load(Framework, Framework.Replace("demo-1.0", "mine", StringComparison.Ordinal)).Frameworks.Select(f => f.Id).ShouldBe(["demo-1.0", "mine"]);

        Fail(Framework, Framework).ShouldContain(e => e.Message.Contains("framework demo-1.0 is defined already in"));
    }

    [Theory]
    [InlineData("version: '1.0'", "", "has no 'version'")]
    [InlineData("publisher: Demo", "publisher: Demo\npublsher: x", "no key 'publsher'", "Did you mean 'publisher'?")]
    [InlineData("policy: DemoThingOld", "policy: DemoThingNew", "The catalog has no policy 'DemoThingNew'")]
    [InlineData("id: '1.10'", "id: '1.1'", "Two requirements have the id '1.1'")]
    [InlineData("id: '1.10'", "id: 'a b'", "cannot be a requirement's id")]
    [InlineData("section: '2'", "section: '3'", "There is no section '3'", "'sections'")]
    [InlineData("manual: Ask them.", "", "must have exactly one of 'policies', 'manual' and 'not_checked'")]
    [InlineData("manual: Ask them.", "manual: Ask them.\n    not_checked: Or not.", "must have exactly one of")]
    [InlineData("manual: Ask them.", "policies: []", "'policies' must be a list of policies")]
    [InlineData("manual: Ask them.", "policies: [DemoThingOld, DemoThingAged]", "named twice")]
    [InlineData("max_age_days: { at_most: 90 }", "max_age: 90", "has no parameter 'max_age'", "It has max_age_days, strict")]
    [InlineData("max_age_days: { at_most: 90 }", "max_age_days: '90'", "does not fit the parameter")]
    [InlineData("max_age_days: { at_most: 90 }", "strict: { at_most: false }", "does not fit the parameter")]
    [InlineData("max_age_days: { at_most: 90 }", "max_age_days: { no_more_than: 90 }", "does not fit the parameter")]
    [InlineData("manual: Ask them.", "manual:", "'manual' is empty")]
    public void A_mistake_is_named_with_its_line(string right, string wrong, string message, string remedy = "")
    {
        var errors = Fail(Framework.Replace(right, wrong, StringComparison.Ordinal));

        errors.ShouldAllBe(e => e.File == "frameworks/demo-1.0.yaml" && e.Line > 0 && e.Remedy.Length > 0);
        errors.ShouldContain(e => e.ToString().Contains(message) && e.ToString().Contains(remedy), errors[0].ToString());
    }

    [Fact]
    public void The_id_is_the_file_s_name() =>
        Should.Throw<CatalogException>(() => CatalogLoader.Load([.. Base, new CatalogFile("frameworks/other.yaml", Framework, CatalogFileKind.Framework)]))
            .Errors.ShouldContain(e => e.Message.Contains("is not the file's name 'other'"));

    [Fact]
    public void What_checks_a_requirement_changes_the_definition_and_a_title_does_not()
    {
        string HashOf(string text) => Load(text).FindFramework("demo-1.0")!.DefinitionHash;

        HashOf(Framework.Replace("title: Later", "title: Sooner", StringComparison.Ordinal)).ShouldBe(HashOf(Framework));
        HashOf(Framework.Replace("at_most: 90", "at_most: 45", StringComparison.Ordinal)).ShouldNotBe(HashOf(Framework));
        HashOf(Framework.Replace("version: '1.0'", "version: '1.1'", StringComparison.Ordinal)).ShouldNotBe(HashOf(Framework));
    }

    private static CatalogFile[] Base =>
    [
        new("services/demo.yaml", CatalogLoaderTests.Service, CatalogFileKind.Service),
        new("policies/demo/DemoThingOld.yaml", Policy, CatalogFileKind.Policy),
    ];

    private static ResourceCatalog Load(params string[] frameworks) => CatalogLoader.Load(
    [
        .. Base,
        .. frameworks.Select(f => new CatalogFile($"frameworks/{f.Split('\n')[0][4..].Trim()}.yaml", f, CatalogFileKind.Framework)),
    ]);

    private static IReadOnlyList<CatalogError> Fail(params string[] frameworks) => Should.Throw<CatalogException>(() => Load(frameworks)).Errors;
}
