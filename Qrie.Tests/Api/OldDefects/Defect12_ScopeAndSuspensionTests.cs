namespace Qrie.Tests.Api.OldDefects;

/// <summary>12: a change of scope never touched findings outside the new scope, and suspended policies vanished from all lists.</summary>
public sealed class Defect12_ScopeAndSuspensionTests : OldDefectTest
{
    [Fact]
    public async Task Findings_outside_a_new_scope_are_resolved_and_those_inside_are_not()
    {
        await Qrie.PostAsync("/accounts", new { account_id = "210987654321", ou = "/Production/Shop" });
        Aws.With(Bad, "a", "b");
        await InventoryAsync();
        await Qrie.LaunchAsync(Versioning);

        await ChangeAsync(new { scope = new { exclude_accounts = new[] { "210987654321" } } });

        (await FindingsAsync("?state=ACTIVE")).Select(f => Text(f, "account_service")).ShouldBe([$"{Account}_s3", $"{Account}_s3"]);
        (await FindingsAsync("?state=RESOLVED")).Select(f => (Text(f, "account_service"), Text(f, "resolved_reason"))).Distinct()
            .ShouldBe([("210987654321_s3", "SCOPE_EXCLUDED")]);
        (await PolicyAsync()).GetProperty("open_findings").GetInt32().ShouldBe(2);
    }

    [Fact]
    public async Task A_suspended_policy_is_still_listed()
    {
        var all = (await Qrie.GetAsync("/policies")).Body.GetArrayLength();
        await Qrie.LaunchAsync(Versioning);
        await ChangeAsync(new { status = "suspended" });

        (await Qrie.GetAsync("/policies")).Body.GetArrayLength().ShouldBe(all);
        Text((await Qrie.GetAsync("/policies?status=suspended")).Body[0], "policy_id").ShouldBe(Versioning);
    }
}
