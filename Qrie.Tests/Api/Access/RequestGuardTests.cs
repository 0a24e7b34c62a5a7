using System.Net;
using System.Text;
using System.Text.Json;
using Qrie.Domain.Access;

namespace Qrie.Tests.Api.Access;

/// <summary>Limits, headers and keys that apply to every request.</summary>
public sealed class RequestGuardTests
{
    [Theory]
    [InlineData("/accounts", HttpStatusCode.OK)]
    [InlineData("/findings?state=OPEN", HttpStatusCode.BadRequest)]
    [InlineData("/nope", HttpStatusCode.NotFound)]
    [InlineData("/health", HttpStatusCode.OK)]
    public async Task Responses_with_data_must_not_be_executed_framed_sniffed_or_cached(string path, HttpStatusCode status)
    {
        await using var qrie = await RunningQrie.StartAsync();
        using var answer = await qrie.Http.GetAsync(path);

        answer.StatusCode.ShouldBe(status);
        Header(answer, "X-Content-Type-Options").ShouldBe("nosniff");
        Header(answer, "Content-Security-Policy").ShouldBe("default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'");
        Header(answer, "Referrer-Policy").ShouldBe("no-referrer");
        answer.Headers.CacheControl!.NoStore.ShouldBeTrue();
        answer.Headers.Contains("Strict-Transport-Security").ShouldBeFalse("this is http");
        answer.Headers.Contains("Server").ShouldBeFalse();
    }

    [Fact]
    public async Task Pages_run_only_their_own_scripts()
    {
        await using var qrie = await RunningQrie.StartAsync();
        using var page = await qrie.Http.GetAsync("/swagger/index.html");
        var html = await page.Content.ReadAsStringAsync();

        Header(page, "Content-Security-Policy").ShouldContain("script-src 'self';");
        Header(page, "Content-Security-Policy").ShouldContain("frame-ancestors 'none'");
        System.Text.RegularExpressions.Regex.Matches(html, "<script(?![^>]*src=)").ShouldBeEmpty("the policy would block an inline script");
    }

    [Fact]
    public async Task Behind_a_trusted_proxy_the_address_and_scheme_of_the_client_are_used()
    {
        await using var qrie = await RunningQrie.StartAsync(settings: "--Auth:TrustedProxies=127.0.0.0/8");
        using var request = new HttpRequestMessage(HttpMethod.Post, "/accounts") { Content = new StringContent("""{"account_id":"111111111111"}""") };
        request.Headers.Add("X-Forwarded-For", "198.51.100.7");
        request.Headers.Add("X-Forwarded-Proto", "https");

        (await qrie.Http.SendAsync(request)).StatusCode.ShouldBe(HttpStatusCode.Created);

        (await qrie.GetAsync("/audit")).Body.GetProperty("audit")[0].GetProperty("address").GetString().ShouldBe("198.51.100.7");
    }

    [Fact]
    public async Task Forwarded_addresses_of_untrusted_clients_are_ignored()
    {
        await using var qrie = await RunningQrie.StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/accounts") { Content = new StringContent("""{"account_id":"111111111111"}""") };
        request.Headers.Add("X-Forwarded-For", "198.51.100.7");
        await qrie.Http.SendAsync(request);

        (await qrie.GetAsync("/audit")).Body.GetProperty("audit")[0].GetProperty("address").GetString().ShouldBe("127.0.0.1");
    }

    [Fact]
    public async Task A_body_above_the_limit_is_a_413()
    {
        await using var qrie = await RunningQrie.StartAsync(settings: "--Limits:BodyBytes=2048");
        var (small, _) = await qrie.PostTextAsync("/accounts", $$"""{"account_id":"111111111111","name":"{{new string('x', 100)}}"}""");
        using var content = new StringContent($$"""{"account_id":"222222222222","name":"{{new string('x', 3000)}}"}""", Encoding.UTF8, "application/json");
        using var large = await qrie.Http.PostAsync("/accounts", content);

        small.ShouldBe(HttpStatusCode.Created);
        large.StatusCode.ShouldBe(HttpStatusCode.RequestEntityTooLarge);
        JsonElement.Parse(await large.Content.ReadAsStringAsync()).GetProperty("message").GetString()!.ShouldContain("too large");
    }

    [Fact]
    public async Task Each_key_has_its_own_rate_limit()
    {
        await using var qrie = await KeyClients.StartAsync(null, "--Limits:RequestsPerMinute=4");
        using var one = await qrie.ClientAsync(Role.Reader);
        using var two = await qrie.ClientAsync(Role.Reader);
        for (var i = 0; i < 4; i++)
        {
            (await one.CallAsync("GET", "/whoami")).Status.ShouldBe(HttpStatusCode.OK);
        }

        using var limited = await one.GetAsync("/whoami");

        limited.StatusCode.ShouldBe(HttpStatusCode.TooManyRequests);
        limited.Headers.RetryAfter!.Delta!.Value.ShouldBeInRange(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(60));
        JsonElement.Parse(await limited.Content.ReadAsStringAsync()).GetProperty("message").GetString()!.ShouldContain("4 requests in a minute");
        (await two.CallAsync("GET", "/whoami")).Status.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_key_is_used_even_if_none_is_required()
    {
        await using var qrie = await RunningQrie.StartAsync(settings: "--Auth:AnonymousRole=reader");
        using var admin = await qrie.ClientAsync(Role.Admin);
        using var proxied = new HttpRequestMessage(HttpMethod.Get, "/accounts");
        proxied.Headers.Add("Authorization", "Bearer eyJhbGciOi.something.of-a-proxy");

        (await qrie.PostAsync("/accounts", new { account_id = "111111111111" })).Status.ShouldBe(HttpStatusCode.Forbidden);
        (await admin.CallAsync("POST", "/accounts", new { account_id = "111111111111" })).Status.ShouldBe(HttpStatusCode.Created);
        (await qrie.Http.SendAsync(proxied)).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    private static string Header(HttpResponseMessage answer, string name) => answer.Headers.GetValues(name).ShouldHaveSingleItem();
}
