using System.Net;
using System.Text.Json;

namespace Qrie.Tests.Api;

/// <summary>Lists of resources and findings, and the description of the service. The other sections of the contract are in <c>Contract</c>.</summary>
public sealed class ContractTests(SharedHosts hosts) : IClassFixture<SharedHosts>, IAsyncLifetime
{
    private const string Open =
        """{"Name":"x","Versioning":{"Status":"Enabled"},"Encryption":{"Rules":[{"ApplyServerSideEncryptionByDefault":{"SSEAlgorithm":"AES256"}}]}}""";

    private RunningQrie _qrie = null!;

    public async ValueTask InitializeAsync() => _qrie = await hosts.GetAsync("scanned", async () =>
    {
        var qrie = await StartAsync();
        await qrie.ScanAsync(new { kind = "inventory" });
        await qrie.LaunchAsync("S3BucketPublic");
        return qrie;
    });

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task Resources_are_returned_in_full_pages_without_duplicates_and_the_last_page_has_no_token()
    {
        var all = await _qrie.AllAsync("/resources?type=s3", "resources", pageSize: 10);
        var (_, last) = await _qrie.GetAsync("/resources?page_size=100");

        all.Select(r => r.GetProperty("arn").GetString()).ShouldBe(Enumerable.Range(0, 25).Select(i => $"arn:aws:s3:::bucket-{i:00}"));
        last.TryGetProperty("next_token", out _).ShouldBeFalse();
        all[0].GetProperty("account_service").GetString().ShouldBe("123456789012_s3");
        all[0].GetProperty("configuration").GetProperty("Name").GetString().ShouldBe("x");
        all[0].GetProperty("last_seen_at").GetDateTimeOffset().ShouldBeGreaterThan(TimeProvider.System.GetUtcNow().AddMinutes(-5));
    }

    [Theory]
    [InlineData("type=s3", 25)]
    [InlineData("service=s3", 25)]
    [InlineData("type=AWS::S3::Bucket", 25)]
    [InlineData("type=AWS::S3::Account", 0)]
    [InlineData("type=ec2_instance", 0)]
    [InlineData("account=123456789012", 25)]
    [InlineData("account_id=999999999999", 0)]
    public async Task Resources_are_filtered(string query, int expected)
    {
        (await _qrie.AllAsync($"/resources?{query}", "resources")).Count.ShouldBe(expected);
    }

