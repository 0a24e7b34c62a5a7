using Qrie.Domain.Catalog;
using Qrie.Domain.Catalog.Loading;

namespace Qrie.Tests.Catalog;

public class CatalogLoaderTests
{
    internal const string Service = """
        service: demo
        name: Demo
        scope: regional
        resources:
          - type: AWS::Demo::Thing
            list: { call: 'demo:ListThings', select: Things }
            id: Name
            arn: 'arn:{$partition}:demo:{$region}:{$account}:thing/{Name}'
        """;

    private const string Policy = """
        id: DemoThingBad
        title: A bad thing
        description: It is bad.
        resource: AWS::Demo::Thing
        category: encryption
        severity: 60
        violation: "!Good"
        remediation: Make it good.
        tests:
          - { name: good, config: { Good: true }, expect: pass }
          - { name: bad, config: {}, expect: fail }
        """;

    [Fact]
    public void The_shipped_catalog_loads()
    {
        var catalog = ShippedCatalog.Instance;

        catalog.FindService("s3")!.Name.ShouldBe("Amazon S3");
        catalog.FindType("AWS::S3::Bucket")!.Scope.ShouldBe(ResourceScope.Global);
        catalog.FindPolicy("S3BucketPublic")!.Service.ShouldBe("s3");
    }

    [Fact]
    public void A_service_and_a_policy_are_sufficient()
    {
        var catalog = Load(Service, Policy);

        var policy = catalog.FindPolicy("DemoThingBad").ShouldNotBeNull();
        (policy.Service, policy.Severity, policy.TimeDependent).ShouldBe(("demo", 60, false));
        policy.DefinitionHash.Length.ShouldBe(64);
    }

    [Theory]
    [InlineData("severity: 60", "severity: 160", "whole number from 0 to 100")]
    [InlineData("severity: 60", "severity: high", "whole number from 0 to 100")]
    [InlineData("severity: 60", "severty: 60", "no key 'severty'", "Did you mean 'severity'?")]
    [InlineData("title: A bad thing", "", "has no 'title'")]
    [InlineData("category: encryption", "category: crypto", "'crypto' is not a category")]
    [InlineData("resource: AWS::Demo::Thing", "resource: AWS::Demo::Ding", "No service file has the resource type 'AWS::Demo::Ding'")]
    [InlineData("id: DemoThingBad", "id: DemoThingWorse", "is not the file's name 'DemoThingBad'")]
    [InlineData("id: DemoThingBad", "id: demo_thing_bad", "cannot be a policy id")]
    [InlineData("violation: \"!Good\"", "violation: \"Good[?\"", "syntax", "caret")]
    [InlineData("violation: \"!Good\"", "violation: \"lenght(Good)\"", "unknown-function")]
    [InlineData("violation: \"!Good\"", "violation: \"Good > $max_age\"", "uses $max_age, which is not bound here")]
    [InlineData("violation: \"!Good\"", "violation: !Good", "YAML tag", "Quote the text")]
    [InlineData("violation: \"!Good\"", "violation: &x Good", "YAML anchor")]
    [InlineData("violation: \"!Good\"", "violation: *x", "YAML alias")]
    [InlineData("violation: \"!Good\"", "violation: yes", "YAML may read 'yes'")]
    [InlineData("violation: \"!Good\"", "violation: 12", "YAML may read '12'")]
    [InlineData("violation: \"!Good\"", "violation: Good == 'a' # b", "cuts it at ' #'")]
    [InlineData("violation: \"!Good\"", "violation: Good ||\n    Bad", "folds its lines")]
    [InlineData("violation: \"!Good\"", "violation:", "nothing is written here")]
    [InlineData("violation: \"!Good\"", "violation: []", "no alternatives")]
    [InlineData("violation: \"!Good\"", "violation: { a: b }", "must be an expression, not a map", "begins with { or [")]
    [InlineData("title: A bad thing", "title: A bad thing\nfix: aws demo repair --name {Name", "A brace of 'fix' is not closed")]
    [InlineData("title: A bad thing", "title: A bad thing\nfix: \"aws demo repair --rules '{'Rules': []}'\"", "syntax")]
    [InlineData("title: A bad thing", "title: A\ntitle: B", "written twice, first in line 2")]
    [InlineData("expect: fail", "expect: failed", "'failed' is not a verdict")]
    [InlineData("expect: fail", "expect: pass", "one that fails")]
    [InlineData("config: {}", "config: { CreateDate: '{now-10w}' }", "'{now-10w}' is not a time")]
    [InlineData("name: bad", "name: good", "Two tests are named 'good'")]
    [InlineData("config: {}", "config: { On: yes }", "boolean for some YAML readers")]
    [InlineData("config: {}", "config: { Account: 012345678901 }", "not a number that every YAML reader", "Quote it")]
    [InlineData("config: {}", "config: {}, params: { age: 1 }", "no parameter 'age'")]
    [InlineData("category: encryption", "category: encryption\nparams: { now: 1 }", "'$now' is bound by Qrie")]
    public void An_error_in_a_policy_is_reported(string right, string wrong, string message, string remedy = "")
    {
        var errors = Fail(Service, Policy.Replace(right, wrong, StringComparison.Ordinal));

        errors.ShouldAllBe(error => error.File == "policies/demo/DemoThingBad.yaml" && error.Remedy.Length > 0);
        errors.ShouldContain(error => error.ToString().Contains(message) && error.ToString().Contains(remedy) && error.Line > 0, errors[0].ToString());
    }

