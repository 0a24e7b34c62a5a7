using System.Net;

namespace Qrie.Tests.Api.Contract;

/// <summary>contract.md section 1.6, at both addresses.</summary>
public sealed class Section06LaunchTests : IAsyncLifetime
{
    private const string PolicyId = "S3BucketPublic";

    private RunningQrie _qrie = null!;

    public static TheoryData<string> Addresses => ["/policies", "/policies/launch", "/api/policies", "/api/policies/launch"];

    public async ValueTask InitializeAsync()
    {
        _qrie = await RunningQrie.StartAsync(new ScriptedCollector().With("""{"Name":"x"}""", "a", "b"));
        await _qrie.ScanAsync(new { kind = "inventory" });
    }

    public async ValueTask DisposeAsync() => await _qrie.DisposeAsync();

    [Theory]
    [MemberData(nameof(Addresses))]
    public async Task The_request_of_the_web_client_launches_the_policy_with_a_bootstrap_scan(string address)
    {
        var (status, body) = await _qrie.PostAsync(address, new
        {
            policy_id = PolicyId,
            scope = new
            {
                include_accounts = new[] { "123456789012" },
                exclude_accounts = Array.Empty<string>(),
                include_tags = new { },
                exclude_tags = new { SkipCompliance = new[] { "true" } },
                include_ou_paths = Array.Empty<string>(),
                exclude_ou_paths = Array.Empty<string>(),
            },
            severity = 40,
            remediation = "Fix it.",
        });
        var scan = await _qrie.FinishedAsync(body.GetProperty("scan_id").GetString()!);
        var policy = (await _qrie.GetAsync($"/policies?policy_id={PolicyId}")).Body[0];

        (status, body.GetProperty("message").GetString(), body.GetProperty("bootstrap_scan_triggered").GetBoolean())
            .ShouldBe((HttpStatusCode.Created, $"Policy {PolicyId} launched successfully", true));
        (scan.GetProperty("kind").GetString(), scan.GetProperty("scan_type").GetString(), scan.GetProperty("status").GetString())
            .ShouldBe(("policy", "bootstrap", "completed"));
        (policy.GetProperty("status").GetString(), policy.GetProperty("severity").GetInt32()).ShouldBe(("active", 40));
        (policy.GetProperty("remediation").GetString(), policy.GetProperty("open_findings").GetInt32()).ShouldBe(("Fix it.", 2));
        policy.GetProperty("scope").GetRawText().ShouldBe(
            """{"include_accounts":["123456789012"],"exclude_accounts":[],"include_tags":{},"exclude_tags":"""
            + """{"SkipCompliance":["true"]},"include_ou_paths":[],"exclude_ou_paths":[]}""");
    }

    [Theory]
    [InlineData("""{"policy_id": "S3BucketPublic"}""")]
    [InlineData("""{"policy_id": "S3BucketPublic", "scope": null}""")]
    [InlineData("""{"policy_id": "S3BucketPublic", "scope": {"type": "all"}, "severity": null, "remediation": null}""")]
    [InlineData("""{"policy_id": "S3BucketPublic", "scope": {"include_tags": null}}""")]
    public async Task A_missing_scope_or_unknown_keys_mean_all_accounts(string body)
    {
        var (status, launched) = await _qrie.PostTextAsync("/policies", body);
        await _qrie.FinishedAsync(launched.GetProperty("scan_id").GetString()!);
        var policy = (await _qrie.GetAsync("/policies?status=active")).Body[0];

        status.ShouldBe(HttpStatusCode.Created);
        policy.GetProperty("scope").EnumerateObject().Select(k => k.Value.GetRawText()).ShouldBe(["[]", "[]", "{}", "{}", "[]", "[]"]);
        (policy.GetProperty("severity").GetInt32(), policy.GetProperty("open_findings").GetInt32()).ShouldBe((90, 2));
    }

