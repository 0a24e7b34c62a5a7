using System.Net;
using System.Net.Http.Headers;
using System.Reflection;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Qrie.Domain;
using Qrie.Domain.Accounts;
using Qrie.Domain.Catalog;
using Qrie.Domain.Compliance;
using Qrie.Domain.Inventory;
using Qrie.Tests.Support;

namespace Qrie.Tests.Api;

/// <summary>Compliance over HTTP, with the shipped CIS 5.0: three buckets, of which one refuses plain HTTP and one hides its policy.</summary>
public sealed class FrameworkRouteTests : IAsyncLifetime
{
    private const string Insecure = "S3BucketInsecureTransportAllowed";
    private const string Cis = "/frameworks/cis-5.0";

    private const string Tls = """
        {"Name":"tls","Policy":{"Statement":[{"Effect":"Deny","Principal":["*"],"Action":["s3:*"],
         "Resource":["arn:aws:s3:::tls","arn:aws:s3:::tls/*"],"Condition":{"Bool":{"aws:securetransport":["false"]}}}]}}
        """;

    private readonly OffsetClock _clock = new(TimeSpan.Zero);
    private RunningQrie _qrie = null!;

    public async ValueTask InitializeAsync()
    {
        _qrie = await RunningQrie.StartAsync(
            new ScriptedCollector { Clock = _clock }.With("""{"Name":"x","Policy":null}""", "plain").With(Tls, "tls")
                .With("""{"Name":"x","_unknown":{"Policy":"AccessDenied"}}""", "hidden"),
            adjust: builder => builder.Services.AddSingleton<TimeProvider>(_clock));
        await _qrie.ScanAsync(new { kind = "inventory" });
    }

    public ValueTask DisposeAsync() => _qrie.DisposeAsync();

    [Fact]
    public async Task Before_a_launch_nothing_is_assessed_and_there_is_no_score()
    {
        var list = await GetAsync("/frameworks");
        var cis = list.GetProperty("frameworks").EnumerateArray().Single(f => f.GetProperty("id").GetString() == "cis-5.0");
        var score = cis.GetProperty("score");
        score.GetProperty("percent").ValueKind.ShouldBe(JsonValueKind.Null);
        (Int(score, "denominator"), Int(score, "total"), Int(score, "not_assessed") + Int(score, "manual")).ShouldBe((0, 63, 63));

        var detail = await GetAsync(Cis);
        detail.GetProperty("requirements").GetArrayLength().ShouldBe(63);
        var requirement = Find(detail, "2.1.1");
        requirement.GetProperty("state").GetString().ShouldBe("not_assessed");
        requirement.GetProperty("causes")[0].GetProperty("kind").GetString().ShouldBe("not_launched");
        requirement.GetProperty("causes")[0].GetProperty("policy_id").GetString().ShouldBe(Insecure);
    }

    [Fact]
    public async Task A_launch_is_previewed_and_then_runs_one_bootstrap_scan()
    {
        var (status, plan) = await _qrie.PostAsync($"{Cis}/launch", new { section = "2", preview = true });
        (status, plan.GetProperty("preview").GetBoolean(), plan.GetProperty("scan_id").ValueKind).ShouldBe((HttpStatusCode.OK, true, JsonValueKind.Null));
        var planned = plan.GetProperty("launch").EnumerateArray().Select(p => p.GetProperty("policy_id").GetString()!).ToList();
        planned.ShouldContain(Insecure);
        (await _qrie.GetAsync("/policies?status=active")).Body.GetArrayLength().ShouldBe(0);

        var (created, done) = await _qrie.PostAsync($"{Cis}/launch", new { section = "2" });
        created.ShouldBe(HttpStatusCode.Created, done.ToString());
        var scan = await _qrie.FinishedAsync(done.GetProperty("scan_id").GetString()!);
        (scan.GetProperty("scan_type").GetString(), scan.GetProperty("kind").GetString()).ShouldBe(("bootstrap", "policy"));
        (await _qrie.GetAsync("/policies?status=active")).Body.EnumerateArray().Select(p => p.GetProperty("policy_id").GetString())
            .ShouldBe(planned, ignoreOrder: true);
        (await GetAsync("/scans")).GetProperty("scans").EnumerateArray().Count(s => s.GetProperty("trigger").GetString() == "launch").ShouldBe(1);
        (await GetAsync("/audit?action=policy.launch")).GetProperty("audit").GetArrayLength().ShouldBe(planned.Count);

        var (again, nothing) = await _qrie.PostAsync($"{Cis}/launch", new { section = "2" });
        (again, nothing.GetProperty("launch").GetArrayLength(), nothing.GetProperty("active").GetArrayLength())
            .ShouldBe((HttpStatusCode.OK, 0, planned.Count));
    }

