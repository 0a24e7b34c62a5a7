using System.Net;

namespace Qrie.Tests.Api.Contract;

/// <summary>contract.md section 1.9: CORS requests of the web client's browser.</summary>
public sealed class Section09CorsTests
{
    private const string Client = "https://qrie.example.com";

    [Theory]
    [InlineData(Client, "GET", "/policies")]
    [InlineData(Client, "POST", "/api/policies")]
    [InlineData(Client, "PUT", "/policies/S3BucketPublic")]
    [InlineData(Client, "DELETE", "/policies/S3BucketPublic")]
    [InlineData(Client, "PATCH", "/accounts/123456789012")]
    [InlineData("*", "DELETE", "/api/policies/S3BucketPublic")]
    [InlineData("https://other.example.com, https://qrie.example.com", "PUT", "/policies/update")]
    public async Task A_preflight_permits_the_requests_of_the_client(string origins, string method, string path)
    {
        await using var qrie = await StartAsync(origins);
        using var answer = await PreflightAsync(qrie, method, path);

        answer.StatusCode.ShouldBeOneOf(HttpStatusCode.OK, HttpStatusCode.NoContent);
        (await answer.Content.ReadAsStringAsync()).ShouldBeEmpty();
        answer.Headers.GetValues("Access-Control-Allow-Origin").ShouldBe([origins == "*" ? "*" : Client]);
        List(answer, "Access-Control-Allow-Methods").ShouldBe(["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"], ignoreOrder: true);
        List(answer, "Access-Control-Allow-Headers").ShouldBeSubsetOf(["Content-Type", "Authorization", "x-api-key", "x-request-id"]);
        List(answer, "Access-Control-Allow-Headers").ShouldContain("Content-Type");
        answer.Headers.GetValues("Access-Control-Max-Age").ShouldBe(["3600"]);
        answer.Headers.Contains("Access-Control-Allow-Credentials").ShouldBeFalse();
    }

    [Theory]
    [InlineData("/accounts", HttpStatusCode.OK)]
    [InlineData("/api/policies?policy_id=NonExistentPolicy", HttpStatusCode.NotFound)]
    [InlineData("/findings?state=OPEN", HttpStatusCode.BadRequest)]
    [InlineData("/nope", HttpStatusCode.NotFound)]
    public async Task Every_response_has_one_allowed_origin_and_exposes_the_request_id(string path, HttpStatusCode status)
    {
        await using var qrie = await StartAsync(Client);
        using var answer = await GetAsync(qrie, path, Client);

        answer.StatusCode.ShouldBe(status);
        answer.Headers.GetValues("Access-Control-Allow-Origin").ShouldBe([Client]);
        List(answer, "Access-Control-Expose-Headers").ShouldBe(["x-request-id"]);
        answer.Headers.GetValues("x-request-id").Count().ShouldBe(1);
    }

    [Theory]
    [InlineData(null, Client)]
    [InlineData("", Client)]
    [InlineData(Client, "https://qrie.example.com.evil.org")]
    [InlineData(Client, "http://qrie.example.com")]
    [InlineData(Client, "null")]
    public async Task All_other_callers_are_refused(string? origins, string origin)
    {
        await using var qrie = await StartAsync(origins);
        using var answer = await GetAsync(qrie, "/accounts", origin);
        using var preflight = await PreflightAsync(qrie, "DELETE", "/policies/S3BucketPublic", origin);

        answer.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        answer.Headers.Contains("Access-Control-Allow-Origin").ShouldBeFalse();
        preflight.StatusCode.ShouldBeOneOf(HttpStatusCode.OK, HttpStatusCode.NoContent);
        preflight.Headers.Contains("Access-Control-Allow-Origin").ShouldBeFalse();
    }

    private static Task<RunningQrie> StartAsync(string? origins) => RunningQrie.StartAsync(adjust: builder => builder.Configuration["Cors:Origins"] = origins);

    private static async Task<HttpResponseMessage> GetAsync(RunningQrie qrie, string path, string origin)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.TryAddWithoutValidation("Origin", origin);
        return await qrie.Http.SendAsync(request);
    }

    private static async Task<HttpResponseMessage> PreflightAsync(RunningQrie qrie, string method, string path, string origin = Client)
    {
        using var request = new HttpRequestMessage(HttpMethod.Options, path);
        request.Headers.TryAddWithoutValidation("Origin", origin);
        request.Headers.TryAddWithoutValidation("Access-Control-Request-Method", method);
        request.Headers.TryAddWithoutValidation("Access-Control-Request-Headers", "content-type");
        return await qrie.Http.SendAsync(request);
    }

    private static string[] List(HttpResponseMessage answer, string header) =>
        answer.Headers.GetValues(header).Single().Split(',', StringSplitOptions.TrimEntries);
}
