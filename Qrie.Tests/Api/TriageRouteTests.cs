using System.Net;
using System.Text.Json;
using Qrie.Tests.Api.Access;
using Qrie.Tests.Support;

namespace Qrie.Tests.Api;

/// <summary>Triage over REST.</summary>
public sealed class TriageRouteTests(SharedHosts hosts) : IClassFixture<SharedHosts>
{
    private const string Unversioned = "S3BucketVersioningDisabled";

    [Fact]
    public async Task A_finding_is_triaged_commented_and_found()
    {
        await using var qrie = await StartAsync();
        var id = await IdAsync(qrie, "a");
        var fresh = (await qrie.GetAsync($"/findings/{id}/triage")).Body;
        (fresh.GetProperty("workflow").GetString(), fresh.GetProperty("assignee").ValueKind, fresh.GetProperty("due_date").GetString(),
            fresh.GetProperty("due_date_is_explicit").GetBoolean(), fresh.GetProperty("history").GetArrayLength())
            .ShouldBe(("NEW", JsonValueKind.Null, "2026-12-21", false, 0)); // high: 30 days after 2026-11-21

        var (status, text) = await qrie.Http.CallAsync(
            "PATCH", $"/findings/{id}/triage", new { workflow = "IN_PROGRESS", assignee = " anna ", due_date = "2026-11-25", comment = "Next week" });
        status.ShouldBe(HttpStatusCode.OK, text);
        var changed = JsonElement.Parse(text);
        (changed.GetProperty("workflow").GetString(), changed.GetProperty("assignee").GetString(), changed.GetProperty("due_date").GetString(),
            changed.GetProperty("overdue").GetBoolean()).ShouldBe(("IN_PROGRESS", "anna", "2026-11-25", true));
        (await qrie.Http.CallAsync("POST", $"/findings/{id}/comments", new { text = "Line\nline" })).Status.ShouldBe(HttpStatusCode.Created);
        var comments = (await qrie.AllAsync($"/findings/{id}/comments", "comments", pageSize: 1)).Select(c => c.GetProperty("text").GetString()).ToList();
        comments.ShouldBe(["Line\nline", "Next week"]);

        (await NamesAsync(qrie, "workflow=IN_PROGRESS")).ShouldBe(["a"]);
        (await NamesAsync(qrie, "workflow=NEW")).ShouldBe(["b", "c"], ignoreOrder: true);
        (await NamesAsync(qrie, "assignee=anna")).ShouldBe(["a"]);
        (await NamesAsync(qrie, "state=ACTIVE")).Count.ShouldBe(3);
        (await qrie.GetAsync("/findings?assignee=anna")).Body.GetProperty("findings")[0].GetProperty("workflow").GetString().ShouldBe("IN_PROGRESS");
        var dashboard = (await qrie.GetAsync("/summary/dashboard")).Body;
        dashboard.GetProperty("overdue_findings").GetInt64().ShouldBe((await NamesAsync(qrie, "overdue=true")).Count);
        dashboard.GetProperty("by_severity").EnumerateArray().Select(s => s.GetProperty("severity").GetString())
            .ShouldBe(["critical", "high", "medium", "low"]);
        (await qrie.GetAsync("/audit?subject=" + id)).Body.GetProperty("audit").EnumerateArray().Select(e => e.GetProperty("action").GetString())
            .ShouldBe(["finding.comment", "finding.triage"]);
    }

    [Fact]
    public async Task Many_findings_are_changed_at_once_up_to_a_limit()
    {
        await using var qrie = await StartAsync();
        async Task<(int, bool)> ChangeAsync(string query)
        {
            var (status, text) = await qrie.Http.CallAsync("PATCH", $"/findings/triage?{query}", new { workflow = "NOTIFIED" });
            status.ShouldBe(HttpStatusCode.OK, text);
            return (JsonElement.Parse(text).GetProperty("changed").GetInt32(), JsonElement.Parse(text).GetProperty("more").GetBoolean());
        }

        (await ChangeAsync("workflow=NEW&limit=2")).ShouldBe((2, true));
        (await ChangeAsync("workflow=NEW&limit=2")).ShouldBe((1, false));
        (await ChangeAsync("text=nothing")).ShouldBe((0, false));

        (await NamesAsync(qrie, "workflow=NOTIFIED")).Count.ShouldBe(3);
        (await qrie.GetAsync("/audit?action=finding.triage")).Body.GetProperty("audit")[1].GetProperty("after").GetProperty("changed").GetInt32().ShouldBe(1);
    }

