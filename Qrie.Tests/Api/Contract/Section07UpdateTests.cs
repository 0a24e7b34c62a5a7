using System.Net;
using System.Text.Json;

namespace Qrie.Tests.Api.Contract;

/// <summary>contract.md section 1.7, and suspending by update (1.11).</summary>
public sealed class Section07UpdateTests : IAsyncLifetime
{
    private const string PolicyId = "S3BucketVersioningDisabled";
    private const string Account = "123456789012";

    private RunningQrie _qrie = null!;

    public async ValueTask InitializeAsync()
    {
        _qrie = await RunningQrie.StartAsync(new ScriptedCollector().With("""{"Name":"x","Versioning":{}}""", "a", "b"));
        await _qrie.ScanAsync(new { kind = "inventory" });
        await _qrie.LaunchAsync(PolicyId);
    }

    public async ValueTask DisposeAsync() => await _qrie.DisposeAsync();

    [Theory]
    [InlineData($"/policies/{PolicyId}", null)]
    [InlineData("/policies/update", PolicyId)]
    [InlineData($"/api/policies/{PolicyId}", null)]
    public async Task A_change_of_severity_reaches_the_findings(string path, string? policyId)
    {
        var (status, body) = await _qrie.PutAsync(path, new { policy_id = policyId, severity = 91 });

        (status, body.GetProperty("message").GetString()).ShouldBe((HttpStatusCode.OK, $"Policy {PolicyId} updated successfully"));
        await _qrie.FinishedAsync(body.GetProperty("scan_id").GetString()!);
        (await FindingsAsync("ACTIVE")).Select(f => f.GetProperty("severity").GetInt32()).ShouldBe([91, 91]);
        (await PolicyAsync()).GetProperty("severity").GetInt32().ShouldBe(91);
    }

    [Fact]
    public async Task A_narrower_scope_resolves_excluded_findings_and_a_wider_one_reopens_them()
    {
        var before = (await FindingsAsync("ACTIVE"))[0].GetProperty("first_seen").GetString();
        await FinishAsync((await _qrie.PutAsync($"/policies/{PolicyId}", new { scope = new { exclude_accounts = new[] { Account } } })).Body);

        (await FindingsAsync("ACTIVE")).ShouldBeEmpty();
        (await FindingsAsync("RESOLVED")).ShouldAllBe(f => f.GetProperty("resolved_reason").GetString() == "SCOPE_EXCLUDED");
        (await PolicyAsync()).GetProperty("scope").GetProperty("exclude_accounts")[0].GetString().ShouldBe(Account);

        await FinishAsync((await _qrie.PutAsync($"/policies/{PolicyId}", new { scope = new { } })).Body);
        var open = await FindingsAsync("ACTIVE");
        open.Count.ShouldBe(2);
        open[0].GetProperty("first_seen").GetString().ShouldBe(before);
    }