    [Fact]
    public async Task A_token_is_valid_only_for_its_list_and_filter()
    {
        var (_, page) = await _qrie.GetAsync("/resources?page_size=5&type=s3");
        var token = page.GetProperty("next_token").GetString()!;
        var altered = (token[0] == 'A' ? 'B' : 'A') + token[1..];

        (await _qrie.GetAsync($"/resources?type=s3&next_token={token}")).Status.ShouldBe(HttpStatusCode.OK);
        (await _qrie.GetAsync($"/resources?next_token={token}")).Status.ShouldBe(HttpStatusCode.BadRequest);
        (await _qrie.GetAsync($"/findings?next_token={token}")).Status.ShouldBe(HttpStatusCode.BadRequest);
        (await _qrie.GetAsync($"/resources?type=s3&next_token={altered}")).Status.ShouldBe(HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task A_scope_determines_which_accounts_have_findings()
    {
        await using var own = await StartAsync();
        await own.PostAsync("/accounts", new { account_id = "210987654321" });
        await own.ScanAsync(new { kind = "inventory" });
        await own.LaunchAsync("S3BucketPublic", new { type = "all", include_accounts = new[] { "210987654321" } });

        (await own.AllAsync("/findings", "findings")).Select(f => f.GetProperty("account_service").GetString()).Distinct().ShouldBe(["210987654321_s3"]);
    }

    [Fact]
    public async Task Findings_have_the_fields_that_clients_read()
    {
        var (_, page) = await _qrie.GetAsync("/findings?page_size=3");
        var finding = page.GetProperty("findings")[0];

        page.GetProperty("count").GetInt32().ShouldBe(3);
        finding.GetProperty("arn").GetString().ShouldBe("arn:aws:s3:::bucket-00");
        finding.GetProperty("policy").GetString().ShouldBe("S3BucketPublic");
        finding.GetProperty("account_service").GetString().ShouldBe("123456789012_s3");
        finding.GetProperty("severity").GetInt32().ShouldBe(90);
        finding.GetProperty("state").GetString().ShouldBe("ACTIVE");
        finding.GetProperty("evidence").GetProperty("block_public_acls").GetBoolean().ShouldBeFalse();
        finding.GetProperty("first_seen").GetString()!.ShouldEndWith("Z");
        finding.GetProperty("resolved_at").ValueKind.ShouldBe(JsonValueKind.Null);
    }

    [Theory]
    [InlineData("severity=90", 25)]
    [InlineData("severity=critical", 25)]
    [InlineData("severity=high", 0)]
    [InlineData("min_severity=90", 25)]
    [InlineData("min_severity=91", 0)]
    [InlineData("policy=S3BucketPublic", 25)]
    [InlineData("policy=Other", 0)]
    [InlineData("state=RESOLVED", 0)]
    [InlineData("account=123456789012&state=ACTIVE", 25)]
    [InlineData("service=ec2", 0)]
    public async Task Findings_are_filtered(string query, int expected)
    {
        (await _qrie.AllAsync($"/findings?{query}", "findings", pageSize: 7)).Count.ShouldBe(expected);
    }

    [Fact]
    public async Task A_scan_returns_its_results()
    {
        await using var own = await StartAsync();
        var scan = await own.ScanAsync(new { kind = "inventory", service = "s3", account_id = "123456789012" });
        var (_, list) = await own.GetAsync("/scans");

        scan.GetProperty("kind").GetString().ShouldBe("inventory");
        scan.GetProperty("scan_type").GetString().ShouldBe("bootstrap");
        scan.GetProperty("status").GetString().ShouldBe("completed");
        scan.GetProperty("counters").GetProperty("resources_found").GetInt32().ShouldBe(25);
        scan.GetProperty("unit_list")[0].GetProperty("status").GetString().ShouldBe("done");
        list.GetProperty("scans")[0].GetProperty("scan_id").GetString().ShouldBe(scan.GetProperty("scan_id").GetString());
    }

    [Fact]
    public async Task Open_api_and_swagger_describe_it()
    {
        var (_, document) = await _qrie.GetAsync("/openapi/v1.json");
        using var page = await _qrie.Http.GetAsync("/swagger/index.html");
        using var root = await _qrie.Http.GetAsync("/");

        document.GetProperty("paths").EnumerateObject().Select(p => p.Name).ShouldBe(
            [
                "/health", "/health/live", "/health/ready", "/version", "/accounts", "/services", "/resources",
                "/resources/{arn}", "/findings", "/findings/{findingId}", "/policies", "/policies/launch",
                "/policies/update", "/policies/{policyId}", "/policies/{policyId}/preview", "/policies/{policyId}/definition", "/policies/evaluate",
                "/policies/active", "/policies/available", "/policy", "/scans", "/scans/trends",
                "/scans/{scanId}", "/scans/{scanId}/units", "/schedules", "/coverage", "/events/health", "/events/dead", "/events/dead/redrive",
                "/summary/findings", "/summary/resources", "/summary/dashboard", "/summary/coverage", "/drift", "/whoami",
                "/keys", "/keys/{keyId}", "/organizations", "/audit", "/audit/refused-logins",
                "/findings/triage", "/findings/{findingId}/triage", "/findings/{findingId}/comments", "/exceptions", "/exceptions/import",
                "/exceptions/{exceptionId}",
                "/findings/groups", "/policies/{policyId}/trend", "/accounts/import", "/accounts/discover", "/accounts/onboarding", "/accounts/{accountId}",
                "/accounts/{accountId}/check", "/accounts/{accountId}/onboarding", "/permissions", "/schedules/{kind}", "/schedules/{kind}/run",
                "/frameworks", "/frameworks/{frameworkId}", "/frameworks/{frameworkId}/requirements/{requirementId}", "/frameworks/{frameworkId}/trend",
                "/frameworks/{frameworkId}/launch", "/frameworks/{frameworkId}/attestations", "/frameworks/{frameworkId}/report",
                "/frameworks/{frameworkId}/requirements/{requirementId}/attestation",
                "/alerts", "/alerts/{alertId}", "/alerts/{alertId}/test", "/alerts/{alertId}/deliveries", "/archive",
            ],
            ignoreOrder: true);
        foreach (var path in (string[])["/findings", "/findings/groups", "/findings/{findingId}", "/resources", "/resources/{arn}"])
        {
            document.GetProperty("paths").GetProperty(path).GetProperty("get").GetProperty("parameters").EnumerateArray()
                .ShouldAllBe(p => p.GetProperty("description").GetString()!.Length > 5, path);
        }

        document.GetProperty("paths").GetProperty("/findings").GetProperty("get").GetProperty("responses").GetProperty("200").GetProperty("content")
            .GetProperty("text/csv").GetProperty("schema").GetProperty("type").GetString().ShouldBe("string");
        page.StatusCode.ShouldBe(HttpStatusCode.OK);
        root.RequestMessage!.RequestUri!.AbsolutePath.ShouldStartWith("/ui");
    }

    private static Task<RunningQrie> StartAsync() =>
        RunningQrie.StartAsync(new ScriptedCollector().With(Open, [.. Enumerable.Range(0, 25).Select(i => $"bucket-{i:00}")]));
}
