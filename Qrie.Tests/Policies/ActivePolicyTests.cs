using System.Text.Json;
using Qrie.Domain.Accounts;
using Qrie.Domain.Policies;
using Qrie.Tests.Support;

namespace Qrie.Tests.Policies;

public sealed class ActivePolicyTests
{
    private static readonly Account Account = Some.Account() with { Ou = "/Production", Tags = new Dictionary<string, string> { ["Env"] = "prod" } };

    [Fact]
    public void The_launched_severity_overrides_that_of_the_definition()
    {
        new ActivePolicy(Some.Policy(), MinimalCatalog.Policy(severity: 60)).Severity.ShouldBe(60);
        new ActivePolicy(Some.Policy() with { Severity = 0 }, MinimalCatalog.Policy(severity: 60)).Severity.ShouldBe(0);
    }

    [Fact]
    public void Launched_parameters_override_those_of_the_definition_individually()
    {
        var policy = new ActivePolicy(
            Some.Policy() with { Params = Params("max_age_days", "30") },
            MinimalCatalog.Policy(parameters: new Dictionary<string, JsonElement> { ["max_age_days"] = Some.Json("90"), ["strict"] = Some.Json("true") }));

        policy.Params.ToDictionary(p => p.Key, p => p.Value.GetRawText())
            .ShouldBe(new Dictionary<string, string> { ["max_age_days"] = "30", ["strict"] = "true" });
    }

    [Fact]
    public void The_fingerprint_does_not_depend_on_the_order_of_policies_or_tags()
    {
        var (a, b) = (Active("A"), Active("B"));
        var tags = new Dictionary<string, string> { ["x"] = "1", ["y"] = "2" };
        var reversed = new Dictionary<string, string> { ["y"] = "2", ["x"] = "1" };

        ActivePolicy.FingerprintOf([a, b], Account with { Tags = tags }).ShouldBe(ActivePolicy.FingerprintOf([b, a], Account with { Tags = reversed }));
    }

    public static TheoryData<string, ActivePolicy[], Account> Differences => new()
    {
        { "no policy", [], Account },
        { "another policy", [Active("B")], Account },
        { "one policy more", [Active("A"), Active("B")], Account },
        { "another revision", [Active("A", revision: 2)], Account },
        { "another definition", [Active("A", definitionHash: "definition-2")], Account },
        { "another severity in the catalog", [Active("A", severity: 61)], Account },
        { "another OU", [Active("A")], Account with { Ou = "/Sandbox" } },
        { "no OU", [Active("A")], Account with { Ou = null } },
        { "another tag", [Active("A")], Account with { Tags = new Dictionary<string, string> { ["Env"] = "test" } } },
        { "no tags", [Active("A")], Account with { Tags = new Dictionary<string, string>() } },
    };

    [Theory]
    [MemberData(nameof(Differences))]
    public void The_fingerprint_changes_with_every_input_of_verdicts(string what, ActivePolicy[] policies, Account account) =>
        ActivePolicy.FingerprintOf(policies, account).ShouldNotBe(ActivePolicy.FingerprintOf([Active("A")], Account), what);

    [Fact]
    public void Similar_tags_have_different_fingerprints()
    {
        var one = Account with { Tags = new Dictionary<string, string> { ["a"] = "1;b=2" } };
        var two = Account with { Tags = new Dictionary<string, string> { ["a"] = "1", ["b"] = "2" } };

        ActivePolicy.FingerprintOf([Active("A")], one).ShouldNotBe(ActivePolicy.FingerprintOf([Active("A")], two));
    }

    [Fact]
    public void The_name_or_regions_of_an_account_do_not_change_the_fingerprint()
    {
        ActivePolicy.FingerprintOf([Active("A")], Account with { Name = "renamed", Regions = ["eu-west-1"], LastInventoryAt = Some.At(5) })
            .ShouldBe(ActivePolicy.FingerprintOf([Active("A")], Account));
    }

    private static ActivePolicy Active(string id, long revision = 1, string definitionHash = "definition-1", int severity = 60) =>
        new(Some.Policy(id) with { Revision = revision }, MinimalCatalog.Policy(id, severity, definitionHash: definitionHash));

    private static Dictionary<string, JsonElement> Params(string name, string value) => new() { [name] = Some.Json(value) };
}