    [Fact]
    public async Task Remediation_alone_starts_no_scan_and_an_unknown_policy_or_an_empty_body_is_refused()
    {
        var (_, body) = await _qrie.PutAsync($"/policies/{PolicyId}", new { remediation = "Ask the team." });
        body.TryGetProperty("scan_id", out _).ShouldBeFalse();
        (await PolicyAsync()).GetProperty("remediation").GetString().ShouldBe("Ask the team.");

        var (empty, problem) = await _qrie.PutAsync("/policies/NoSuchPolicy", new { });
        (empty, problem.GetProperty("message").GetString()).ShouldBe(
            (HttpStatusCode.BadRequest, "At least one field (scope, severity, remediation) must be provided"));
        var (unknown, missing) = await _qrie.PutAsync("/policies/S3BucketPublic", new { severity = 1 });
        (unknown, missing.GetProperty("message").GetString()).ShouldBe((HttpStatusCode.NotFound, "Policy S3BucketPublic not found or not launched"));
        (await _qrie.PutAsync($"/policies/{PolicyId}", new { severity = 500 })).Status.ShouldBe(HttpStatusCode.BadRequest);
        (await _qrie.PutAsync($"/policies/{PolicyId}", new { severity = 1.5 })).Status.ShouldBe(HttpStatusCode.BadRequest);
        (await _qrie.PutAsync($"/policies/{PolicyId}", new { status = "deleted" })).Status.ShouldBe(HttpStatusCode.BadRequest);
        (await _qrie.PutAsync("/policies/update", new { severity = 1 })).Status.ShouldBe(HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task A_new_scope_replaces_the_whole_of_the_old_one()
    {
        await FinishAsync(
            (await _qrie.PutAsync(
                $"/policies/{PolicyId}", new { scope = new { exclude_accounts = new[] { "999999999999" }, include_ou_paths = new[] { "/Prod" } } })).Body);
        await FinishAsync((await _qrie.PutAsync($"/policies/{PolicyId}", new { scope = new { exclude_tags = new { Env = new[] { "dev", "test" } } } })).Body);

        (await PolicyAsync()).GetProperty("scope").GetRawText().ShouldBe(
            """{"include_accounts":[],"exclude_accounts":[],"include_tags":{},"exclude_tags":"""
            + """{"Env":["dev","test"]},"include_ou_paths":[],"exclude_ou_paths":[]}""");
    }

    [Fact]
    public async Task A_change_keeps_the_launch_date_and_all_fields_that_are_not_given()
    {
        var before = await PolicyAsync();
        await FinishAsync((await _qrie.PutAsync($"/policies/{PolicyId}", new { severity = 33, unknown_key = 1 })).Body);
        var after = await PolicyAsync();

        after.GetProperty("severity").GetInt32().ShouldBe(33);
        foreach (var same in new[] { "created_at", "remediation", "scope", "params", "status" })
        {
            after.GetProperty(same).GetRawText().ShouldBe(before.GetProperty(same).GetRawText());
        }
    }

    [Fact]
    public async Task Suspending_resolves_the_findings_and_launching_again_reopens_them_with_their_first_seen_time()
    {
        var before = (await FindingsAsync("ACTIVE"))[0].GetProperty("first_seen").GetString();
        var (status, body) = await _qrie.PutAsync("/policies/update", new { policy_id = PolicyId, status = "suspended" });

        (status, body.GetProperty("findings_purged").GetInt32()).ShouldBe((HttpStatusCode.OK, 2));
        (await FindingsAsync("RESOLVED")).ShouldAllBe(f => f.GetProperty("resolved_reason").GetString() == "POLICY_SUSPENDED");
        (await _qrie.PutAsync("/policies/update", new { policy_id = PolicyId, status = "suspended" })).Body
            .GetProperty("findings_purged").GetInt32().ShouldBe(0);
        (await _qrie.GetAsync("/policies?status=suspended")).Body.EnumerateArray()
            .ShouldHaveSingleItem().GetProperty("status").GetString().ShouldBe("suspended");
        (await _qrie.GetAsync("/policies?status=active")).Body.GetArrayLength().ShouldBe(0);
        (await _qrie.PutAsync($"/policies/{PolicyId}", new { severity = 99 })).Body.TryGetProperty("scan_id", out _).ShouldBeFalse();

        await FinishAsync((await _qrie.PutAsync($"/policies/{PolicyId}", new { status = "active" })).Body);

        var open = await FindingsAsync("ACTIVE");
        open.Select(f => (f.GetProperty("first_seen").GetString(), f.GetProperty("severity").GetInt32())).ShouldBe([(before, 99), (before, 99)]);
    }

    private Task<JsonElement> FinishAsync(JsonElement answer) => _qrie.FinishedAsync(answer.GetProperty("scan_id").GetString()!);

    private async Task<JsonElement> PolicyAsync() => (await _qrie.GetAsync($"/policies?policy_id={PolicyId}")).Body[0];

    private async Task<List<JsonElement>> FindingsAsync(string state) => await _qrie.AllAsync($"/findings?state={state}", "findings");
}
