using System.Net;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Qrie.Domain.Dashboard;
using Qrie.Tests.Stores;
using Qrie.Tests.Support;

namespace Qrie.Tests.Api;

/// <summary>Summaries, dashboard and drift as contract.md 1.10 has them, on two accounts with the same three buckets.</summary>
public sealed class SummaryTests : IAsyncLifetime, IDisposable
{
    private const string Other = "210987654321";
    private const string Bad =
        """{"Name":"x","Versioning":{"Status":"Suspended"},"Encryption":{"Rules":[{"ApplyServerSideEncryptionByDefault":{"SSEAlgorithm":"AES256"}}]}}""";
    private const string Good =
        """{"Name":"x","Versioning":{"Status":"Enabled"},"Encryption":{"Rules":[{"ApplyServerSideEncryptionByDefault":{"SSEAlgorithm":"AES256"}}]}}""";

    private readonly SqliteFile _file = new();
    private readonly OffsetClock _clock = new(TimeSpan.Zero);
    private ScriptedCollector _aws = null!;
    private RunningQrie _qrie = null!;

    public async ValueTask InitializeAsync()
    {
        _aws = new ScriptedCollector { Clock = _clock }.With(Bad, "bad", "worse").With(Good, "good");
        _qrie = await RunningQrie.StartAsync(_aws, store: _file.Path, adjust: builder => builder.Services.AddSingleton<TimeProvider>(_clock));
        await _qrie.PostAsync("/accounts", new { account_id = Other });
        await _qrie.ScanAsync(new { kind = "inventory" });
        await _qrie.LaunchAsync("S3BucketVersioningDisabled");
        await _qrie.LaunchAsync("S3BucketPublic", new { include_accounts = new[] { Other } });
    }

    public async ValueTask DisposeAsync()
    {
        await _qrie.DisposeAsync();
        Dispose(); // the runner calls only one of the two
    }

    public void Dispose() => _file.Dispose();

    [Fact]
    public async Task Findings_are_summed_up_by_policy_in_order_of_severity()
    {
        await ShouldBeAsync("/summary/findings",
            """
            {"total_findings":7,"open_findings":7,"resolved_findings":0,"critical_findings":3,"high_findings":4,
             "medium_findings":0,"low_findings":0,"suppressed_findings":0,"policies":[
              {"policy":"S3BucketPublic","severity":90,"total_findings":3,"open_findings":3,"resolved_findings":0,"suppressed_findings":0},
              {"policy":"S3BucketVersioningDisabled","severity":60,"total_findings":4,"open_findings":4,"resolved_findings":0,"suppressed_findings":0}]}
            """);
        _aws.With(Good, "bad");
        await ScanBothAsync();

        foreach (var account in new[] { $"account={Other}", $"account_id={Other}" })
        {
            await ShouldBeAsync($"/api/summary/findings?{account}",
                """
                {"total_findings":5,"open_findings":4,"resolved_findings":1,"critical_findings":3,"high_findings":1,
                 "medium_findings":0,"low_findings":0,"suppressed_findings":0,"policies":[
                  {"policy":"S3BucketPublic","severity":90,"total_findings":3,"open_findings":3,"resolved_findings":0,"suppressed_findings":0},
                  {"policy":"S3BucketVersioningDisabled","severity":60,"total_findings":2,"open_findings":1,"resolved_findings":1,"suppressed_findings":0}]}
                """);
        }

        (await _qrie.GetAsync("/summary/findings?account=000000000000")).Body.GetProperty("total_findings").GetInt64().ShouldBe(0);
    }

    [Fact]
    public async Task A_policy_no_longer_in_the_catalog_has_the_severity_of_its_first_finding()
    {
        await _file.ExecuteAsync("UPDATE finding_counts SET policy_id = 'Gone' WHERE policy_id = 'S3BucketPublic'");
        await _file.ExecuteAsync("UPDATE findings SET policy_id = 'Gone', severity = 41 WHERE policy_id = 'S3BucketPublic'");
        await _file.ExecuteAsync("UPDATE finding_facets SET policy_id = 'Gone', severity = 41 WHERE policy_id = 'S3BucketPublic'");

        var policies = (await _qrie.GetAsync("/summary/findings")).Body.GetProperty("policies");
        var top = (await _qrie.GetAsync("/summary/dashboard")).Body.GetProperty("top_policies");

        (policies[1].GetProperty("policy").GetString(), policies[1].GetProperty("severity").GetInt32()).ShouldBe(("Gone", 41));
        top.ToString().ShouldContain("""{"policy_id":"Gone","open_findings":3,"severity":50}""");
    }

