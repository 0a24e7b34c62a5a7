using System.Net;
using System.Text.Json;

namespace Qrie.Tests.Api;

/// <summary>The error body, which names the field and the remedy (design.md section 6, contract.md section 1.0).</summary>
public sealed class ErrorTests(SharedHosts hosts) : IClassFixture<SharedHosts>, IAsyncLifetime
{
    private RunningQrie _qrie = null!;

    public async ValueTask InitializeAsync() => _qrie = await hosts.EmptyAsync();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task An_error_has_problem_details_and_the_fields_of_older_clients()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/findings?state=OPEN");
        request.Headers.Add("x-request-id", "caller-id-0001");
        using var answer = await _qrie.Http.SendAsync(request);
        var body = JsonElement.Parse(await answer.Content.ReadAsStringAsync());

        answer.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        answer.Content.Headers.ContentType!.MediaType.ShouldBe("application/problem+json");
        answer.Headers.GetValues("x-request-id").ShouldBe(["caller-id-0001"]);
        body.GetProperty("status").GetInt32().ShouldBe(400);
        body.GetProperty("title").GetString().ShouldBe("Bad request");
        body.GetProperty("message").GetString().ShouldBe("state must be ACTIVE or RESOLVED, or SUPPRESSED or ALL");
        body.GetProperty("error").GetString().ShouldBe("state must be ACTIVE or RESOLVED, or SUPPRESSED or ALL");
        body.GetProperty("detail").GetString().ShouldBe("state must be ACTIVE or RESOLVED, or SUPPRESSED or ALL");
        body.GetProperty("errors").GetProperty("state")[0].GetString().ShouldBe("state must be ACTIVE or RESOLVED, or SUPPRESSED or ALL");
        body.GetProperty("request_id").GetString().ShouldBe("caller-id-0001");
    }

    [Theory]
    [InlineData("GET", "/nope")]
    [InlineData("DELETE", "/accounts")]
    [InlineData("PUT", "/scans")]
    public async Task An_unknown_route_is_a_404_that_names_it(string method, string path)
    {
        using var answer = await _qrie.Http.SendAsync(new HttpRequestMessage(new HttpMethod(method), path));
        var body = JsonElement.Parse(await answer.Content.ReadAsStringAsync());

        answer.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        body.GetProperty("error").GetString().ShouldBe($"Endpoint not found: {method} {path}");
    }

    [Theory]
    [InlineData("short")]
    [InlineData("with spaces in it")]
    [InlineData("")]
    public async Task A_request_id_that_is_not_well_formed_is_replaced(string sent)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/accounts");
        request.Headers.TryAddWithoutValidation("x-request-id", sent);
        using var answer = await _qrie.Http.SendAsync(request);

        Guid.TryParse(answer.Headers.GetValues("x-request-id").Single(), out _).ShouldBeTrue();
    }

    [Theory]
    [InlineData("/accounts")]
    [InlineData("/anything/else")]
    public async Task Options_is_served_on_any_path(string path)
    {
        using var answer = await _qrie.Http.SendAsync(new HttpRequestMessage(HttpMethod.Options, path));

        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        (await answer.Content.ReadAsStringAsync()).ShouldBeEmpty();
    }

    [Fact]
    public async Task Every_route_is_served_below_api_too()
    {
        var plain = await _qrie.GetAsync("/accounts");
        var below = await _qrie.GetAsync("/api/accounts");

        below.Status.ShouldBe(HttpStatusCode.OK);
        below.Body.ToString().ShouldBe(plain.Body.ToString());
    }

    [Theory]
    [InlineData("page_size=0", "page_size", "page_size must be a whole number from 1 to 100")]
    [InlineData("page_size=-1", "page_size", "page_size must be a whole number from 1 to 100")]
    [InlineData("page_size=abc", "page_size", "page_size must be a whole number from 1 to 100")]
    [InlineData("page_size=101", "page_size", "page_size cannot be greater than 100")]
    [InlineData("next_token=abc", "next_token", "next_token is not valid for this list and filter; start again without it.")]
    [InlineData("next_token=%00%ff", "next_token", "next_token is not valid for this list and filter; start again without it.")]
    [InlineData("severity=urgent", "severity", "severity must be a whole number from 0 to 100, or critical, high, medium or low")]
    [InlineData("severity=101", "severity", "severity must be a whole number from 0 to 100, or critical, high, medium or low")]
    [InlineData("severity=+5", "severity", "severity must be a whole number from 0 to 100, or critical, high, medium or low")]
    [InlineData("min_severity=x", "min_severity", "min_severity must be a whole number from 0 to 100")]
    [InlineData("first_seen_from=yesterday", "first_seen_from", "first_seen_from must be a date (2026-11-21) or an instant (2026-11-21T08:00:00Z) of ISO 8601")]
    [InlineData("first_seen_to=2026-02-30", "first_seen_to", "first_seen_to must be a date (2026-11-21) or an instant (2026-11-21T08:00:00Z) of ISO 8601")]
    [InlineData("first_seen_to=", "first_seen_to", "first_seen_to must be a date (2026-11-21) or an instant (2026-11-21T08:00:00Z) of ISO 8601")]
    [InlineData("include_removed=1", "include_removed", "include_removed must be true or false")]
    public async Task An_invalid_parameter_of_a_list_is_named(string query, string field, string message)
    {
        var (status, body) = await _qrie.GetAsync($"/findings?{query}");

        status.ShouldBe(HttpStatusCode.BadRequest);
        body.GetProperty("errors").GetProperty(field)[0].GetString().ShouldBe(message);
    }

    [Theory]
    [InlineData("tag=Team", "tag", "tag must be key:value; repeat it for each further tag")]
    [InlineData("tag=Team:web&tag=:x", "tag", "tag must be key:value; repeat it for each further tag")]
    [InlineData("deleted=yes", "deleted", "deleted must be true or false")]
    [InlineData("include_removed=", "include_removed", "include_removed must be true or false")]
    [InlineData("type=s3&service=ec2", "type", "type contradicts service; give one of them")]
    [InlineData("type=AWS::S3::Bucket&resource_type=AWS::EC2::Volume", "type", "type contradicts resource_type; give one of them")]
    [InlineData("page_size=0", "page_size", "page_size must be a whole number from 1 to 100")]
    public async Task An_invalid_parameter_of_resources_is_named(string query, string field, string message)
    {
        var (status, body) = await _qrie.GetAsync($"/resources?{query}");

        status.ShouldBe(HttpStatusCode.BadRequest);
        body.GetProperty("errors").GetProperty(field)[0].GetString().ShouldBe(message);
    }

    [Fact]
    public async Task All_errors_are_reported_at_once()
    {
        var (_, body) = await _qrie.GetAsync("/findings?state=x&severity=y&page_size=z");

        body.GetProperty("errors").EnumerateObject().Select(e => e.Name).ShouldBe(["state", "severity", "page_size"], ignoreOrder: true);
    }

    [Theory]
    [InlineData("/accounts", "", "body")]
    [InlineData("/accounts", "{", "body")]
    [InlineData("/accounts", "null", "body")]
    [InlineData("/accounts", "[]", "body")]
    [InlineData("/accounts", """{"account_id": 123456789012}""", "account_id")]
    [InlineData("/accounts", """{"account_id": "12345"}""", "account_id")]
    [InlineData("/accounts", """{}""", "account_id")]
    [InlineData("/accounts", """{"account_id": "111111111111", "role_arn": "QrieReadOnly"}""", "role_arn")]
    [InlineData("/accounts", """{"account_id": "111111111111", "role_arn": "arn:aws:iam::222222222222:role/Q"}""", "role_arn")]
    [InlineData("/accounts", """{"account_id": "111111111111", "external_id": "ä"}""", "external_id")]
    [InlineData("/accounts", """{"account_id": "111111111111", "regions": ["moon"]}""", "regions")]
    [InlineData("/accounts", """{"account_id": "111111111111", "regions": []}""", "regions")]
    [InlineData("/scans", """{}""", "kind")]
    [InlineData("/scans", """{"kind": "everything"}""", "kind")]
    [InlineData("/scans", """{"kind": "inventory", "service": "moonbase"}""", "service")]
    [InlineData("/scans", """{"kind": "inventory", "account_id": "999999999999"}""", "account_id")]
    [InlineData("/scans", """{"kind": "policy", "policy_id": "S3BucketPublic"}""", "policy_id")]
    [InlineData("/scans", """{"kind": "inventory", "policy_id": "S3BucketPublic"}""", "policy_id")]
    [InlineData("/scans", """{"kind": "inventory", "scan_type": "deep"}""", "scan_type")]
    [InlineData("/policies/launch", """{}""", "policy_id")]
    [InlineData("/policies/launch", """{"policy_id": ""}""", "policy_id")]
    [InlineData("/policies/launch", """{"policy_id": "S3BucketPublic", "severity": 50.5}""", "severity")]
    [InlineData("/policies/launch", """{"policy_id": "S3BucketPublic", "severity": 500}""", "severity")]
    [InlineData("/policies/launch", """{"policy_id": "S3BucketPublic", "severity": "90"}""", "severity")]
    [InlineData("/policies/launch", """{"policy_id": "S3BucketPublic", "scope": {"include_accounts": ["12"]}}""", "scope")]
    [InlineData("/policies/launch", """{"policy_id": "S3BucketPublic", "scope": {"include_accounts": "123456789012"}}""", "scope")]
    [InlineData("/policies/launch", """{"policy_id": "S3BucketPublic", "params": {"max_age_days": 3}}""", "params")]
    public async Task An_invalid_body_is_a_400_that_names_the_field_and_changes_nothing(string path, string body, string field)
    {
        var (status, problem) = await _qrie.PostTextAsync(path, body);

        status.ShouldBe(HttpStatusCode.BadRequest, problem.ToString());
        problem.GetProperty("errors").EnumerateObject().Select(e => e.Name).ShouldContain(field);
        (await _qrie.GetAsync("/accounts")).Body.GetArrayLength().ShouldBe(1);
        (await _qrie.GetAsync("/policies?status=active")).Body.GetArrayLength().ShouldBe(0);
        (await _qrie.GetAsync("/scans")).Body.GetProperty("scans").GetArrayLength().ShouldBe(0);
    }

    [Fact]
    public async Task An_unknown_scan_is_a_404() =>
        (await _qrie.GetAsync("/scans/00000000-0000-0000-0000-000000000000")).Status.ShouldBe(HttpStatusCode.NotFound);

    [Fact]
    public async Task An_unknown_policy_is_a_404_with_similar_names()
    {
        var (status, body) = await _qrie.PostAsync("/policies/launch", new { policy_id = "S3BucketPublik" });

        status.ShouldBe(HttpStatusCode.NotFound);
        body.GetProperty("message").GetString()!.ShouldStartWith("Policy S3BucketPublik not found. Did you mean S3BucketPublic,");
        (await _qrie.GetAsync("/policies?policy_id=NonExistentPolicy")).Status.ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task An_existing_object_is_a_409()
    {
        await using var own = await RunningQrie.StartAsync();

        (await own.PostAsync("/accounts", new { account_id = "123456789012" })).Status.ShouldBe(HttpStatusCode.Conflict);
        (await own.PostAsync("/policies/launch", new { policy_id = "S3BucketPublic" })).Status.ShouldBe(HttpStatusCode.Created);
        (await own.PostAsync("/policies/launch", new { policy_id = "S3BucketPublic" })).Status.ShouldBe(HttpStatusCode.Conflict);
    }
}