    [Fact]
    public async Task A_launch_sets_what_the_framework_demands_and_tells_what_runs_otherwise()
    {
        await _qrie.PostAsync("/policies/launch", new { policy_id = "IAMAccessKeyNotRotated", @params = new { max_age_days = 365 } });

        var plan = (await _qrie.PostAsync($"{Cis}/launch", new { section = "1", preview = true })).Body;
        plan.GetProperty("active")[0].GetProperty("differences")[0].GetString().ShouldBe("1.13: max_age_days is 365, at most 90 is demanded");
        Find(await GetAsync(Cis), "1.13").GetProperty("causes")[0].GetProperty("kind").GetString().ShouldBe("other_params");
    }

    [Fact]
    public async Task A_requirement_shows_its_pairs_and_why_some_are_unknown()
    {
        await _qrie.LaunchAsync(Insecure);

        var detail = await GetAsync($"{Cis}/requirements/2.1.1");
        detail.GetProperty("requirement").GetProperty("state").GetString().ShouldBe("failed");
        detail.GetProperty("pairs").EnumerateArray().Select(p => $"{p.GetProperty("arn").GetString()![13..]} {p.GetProperty("verdict").GetString()}")
            .ShouldBe(["hidden unknown", "plain fail", "tls pass"]);
        var reason = detail.GetProperty("unknown_reasons")[0];
        (reason.GetProperty("attribute").GetString(), reason.GetProperty("error_code").GetString(), Int(reason, "pairs"))
            .ShouldBe(("Policy", "AccessDenied", 1));
        var failing = (await GetAsync($"{Cis}/requirements/2.1.1?verdict=fail")).GetProperty("pairs").EnumerateArray().Single();
        (await GetAsync($"/findings/{failing.GetProperty("finding_id").GetString()}")).GetProperty("arn").GetString().ShouldBe("arn:aws:s3:::plain");
        (await _qrie.AllAsync($"{Cis}/requirements/2.1.1", "pairs", pageSize: 1)).Select(p => p.GetProperty("arn").GetString()![13..])
            .ShouldBe(["hidden", "plain", "tls"]);
        var csv = await CsvAsync($"{Cis}/requirements/2.1.1");
        csv.Count.ShouldBe(4);
        csv[0].ShouldStartWith("policy_id,arn,account_id");
    }

    [Fact]
    public async Task What_happens_to_policies_accounts_and_lists_moves_the_state_as_documented()
    {
        await _qrie.LaunchAsync(Insecure);
        (await StateAsync()).ShouldBe("failed");

        await _qrie.LaunchAsync("S3BucketMfaDeleteDisabled", new { exclude_accounts = new[] { StoredWorld.Account } });
        Find(await GetAsync(Cis), "2.1.2").GetProperty("state").GetString().ShouldBe("not_assessed");

        await _qrie.PutAsync($"/policies/{Insecure}", new { scope = new { include_tags = new Dictionary<string, string[]> { ["stage"] = ["prod"] } } });
        await _qrie.ScanAsync(new { kind = "policy" });
        (await StateAsync()).ShouldBe("not_assessed"); // no bucket has the tag: all are out of scope

        await _qrie.PutAsync($"/policies/{Insecure}", new { scope = new { exclude_accounts = Array.Empty<string>() } });
        await _qrie.ScanAsync(new { kind = "policy" });
        (await StateAsync()).ShouldBe("failed");

        await _qrie.PutAsync($"/policies/{Insecure}", new { status = "suspended" });
        (await StateAsync()).ShouldBe("not_assessed");
        await _qrie.PutAsync($"/policies/{Insecure}", new { status = "active" });
        await _qrie.ScanAsync(new { kind = "policy" });
        (await StateAsync()).ShouldBe("failed");

        await _qrie.PostAsync("/accounts", new { account_id = "210987654321", ou = "/Production/Shop" });
        (await StateAsync("?ou=/Production")).ShouldBe("not_assessed"); // never inventoried
        (await GetAsync($"{Cis}/requirements/2.1.1?ou=/Production")).GetProperty("requirement").GetProperty("causes")[0].GetProperty("kind").GetString()
            .ShouldBe("not_inventoried");
        (await StateAsync($"?account={StoredWorld.Account}")).ShouldBe("failed");

        await _qrie.DeleteAsync($"/accounts/{StoredWorld.Account}");
        (await StateAsync()).ShouldBe("not_assessed");
        (await _qrie.GetAsync($"{Cis}?account={StoredWorld.Account}")).Status.ShouldBe(HttpStatusCode.BadRequest);

        async Task<string?> StateAsync(string query = "") => Find(await GetAsync(Cis + query), "2.1.1").GetProperty("state").GetString();
    }