    [Fact]
    public async Task Resources_are_summed_up_by_service_and_counted_once()
    {
        await ShouldBeAsync("/summary/resources",
            """
            {"total_resources":6,"total_accounts":2,"total_findings":7,"critical_findings":3,"high_findings":4,"resource_types":[
              {"resource_type":"s3","all_resources":6,"non_compliant":5}]}
            """);
        await ShouldBeAsync($"/summary/resources?account={Other}",
            """
            {"total_resources":3,"total_accounts":1,"total_findings":5,"critical_findings":3,"high_findings":2,"resource_types":[
              {"resource_type":"s3","all_resources":3,"non_compliant":3}]}
            """);
        await _file.ExecuteAsync($"UPDATE accounts SET status = 'removed' WHERE account_id = '{Other}'");
        await ShouldBeAsync("/summary/resources",
            """
            {"total_resources":3,"total_accounts":1,"total_findings":2,"critical_findings":0,"high_findings":2,"resource_types":[
              {"resource_type":"s3","all_resources":3,"non_compliant":2}]}
            """);
    }

    [Fact]
    public async Task The_totals_of_coverage_are_those_of_its_report()
    {
        foreach (var query in new[] { "", $"?account={Other}", $"?account_id={Other}", "?account=000000000000" })
        {
            var report = (await _qrie.GetAsync($"/coverage{query}")).Body;
            var totals = (await _qrie.GetAsync($"/summary/coverage{query}")).Body;

            totals.GetProperty("verdicts").ToString().ShouldBe(report.GetProperty("verdicts").ToString());
            totals.GetProperty("percent_with_verdict").ToString().ShouldBe(report.GetProperty("percent_with_verdict").ToString());
        }

        (await _qrie.GetAsync($"/summary/coverage?account={Other}")).Body.GetProperty("verdicts").GetProperty("fail").GetInt64().ShouldBeGreaterThan(0);
    }

    [Fact]
    public async Task The_dashboard_has_the_fields_of_the_old_system()
    {
        var (status, body) = await _qrie.GetAsync($"/summary/dashboard?date={_clock.GetUtcNow():yyyy-MM-dd}");

        status.ShouldBe(HttpStatusCode.OK);
        // Newer ones follow them.
        body.EnumerateObject().Select(p => p.Name).Take(11).ShouldBe(
        [
            "total_open_findings", "critical_open_findings", "high_open_findings",
            "resolved_this_month", "active_policies", "resources", "accounts", "findings_weekly",
            "top_policies", "anti_entropy", "policies_launched_this_month",
        ]);
        body.EnumerateObject().Where(p => p.Value.ValueKind == JsonValueKind.Number).Select(p => p.Value.GetInt64()).Take(8)
            .ShouldBe([7, 3, 4, 0, 2, 6, 2, 2]);
        body.GetProperty("top_policies").ToString().ShouldBe(
            """[{"policy_id":"S3BucketVersioningDisabled","open_findings":4,"severity":60},{"policy_id":"S3BucketPublic","open_findings":3,"severity":90}]""");
        var weeks = body.GetProperty("findings_weekly").EnumerateArray().ToList();
        var monday = Periods.WeekOf(_clock.GetUtcNow());
        weeks.Count.ShouldBe(8);
        weeks[7].ToString().ShouldBe(
            $$"""{"week_start":"{{monday:yyyy-MM-dd}}","total_findings":7,"open_findings":7,"new_findings":7,"closed_findings":"""
            + """0,"reopened_findings":0,"critical_new":3,"is_current":true}""");
        weeks[6].ToString().ShouldBe(
            $$"""{"week_start":"{{monday.AddDays(-7):yyyy-MM-dd}}","total_findings":0,"open_findings":0,"new_findings":0,"closed_findings":"""
            + """0,"reopened_findings":0,"critical_new":0,"is_current":false}""");
    }

