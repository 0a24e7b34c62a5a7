using System.Net;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Qrie.Domain.Policies;
using Qrie.Tests.Support;

namespace Qrie.Tests.Api;

/// <summary>Changing, suspending, taking back and launching again, as a client of the old system does it.</summary>
public sealed class PolicyRouteTests : IAsyncLifetime
{
    private const string PolicyId = "S3BucketVersioningDisabled";
    private const string Account = "123456789012";

    private RunningQrie _qrie = null!;

    public async Task InitializeAsync()
    {
        _qrie = await RunningQrie.StartAsync(new ScriptedCollector().With("""{"Name":"x"}""", "a", "b"));
        await _qrie.ScanAsync(new { kind = "inventory" });
        await _qrie.LaunchAsync(PolicyId);
    }

    public async Task DisposeAsync() => await _qrie.DisposeAsync();

    [Theory]
    [InlineData($"/policies/{PolicyId}", null)]
    [InlineData("/policies/update", PolicyId)]
    [InlineData($"/api/policies/{PolicyId}", null)]
    public async Task A_change_of_severity_reaches_the_findings(string path, string? policyId)
    {
        var (status, body) = await PutAsync(path, new { policy_id = policyId, severity = 91 });

        (status, body.GetProperty("message").GetString()).ShouldBe((HttpStatusCode.OK, $"Policy {PolicyId} updated successfully"));
        await _qrie.FinishedAsync(body.GetProperty("scan_id").GetString()!);
        (await FindingsAsync("ACTIVE")).Select(f => f.GetProperty("severity").GetInt32()).ShouldBe([91, 91]);
        (await PolicyAsync()).GetProperty("severity").GetInt32().ShouldBe(91);
    }

    [Fact]
    public async Task A_narrower_scope_resolves_what_it_leaves_out_and_a_wider_one_opens_it_again()
    {
        var before = (await FindingsAsync("ACTIVE"))[0].GetProperty("first_seen").GetString();
        await FinishAsync((await PutAsync($"/policies/{PolicyId}", new { scope = new { exclude_accounts = new[] { Account } } })).Body);

        (await FindingsAsync("ACTIVE")).ShouldBeEmpty();
        (await FindingsAsync("RESOLVED")).ShouldAllBe(f => f.GetProperty("resolved_reason").GetString() == "SCOPE_EXCLUDED");
        (await PolicyAsync()).GetProperty("scope").GetProperty("exclude_accounts")[0].GetString().ShouldBe(Account);

        await FinishAsync((await PutAsync($"/policies/{PolicyId}", new { scope = new { } })).Body);
        var open = await FindingsAsync("ACTIVE");
        open.Count.ShouldBe(2);
        open[0].GetProperty("first_seen").GetString().ShouldBe(before);
    }

