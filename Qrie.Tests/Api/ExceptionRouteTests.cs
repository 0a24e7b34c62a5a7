using System.Net;
using System.Text.Json;
using Qrie.Tests.Api.Access;
using Qrie.Tests.Support;

namespace Qrie.Tests.Api;

/// <summary><c>/exceptions</c>: from the request to the finding.</summary>
public sealed class ExceptionRouteTests(SharedHosts hosts) : IClassFixture<SharedHosts>
{
    private const string Unversioned = "S3BucketVersioningDisabled";

    private static readonly string s_expires = DateTimeOffset.UtcNow.AddDays(100).ToString("O");

    [Fact]
    public async Task Findings_are_suppressed_while_an_exception_is_in_force()
    {
        await using var qrie = await StartAsync();
        var (status, made) = await qrie.PostAsync(
            "/exceptions",
            new { policy_id = Unversioned, arn = "arn:aws:s3:::web-*", owner = " web ", reason = "Public site", ticket = "SEC-1", expires_at = s_expires });
        status.ShouldBe(HttpStatusCode.Created, made.ToString());
        var id = made.GetProperty("exception_id").GetString()!;
        var applied = await AppliedAsync(qrie, id);

        (applied.GetProperty("state").GetString(), applied.GetProperty("findings").GetInt64(), applied.GetProperty("days_left").GetInt32(),
            applied.GetProperty("expiring").GetBoolean(), applied.GetProperty("owner").GetString()).ShouldBe(("active", 2, 99, false, "web"));
        (await NamesAsync(qrie, "")).ShouldBe(["data"], "clients that know two states see what they saw");
        (await NamesAsync(qrie, "state=ACTIVE")).ShouldBe(["data"]);
        (await NamesAsync(qrie, "state=SUPPRESSED")).ShouldBe(["web-a", "web-b"], ignoreOrder: true);
        (await NamesAsync(qrie, "state=ALL")).Count.ShouldBe(3);
        (await NamesAsync(qrie, "state=ALL&account=123456789012&sort=severity")).Count.ShouldBe(3);
        (await NamesAsync(qrie, "sort=resource")).ShouldBe(["data"]);
        (await GroupAsync(qrie, "by=policy")).ShouldBe([1]);
        (await GroupAsync(qrie, "by=resource&state=ALL")).Count.ShouldBe(3);
        var suppressed = (await qrie.GetAsync("/findings?state=SUPPRESSED")).Body.GetProperty("findings")[0];
        suppressed.GetProperty("exception_id").GetString().ShouldBe(id);
        (await qrie.GetAsync($"/findings/{suppressed.GetProperty("finding_id").GetString()}")).Body.GetProperty("transitions")[0].GetProperty("exception_id")
            .GetString().ShouldBe(id);
        var summary = (await qrie.GetAsync("/summary/findings")).Body;
        (summary.GetProperty("open_findings").GetInt64(), summary.GetProperty("suppressed_findings").GetInt64(),
            summary.GetProperty("total_findings").GetInt64(), summary.GetProperty("high_findings").GetInt64()).ShouldBe((1, 2, 3, 1));
        (await qrie.GetAsync("/summary/dashboard")).Body.GetProperty("suppressed_findings").GetInt64().ShouldBe(2);
        (await qrie.GetAsync("/exceptions?policy=S3BucketVersioningDisabled&account=123456789012&state=active")).Body.GetProperty("exceptions")
            .GetArrayLength().ShouldBe(1);
        (await qrie.GetAsync("/exceptions?expiring=true")).Body.GetProperty("exceptions").GetArrayLength().ShouldBe(0);

        var (changed, text) = await qrie.Http.CallAsync("PATCH", $"/exceptions/{id}", new { owner = "platform", ticket = "" });
        changed.ShouldBe(HttpStatusCode.OK, text);
        (JsonElement.Parse(text).GetProperty("owner").GetString(), JsonElement.Parse(text).GetProperty("ticket").ValueKind)
            .ShouldBe(("platform", JsonValueKind.Null));
        (await qrie.Http.CallAsync("HEAD", $"/exceptions/{id}")).ShouldBe((HttpStatusCode.OK, ""));

        (await qrie.DeleteAsync($"/exceptions/{id}")).Body.GetProperty("state").GetString().ShouldBe("removed");
        (await AppliedAsync(qrie, id)).GetProperty("findings").GetInt64().ShouldBe(0);
        (await NamesAsync(qrie, "state=ACTIVE")).Count.ShouldBe(3);
        (await qrie.DeleteAsync($"/exceptions/{id}")).Status.ShouldBe(HttpStatusCode.Conflict);
        (await qrie.Http.CallAsync("PATCH", $"/exceptions/{id}", new { owner = "me" })).Status.ShouldBe(HttpStatusCode.Conflict);
        (await qrie.GetAsync("/audit?subject=" + id)).Body.GetProperty("audit").EnumerateArray().Select(e => e.GetProperty("action").GetString())
            .ShouldBe(["exception.remove", "exception.update", "exception.create"]);
    }