    [Theory]
    [InlineData("id: Name", "", "AWS::Demo::Thing has no 'id'")]
    [InlineData("id: Name", "idd: Name", "no key 'idd'")]
    [InlineData("scope: regional", "", "no 'scope'")]
    [InlineData("scope: regional", "scope: local", "'local' is not a scope")]
    [InlineData("AWS::Demo::Thing", "Demo-Thing", "not the name of a resource type")]
    [InlineData("call: 'demo:ListThings'", "call: ListThings", "is not a call", "service:Operation")]
    [InlineData("select: Things", "select: Things, with: { A: 'b(' }", "syntax")]
    [InlineData("select: Things", "select: Things, wiht: { A: b }", "no key 'wiht'", "Did you mean 'with'?")]
    [InlineData("select: Things", "select: Things, absent: [[a]]", "'absent' holds error codes")]
    [InlineData("select: Things", "select: Things, batch: 0", "'batch' must be a whole number")]
    [InlineData("select: Things", "select: Things, match: [a]", "'match' must be two expressions")]
    [InlineData("id: Name", "id: Name\n    where: $stored.x", "uses $stored")]
    [InlineData("id: Name", "id: Name\n    one: { with: { A: b }, until: c, whne: d }", "no key 'whne'")]
    [InlineData("id: Name", "id: Late\n    describe: { Late: Other }", "'id' reads 'Late', which is described only later")]
    [InlineData("id: Name", "id: Name\n    describe: { A: B, B: C, C: A }", "read each other in a circle")]
    [InlineData(
        "id: Name", "id: Name\n    describe: { A: 'A || B', '*': { call: 'demo:GetThing', with: { X: A } } }",
        "'A' reads its own name before '*' is read", "read another name than 'A'")]
    [InlineData("id: Name", "id: Name\n    describe: { _unknown: B }", "'_unknown' is where Qrie writes")]
    [InlineData("{Name}", "{Name", "A brace of 'arn' is not closed")]
    [InlineData("id: Name", "id: Name\n    events: [{ names: [CreateThing] }]", "An event rule has no 'id'")]
    [InlineData("list: { call: 'demo:ListThings', select: Things }", "describe: { A: B }", "a singleton, which has no 'id'")]
    [InlineData("list: { call: 'demo:ListThings', select: Things }", "list: []", "has 0 steps")]
    [InlineData("list: { call: 'demo:ListThings', select: Things }", "list: { with: { A: b } }", "needs a call")]
    public void An_error_in_a_service_is_reported(string right, string wrong, string message, string remedy = "")
    {
        var errors = Fail(Service.Replace(right, wrong, StringComparison.Ordinal));

        errors.ShouldContain(error => error.ToString().Contains(message) && error.ToString().Contains(remedy) && error.Line > 0);
    }

