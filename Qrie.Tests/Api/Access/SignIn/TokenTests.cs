using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Microsoft.IdentityModel.Tokens;
using Qrie.Api.Hosting;
using Qrie.Domain.Access;

namespace Qrie.Tests.Api.Access.SignIn;

/// <summary>Tokens of an identity provider over HTTP: which are accepted, with which rights, and which are refused.</summary>
public sealed class TokenTests : IAsyncLifetime
{
    private OidcProvider _provider = null!;
    private RunningQrie _qrie = null!;

    public async ValueTask InitializeAsync()
    {
        _provider = await OidcProvider.StartAsync();
        _qrie = await RunningQrie.StartAsync(ambient: null, settings: _provider.Settings(
            ("viewers", "reader", null, null), ("audit", "auditor", null, null), ("platform", "operator", null, null), ("root", "admin", null, null),
            ("shop-team", "admin", "shop", null), ("team-a", "reader", null, "111111111111"), ("team-b", "reader", null, "222222222222")));
    }

    public async ValueTask DisposeAsync()
    {
        await _qrie.DisposeAsync();
        await _provider.DisposeAsync();
    }

    [Fact]
    public async Task A_token_gives_the_rights_of_the_groups()
    {
        await _qrie.MakeOrganizationAsync("shop");

        (await WhoAsync("viewers")).ShouldBe(("default", "reader", "oidc:user-1", "ada", ""));
        (await WhoAsync("audit")).ShouldBe(("default", "auditor", "oidc:user-1", "ada", ""));
        (await WhoAsync("viewers", "root", "platform")).ShouldBe(("default", "admin", "oidc:user-1", "ada", ""));
        (await WhoAsync("shop-team")).ShouldBe(("shop", "admin", "oidc:user-1", "ada", ""));
        (await WhoAsync("shop-team", "viewers")).ShouldBe(("default", "reader", "oidc:user-1", "ada", ""), "the first grant decides about the organization");
        (await WhoAsync("team-b", "team-a")).ShouldBe(("default", "reader", "oidc:user-1", "ada", "111111111111 222222222222"));
        (await WhoAsync("team-a", "viewers")).ShouldBe(("default", "reader", "oidc:user-1", "ada", ""));
    }

    [Fact]
    public async Task Without_a_group_that_has_rights_nothing_is_allowed()
    {
        foreach (var groups in new string[][] { [], ["Viewers"], ["viewers "], ["others"] })
        {
            var (status, text) = await GetAsync(_provider.Token(groups));

            status.ShouldBe(HttpStatusCode.Forbidden);
            text.ShouldContain("none of your groups");
        }
    }