    [Theory]
    [InlineData("""{}""", "policy_id,owner,reason,expires_at")]
    [InlineData("""{"policy_id":"NoSuchPolicy"}""", "policy_id,owner,reason,expires_at")]
    [InlineData("""{"account_ids":["123456789012"],"owner":"a","reason":"b","expires_at":"+1"}""", "policy_id")]
    [InlineData("""{"policy_id":"*","arn":"arn:*:*","owner":"a","reason":"b","expires_at":"+1"}""", "policy_id")]
    [InlineData("""{"policy_id":"S3BucketPublic","owner":"a","reason":"b","expires_at":"+366"}""", "expires_at")]
    [InlineData("""{"policy_id":"S3BucketPublic","owner":"a","reason":"b","expires_at":"-1"}""", "expires_at")]
    [InlineData("""{"policy_id":"S3BucketPublic","arn":"bucket","owner":"a","reason":"b","expires_at":"+1"}""", "arn")]
    [InlineData("""{"policy_id":"S3BucketPublic","account_ids":["12"],"owner":"a","reason":"b","expires_at":"+1"}""", "account_ids")]
    [InlineData("""{"policy_id":"S3BucketPublic","account_ids":[null],"owner":"a","reason":"b","expires_at":"+1"}""", "account_ids")]
    [InlineData("""{"tag_value":"web","owner":"a","reason":"b","expires_at":"+1"}""", "tag_key,policy_id")]
    [InlineData("""{"policy_id":"S3BucketPublic","owner":"a\u202eb","reason":"b\u0007","expires_at":"+1"}""", "owner,reason")]
    [InlineData("""{"policy_id":"S3BucketPublic","owner":7,"reason":"b","expires_at":"+1"}""", "owner")]
    public async Task A_wrong_request_is_refused_with_its_fields(string body, string fields)
    {
        var qrie = await hosts.EmptyAsync();
        foreach (var days in (int[])[1, 366, -1])
        {
            body = body.Replace($"\"{days:+0;-0}\"", $"\"{DateTimeOffset.UtcNow.AddDays(days):O}\"", StringComparison.Ordinal);
        }

        var (status, problem) = await qrie.PostTextAsync("/exceptions", body);

        status.ShouldBe(HttpStatusCode.BadRequest, problem.ToString());
        problem.GetProperty("errors").EnumerateObject().Select(e => e.Name).ShouldBe(fields.Split(','), ignoreOrder: true);
        (await qrie.GetAsync("/exceptions")).Body.GetProperty("exceptions").GetArrayLength().ShouldBe(0);
    }

    [Theory]
    [InlineData("GET", "/exceptions/none", null, HttpStatusCode.NotFound)]
    [InlineData("DELETE", "/exceptions/none", null, HttpStatusCode.NotFound)]
    [InlineData("PATCH", "/exceptions/none", """{"owner":"me"}""", HttpStatusCode.NotFound)]
    [InlineData("PATCH", "/exceptions/none", """{}""", HttpStatusCode.BadRequest)]
    [InlineData("PATCH", "/exceptions/none", """{"owner":""}""", HttpStatusCode.BadRequest)]
    [InlineData("GET", "/exceptions?state=ended", null, HttpStatusCode.BadRequest)]
    [InlineData("GET", "/exceptions?expiring=soon", null, HttpStatusCode.BadRequest)]
    [InlineData("GET", "/exceptions?next_token=x", null, HttpStatusCode.BadRequest)]
    [InlineData("POST", "/exceptions/import", "x", HttpStatusCode.BadRequest)]
    [InlineData("GET", "/findings?state=EXCEPTED", null, HttpStatusCode.BadRequest)]
    public async Task What_does_not_exist_or_makes_no_sense_is_refused(string method, string path, string? body, HttpStatusCode expected) =>
        (await (await hosts.EmptyAsync()).Http.CallAsync(method, path, body)).Status.ShouldBe(expected);

    [Fact]
    public async Task The_longest_validity_is_configured()
    {
        await using var qrie = await RunningQrie.StartAsync(settings: ["--Exceptions:MaxDays=30", "--Exceptions:WarnDays=20"]);
        object Body(int days) => new { policy_id = Unversioned, owner = "a", reason = "b", expires_at = DateTimeOffset.UtcNow.AddDays(days) };

        (await qrie.PostAsync("/exceptions", Body(31))).Status.ShouldBe(HttpStatusCode.BadRequest);
        (await qrie.PostAsync("/exceptions", Body(29))).Status.ShouldBe(HttpStatusCode.Created);
        (await qrie.PostAsync("/exceptions", Body(10))).Body.GetProperty("expiring").GetBoolean().ShouldBeTrue();
        (await qrie.GetAsync("/exceptions?expiring=true")).Body.GetProperty("exceptions").GetArrayLength().ShouldBe(1);
    }

    private static async Task<RunningQrie> StartAsync()
    {
        var qrie = await RunningQrie.StartAsync();
        await qrie.LaunchQuietlyAsync(Unversioned);
        foreach (var name in (string[])["web-a", "web-b", "data"])
        {
            var bucket = StoredWorld.Bucket(name);
            await qrie.WriteAsync(bucket);
            await qrie.EvaluateAsync(bucket, Some.Fails(Unversioned));
        }

        return qrie;
    }

    /// <summary>The exception when its findings have followed.</summary>
    private static async Task<JsonElement> AppliedAsync(RunningQrie qrie, string id)
    {
        for (var i = 0; i < 1000; i++)
        {
            var (status, exception) = await qrie.GetAsync($"/exceptions/{id}");
            status.ShouldBe(HttpStatusCode.OK, exception.ToString());
            if (!exception.GetProperty("pending").GetBoolean())
            {
                return exception;
            }

            await Task.Delay(10);
        }

        throw new TimeoutException($"Exception {id} stays pending.");
    }

    private static async Task<List<string>> NamesAsync(RunningQrie qrie, string query) =>
        [.. (await qrie.AllAsync($"/findings?{query}", "findings", pageSize: 1)).Select(f => f.GetProperty("arn").GetString()!["arn:aws:s3:::".Length..])];

    private static async Task<List<long>> GroupAsync(RunningQrie qrie, string query) =>
        [.. (await qrie.AllAsync($"/findings/groups?{query}", "groups")).Select(g => g.GetProperty("findings").GetInt64())];
}