    [Theory]
    [InlineData("PATCH", "/findings/{id}/triage", """{}""", "body")]
    [InlineData("PATCH", "/findings/{id}/triage", """{"workflow":"DONE"}""", "workflow")]
    [InlineData("PATCH", "/findings/{id}/triage", """{"workflow":"RESOLVED"}""", "workflow")]
    [InlineData("PATCH", "/findings/{id}/triage", """{"assignee":"a\u202e"}""", "assignee")]
    [InlineData("PATCH", "/findings/{id}/triage", """{"due_date":"tomorrow"}""", "due_date")]
    [InlineData("POST", "/findings/{id}/comments", """{}""", "text")]
    [InlineData("POST", "/findings/{id}/comments", """{"text":"a\u0007"}""", "text")]
    [InlineData("PATCH", "/findings/triage?limit=1001", """{"workflow":"NEW"}""", "limit")]
    [InlineData("PATCH", "/findings/triage?state=RESOLVED", """{"workflow":"NEW"}""", "state")]
    [InlineData("PATCH", "/findings/triage?page_size=1", """{"workflow":"NEW"}""", "page_size")]
    [InlineData("GET", "/findings?workflow=done", null, "workflow")]
    [InlineData("GET", "/findings?overdue=yes", null, "overdue")]
    [InlineData("GET", "/findings/groups?by=policy&overdue=true", null, "overdue")]
    public async Task A_wrong_request_is_refused_with_its_field(string method, string path, string? body, string field)
    {
        var qrie = await hosts.GetAsync("triage", StartAsync);

        var (status, text) = await qrie.Http.CallAsync(method, path.Replace("{id}", await IdAsync(qrie, "a"), StringComparison.Ordinal), body);

        status.ShouldBe(HttpStatusCode.BadRequest, text);
        JsonElement.Parse(text).GetProperty("errors").TryGetProperty(field, out _).ShouldBeTrue(text);
    }

    [Theory]
    [InlineData("GET", "/findings/none/triage", null)]
    [InlineData("GET", "/findings/none/comments", null)]
    [InlineData("PATCH", "/findings/none/triage", """{"workflow":"NEW"}""")]
    [InlineData("POST", "/findings/none/comments", """{"text":"a"}""")]
    public async Task A_finding_that_does_not_exist_is_not_found(string method, string path, string? body) =>
        (await (await hosts.GetAsync("triage", StartAsync)).Http.CallAsync(method, path, body)).Status.ShouldBe(HttpStatusCode.NotFound);

    [Fact]
    public async Task A_comment_has_at_most_4096_bytes()
    {
        var qrie = await hosts.GetAsync("triage", StartAsync);
        var path = $"/findings/{await IdAsync(qrie, "c")}/comments";

        (await qrie.Http.CallAsync("POST", path, new { text = new string('ä', 2048) })).Status.ShouldBe(HttpStatusCode.Created);
        (await qrie.Http.CallAsync("POST", path, new { text = new string('ä', 2049) })).Status.ShouldBe(HttpStatusCode.BadRequest);
    }

    private static async Task<RunningQrie> StartAsync()
    {
        var qrie = await RunningQrie.StartAsync();
        await qrie.LaunchQuietlyAsync(Unversioned);
        foreach (var name in (string[])["a", "b", "c"])
        {
            var bucket = StoredWorld.Bucket(name);
            await qrie.WriteAsync(bucket);
            await qrie.EvaluateAsync(bucket, Some.Fails(Unversioned));
        }

        return qrie;
    }

    private static async Task<string> IdAsync(RunningQrie qrie, string name) =>
        (await qrie.GetAsync($"/findings?arn_prefix=arn:aws:s3:::{name}")).Body.GetProperty("findings")[0].GetProperty("finding_id").GetString()!;

    private static async Task<List<string>> NamesAsync(RunningQrie qrie, string query) =>
        [.. (await qrie.AllAsync($"/findings?{query}", "findings", pageSize: 1)).Select(f => f.GetProperty("arn").GetString()!["arn:aws:s3:::".Length..])];
}
