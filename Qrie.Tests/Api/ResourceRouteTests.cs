using System.Net;
using System.Text.Json;
using Qrie.Domain.Inventory;
using Qrie.Tests.Support;

namespace Qrie.Tests.Api;

/// <summary><c>GET /resources</c> by its newer filters, and <c>GET /resources/{arn}</c>.</summary>
public sealed class ResourceRouteTests(SharedHosts hosts) : IClassFixture<SharedHosts>, IAsyncLifetime
{
    private const string Public = "S3BucketPublic";
    private const string Unversioned = "S3BucketVersioningDisabled";
    private const string Encryption = "S3BucketEncryptionDisabled";
    private const string MfaDelete = "S3BucketMfaDeleteDisabled";

    private RunningQrie _qrie = null!;

    /// <summary>Tests whose resources other tests must not see start a service of their own.</summary>
    public async ValueTask InitializeAsync() => _qrie = await hosts.EmptyAsync();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Theory]
    [InlineData("tag=Team:web", "a,b")]
    [InlineData("tag=Team:web&tag=url:https://x:80", "b")]
    [InlineData("tag=Team:", "c")]
    [InlineData("region=eu-west-1&arn_prefix=arn:aws:s3:::c", "c")]
    [InlineData("resource_type=AWS::S3::Bucket&account_id=123456789012", "a,b,c")]
    [InlineData("deleted=true", "a,b,c,d")]
    [InlineData("deleted=true&arn_prefix=arn:aws:s3:::d", "d")]
    [InlineData("deleted=false", "a,b,c")]
    public async Task Resources_are_filtered(string query, string expected)
    {
        var qrie = await hosts.GetAsync("filtered", async () =>
        {
            var host = await RunningQrie.StartAsync();
            await host.WriteAsync(
                StoredWorld.Bucket("a", tags: ("Team", "web")),
                StoredWorld.Bucket("b", tags: [("Team", "web"), ("url", "https://x:80")]), StoredWorld.Bucket("c", tags: ("Team", "")),
                StoredWorld.Bucket("d"));
            await host.DeleteAsync("d", at: 60);
            return host;
        });

        var found = await qrie.AllAsync($"/resources?{query}", "resources", pageSize: 1);

        string.Join(',', found.Select(r => r.GetProperty("resource_id").GetString())).ShouldBe(expected);
        found.ShouldAllBe(r => (r.GetProperty("deleted_at").GetString() == "2026-11-21T12:01:00.000Z") == (r.GetProperty("resource_id").GetString() == "d"));
    }

    [Theory]
    [InlineData("plain")]
    [InlineData("with/slashes//and/")]
    [InlineData("with%2Fwhat looks encoded%20")]
    [InlineData("with ü, 日本, 😀 and +")]
    [InlineData("with:colons?and#more&even=this;'\"")]
    [InlineData("with/../dots/./")]
    [InlineData("100%")]
    public async Task A_resource_is_found_by_its_encoded_ARN_with_any_characters(string name)
    {
        var other = name.Replace("%2F", "/", StringComparison.Ordinal) + "x";
        await _qrie.WriteAsync(StoredWorld.Bucket(name), StoredWorld.Bucket(other));
        var encoded = Uri.EscapeDataString($"arn:aws:s3:::{name}");

        foreach (var path in (string[])[$"/resources/{encoded}", $"/api/resources/{encoded}", $"/resources/{encoded}?account=123456789012"])
        {
            var (status, one) = await _qrie.GetAsync(path);

            status.ShouldBe(HttpStatusCode.OK, path + one);
            one.GetProperty("arn").GetString().ShouldBe($"arn:aws:s3:::{name}");
        }
    }

    [Fact]
    public async Task Slashes_need_not_be_encoded()
    {
        await _qrie.WriteAsync(StoredWorld.Bucket("a//b/c"));

        (await _qrie.GetAsync("/resources/arn:aws:s3:::a//b/c")).Body.GetProperty("arn").GetString().ShouldBe("arn:aws:s3:::a//b/c");
        (await _qrie.GetAsync("/resources/arn:aws:s3:::a/b/c")).Status.ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task A_resource_is_returned_with_the_verdict_of_every_policy()
    {
        await using var qrie = await RunningQrie.StartAsync();
        foreach (var policy in (string[])[Public, Unversioned, Encryption])
        {
            await qrie.LaunchQuietlyAsync(policy);
        }

        var bucket = StoredWorld.Bucket("a", 5, """{"Name":"a","_unknown":{"Acl":"AccessDenied"}}""", ("Team", "web"));
        await qrie.WriteAsync(bucket);
        await qrie.EvaluateAsync(
            bucket, Some.Fails(Public, severity: 95, evidence: """{"flag":false}"""), Some.IsUnknown(Unversioned), Some.LeftOut(Encryption));
        await qrie.LaunchQuietlyAsync(MfaDelete);

        var (status, one) = await qrie.GetAsync("/resources/arn%3Aaws%3As3%3A%3A%3Aa");

        status.ShouldBe(HttpStatusCode.OK);
        one.GetProperty("state").GetString().ShouldBe("active");
        one.GetProperty("account_id").GetString().ShouldBe("123456789012");
        one.GetProperty("tags").GetProperty("Team").GetString().ShouldBe("web");
        one.GetProperty("configuration").GetProperty("Name").GetString().ShouldBe("a");
        one.GetProperty("_unknown").GetRawText().ShouldBe("""{"Acl":"AccessDenied"}""");
        one.GetProperty("evaluation_is_current").GetBoolean().ShouldBeTrue();
        var verdicts = one.GetProperty("verdicts").EnumerateArray().ToDictionary(v => v.GetProperty("policy").GetString()!);
        verdicts.ToDictionary(v => v.Key, v => v.Value.GetProperty("verdict").GetString()).ShouldBe(
            new Dictionary<string, string?> { [Public] = "fail", [Unversioned] = "unknown", [Encryption] = "out_of_scope", [MfaDelete] = "not_evaluated" },
            ignoreOrder: true);
        verdicts[Unversioned].GetProperty("attribute").GetString().ShouldBe("Acl");
        verdicts[Unversioned].GetProperty("error_code").GetString().ShouldBe("AccessDenied");
        verdicts[Unversioned].GetProperty("finding").ValueKind.ShouldBe(JsonValueKind.Null);
        var finding = verdicts[Public].GetProperty("finding");
        finding.GetProperty("evidence").GetRawText().ShouldBe("""{"flag":false}""");
        (await qrie.GetAsync($"/findings/{finding.GetProperty("finding_id").GetString()}")).Body.GetProperty("policy").GetString().ShouldBe(Public);
        HistoryOf(one).ShouldBe(["finding_active S3BucketPublic", "first_seen "]);
    }

    [Fact]
    public async Task A_verdict_of_an_earlier_revision_is_not_returned()
    {
        await using var qrie = await RunningQrie.StartAsync();
        await qrie.LaunchQuietlyAsync(Public);
        var bucket = StoredWorld.Bucket("a");
        await qrie.WriteAsync(bucket);
        await qrie.EvaluateAsync(bucket, Some.Passes(Public));

        (await VerdictAsync(qrie, Public)).ShouldBe("pass");
        using var put = await qrie.Http.PutAsync("/policies/S3BucketPublic", new StringContent("""{"scope":{"include_tags":{"Team":["web"]}}}"""));
        put.StatusCode.ShouldBe(HttpStatusCode.OK);
        await qrie.FinishedAsync(JsonElement.Parse(await put.Content.ReadAsStringAsync()).GetProperty("scan_id").GetString()!);
        (await VerdictAsync(qrie, Public)).ShouldBe("out_of_scope");
    }

    [Fact]
    public async Task A_deleted_resource_has_its_last_configuration_and_its_resolved_findings()
    {
        await using var qrie = await RunningQrie.StartAsync();
        await qrie.LaunchQuietlyAsync(Public);
        var bucket = StoredWorld.Bucket("a");
        await qrie.WriteAsync(bucket);
        await qrie.EvaluateAsync(bucket, Some.Fails(Public));
        await qrie.DeleteAsync("a", at: 60);

        var (_, one) = await qrie.GetAsync("/resources/arn:aws:s3:::a");

        one.GetProperty("state").GetString().ShouldBe("deleted");
        one.GetProperty("deleted_at").GetString().ShouldBe("2026-11-21T12:01:00.000Z");
        one.GetProperty("configuration").GetProperty("Name").GetString().ShouldBe("bucket");
        one.GetProperty("verdicts").GetArrayLength().ShouldBe(0);
        HistoryOf(one).ShouldBe(["finding_resolved S3BucketPublic", "deleted ", "finding_active S3BucketPublic", "first_seen "], ignoreOrder: false);
    }

    [Fact]
    public async Task An_ambiguous_ARN_means_the_existing_resource_or_must_be_qualified()
    {
        await using var qrie = await RunningQrie.StartAsync();
        await qrie.PostAsync("/accounts", new { account_id = "210987654321" });
        CollectedResource Of(string account) => StoredWorld.Bucket("a") with { AccountId = account };
        await qrie.WriteAsync(Of("123456789012"), Of("210987654321"));

        var (status, problem) = await qrie.GetAsync("/resources/arn:aws:s3:::a");
        status.ShouldBe(HttpStatusCode.Conflict);
        problem.GetProperty("message").GetString().ShouldBe(
            "arn:aws:s3:::a exists in 123456789012_s3 and 210987654321_s3: add ?account_service= with one of them.");
        (await ServiceAsync("?account_service=210987654321_s3")).ShouldBe("210987654321_s3");
        (await ServiceAsync("?account=123456789012")).ShouldBe("123456789012_s3");
        (await qrie.GetAsync("/resources/arn:aws:s3:::a?account=999999999999")).Body.GetProperty("message").GetString()!
            .ShouldContain("only as 123456789012_s3 and 210987654321_s3");

        await qrie.DeleteAsync("a", at: 60);
        (await ServiceAsync("")).ShouldBe("210987654321_s3");
        (await ServiceAsync("?account=123456789012")).ShouldBe("123456789012_s3");

        async Task<string?> ServiceAsync(string query) =>
            (await qrie.GetAsync($"/resources/arn:aws:s3:::a{query}")).Body.GetProperty("account_service").GetString();
    }

    [Fact]
    public async Task An_unknown_resource_is_a_404_with_a_remedy()
    {
        var (status, body) = await _qrie.GetAsync("/resources/arn%3Aaws%3As3%3A%3A%3Anowhere");

        status.ShouldBe(HttpStatusCode.NotFound);
        body.GetProperty("message").GetString()!.ShouldStartWith("There is no resource arn:aws:s3:::nowhere. Give its ARN percent-encoded");
    }

    private static IEnumerable<string> HistoryOf(JsonElement resource) => resource.GetProperty("history").EnumerateArray()
        .Select(h => $"{h.GetProperty("event").GetString()} {(h.TryGetProperty("policy", out var policy) ? policy.GetString() : "")}");

    private static async Task<string?> VerdictAsync(RunningQrie qrie, string policy) =>
        (await qrie.GetAsync("/resources/arn:aws:s3:::a")).Body.GetProperty("verdicts")
        .EnumerateArray().Single(v => v.GetProperty("policy").GetString() == policy)
        .GetProperty("verdict").GetString();
}