    [Fact]
    public async Task Remediation_alone_starts_no_scan_and_an_unknown_policy_or_an_empty_body_is_refused()
    {
        var (_, body) = await PutAsync($"/policies/{PolicyId}", new { remediation = "Ask the team." });
        body.TryGetProperty("scan_id", out _).ShouldBeFalse();
        (await PolicyAsync()).GetProperty("remediation").GetString().ShouldBe("Ask the team.");

        var (empty, problem) = await PutAsync("/policies/NoSuchPolicy", new { });
        (empty, problem.GetProperty("message").GetString()).ShouldBe(
            (HttpStatusCode.BadRequest, "At least one field (scope, severity, remediation) must be provided"));
        var (unknown, missing) = await PutAsync("/policies/S3BucketPublic", new { severity = 1 });
        (unknown, missing.GetProperty("message").GetString()).ShouldBe((HttpStatusCode.NotFound, "Policy S3BucketPublic not found or not launched"));
        (await PutAsync($"/policies/{PolicyId}", new { severity = 500 })).Status.ShouldBe(HttpStatusCode.BadRequest);
        (await PutAsync($"/policies/{PolicyId}", new { severity = 1.5 })).Status.ShouldBe(HttpStatusCode.BadRequest);
        (await PutAsync($"/policies/{PolicyId}", new { status = "deleted" })).Status.ShouldBe(HttpStatusCode.BadRequest);
        (await PutAsync("/policies/update", new { severity = 1 })).Status.ShouldBe(HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task Suspending_resolves_the_findings_and_launching_again_opens_them_with_their_first_time()
    {
        var before = (await FindingsAsync("ACTIVE"))[0].GetProperty("first_seen").GetString();
        var (status, body) = await PutAsync("/policies/update", new { policy_id = PolicyId, status = "suspended" });

        (status, body.GetProperty("findings_purged").GetInt32()).ShouldBe((HttpStatusCode.OK, 2));
        (await FindingsAsync("RESOLVED")).ShouldAllBe(f => f.GetProperty("resolved_reason").GetString() == "POLICY_SUSPENDED");
        (await PutAsync("/policies/update", new { policy_id = PolicyId, status = "suspended" })).Body.GetProperty("findings_purged").GetInt32().ShouldBe(0);
        (await _qrie.GetAsync("/policies?status=suspended")).Body.EnumerateArray().ShouldHaveSingleItem().GetProperty("status").GetString().ShouldBe("suspended");
        (await _qrie.GetAsync("/policies?status=active")).Body.GetArrayLength().ShouldBe(0);
        (await PutAsync($"/policies/{PolicyId}", new { severity = 99 })).Body.TryGetProperty("scan_id", out _).ShouldBeFalse();

        await FinishAsync((await PutAsync($"/policies/{PolicyId}", new { status = "active" })).Body);

        var open = await FindingsAsync("ACTIVE");
        open.Select(f => (f.GetProperty("first_seen").GetString(), f.GetProperty("severity").GetInt32())).ShouldBe([(before, 99), (before, 99)]);
    }

    [Fact]
    public async Task Deleting_resolves_the_findings_and_makes_the_policy_available_again()
    {
        var deleted = await _qrie.Http.DeleteAsync($"/policies/{PolicyId}");
        var body = JsonElement.Parse(await deleted.Content.ReadAsStringAsync());

        (body.GetProperty("message").GetString(), body.GetProperty("findings_deleted").GetInt32()).ShouldBe(($"Policy {PolicyId} deleted successfully", 2));
        (await FindingsAsync("RESOLVED")).ShouldAllBe(f => f.GetProperty("resolved_reason").GetString() == "POLICY_DELETED");
        var policy = await PolicyAsync();
        (policy.GetProperty("status").GetString(), policy.GetProperty("scope").ValueKind).ShouldBe(("available", JsonValueKind.Null));
        (await _qrie.Http.DeleteAsync($"/policies/{PolicyId}")).StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Several_policies_are_launched_with_one_scan_and_what_cannot_be_is_said()
    {
        var (status, body) = await _qrie.PostAsync("/policies/launch", new { policy_ids = new[] { "S3BucketPublic", PolicyId, "S3BucketPublik", "S3BucketPublic" } });

        status.ShouldBe(HttpStatusCode.Created);
        body.GetProperty("launched").EnumerateArray().Select(p => p.GetString()).ShouldBe(["S3BucketPublic"]);
        var skipped = body.GetProperty("skipped").EnumerateArray().Select(s => (s.GetProperty("policy_id").GetString(), s.GetProperty("reason").GetString()!)).ToList();
        skipped.Select(s => s.Item1).ShouldBe([PolicyId, "S3BucketPublik", "S3BucketPublic"]);
        skipped[0].Item2.ShouldContain("active already");
        skipped[1].Item2.ShouldContain("Did you mean S3BucketPublic");
        await FinishAsync(body);
    }

    [Fact]
    public async Task The_recommended_policies_are_launched_together()
    {
        var (_, body) = await _qrie.PostAsync("/policies/launch", new { recommended = true });
        await FinishAsync(body);

        var active = (await _qrie.GetAsync("/policies?status=active")).Body.EnumerateArray().ToList();
        active.Where(p => p.GetProperty("recommended").GetBoolean()).Count().ShouldBeGreaterThan(5);
        active.Where(p => !p.GetProperty("recommended").GetBoolean()).Select(p => p.GetProperty("policy_id").GetString()).ShouldBeSubsetOf([PolicyId]);
        (await _qrie.PostAsync("/policies/launch", new { recommended = true, policy_id = "S3BucketPublic" })).Status.ShouldBe(HttpStatusCode.BadRequest);
        (await _qrie.PostAsync("/policies/launch", new { policy_ids = Array.Empty<string>() })).Status.ShouldBe(HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task A_policy_that_left_the_catalog_is_shown_as_active_without_a_definition_and_can_be_taken_back()
    {
        await _qrie.Services.GetRequiredService<IPolicyStore>().LaunchAsync(Some.Policy("OldPolicy"), default);

        var policy = (await _qrie.GetAsync("/policies?status=active")).Body.EnumerateArray().Single(p => p.GetProperty("policy_id").GetString() == "OldPolicy");
        (policy.GetProperty("definition_missing").GetBoolean(), policy.GetProperty("scope").GetProperty("include_accounts").GetArrayLength()).ShouldBe((true, 0));
        (await PolicyAsync()).TryGetProperty("definition_missing", out _).ShouldBeFalse();
        (await _qrie.ScanAsync(new { kind = "policy" })).GetProperty("status").GetString().ShouldBe("completed");
        (await _qrie.Http.DeleteAsync("/policies/OldPolicy")).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    private Task<JsonElement> FinishAsync(JsonElement answer) => _qrie.FinishedAsync(answer.GetProperty("scan_id").GetString()!);

    private async Task<JsonElement> PolicyAsync() => (await _qrie.GetAsync($"/policies?policy_id={PolicyId}")).Body[0];

    private async Task<List<JsonElement>> FindingsAsync(string state) => await _qrie.AllAsync($"/findings?state={state}", "findings");

    private async Task<(HttpStatusCode Status, JsonElement Body)> PutAsync(string path, object body)
    {
        using var content = new StringContent(JsonSerializer.Serialize(body), Encoding.UTF8, "application/json");
        var answer = await _qrie.Http.PutAsync(path, content);
        return (answer.StatusCode, JsonElement.Parse(await answer.Content.ReadAsStringAsync()));
    }
}