    [Fact]
    public async Task A_token_that_is_not_of_the_provider_for_this_service_is_refused()
    {
        var own = new SigningCredentials(_provider.Key, SecurityAlgorithms.RsaSha256);
        var parameters = _provider.Key.Rsa.ExportSubjectPublicKeyInfo();
        var foreign = new RsaSecurityKey(OidcProvider.NewKey().Rsa) { KeyId = _provider.Key.KeyId };
        string[] groups = ["root"];
        var refused = new Dictionary<string, string>
        {
            ["another issuer"] = _provider.Token(groups, issuer: "https://other.example.com"),
            ["a longer issuer"] = _provider.Token(groups, issuer: _provider.Issuer + "/"),
            ["another audience"] = _provider.Token(groups, audience: "another"),
            ["the console's audience"] = _provider.Token(groups, audience: OidcProvider.ClientId),
            ["no audience"] = _provider.Token(groups, audience: null),
            ["another key with the same id"] = _provider.Token(groups, credentials: new SigningCredentials(foreign, SecurityAlgorithms.RsaSha256)),
            ["an unknown key"] = _provider.Token(groups, credentials: new SigningCredentials(OidcProvider.NewKey(), SecurityAlgorithms.RsaSha256)),
            ["an algorithm that is not allowed"] = _provider.Token(groups, credentials: new SigningCredentials(_provider.Key, SecurityAlgorithms.RsaSha512)),
            ["the public key as a secret"] = _provider.Token(groups, credentials: new SigningCredentials(
                new SymmetricSecurityKey(parameters) { KeyId = _provider.Key.KeyId }, SecurityAlgorithms.HmacSha256)),
            ["no signature"] = Unsigned(_provider.Token(groups, credentials: own), "none"),
            ["no signature, in capitals"] = Unsigned(_provider.Token(groups, credentials: own), "None"),
            ["not valid yet"] = _provider.Token(groups, validIn: TimeSpan.FromMinutes(2), expiresIn: TimeSpan.FromMinutes(5)),
            ["expired"] = _provider.Token(groups, expiresIn: TimeSpan.FromMinutes(-2)),
            ["changed"] = Changed(_provider.Token(["viewers"])),
            ["not a token"] = "abc",
        };

        foreach (var (name, token) in refused)
        {
            var (status, text) = await GetAsync(token);

            status.ShouldBe(HttpStatusCode.Unauthorized, name);
            text.ShouldContain(name == "expired" ? "has expired" : "is refused", customMessage: name);
        }

        (await GetAsync(_provider.Token(groups))).Status.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_clock_that_differs_a_little_is_tolerated() =>
        (await GetAsync(_provider.Token(["viewers"], expiresIn: TimeSpan.FromSeconds(-10)))).Status.ShouldBe(HttpStatusCode.OK);

    [Fact]
    public async Task After_a_rotation_the_new_key_is_accepted_and_the_old_one_is_not()
    {
        var before = _provider.Token(["viewers"]);
        (await GetAsync(before)).Status.ShouldBe(HttpStatusCode.OK);
        _provider.Rotate();
        var after = _provider.Token(["viewers"]);

        await EventuallyAsync(async () => (await GetAsync(after)).Status == HttpStatusCode.OK);

        await EventuallyAsync(async () => (await GetAsync(before)).Status == HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task Invented_keys_do_not_make_the_service_read_the_provider_again_and_again()
    {
        (await GetAsync(_provider.Token(["viewers"]))).Status.ShouldBe(HttpStatusCode.OK);
        for (var i = 0; i < 50; i++)
        {
            await GetAsync(_provider.Token(["viewers"], credentials: new SigningCredentials(OidcProvider.NewKey(), SecurityAlgorithms.RsaSha256)));
        }

        _provider.KeyReads.ShouldBeLessThan(4);
    }

    [Fact]
    public async Task Api_keys_are_accepted_as_well()
    {
        using var client = await _qrie.ClientAsync(Role.Operator);

        (await client.JsonAsync("GET", "/whoami")).GetProperty("role").GetString().ShouldBe("operator");
        (await _qrie.Http.GetAsync("/findings")).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/whoami");
        request.Headers.Add("x-api-key", _provider.Token(["root"]));
        using var answer = await _qrie.Http.SendAsync(request);
        answer.StatusCode.ShouldBe(HttpStatusCode.Unauthorized, "a token is a bearer only");
    }

    [Fact]
    public async Task Writes_are_recorded_with_the_subject_and_the_name()
    {
        using var client = ClientWith(_provider.Token(["root"], subject: "abc-123", name: "grace@example.com"));
        await client.JsonAsync("POST", "/keys", new { role = "reader" }, HttpStatusCode.Created);

        var entry = (await client.JsonAsync("GET", "/audit?action=key.create")).GetProperty("audit")[0];

        entry.GetProperty("actor").GetString().ShouldBe("oidc:abc-123");
        entry.GetProperty("actor_name").GetString().ShouldBe("grace@example.com");
    }

    [Fact]
    public async Task Without_the_provider_tokens_are_a_503_and_keys_work()
    {
        var token = _provider.Token(["viewers"]);
        var settings = _provider.Settings(("viewers", "reader", null, null));
        await _provider.DisposeAsync();
        await using var qrie = await RunningQrie.StartAsync(ambient: null, settings: settings);
        using var client = new HttpClient { BaseAddress = qrie.Http.BaseAddress };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);

        var (status, text) = await client.CallAsync("GET", "/findings");

        status.ShouldBe(HttpStatusCode.ServiceUnavailable, text);
        text.ShouldContain("identity provider");
        using var key = await qrie.ClientAsync(Role.Reader);
        (await key.CallAsync("GET", "/findings")).Status.ShouldBe(HttpStatusCode.OK);
    }

    [Theory]
    [InlineData("Authority", "http://idp.example.com", "https")]
    [InlineData("Algorithms", "RS256,HS256", "Algorithms")]
    [InlineData("Algorithms", "none", "Algorithms")]
    [InlineData("Session", "yes", "Session")]
    [InlineData("Grants:0:Role", "owner", "Grants:0:Role")]
    [InlineData("Grants:0:Group", "", "Grants:0:Group")]
    [InlineData("Grants:0:Accounts", "1234", "12 digits")]
    [InlineData("Grants:0:Accounts", "", "is empty")]
    [InlineData("Grants:1:Accounts", "111111111111", "reader only")]
    public void A_setting_that_is_not_safe_prevents_the_start(string key, string value, string message)
    {
        string[] args = [.. _provider.Settings(("a", "reader", null, null), ("b", "admin", null, null)), $"--Auth:Oidc:{key}={value}"];

        Should.Throw<StartRefusedException>(() => QrieHost.Build(args)).Message.ShouldContain(message);
    }

    private static string Unsigned(string token, string algorithm)
    {
        var parts = token.Split('.');
        var header = Base64UrlEncoder.Encode(Encoding.UTF8.GetBytes($$"""{"alg":"{{algorithm}}","typ":"JWT"}"""));
        return $"{header}.{parts[1]}.";
    }

    private static string Changed(string token)
    {
        var parts = token.Split('.');
        var body = Base64UrlEncoder.Decode(parts[1]).Replace("viewers", "root", StringComparison.Ordinal);
        return $"{parts[0]}.{Base64UrlEncoder.Encode(body)}.{parts[2]}";
    }

    private static async Task EventuallyAsync(Func<Task<bool>> holds)
    {
        for (var waited = Stopwatch.StartNew(); waited.Elapsed < TimeSpan.FromSeconds(90); await Task.Delay(100))
        {
            if (await holds())
            {
                return;
            }
        }

        throw new TimeoutException("It did not become true.");
    }

    private async Task<(string Organization, string Role, string Id, string Name, string Accounts)> WhoAsync(params string[] groups)
    {
        using var client = ClientWith(_provider.Token(groups));
        var who = await client.JsonAsync("GET", "/whoami");
        return (
            who.GetProperty("organization").GetString()!, who.GetProperty("role").GetString()!, who.GetProperty("key_id").GetString()!,
            who.GetProperty("key_name").GetString()!,
            who.TryGetProperty("accounts", out var accounts) ? string.Join(' ', accounts.EnumerateArray().Select(a => a.GetString())) : "");
    }

    private async Task<(HttpStatusCode Status, string Text)> GetAsync(string token)
    {
        using var client = ClientWith(token);
        return await client.CallAsync("GET", "/findings");
    }

    private HttpClient ClientWith(string token)
    {
        var client = new HttpClient { BaseAddress = _qrie.Http.BaseAddress };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return client;
    }
}
