using System.Net;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Qrie.Domain.Policies;
using Qrie.Tests.Support;

namespace Qrie.Tests.Api.Contract;

/// <summary>contract.md section 1.5.</summary>
public sealed class Section05PoliciesTests(ServiceWithData service) : IClassFixture<ServiceWithData>
{
    private const string Everything =
        """{"include_accounts":[],"exclude_accounts":[],"include_tags":{},"exclude_tags":{},"include_ou_paths":[],"exclude_ou_paths":[]}""";

    private static readonly string[] s_fields =
        ["policy_id", "description", "service", "category", "severity", "remediation", "scope", "status", "open_findings", "created_at", "updated_at"];

    [Fact]
    public async Task Active_policies_come_first_then_available_ones_each_with_all_fields()
    {
        var policies = await service.PoliciesAsync("");

        ServiceWithData.IdOf(policies[0]).ShouldBe(ServiceWithData.Active);
        policies.Select(p => p.GetProperty("status").GetString()).Distinct().ShouldBe(["active", "available"]);
        policies.Skip(1).Select(ServiceWithData.IdOf).ShouldBeInOrder();
        foreach (var policy in policies)
        {
            policy.EnumerateObject().Select(p => p.Name).Where(s_fields.Contains).ShouldBe(s_fields, ignoreOrder: true);
            policy.GetProperty("severity").GetInt32().ShouldBeInRange(0, 100);
            policy.GetProperty("description").GetString().ShouldNotBeNullOrEmpty();
            policy.GetProperty("remediation").GetString().ShouldNotBeNullOrEmpty();
        }
    }

    [Fact]
    public async Task A_launched_policy_has_six_scope_keys_its_open_findings_and_days()
    {
        var policy = (await service.PoliciesAsync("?status=active")).ShouldHaveSingleItem();

        policy.GetProperty("scope").GetRawText().ShouldBe(Everything);
        policy.GetProperty("open_findings").GetInt32().ShouldBe(6);
        foreach (var day in new[] { "created_at", "updated_at" })
        {
            DateOnly.TryParseExact(policy.GetProperty(day).GetString(), "yyyy-MM-dd", out _).ShouldBeTrue();
        }
    }

    [Fact]
    public async Task An_available_policy_has_no_scope_no_findings_and_no_days()
    {
        var policy = (await service.PoliciesAsync($"?policy_id={ServiceWithData.Available}")).ShouldHaveSingleItem();

        (policy.GetProperty("status").GetString(), policy.GetProperty("open_findings").GetInt32()).ShouldBe(("available", 0));
        new[] { "scope", "created_at", "updated_at" }.ShouldAllBe(name => policy.GetProperty(name).ValueKind == JsonValueKind.Null);
    }

    [Fact]
    public async Task A_suspended_policy_is_listed_as_available_unless_suspended_ones_are_requested()
    {
        string StatusIn(IEnumerable<JsonElement> list) =>
            string.Join(' ', list.Where(p => ServiceWithData.IdOf(p) == ServiceWithData.Suspended).Select(p => p.GetProperty("status").GetString()));

        StatusIn(await service.PoliciesAsync("?status=all")).ShouldBe("available");
        StatusIn(await service.PoliciesAsync("?status=available")).ShouldBe("available");
        StatusIn(await service.PoliciesAsync("?status=active")).ShouldBe("");
        StatusIn(await service.PoliciesAsync($"?policy_id={ServiceWithData.Suspended}")).ShouldBe("suspended");
        var suspended = (await service.PoliciesAsync("?status=suspended")).ShouldHaveSingleItem();
        (suspended.GetProperty("scope").GetRawText(), suspended.GetProperty("status").GetString()).ShouldBe((Everything, "suspended"));
        suspended.GetProperty("created_at").GetString().ShouldNotBeNull();
    }

    [Theory]
    [InlineData("?status=nonsense", "")]
    [InlineData("?status=active&services=ec2", "")]
    [InlineData("?status=active&services=s3", "S3BucketPublic")]
    [InlineData("?services=nonsense", "")]
    [InlineData("?policy_id=S3BucketPublic&status=available&services=ec2", "S3BucketPublic")]
    public async Task Lists_are_filtered_and_a_lookup_by_id_ignores_filters(string query, string ids) =>
        string.Join(' ', (await service.PoliciesAsync(query)).Select(ServiceWithData.IdOf)).ShouldBe(ids);

    [Fact]
    public async Task Services_are_a_comma_separated_list()
    {
        var s3 = await service.PoliciesAsync("?services=s3");
        var ec2 = await service.PoliciesAsync("?services=ec2");
        var both = await service.PoliciesAsync("?services=s3,%20ec2");

        s3.ShouldAllBe(p => p.GetProperty("service").GetString() == "s3");
        ec2.ShouldNotBeEmpty();
        both.Select(ServiceWithData.IdOf).ShouldBe(s3.Concat(ec2).Select(ServiceWithData.IdOf), ignoreOrder: true);
        (await service.PoliciesAsync("?status=all")).Count.ShouldBe((await service.PoliciesAsync("")).Count);
    }

    [Fact]
    public async Task An_unknown_policy_is_a_404()
    {
        var (status, body) = await service.Qrie.GetAsync("/policies?policy_id=NonExistentPolicy");

        (status, body.GetProperty("error").GetString()).ShouldBe((HttpStatusCode.NotFound, "Policy NonExistentPolicy not found"));
    }

    [Fact]
    public async Task An_active_policy_no_longer_in_the_catalog_is_listed_not_evaluated_and_can_be_deleted()
    {
        await using var qrie = await RunningQrie.StartAsync(new ScriptedCollector().With("""{"Name":"x"}""", "a"));
        await qrie.ScanAsync(new { kind = "inventory" });
        await qrie.LaunchAsync("S3BucketPublic");
        await qrie.Services.GetRequiredService<IPolicyStore>().LaunchAsync(Some.Policy("OldPolicy"), default);

        var policy = (await qrie.GetAsync("/policies?status=active")).Body.EnumerateArray().Single(p => ServiceWithData.IdOf(p) == "OldPolicy");
        (policy.GetProperty("definition_missing").GetBoolean(), policy.GetProperty("scope").GetRawText()).ShouldBe((true, Everything));
        (await qrie.GetAsync("/policies?policy_id=S3BucketPublic")).Body[0].TryGetProperty("definition_missing", out _).ShouldBeFalse();
        (await qrie.GetAsync("/policies?policy_id=OldPolicy")).Body[0].GetProperty("status").GetString().ShouldBe("active");
        var scan = await qrie.ScanAsync(new { kind = "policy" });
        (scan.GetProperty("status").GetString(), scan.GetProperty("counters").GetProperty("policies_evaluated").GetInt32()).ShouldBe(("completed", 1));
        (await qrie.GetAsync("/findings?policy=OldPolicy")).Body.GetProperty("count").GetInt32().ShouldBe(0);
        (await qrie.DeleteAsync("/policies/OldPolicy")).Status.ShouldBe(HttpStatusCode.OK);
        (await qrie.GetAsync("/policies?policy_id=OldPolicy")).Status.ShouldBe(HttpStatusCode.NotFound);
    }
}