    [Fact]
    public void All_errors_of_all_files_are_reported_at_once()
    {
        var errors = Fail(
            Service.Replace("name: Demo", "nme: Demo", StringComparison.Ordinal).Replace("id: Name", "id: 'Name['", StringComparison.Ordinal),
            Policy.Replace("severity: 60", "severity: 600", StringComparison.Ordinal).Replace("expect: fail", "expect: perhaps", StringComparison.Ordinal));

        errors.Select(error => (error.File, error.Line)).ShouldBe(
            [("policies/demo/DemoThingBad.yaml", 6), ("policies/demo/DemoThingBad.yaml", 11),
             ("services/demo.yaml", 1), ("services/demo.yaml", 2), ("services/demo.yaml", 7)]);
    }

    [Fact]
    public void A_file_that_is_not_YAML_does_not_hide_the_errors_of_others()
    {
        var errors = Fail("service: [", Policy);

        errors.ShouldContain(error => error.File == "services/demo.yaml" && error.Message.StartsWith("This is not YAML"));
        errors.ShouldContain(error => error.File == "policies/demo/DemoThingBad.yaml" && error.Message.Contains("No service file"));
    }

    [Fact]
    public void A_position_is_that_of_the_value()
    {
        var error = Fail(Service, Policy.Replace("severity: 60", "severity:   sixty", StringComparison.Ordinal))[0];

        (error.Line, error.Column).ShouldBe((6, 13));
        error.ToString().ShouldStartWith("policies/demo/DemoThingBad.yaml(6,13): ");
    }

    [Fact]
    public void An_invalid_expression_is_reported_with_a_caret()
    {
        var error = Fail(Service, Policy.Replace("\"!Good\"", "\"Good[?x ==\"", StringComparison.Ordinal))[0];

        error.Message.ShouldContain("Good[?x ==\n          ^");
    }

    [Fact]
    public void A_type_or_policy_cannot_be_defined_twice()
    {
        var errors = Should.Throw<CatalogException>(() => CatalogLoader.Load(
        [
            new CatalogFile("services/demo.yaml", Service, CatalogFileKind.Service),
            new CatalogFile("mine/services/demo.yaml", Service, CatalogFileKind.Service),
            new CatalogFile("policies/DemoThingBad.yaml", Policy, CatalogFileKind.Policy),
            new CatalogFile("mine/policies/DemoThingBad.yaml", Policy, CatalogFileKind.Policy),
        ])).Errors;

        errors.Select(error => error.Message).ShouldBe(
        [
            "The policy DemoThingBad is defined already in policies/DemoThingBad.yaml.",
            "The service demo is defined already in services/demo.yaml.",
            "The resource type AWS::Demo::Thing is defined already in services/demo.yaml.",
        ], ignoreOrder: true);
    }

    [Fact]
    public void An_alias_finds_the_type_and_the_policy()
    {
        var catalog = Load(
            Service.Replace("id: Name", "id: Name\n    aliases: AWS::Demo::OldThing", StringComparison.Ordinal),
            Policy.Replace("severity: 60", "severity: 60\naliases: [DemoThingWorse]", StringComparison.Ordinal)
                .Replace("AWS::Demo::Thing", "AWS::Demo::OldThing", StringComparison.Ordinal));

        catalog.FindPolicy("DemoThingWorse")!.ResourceType.ShouldBe("AWS::Demo::Thing");
    }

