using System.Net;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Qrie.Domain.Access;

namespace Qrie.Tests.Api.Access;

/// <summary>Keys over HTTP: sending, refusing, counting and revoking.</summary>
public sealed class LoginTests : IAsyncLifetime
{
    private const string Wrong = "qrie_0123456789abcdef_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

    private RunningQrie _qrie = null!;

    public async ValueTask InitializeAsync() => _qrie = await KeyClients.StartAsync(null, "--Auth:FailuresPerMinute=5");

    public async ValueTask DisposeAsync() => await _qrie.DisposeAsync();

    [Theory]
    [InlineData("Authorization", "Bearer {0}")]
    [InlineData("authorization", "bearer  {0} ")]
    [InlineData("x-api-key", "{0}")]
    [InlineData("X-API-Key", " {0}")]
    public async Task A_key_is_accepted_in_either_header(string header, string value)
    {
        var key = await _qrie.KeyAsync(Role.Operator);
        var who = await WhoAsync((header, string.Format(null, value, key.Reveal())));

        (who.Status, who.Body.GetProperty("key_id").GetString(), who.Body.GetProperty("role").GetString(), who.Body.GetProperty("organization").GetString())
            .ShouldBe((HttpStatusCode.OK, key.KeyId, "operator", "default"));
    }

    [Fact]
    public async Task A_request_without_a_key_is_a_401_with_a_remedy()
    {
        using var answer = await _qrie.Http.GetAsync("/findings");
        var problem = JsonElement.Parse(await answer.Content.ReadAsStringAsync());

        answer.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        answer.Headers.WwwAuthenticate.ToString().ShouldBe("Bearer realm=\"Qrie\"");
        answer.Content.Headers.ContentType!.MediaType.ShouldBe("application/problem+json");
        problem.GetProperty("message").GetString()!.ShouldContain("Authorization: Bearer qrie_");
        problem.GetProperty("request_id").GetString().ShouldBe(answer.Headers.GetValues("x-request-id").Single());
    }

    [Theory]
    [InlineData("Bearer", "is needed")]
    [InlineData("Bearer abc", "unknown")]
    [InlineData("Bearer " + Wrong, "unknown")]
    [InlineData("Basic dXNlcjpwYXNz", "is needed")]
    public async Task An_invalid_key_is_a_401(string authorization, string message)
    {
        var (status, body, answer) = await WhoAsync(("Authorization", authorization));

        status.ShouldBe(HttpStatusCode.Unauthorized);
        body.GetProperty("message").GetString()!.ShouldContain(message);
        answer.Headers.WwwAuthenticate.Single().Scheme.ShouldBe("Bearer");
    }

    [Fact]
    public async Task A_revoked_key_is_refused()
    {
        using var admin = await _qrie.ClientAsync(Role.Admin);
        var made = await admin.JsonAsync("POST", "/keys", new { role = "reader", name = "ci" }, HttpStatusCode.Created);
        var header = ("x-api-key", made.GetProperty("key").GetString()!);
        (await WhoAsync(header)).Status.ShouldBe(HttpStatusCode.OK);

        var revoked = await admin.JsonAsync("DELETE", $"/keys/{made.GetProperty("key_id").GetString()}");

        revoked.GetProperty("status").GetString().ShouldBe("revoked");
        var (status, body, _) = await WhoAsync(header);
        (status, body.GetProperty("message").GetString()!.Contains("was revoked", StringComparison.Ordinal)).ShouldBe((HttpStatusCode.Unauthorized, true));
    }

    [Fact]
    public async Task A_key_is_returned_once_and_listed_without_its_secret()
    {
        using var admin = await _qrie.ClientAsync(Role.Admin);
        var expires = TimeProvider.System.GetUtcNow().AddDays(90);
        var made = await admin.JsonAsync("POST", "/keys", new { role = "operator", name = "Pipeline", expires_at = expires }, HttpStatusCode.Created);
        var key = made.GetProperty("key").GetString()!;

        var (_, list) = await admin.CallAsync("GET", "/keys");

        list.ShouldNotContain(ApiKeyText.Parse(key)!.Secret);
        list.ShouldNotContain("hash");
        var listed = JsonElement.Parse(list).GetProperty("keys").EnumerateArray()
            .Single(k => k.GetProperty("key_id").GetString() == made.GetProperty("key_id").GetString());
        listed.EnumerateObject().Select(p => p.Name)
            .ShouldBe(["key_id", "organization", "name", "role", "status", "created_at", "created_by", "expires_at", "revoked_at", "last_used_at"]);
        (listed.GetProperty("name").GetString(), listed.GetProperty("role").GetString(), listed.GetProperty("status").GetString())
            .ShouldBe(("Pipeline", "operator", "active"));
    }