    [Fact]
    public async Task A_refused_list_turns_what_passed_unknown_and_no_score_rises()
    {
        await _qrie.LaunchAsync("RDSUnencryptedStorage");
        await RecordListAsync(ListOutcome.Complete);
        await _qrie.ScanAsync(new { kind = "policy" });
        var before = await GetAsync(Cis);
        Find(before, "2.2.1").GetProperty("state").GetString().ShouldBe("not_applicable");

        await RecordListAsync(ListOutcome.Denied);
        var after = await GetAsync($"{Cis}/requirements/2.2.1");
        after.GetProperty("requirement").GetProperty("state").GetString().ShouldBe("unknown");
        var unread = after.GetProperty("unread_lists")[0];
        (unread.GetProperty("resource_type").GetString(), unread.GetProperty("error_code").GetString()).ShouldBe(("AWS::RDS::DBInstance", "AccessDenied"));
        (await GetAsync(Cis)).GetProperty("score").GetProperty("percent").GetDouble().ShouldBe(0);

        Task RecordListAsync(ListOutcome outcome) => _qrie.Services.GetRequiredService<ICoverageStore>().RecordAsync(
            Organizations.Default,
            Some.Coverage(StoredWorld.Account, "us-east-1", "AWS::RDS::DBInstance") with
            {
                Service = "rds",
                Outcome = outcome,
                ErrorCode = outcome == ListOutcome.Denied ? "AccessDenied" : null,
                CheckedAt = _clock.GetUtcNow(),
            },
            CancellationToken.None);
    }

    [Fact]
    public async Task Findings_and_policies_are_filtered_by_framework_and_requirement()
    {
        await _qrie.LaunchAsync(Insecure);
        await _qrie.LaunchAsync("S3BucketEncryptionDisabled");
        (await GetAsync("/findings?framework=cis-5.0&requirement=2.1.1")).GetProperty("findings").EnumerateArray()
            .Select(f => f.GetProperty("policy").GetString()).ShouldBe([Insecure]);
        (await GetAsync("/findings?framework=cis-5.0&requirement=1.1")).GetProperty("findings").GetArrayLength().ShouldBe(0);
        (await GetAsync($"/findings?framework=cis-5.0&account={StoredWorld.Account}")).GetProperty("findings").EnumerateArray()
            .ShouldAllBe(f => f.GetProperty("policy").GetString() == Insecure);
        (await _qrie.GetAsync("/policies?framework=cis-5.0&requirement=2.1.1")).Body.EnumerateArray().Select(p => p.GetProperty("policy_id").GetString())
            .ShouldBe([Insecure]);
        string[] wrong = ["/findings?framework=none", "/findings?requirement=1.1", "/policies?framework=cis-5.0&requirement=99", "/policies?requirement=1"];
        foreach (var path in wrong)
        {
            var (status, problem) = await _qrie.GetAsync(path);
            (status, problem.GetProperty("errors").EnumerateObject().Count()).ShouldBe((HttpStatusCode.BadRequest, 1), path);
        }
    }