    [Fact]
    public async Task Weeks_end_at_the_given_date_and_counts_are_current()
    {
        _clock.Offset = TimeSpan.FromDays(7);
        _aws.With(Good, "bad", "worse");
        await ScanBothAsync();

        var now = (await _qrie.GetAsync("/summary/dashboard")).Body;
        var weeks = now.GetProperty("findings_weekly").EnumerateArray().ToList();
        weeks.TakeLast(2).Select(w => (Number(w, "total_findings"), Number(w, "open_findings"), Number(w, "new_findings"), Number(w, "closed_findings")))
            .ShouldBe([(7, 7, 7, 0), (7, 3, 0, 4)]);
        (await _qrie.GetAsync("/summary/dashboard?date=2999-01-01")).Body.GetProperty("findings_weekly").ToString()
            .ShouldBe(now.GetProperty("findings_weekly").ToString());

        var before = (await _qrie.GetAsync($"/summary/dashboard?date={_clock.GetUtcNow().AddDays(-7):yyyy-MM-dd}")).Body.GetProperty("findings_weekly");
        before[7].ToString().ShouldBe(weeks[6].ToString());
        before[7].GetProperty("is_current").GetBoolean().ShouldBeFalse();
        (await _qrie.GetAsync("/summary/dashboard?date=0001-01-01")).Status.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Without_a_complete_anti_entropy_scan_there_is_no_drift()
    {
        await _qrie.PostAsync("/accounts", new { account_id = "333333333333" });
        await _qrie.ScanAsync(new { kind = "inventory", scan_type = "anti-entropy", service = "s3", account_id = Other });

        (await AntiEntropyAsync()).ToString().ShouldBe(
            """
            {"last_inventory_scan":{"scan_id":null,"timestamp_ms":null,"age_hours":null,"duration_ms":null,"resources_found":0},
            "last_policy_scan":{"scan_id":null,"timestamp_ms":null,"age_hours":null,"duration_ms":null,
            "processed_resources":0,"findings_created":0,"findings_closed":0},
            "drift_detected":false,
            "thresholds":[{"name":"inventory_age","limit_hours":192,"age_hours":null,"fired":false},
            {"name":"policy_scan_age","limit_hours":26,"age_hours":null,"fired":false}],
            "accounts_not_inventoried":["333333333333"],
            "unannounced":{"scan_id":null,"created":0,"changed":0,"deleted":0,"accounts":[],"samples":[]}}
            """.ReplaceLineEndings(""));
        (await _qrie.GetAsync("/drift")).Body.GetProperty("scan_id").ValueKind.ShouldBe(JsonValueKind.Null);
    }

    [Fact]
    public async Task Scans_that_are_too_old_fire_their_thresholds()
    {
        var inventory = await _qrie.ScanAsync(new { kind = "inventory", scan_type = "anti-entropy" });
        var policies = await _qrie.ScanAsync(new { kind = "policy", scan_type = "anti-entropy" });

        var fresh = await AntiEntropyAsync();
        var last = fresh.GetProperty("last_inventory_scan");
        (last.GetProperty("scan_id").GetString(), last.GetProperty("timestamp_ms").GetInt64(),
            last.GetProperty("duration_ms").GetInt64(), Number(last, "resources_found"))
            .ShouldBe((
                inventory.GetProperty("scan_id").GetString(), inventory.GetProperty("finished_at").GetDateTimeOffset().ToUnixTimeMilliseconds(),
                inventory.GetProperty("duration_ms").GetInt64(), 6L));
        var evaluated = fresh.GetProperty("last_policy_scan");
        (evaluated.GetProperty("scan_id").GetString(), Number(evaluated, "processed_resources"), evaluated.GetProperty("age_hours").GetDouble())
            .ShouldBe((policies.GetProperty("scan_id").GetString(), 6, 0));

        (await FiredAfterAsync(TimeSpan.FromHours(25.9))).ShouldBe((false, ""));
        (await FiredAfterAsync(TimeSpan.FromHours(26.1))).ShouldBe((true, "policy_scan_age"));
        (await FiredAfterAsync(TimeSpan.FromHours(192.1))).ShouldBe((true, "inventory_age policy_scan_age"));
        (await AntiEntropyAsync()).GetProperty("last_inventory_scan").GetProperty("age_hours").GetDouble().ShouldBe(192.1);
    }

    [Fact]
    public async Task Drift_of_an_anti_entropy_inventory_is_returned_and_bootstrap_scans_have_none()
    {
        var full = new { kind = "inventory", scan_type = "anti-entropy" };
        _aws.With(Good, "told");
        await _qrie.ScanAsync(new { kind = "inventory" });
        await _qrie.ScanAsync(full);
        Number((await AntiEntropyAsync()).GetProperty("unannounced"), "created").ShouldBe(0);

        _aws.With(Good, "new", "bad").Without("good");
        var scan = (await _qrie.ScanAsync(full)).GetProperty("scan_id").GetString();

        var unannounced = (await AntiEntropyAsync()).GetProperty("unannounced");
        (unannounced.GetProperty("scan_id").GetString(), Number(unannounced, "created"), Number(unannounced, "changed"), Number(unannounced, "deleted"))
            .ShouldBe((scan, 2, 2, 2));
        unannounced.GetProperty("accounts").ToString().ShouldBe(
            $$"""[{"account_id":"123456789012","created":1,"changed":1,"deleted":1},{"account_id":"{{Other}}","created":1,"changed":1,"deleted":1}]""");
        var samples = unannounced.GetProperty("samples").EnumerateArray().ToList();
        samples.Select(
            s =>
                $"{s.GetProperty("account_service")} {s.GetProperty("arn")} {s.GetProperty("change")} "
                + $"{string.Join(' ', s.GetProperty("attributes").EnumerateArray())}").ShouldBe(
            [
                "123456789012_s3 arn:aws:s3:::bad changed Versioning",
                "123456789012_s3 arn:aws:s3:::new created ", "123456789012_s3 arn:aws:s3:::good deleted ",
                $"{Other}_s3 arn:aws:s3:::bad changed Versioning", $"{Other}_s3 arn:aws:s3:::new created ", $"{Other}_s3 arn:aws:s3:::good deleted ",
            ],
            ignoreOrder: true);
        samples[0].EnumerateObject().Select(p => p.Name)
            .ShouldBe(["arn", "account_service", "change", "type", "region", "found_at", "attributes", "likely_events"]);

        var one = (await _qrie.GetAsync($"/drift?account={Other}")).Body;
        one.GetProperty("accounts").GetArrayLength().ShouldBe(1);
        one.GetProperty("types").ToString().ShouldBe(
            """
            [{"region":"global","type":"AWS::S3::Bucket","created":1,"changed":1,"deleted":1,
            "likely_events":["s3.amazonaws.com/CreateBucket","s3.amazonaws.com/PutBucketVersioning","s3.amazonaws.com/DeleteBucket"]}]
            """.ReplaceLineEndings(""));
        one.GetProperty("samples").EnumerateArray().Select(s => $"{s.GetProperty("change")} {s.GetProperty("likely_events")}").ShouldBe(
            ["changed [\"s3.amazonaws.com/PutBucketVersioning\"]", "created [\"s3.amazonaws.com/CreateBucket\"]",
                "deleted [\"s3.amazonaws.com/DeleteBucket\"]"], ignoreOrder: true);
        var health = (await _qrie.GetAsync("/events/health")).Body;
        health.GetProperty("rule_missing").ToString().ShouldBe($$"""["123456789012","{{Other}}"]""");
        health.GetProperty("likely_missing").GetArrayLength().ShouldBe(6);
        health.GetProperty("likely_missing")[0].ToString().ShouldBe(
            """{"account_id":"123456789012","region":"global","event_name":"s3.amazonaws.com/CreateBucket","changes":1}""");
        one.GetProperty("samples").GetArrayLength().ShouldBe(3);
        (await _qrie.GetAsync($"/drift?scan_id={scan}")).Body.ToString().ShouldBe((await _qrie.GetAsync("/drift")).Body.ToString());
        (await _qrie.GetAsync("/drift?scan_id=nothing")).Status.ShouldBe(HttpStatusCode.NotFound);

        await _qrie.ScanAsync(full);
        Number((await AntiEntropyAsync()).GetProperty("unannounced"), "created").ShouldBe(0);
        Number((await _qrie.GetAsync($"/drift?scan_id={scan}")).Body, "created").ShouldBe(2);
    }

    [Fact]
    public async Task Coverage_sums_up_unknown_verdicts_and_lists_stale_data()
    {
        _aws.With("""{"Name":"x","_unknown":{"Versioning":"AccessDenied"}}""", "bad", "good");
        await ScanBothAsync();

        var fresh = (await _qrie.GetAsync("/coverage")).Body;
        fresh.GetProperty("unknown_by").ToString().ShouldBe(
            $$"""
            {"reason":[{"name":"AccessDenied","pairs":4}],"attribute":[{"name":"Versioning","pairs":4}],
            "account":[{"name":"123456789012","pairs":2},{"name":"{{Other}}","pairs":2}],"service":[{"name":"s3","pairs":4}]}
            """.ReplaceLineEndings(""));
        fresh.GetProperty("stale_lists").GetArrayLength().ShouldBe(0);
        // This collector reads nothing regional.
        fresh.GetProperty("never_scanned_regions").ToString().ShouldBe(
            $$"""[{"account_id":"123456789012","region":"us-east-1"},{"account_id":"{{Other}}","region":"us-east-1"}]""");

        _clock.Offset += TimeSpan.FromDays(8.1);
        var stale = (await _qrie.GetAsync($"/coverage?account={Other}")).Body.GetProperty("stale_lists").EnumerateArray().ToList();
        stale.Select(s => $"{s.GetProperty("account_id")} {s.GetProperty("region")} {s.GetProperty("type")} {s.GetProperty("why")}")
            .ShouldBe([$"{Other} global AWS::S3::Bucket too_old"]);
    }

    [Fact]
    public async Task Complete_coverage_is_truncated_and_reports_the_counts()
    {
        await _file.ExecuteAsync(
            $"""
            WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2100)
            INSERT INTO coverage (organization, account_id, region, service, type, outcome, checked_at, last_success_at, suspicious)
            SELECT 'default', '{Other}', 'r-' || i, 's3', 'AWS::S3::Bucket', 'complete', 0, 0, 0 FROM n
            """);

        var coverage = (await _qrie.GetAsync("/coverage")).Body;

        coverage.GetProperty("lists").GetArrayLength().ShouldBe(2000);
        coverage.GetProperty("cut").GetProperty("lists").GetInt32().ShouldBeGreaterThanOrEqualTo(2100);
        coverage.GetProperty("cut").TryGetProperty("refused_regions", out _).ShouldBeFalse();
        var first = (await _qrie.GetAsync("/coverage?limit=3")).Body;
        first.GetProperty("lists").EnumerateArray().Select(l => l.GetRawText())
            .ShouldBe(coverage.GetProperty("lists").EnumerateArray().Take(3).Select(l => l.GetRawText()));
        first.GetProperty("cut").GetProperty("lists").GetInt32().ShouldBe(coverage.GetProperty("cut").GetProperty("lists").GetInt32());
    }

    [Theory]
    [InlineData("0")]
    [InlineData("2001")]
    [InlineData("many")]
    public async Task A_limit_of_coverage_that_is_not_one_is_refused(string limit)
    {
        var (status, body) = await _qrie.GetAsync($"/coverage?limit={limit}");

        status.ShouldBe(HttpStatusCode.BadRequest);
        body.GetProperty("errors").GetProperty("limit")[0].GetString().ShouldBe("limit must be a whole number from 1 to 2000");
    }

    private async Task ScanBothAsync()
    {
        await _qrie.ScanAsync(new { kind = "inventory" });
        await _qrie.ScanAsync(new { kind = "policy" });
    }

    private async Task<(bool Drift, string Fired)> FiredAfterAsync(TimeSpan time)
    {
        _clock.Offset = time;
        var view = await AntiEntropyAsync();
        var fired = view.GetProperty("thresholds").EnumerateArray()
            .Where(t => t.GetProperty("fired").GetBoolean()).Select(t => t.GetProperty("name").GetString());
        return (view.GetProperty("drift_detected").GetBoolean(), string.Join(' ', fired));
    }

    private async Task<JsonElement> AntiEntropyAsync() => (await _qrie.GetAsync("/summary/dashboard")).Body.GetProperty("anti_entropy");

    private async Task ShouldBeAsync(string path, string json)
    {
        var (status, body) = await _qrie.GetAsync(path);
        status.ShouldBe(HttpStatusCode.OK, body.ToString());
        body.ToString().ShouldBe(JsonSerializer.Serialize(JsonElement.Parse(json)));
    }

    private static long Number(JsonElement element, string name) => element.GetProperty(name).GetInt64();
}