    [Theory]
    [InlineData("violation: \"!Good\"", "violation: \"age_days(Good) > `1`\"")]
    [InlineData("violation: \"!Good\"", "violation: \"Good == $now\"")]
    public void A_policy_that_reads_the_clock_is_time_dependent(string right, string wrong) =>
        Load(Service, Policy.Replace(right, wrong, StringComparison.Ordinal)).Policies[0].TimeDependent.ShouldBeTrue();

    [Fact]
    public void A_policy_that_reads_a_volatile_path_is_time_dependent() =>
        Load(Service.Replace("id: Name", "id: Name\n    volatile: [Good.LastUsed]", StringComparison.Ordinal), Policy).Policies[0].TimeDependent.ShouldBeTrue();

    [Theory]
    [InlineData("violation: \"!Good\"", "violation: \"!Goods\"", true)]
    [InlineData("severity: 60", "severity: 61", true)]
    [InlineData("severity: 60", "severity: 60\nevidence: '{a: Good}'", true)]
    [InlineData("severity: 60", "severity: 60\nparams: { a: 1 }", true)]
    [InlineData("severity: 60", "severity: 60\napplies: Good", true)]
    [InlineData("title: A bad thing", "title: A very bad thing", false)]
    [InlineData("remediation: Make it good.", "remediation: Make it better.", false)]
    public void The_definition_hash_changes_with_what_can_change_a_verdict(string right, string wrong, bool changes)
    {
        var before = Load(Service, Policy).Policies[0].DefinitionHash;
        var after = Load(Service, Policy.Replace(right, wrong, StringComparison.Ordinal)).Policies[0].DefinitionHash;

        (before != after).ShouldBe(changes);
    }

    [Fact]
    public void A_missing_folder_is_an_error_with_a_remedy() =>
        Should.Throw<CatalogException>(() => CatalogLoader.Load(["/nowhere/catalog"])).Errors[0].Remedy.ShouldBe("Check Catalog:Path.");

    [Fact]
    public void A_user_folder_extends_the_shipped_catalog()
    {
        var folder = Directory.CreateTempSubdirectory("catalog");
        try
        {
            Directory.CreateDirectory(Path.Combine(folder.FullName, "services"));
            Directory.CreateDirectory(Path.Combine(folder.FullName, "policies", "demo"));
            File.WriteAllText(Path.Combine(folder.FullName, "services", "demo.yaml"), Service);
            File.WriteAllText(Path.Combine(folder.FullName, "policies", "demo", "DemoThingBad.yaml"), Policy);

            var catalog = CatalogLoader.Load([ShippedCatalog.Folder, folder.FullName]);

            catalog.FindType("AWS::Demo::Thing").ShouldNotBeNull();
            catalog.FindPolicy("DemoThingBad").ShouldNotBeNull();
            catalog.FindPolicy("S3BucketPublic").ShouldNotBeNull();
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public void A_reload_with_errors_keeps_the_last_valid_catalog()
    {
        var holder = new CatalogHolder(Load(Service));
        var before = holder.Current;

        holder.Reload(() => Load(Service, Policy.Replace("severity: 60", "severity: 600", StringComparison.Ordinal))).ShouldHaveSingleItem();
        holder.Current.ShouldBeSameAs(before);

        holder.Reload(() => Load(Service, Policy.Replace("severity: 60", "severity: 61", StringComparison.Ordinal))).ShouldBeEmpty();
        holder.Current.FindPolicy("DemoThingBad")!.Severity.ShouldBe(61);
    }

    private static ResourceCatalog Load(string service, string policy = Policy) => CatalogLoader.Load(
    [
        new CatalogFile("services/demo.yaml", service, CatalogFileKind.Service),
        new CatalogFile("policies/demo/DemoThingBad.yaml", policy, CatalogFileKind.Policy),
    ]);

    private static IReadOnlyList<CatalogError> Fail(string service, string policy = Policy) =>
        Should.Throw<CatalogException>(() => Load(service, policy)).Errors;
}