    [Fact]
    public async Task An_attestation_is_shown_and_expires_in_time_and_is_audited()
    {
        var path = $"{Cis}/requirements/1.1/attestation";
        (await _qrie.PutAsync(path, new { status = "maybe", link = "ftp://x" })).Body.GetProperty("errors").EnumerateObject().Select(e => e.Name)
            .ShouldBe(["status", "text", "link", "expires_at"], ignoreOrder: true);
        var expires = _clock.GetUtcNow().AddDays(30);
        var statement = new { status = "pass", text = "Seen.", link = "https://example.com/", expires_at = expires };
        (await _qrie.PutAsync($"{Cis}/requirements/2.1.1/attestation", statement)).Status.ShouldBe(HttpStatusCode.Conflict);
        (await _qrie.PutAsync(path, statement)).Status.ShouldBe(HttpStatusCode.OK);

        var requirement = Find(await GetAsync(Cis), "1.1");
        requirement.GetProperty("state").GetString().ShouldBe("manual");
        var shown = requirement.GetProperty("attestation");
        (shown.GetProperty("status").GetString(), shown.GetProperty("expired").GetBoolean()).ShouldBe(("pass", false));
        _clock.Offset = TimeSpan.FromDays(31);
        (await GetAsync($"{Cis}/attestations")).GetProperty("attestations")[0].GetProperty("expired").GetBoolean().ShouldBeTrue();

        (await _qrie.Http.DeleteAsync(path)).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        (await _qrie.Http.DeleteAsync(path)).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await GetAsync("/audit?subject=cis-5.0 1.1")).GetProperty("audit").EnumerateArray().Select(e => e.GetProperty("action").GetString())
            .ShouldBe(["compliance.withdraw", "compliance.attest"]);
    }

    [Fact]
    public async Task The_trend_keeps_the_end_of_each_day_and_marks_changes_of_the_framework()
    {
        var history = _qrie.Services.GetRequiredService<ComplianceHistory>();
        var store = _qrie.Services.GetRequiredService<IComplianceStore>();
        var today = DateOnly.FromDateTime(_clock.GetUtcNow().UtcDateTime);
        await store.SaveDayAsync(
            Organizations.Default, today.AddDays(-3),
            [new RecordedScore(default, "cis-5.0", RecordedScore.Everything, null, "4.9", "old", "old", new Score(9, 1, 0, 0, 0, 0, 0, PairCounts.None))],
            CancellationToken.None);
        await history.RecordAsync(Organizations.Default, CancellationToken.None);
        await _qrie.LaunchAsync(Insecure);

        var trend = await GetAsync($"{Cis}/trend?days=10");
        var points = trend.GetProperty("points").EnumerateArray().Select(p => (
            p.GetProperty("date").GetString(), Int(p.GetProperty("score"), "passed"), Int(p.GetProperty("score"), "failed"))).ToList();
        points.ShouldBe(
        [
            .. Enumerable.Range(1, 3).Select(i => (today.AddDays(i - 4).ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture), 9, 1)),
            (today.ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture), 0, 1),
        ]);
        trend.GetProperty("marks").EnumerateArray().Select(m => m.GetProperty("kind").GetString()).ShouldBe(["framework_version", "catalog"]);

        await history.RecordAsync(Organizations.Default, CancellationToken.None);
        _clock.Offset = TimeSpan.FromDays(2);
        var later = await GetAsync($"{Cis}/trend?days=3&section=2&account={StoredWorld.Account}");
        later.GetProperty("points").EnumerateArray().Select(p => Int(p.GetProperty("score"), "failed")).ShouldBe([1, 1, 1]);
        (await _qrie.GetAsync($"{Cis}/trend?days=0")).Status.ShouldBe(HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task What_is_written_while_the_scores_are_recorded_is_recorded_by_the_next_round()
    {
        var store = _qrie.Services.GetRequiredService<IComplianceStore>();
        var launches = 0;
        var interrupted = InterruptedStore.Of(store, () => launches++ == 0 ? _qrie.LaunchAsync(Insecure) : Task.CompletedTask);
        var history = new ComplianceHistory(
            interrupted, _qrie.Services.GetRequiredService<IAccountStore>(), _qrie.Services.GetRequiredService<ComplianceReader>(),
            _qrie.Services.GetRequiredService<ICatalog>(), _clock);

        await history.RecordAsync(Organizations.Default, CancellationToken.None);
        (await FailedAsync()).ShouldBe(0);
        await history.RecordAsync(Organizations.Default, CancellationToken.None);
        (await FailedAsync()).ShouldBe(1);

        async Task<int> FailedAsync()
        {
            var today = DateOnly.FromDateTime(_clock.GetUtcNow().UtcDateTime);
            return (await store.ListDaysAsync(Organizations.Default, "cis-5.0", RecordedScore.Everything, null, today, today, CancellationToken.None))
                .Single().Score.Failed;
        }
    }

    [Fact]
    public async Task A_framework_is_filtered_and_comes_as_csv()
    {
        await _qrie.LaunchAsync(Insecure);

        var failed = await GetAsync($"{Cis}?state=failed&section=2");
        failed.GetProperty("requirements").EnumerateArray().Select(r => r.GetProperty("id").GetString()).ShouldBe(["2.1.1"]);
        Int(failed.GetProperty("score"), "total").ShouldBe(63);
        var csv = await CsvAsync(Cis);
        csv.Count.ShouldBe(64);
        csv.Single(line => line.StartsWith("2.1.1,", StringComparison.Ordinal)).ShouldStartWith("2.1.1,Buckets refuse plain HTTP,2,failed,1,1,1,0,");
    }

    [Fact]
    public async Task The_report_is_a_page_without_scripts_and_json_with_the_same_content()
    {
        await _qrie.LaunchAsync(Insecure);
        await _qrie.PutAsync(
            $"{Cis}/requirements/1.1/attestation",
            new { status = "pass", text = "<script>alert(1)</script>", expires_at = _clock.GetUtcNow().AddDays(30) });

        using var answer = await _qrie.Http.GetAsync($"{Cis}/report");
        var page = await answer.Content.ReadAsStringAsync();
        (answer.StatusCode, answer.Content.Headers.ContentType!.ToString()).ShouldBe((HttpStatusCode.OK, "text/html; charset=utf-8"));
        answer.Headers.GetValues("Content-Security-Policy").Single().ShouldMatch("^default-src 'none'.*style-src 'sha256-[A-Za-z0-9+/]{43}='$");
        page.ShouldContain("arn:aws:s3:::plain");
        page.ShouldContain("Policy</td><td>AccessDenied");
        page.ShouldContain("&lt;script&gt;alert(1)");
        page.ShouldNotContain("<script");

        var report = await GetAsync($"{Cis}/report?format=json");
        var failed = report.GetProperty("failed_policies").EnumerateArray().Single();
        (failed.GetProperty("policy_id").GetString(), failed.GetProperty("failed").GetInt64()).ShouldBe((Insecure, 1));
        failed.GetProperty("remediation").GetString()!.Length.ShouldBeGreaterThan(10);
        report.GetProperty("framework").GetProperty("score").GetRawText().ShouldBe((await GetAsync(Cis)).GetProperty("score").GetRawText());
        report.GetProperty("scans").EnumerateArray().Select(s => s.GetProperty("kind").GetString()).ShouldBe(["inventory", "policy"]);
        (await _qrie.GetAsync($"{Cis}/report?format=pdf")).Status.ShouldBe(HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task A_level_says_what_a_scan_does()
    {
        await _qrie.LaunchAsync(Insecure);
        var (status, quick) = await _qrie.PostAsync("/scans", new { level = "quick" });
        status.ShouldBe(HttpStatusCode.Accepted, quick.ToString());
        var scan = await _qrie.FinishedAsync(quick.GetProperty("scan_id").GetString()!);
        (scan.GetProperty("kind").GetString(), scan.GetProperty("level").GetString()).ShouldBe(("policy", "quick"));

        var deep = (await _qrie.PostAsync("/scans", new { level = "deep" })).Body;
        var policies = await _qrie.FinishedAsync(deep.GetProperty("scan_id").GetString()!);
        policies.GetProperty("after_scan_id").GetString().ShouldBe(deep.GetProperty("inventory_scan_id").GetString());
        var inventory = await GetAsync($"/scans/{deep.GetProperty("inventory_scan_id").GetString()}");
        inventory.GetProperty("progress").EnumerateArray().Select(p => p.GetProperty("service").GetString()).Distinct().ShouldBe(["s3"]);

        (await _qrie.PostAsync("/scans", new { level = "thorough" })).Body.GetProperty("errors").GetProperty("level")[0].GetString()!.ShouldContain("standard");
        (await _qrie.PostAsync("/scans", new { level = "quick", kind = "inventory" })).Status.ShouldBe(HttpStatusCode.BadRequest);
        (await _qrie.PutAsync("/schedules/inventory", new { cron = "0 0 4 * * ?", level = "deep" })).Status.ShouldBe(HttpStatusCode.BadRequest);
        var schedule = (await _qrie.PutAsync("/schedules/policy", new { cron = "0 0 4 * * ?", level = "deep" })).Body;
        schedule.GetProperty("level").GetString().ShouldBe("deep");
        (await _qrie.PostAsync("/schedules/policy/run", new { })).Status.ShouldBe(HttpStatusCode.Accepted);
        (await GetAsync("/scans")).GetProperty("scans").EnumerateArray().Count(s => s.GetProperty("level").GetString() == "deep").ShouldBe(4);
    }

    [Theory]
    [InlineData("/frameworks/none", HttpStatusCode.NotFound, "cis-5.0")]
    [InlineData("/frameworks/cis-5.0/requirements/9.9", HttpStatusCode.NotFound, "9.9")]
    [InlineData("/frameworks?account=999999999999", HttpStatusCode.BadRequest, "999999999999")]
    [InlineData("/frameworks?ou=/Nowhere", HttpStatusCode.BadRequest, "/Nowhere")]
    [InlineData("/frameworks?ou=/A&account=123456789012", HttpStatusCode.BadRequest, "either")]
    [InlineData("/frameworks/cis-5.0?state=green", HttpStatusCode.BadRequest, "not_assessed")]
    [InlineData("/frameworks/cis-5.0?section=9", HttpStatusCode.BadRequest, "section")]
    [InlineData("/frameworks/cis-5.0/requirements/2.1.1?verdict=red", HttpStatusCode.BadRequest, "not_evaluated")]
    public async Task Bad_input_gets_a_clear_answer(string path, HttpStatusCode expected, string text)
    {
        var (status, problem) = await _qrie.GetAsync(path);

        (status, problem.GetProperty("detail").GetString()!.Contains(text, StringComparison.Ordinal)).ShouldBe((expected, true), problem.ToString());
    }

    private static int Int(JsonElement of, string name) => of.GetProperty(name).GetInt32();

    private static JsonElement Find(JsonElement framework, string requirement) =>
        framework.GetProperty("requirements").EnumerateArray().Single(r => r.GetProperty("id").GetString() == requirement);

    private async Task<JsonElement> GetAsync(string path)
    {
        var (status, body) = await _qrie.GetAsync(path);
        status.ShouldBe(HttpStatusCode.OK, body.ToString());
        return body;
    }

    private async Task<List<string>> CsvAsync(string path)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("text/csv"));
        using var answer = await _qrie.Http.SendAsync(request);
        return [.. (await answer.Content.ReadAsStringAsync()).Split("\r\n", StringSplitOptions.RemoveEmptyEntries)];
    }

    /// <summary>The store, with something that happens between the reads of a recording and its write.</summary>
    private class InterruptedStore : DispatchProxy
    {
        private IComplianceStore _store = null!;
        private Func<Task> _beforeSaving = null!;

        public static IComplianceStore Of(IComplianceStore store, Func<Task> beforeSaving)
        {
            var proxy = Create<IComplianceStore, InterruptedStore>();
            ((InterruptedStore)(object)proxy)._store = store;
            ((InterruptedStore)(object)proxy)._beforeSaving = beforeSaving;
            return proxy;
        }

        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) =>
            targetMethod!.Name == nameof(IComplianceStore.SaveDayAsync) ? SaveAsync(targetMethod, args) : targetMethod.Invoke(_store, args);

        private async Task SaveAsync(MethodInfo method, object?[]? args)
        {
            await _beforeSaving();
            await (Task)method.Invoke(_store, args)!;
        }
    }
}
