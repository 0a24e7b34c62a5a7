using System.Net;
using System.Text;
using System.Text.Json;
using Qrie.Domain.Findings;
using Qrie.Tests.Support;

namespace Qrie.Tests.Api;

/// <summary><c>GET /findings</c> by its newer filters, and <c>GET /findings/{id}</c>.</summary>
public sealed class FindingRouteTests(SharedHosts hosts) : IClassFixture<SharedHosts>, IAsyncLifetime
{
    private const string Unversioned = "S3BucketVersioningDisabled";

    private RunningQrie _qrie = null!;

    /// <summary>Tests that change findings start a service of their own.</summary>
    public async ValueTask InitializeAsync() => _qrie = await hosts.GetAsync("findings", StartAsync);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private static async Task<RunningQrie> StartAsync()
    {
        var qrie = await RunningQrie.StartAsync();
        await qrie.LaunchQuietlyAsync(Unversioned);
        foreach (var (name, day) in ((string, int)[])[("a", 0), ("b%", 1), ("c", 2)])
        {
            var bucket = StoredWorld.Bucket(name, day * 86_400, """{"Name":"it's $(mine)"}""", ("Team", "web"));
            await qrie.WriteAsync(bucket);
            await qrie.EvaluateAsync(bucket, Some.Fails(Unversioned, evidence: """{"half":"\ud800"}"""));
        }

        return qrie;
    }

    [Theory]
    [InlineData("region=eu-west-1", "c,b%,a")]
    [InlineData("region=us-east-1", "")]
    [InlineData("resource_type=AWS::S3::Bucket&service=s3", "c,b%,a")]
    [InlineData("resource_type=AWS::S3::Account", "")]
    [InlineData("arn_prefix=arn:aws:s3:::b%25", "b%")]
    [InlineData("arn_prefix=arn:aws:s3:::%25", "")]
    [InlineData("first_seen_from=2026-11-22", "c,b%")]
    [InlineData("first_seen_from=2026-11-22T12:00:01Z&first_seen_to=2026-11-23T12:00:01Z", "b%")]
    [InlineData("first_seen_from=2026-11-22T14:00:01%2B02:00&first_seen_to=2026-11-23", "b%")]
    [InlineData("first_seen_from=2026-11-22T14:00:01+02:00&first_seen_to=2026-11-23", "b%")]
    [InlineData("first_seen_to=2026-11-22T12:00", "a")]
    [InlineData("account_id=123456789012&policy=S3BucketVersioningDisabled&min_severity=60", "c,b%,a")]
    [InlineData("account_id=123456789012&min_severity=61", "")]
    [InlineData("text=B%25", "b%")]
    [InlineData("text=VERSIONINGdisabled", "c,b%,a")] // the policy's title or id
    [InlineData("text=no such thing", "")]
    [InlineData("sort=resource", "a,b%,c")]
    [InlineData("sort=severity&text=s3:::", "c,b%,a")]
    public async Task Findings_are_filtered(string query, string expected) =>
        string.Join(
            ',', (await _qrie.AllAsync($"/findings?{query}", "findings", pageSize: 1)).Select(f => f.GetProperty("arn").GetString()!["arn:aws:s3:::".Length..]))
            .ShouldBe(expected);

    [Theory]
    [InlineData("policy", "S3BucketVersioningDisabled:3")]
    [InlineData("account", "123456789012:3")]
    [InlineData("resource", "arn:aws:s3:::c:1,arn:aws:s3:::b%:1,arn:aws:s3:::a:1")]
    [InlineData("resource&text=:::a", "arn:aws:s3:::a:1")]
    [InlineData("account&first_seen_from=2026-11-22", "123456789012:2")]
    [InlineData("policy&severity=low", "")]
    public async Task Findings_are_counted_in_groups(string query, string expected)
    {
        var groups = await _qrie.AllAsync($"/findings/groups?by={query}", "groups", pageSize: 1);

        string.Join(',', groups.Select(g => $"{g.GetProperty("key").GetString()}:{g.GetProperty("findings").GetInt64()}")).ShouldBe(expected);
        groups.ShouldAllBe(g => g.GetProperty("worst").GetString() == "high" && g.GetProperty("high").GetInt64() == g.GetProperty("findings").GetInt64());
    }