    [Theory]
    [MemberData(nameof(Addresses))]
    public async Task An_invalid_launch_is_refused_and_changes_nothing(string address)
    {
        (await _qrie.PostTextAsync(address, "{}")).Body.GetProperty("error").GetString().ShouldBe("policy_id is required");
        (await _qrie.PostTextAsync(address, "")).Status.ShouldBe(HttpStatusCode.BadRequest);
        (await _qrie.PostTextAsync(address, "{\"policy_id\":")).Status.ShouldBe(HttpStatusCode.BadRequest);
        var (bad, problem) = await _qrie.PostAsync(address, new { policy_id = PolicyId, severity = 500, scope = new { include_accounts = new[] { "1" } } });
        (bad, string.Join(' ', problem.GetProperty("errors").EnumerateObject().Select(e => e.Name).Order()))
            .ShouldBe((HttpStatusCode.BadRequest, "scope severity"));
        (await _qrie.PostAsync(address, new { policy_id = "TestPolicy" })).Status.ShouldBe(HttpStatusCode.NotFound);

        (await _qrie.GetAsync("/policies?status=active")).Body.GetArrayLength().ShouldBe(0);
        (await _qrie.GetAsync("/scans")).Body.GetProperty("scans").GetArrayLength().ShouldBe(1);
    }

    [Fact]
    public async Task An_active_policy_is_a_409_that_changes_nothing_and_a_suspended_one_is_launched_again()
    {
        await _qrie.LaunchAsync(PolicyId);
        var (status, body) = await _qrie.PostAsync("/policies", new { policy_id = PolicyId, severity = 5 });
        var unchanged = (await _qrie.GetAsync("/policies?status=active")).Body[0].GetProperty("severity").GetInt32();
        await _qrie.PutAsync($"/policies/{PolicyId}", new { status = "suspended" });
        var (again, launched) = await _qrie.PostAsync("/policies", new { policy_id = PolicyId, severity = 5 });
        await _qrie.FinishedAsync(launched.GetProperty("scan_id").GetString()!);

        (status, unchanged, again).ShouldBe((HttpStatusCode.Conflict, 90, HttpStatusCode.Created));
        body.GetProperty("message").GetString()!.ShouldContain($"PUT /policies/{PolicyId}");
        (await _qrie.AllAsync("/findings?state=ACTIVE", "findings")).Select(f => f.GetProperty("severity").GetInt32()).ShouldBe([5, 5]);
    }

    [Fact]
    public async Task Several_policies_are_launched_with_one_scan_and_skipped_ones_are_reported()
    {
        await _qrie.LaunchAsync("S3BucketVersioningDisabled");
        var (status, body) = await _qrie.PostAsync(
            "/policies/launch", new { policy_ids = new[] { PolicyId, "S3BucketVersioningDisabled", "S3BucketPublik", PolicyId } });

        status.ShouldBe(HttpStatusCode.Created);
        body.GetProperty("launched").EnumerateArray().Select(p => p.GetString()).ShouldBe([PolicyId]);
        var skipped = body.GetProperty("skipped").EnumerateArray()
            .Select(s => (s.GetProperty("policy_id").GetString(), s.GetProperty("reason").GetString()!)).ToList();
        skipped.Select(s => s.Item1).ShouldBe(["S3BucketVersioningDisabled", "S3BucketPublik", PolicyId]);
        skipped[0].Item2.ShouldContain("already active");
        skipped[1].Item2.ShouldContain("Did you mean S3BucketPublic");
        await _qrie.FinishedAsync(body.GetProperty("scan_id").GetString()!);
    }

    [Fact]
    public async Task The_recommended_policies_are_launched_together()
    {
        var (_, body) = await _qrie.PostAsync("/policies/launch", new { recommended = true });
        await _qrie.FinishedAsync(body.GetProperty("scan_id").GetString()!);

        var active = (await _qrie.GetAsync("/policies?status=active")).Body.EnumerateArray().ToList();
        active.Count.ShouldBeGreaterThan(5);
        active.ShouldAllBe(p => p.GetProperty("recommended").GetBoolean());
        (await _qrie.PostAsync("/policies/launch", new { recommended = true, policy_id = PolicyId })).Status.ShouldBe(HttpStatusCode.BadRequest);
        (await _qrie.PostAsync("/policies/launch", new { policy_ids = Array.Empty<string>() })).Status.ShouldBe(HttpStatusCode.BadRequest);
    }
}