    [Fact]
    public async Task Too_many_invalid_keys_get_429_and_a_valid_one_is_still_accepted()
    {
        var key = await _qrie.KeyAsync(Role.Reader);
        var statuses = new List<HttpStatusCode>();
        HttpResponseMessage last = null!;
        for (var i = 0; i < 8; i++)
        {
            (var status, _, last) = await WhoAsync(("x-api-key", Wrong));
            statuses.Add(status);
        }

        statuses.CountBy(s => s).ToDictionary().ShouldBe(
            new Dictionary<HttpStatusCode, int> { [HttpStatusCode.Unauthorized] = 5, [HttpStatusCode.TooManyRequests] = 3 }, ignoreOrder: true);
        last.Headers.RetryAfter!.Delta!.Value.ShouldBeInRange(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(60));
        (await WhoAsync(("x-api-key", key.Reveal()))).Status.ShouldBe(HttpStatusCode.OK);
        (await _qrie.Http.GetAsync("/health/live")).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Refused_keys_are_counted_by_reason()
    {
        using var admin = await _qrie.ClientAsync(Role.Admin);
        await WhoAsync(("x-api-key", Wrong));
        await WhoAsync(("x-api-key", Wrong));
        await WhoAsync(("x-api-key", "hello"));
        await _qrie.Services.GetRequiredService<RefusedLogins>().RecordAsync(default);

        var counts = (await admin.JsonAsync("GET", "/audit/refused-logins")).GetProperty("refused_logins").EnumerateArray()
            .ToDictionary(c => c.GetProperty("reason").GetString()!, c => c.GetProperty("count").GetInt64());

        counts.ShouldBe(new Dictionary<string, long> { ["malformed"] = 1, ["unknown"] = 2 }, ignoreOrder: true);
    }

    [Fact]
    public async Task Health_returns_only_the_state_to_unauthenticated_callers()
    {
        using var reader = await _qrie.ClientAsync(Role.Reader);
        var strange = JsonElement.Parse(await _qrie.Http.GetStringAsync("/health"));
        var known = await reader.JsonAsync("GET", "/health");

        strange.GetProperty("status").GetString().ShouldBe("ok");
        strange.EnumerateObject().Where(p => p.Value.ValueKind is not JsonValueKind.Null && p.Name is not ("status" or "warnings")).ShouldBeEmpty();
        strange.GetProperty("warnings").GetArrayLength().ShouldBe(0);
        known.GetProperty("warnings").GetArrayLength().ShouldBeGreaterThan(0);
        known.GetProperty("accounts").GetInt32().ShouldBe(0);
    }

    [Fact]
    public async Task A_preflight_needs_no_key()
    {
        using var request = new HttpRequestMessage(HttpMethod.Options, "/policies");
        request.Headers.Add("Origin", "https://qrie.example.com");
        request.Headers.Add("Access-Control-Request-Method", "POST");
        request.Headers.Add("Access-Control-Request-Headers", "content-type,x-api-key");

        (await _qrie.Http.SendAsync(request)).IsSuccessStatusCode.ShouldBeTrue();
    }

    [Fact]
    public async Task Only_the_installation_creates_keys_for_another_organization()
    {
        await _qrie.MakeOrganizationAsync("shop");
        using var admin = await _qrie.ClientAsync(Role.Admin);
        using var shop = await _qrie.ClientAsync(Role.Admin, "shop");

        var made = await admin.JsonAsync("POST", "/keys", new { organization = "shop", role = "reader" }, HttpStatusCode.Created);
        var theirs = await shop.CallAsync("POST", "/keys", new { organization = "default", role = "reader" });
        var nobodys = await shop.CallAsync("POST", "/keys", new { organization = "nowhere", role = "reader" });

        made.GetProperty("organization").GetString().ShouldBe("shop");
        (theirs.Status, nobodys.Status).ShouldBe((HttpStatusCode.BadRequest, HttpStatusCode.BadRequest));
        JsonElement.Parse(theirs.Text).GetProperty("message").GetString()!.Replace("default", "nowhere", StringComparison.Ordinal)
            .ShouldBe(JsonElement.Parse(nobodys.Text).GetProperty("message").GetString());
        (await shop.CallAsync("GET", "/keys?organization=default")).Status.ShouldBe(HttpStatusCode.BadRequest);
        (await admin.JsonAsync("GET", "/keys?organization=shop")).GetProperty("keys").GetArrayLength().ShouldBe(2);
        (await shop.JsonAsync("GET", "/audit?action=key.create")).GetProperty("audit")[0].GetProperty("subject").GetString()
            .ShouldBe(made.GetProperty("key_id").GetString());
    }

    private async Task<(HttpStatusCode Status, JsonElement Body, HttpResponseMessage Answer)> WhoAsync((string Header, string Value) sent)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/whoami");
        request.Headers.TryAddWithoutValidation(sent.Header, sent.Value).ShouldBeTrue();
        var answer = await _qrie.Http.SendAsync(request);
        return (answer.StatusCode, JsonElement.Parse(await answer.Content.ReadAsStringAsync()), answer);
    }
}