    [Theory]
    [InlineData("/findings?sort=name", "sort")]
    [InlineData("/findings?text=a", "text")]
    [InlineData("/findings/groups", "by")]
    [InlineData("/findings/groups?by=region", "by")]
    public async Task A_request_that_cannot_be_answered_names_the_parameter(string path, string field)
    {
        var (status, problem) = await _qrie.GetAsync(path);

        status.ShouldBe(HttpStatusCode.BadRequest);
        problem.GetProperty("errors").GetProperty(field)[0].GetString()!.ShouldContain(field);
    }

    [Fact]
    public async Task A_policy_has_a_trend_of_its_own()
    {
        var weeks = (await _qrie.GetAsync($"/policies/{Unversioned}/trend")).Body.GetProperty("weeks");

        weeks.GetArrayLength().ShouldBe(8);
        weeks[7].GetProperty("open_findings").GetInt64().ShouldBe(3);
        (await _qrie.GetAsync("/policies/S3BucketPublic/trend")).Body.GetProperty("weeks")[7].GetProperty("total_findings").GetInt64().ShouldBe(0);
        (await _qrie.GetAsync("/policies/NoSuchPolicy/trend")).Status.ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task A_token_is_valid_only_for_an_equal_filter_in_any_notation()
    {
        var (_, page) = await _qrie.GetAsync("/findings?page_size=1&service=s3&policy=x");
        page.TryGetProperty("next_token", out _).ShouldBeFalse();
        var token = (await _qrie.GetAsync("/findings?page_size=1&service=s3")).Body.GetProperty("next_token").GetString();

        (await _qrie.GetAsync($"/findings?service=s3&next_token={token}")).Status.ShouldBe(HttpStatusCode.OK);
        (await _qrie.GetAsync($"/findings?service=s3&region=eu-west-1&next_token={token}")).Status.ShouldBe(HttpStatusCode.BadRequest);
        (await _qrie.GetAsync($"/findings?service={Uri.EscapeDataString("s3, PolicyId = ")}&next_token={token}")).Status.ShouldBe(HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task A_finding_is_returned_with_everything_needed_to_fix_it()
    {
        var listed = await ListedAsync(_qrie, "a");
        var (status, one) = await _qrie.GetAsync($"/findings/{listed.GetProperty("finding_id").GetString()}");

        status.ShouldBe(HttpStatusCode.OK);
        foreach (var member in listed.EnumerateObject())
        {
            one.GetProperty(member.Name).GetRawText().ShouldBe(member.Value.GetRawText());
        }

        one.GetProperty("title").GetString().ShouldNotBeNullOrEmpty();
        one.GetProperty("description").GetString().ShouldNotBeNullOrEmpty();
        one.GetProperty("remediation").GetString().ShouldNotBeNullOrEmpty();
        one.GetProperty("references").GetArrayLength().ShouldBePositive();
        var control = one.GetProperty("equivalents").GetProperty("securityhub")[0];
        (control.GetProperty("id").GetString(), control.GetProperty("covers").GetString()).ShouldBe(("S3.14", "same"));
        control.GetProperty("why").ValueKind.ShouldBe(JsonValueKind.Null);
        // The name of a bucket must not become part of the command.
        one.GetProperty("fix").GetString()!.ShouldContain("--bucket 'it'\\''s $(mine)'");
        one.GetProperty("evidence").GetRawText().ShouldBe("""{"half":"\ud800"}""");
        one.GetProperty("transitions").GetRawText().ShouldBe(
            """[{"state":"ACTIVE","at":"2026-11-21T12:00:01.000Z","reason":null,"scan_id":"scan-1","exception_id":null}]""");
        var resource = one.GetProperty("resource");
        resource.GetProperty("arn").GetString().ShouldBe("arn:aws:s3:::a");
        resource.GetProperty("tags").GetProperty("Team").GetString().ShouldBe("web");
        resource.GetProperty("deleted_at").ValueKind.ShouldBe(JsonValueKind.Null);
        resource.TryGetProperty("configuration", out _).ShouldBeFalse();
    }

    [Fact]
    public async Task Its_history_is_newest_first()
    {
        await using var qrie = await StartAsync();
        var repaired = StoredWorld.Bucket("a", 500, """{"Name":"a","Versioning":{"Status":"Enabled"}}""");
        await qrie.WriteAsync(repaired);
        await qrie.EvaluateAsync(repaired, Some.Passes(Unversioned));

        var (_, one) = await qrie.GetAsync($"/findings/{(await ListedAsync(qrie, "a")).GetProperty("finding_id").GetString()}");

        one.GetProperty("transitions").EnumerateArray().Select(t => (t.GetProperty("state").GetString(), t.GetProperty("reason").GetString()))
            .ShouldBe([("RESOLVED", "COMPLIANT"), ("ACTIVE", null)]);
    }

    [Fact]
    public async Task A_finding_of_a_policy_no_longer_in_the_catalog_is_still_returned()
    {
        await using var qrie = await StartAsync();
        await qrie.LaunchQuietlyAsync("OldPolicy");
        await qrie.EvaluateAsync(
            StoredWorld.Bucket("c", 2 * 86_400, """{"Name":"it's $(mine)"}""") with { Tags = null }, Some.Fails("OldPolicy"), Some.Fails(Unversioned));
        var (_, page) = await qrie.GetAsync("/findings?policy=OldPolicy");

        var (status, one) = await qrie.GetAsync($"/findings/{page.GetProperty("findings")[0].GetProperty("finding_id").GetString()}");

        status.ShouldBe(HttpStatusCode.OK);
        one.GetProperty("title").ValueKind.ShouldBe(JsonValueKind.Null);
        one.GetProperty("fix").ValueKind.ShouldBe(JsonValueKind.Null);
    }

    [Theory]
    [InlineData("nonsense")]
    [InlineData("0123456789abcdef0123456789abcdef")]
    [InlineData("_w")]
    public async Task An_unknown_finding_is_a_404_with_a_remedy(string id)
    {
        var (status, body) = await _qrie.GetAsync($"/findings/{id}");

        status.ShouldBe(HttpStatusCode.NotFound);
        body.GetProperty("message").GetString().ShouldBe("There is no finding with this id. Take finding_id from GET /findings or GET /resources/{arn}.");
        (await _qrie.GetAsync($"/findings/{new FindingIdentity("123456789012_s3", "arn:aws:s3:::nowhere", Unversioned).ToId()}")).Status
            .ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public void A_finding_has_exactly_one_id()
    {
        var identity = new FindingIdentity("123456789012_s3", "arn:aws:s3:::a\nb/ü😀?", "P");

        FindingIdentity.Parse(identity.ToId()).ShouldBe(identity);
        FindingIdentity.Parse(identity.ToId() + "=").ShouldBeNull();
        FindingIdentity.Parse(new string('A', 5000)).ShouldBeNull();
        FindingIdentity.Parse(Convert.ToBase64String(Encoding.UTF8.GetBytes("only one part")).TrimEnd('=')).ShouldBeNull();
        new FindingIdentity("123456789012_s3", new string('x', 2048), new string('P', 60)).ToId().Length.ShouldBeLessThan(3000);
    }

    private static async Task<JsonElement> ListedAsync(RunningQrie qrie, string bucket) =>
        (await qrie.GetAsync($"/findings?arn_prefix=arn:aws:s3:::{bucket}")).Body.GetProperty("findings").EnumerateArray().Single();
}
