using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Routing;
using Qrie.Domain.Access;

namespace Qrie.Tests.Api.Access;

/// <summary>A service without keys whose <c>Cors:Origins</c> contains qrie-ui and <c>*</c>.</summary>
public sealed class KeylessQrie : IAsyncLifetime
{
    internal RunningQrie Qrie { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Qrie = await RunningQrie.StartAsync(
        settings: ["--Cors:Origins=*,https://ui.example.com,http://localhost:3000", "--Hosts:Allowed=qrie.example.com"]);

    public async ValueTask DisposeAsync() => await Qrie.DisposeAsync();
}

/// <summary>Requests of web pages of other origins to a service that requires no key.</summary>
public sealed class ForeignPageTests(KeylessQrie keyless) : IClassFixture<KeylessQrie>
{
    private const string NewKey = """{"role":"admin","name":"evil"}""";

    private readonly RunningQrie _qrie = keyless.Qrie;

    private Uri Address => _qrie.Http.BaseAddress!;

    [Fact]
    public async Task No_route_serves_pages_of_other_origins()
    {
        (string, string)[][] pages =
        [
            [("Origin", "https://evil.example.com")],
            [("Origin", "https://evil.example.com"), ("Sec-Fetch-Site", "cross-site")],
            [("Sec-Fetch-Site", "cross-site"), ("Sec-Fetch-Mode", "no-cors")],
            [("Sec-Fetch-Site", "cross-site"), ("Sec-Fetch-Mode", "navigate"), ("Sec-Fetch-Dest", "iframe")],
            [("Referer", "http://evil.example.com/")],
        ];
        var routes = _qrie.Routes
            .Where(e => e.Metadata.GetMetadata<IAllowAnonymous>() is null)
            .SelectMany(e => e.Metadata.GetMetadata<HttpMethodMetadata>()!.HttpMethods.Select(m => (Method: m, Path: Path(e)))).ToList();

        routes.Count.ShouldBeGreaterThan(40);
        foreach (var (method, path) in routes)
        {
            foreach (var page in pages)
            {
                (await StatusAsync(method, path, page)).ShouldBe(HttpStatusCode.Forbidden, $"{method} {path} {string.Join(' ', page)}");
            }
        }
    }

    [Theory]
    [InlineData("https://evil.example.com", null, HttpStatusCode.Forbidden)]
    [InlineData("null", null, HttpStatusCode.Forbidden)]
    [InlineData("null", "cross-site", HttpStatusCode.Forbidden)]
    [InlineData("*", null, HttpStatusCode.Forbidden)]
    [InlineData("", null, HttpStatusCode.Forbidden)]
    [InlineData("http://ui.example.com", null, HttpStatusCode.Forbidden)] // the scheme is part of an origin
    [InlineData("https://ui.example.com:8443", null, HttpStatusCode.Forbidden)]
    [InlineData("https://ui.example.com.evil.example", null, HttpStatusCode.Forbidden)]
    [InlineData("https://ui.example.com@evil.example", null, HttpStatusCode.Forbidden)]
    [InlineData("https://ui.example.com,https://evil.example.com", null, HttpStatusCode.Forbidden)]
    [InlineData("http://localhost:5173", "same-site", HttpStatusCode.Forbidden)] // another program on this machine
    [InlineData("https://{own}", null, HttpStatusCode.Forbidden)]
    [InlineData("http://{own}", "cross-site", HttpStatusCode.Forbidden)]
    [InlineData("http://{own}", null, HttpStatusCode.OK)]
    [InlineData("http://{own}", "same-origin", HttpStatusCode.OK)]
    [InlineData("https://ui.example.com", "cross-site", HttpStatusCode.OK)]
    [InlineData("http://localhost:3000", "same-site", HttpStatusCode.OK)]
    [InlineData(null, "same-origin", HttpStatusCode.OK)]
    [InlineData(null, "none", HttpStatusCode.OK)]
    [InlineData(null, "same-site", HttpStatusCode.Forbidden)]
    [InlineData(null, "anything", HttpStatusCode.Forbidden)]
    [InlineData(null, null, HttpStatusCode.OK)]
    public async Task Only_its_own_origin_and_named_ones_are_trusted(string? origin, string? site, HttpStatusCode expected)
    {
        List<(string, string)> headers = [];
        if (origin is not null)
        {
            headers.Add(("Origin", origin.Replace("{own}", Address.Authority, StringComparison.Ordinal)));
        }

        if (site is not null)
        {
            headers.Add(("Sec-Fetch-Site", site));
        }

        (await StatusAsync("GET", "/accounts", [.. headers])).ShouldBe(expected);
        (await StatusAsync("POST", "/policies/S3BucketPublic/preview", [.. headers])).ShouldBe(expected);
    }

    [Theory]
    [InlineData("text/plain")]
    [InlineData("application/x-www-form-urlencoded")]
    [InlineData("multipart/form-data; boundary=x")]
    public async Task A_form_on_a_foreign_page_cannot_create_a_key(string type)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/keys") { Content = new ByteArrayContent(Encoding.UTF8.GetBytes(NewKey)) };
        request.Content.Headers.TryAddWithoutValidation("Content-Type", type);
        request.Headers.TryAddWithoutValidation("Origin", "https://evil.example.com");

        (await _qrie.Http.SendAsync(request)).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        (await _qrie.GetAsync("/keys")).Body.GetRawText().ShouldNotContain("evil");
    }

    [Fact]
    public async Task A_key_is_accepted_from_any_page()
    {
        var key = (await _qrie.KeyAsync(Role.Reader)).Reveal();

        (await StatusAsync("GET", "/accounts", [("Origin", "https://any.example.com"), ("Sec-Fetch-Site", "cross-site"), ("x-api-key", key)]))
            .ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Health_returns_only_the_state_to_a_foreign_page()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/health");
        request.Headers.Add("Origin", "https://evil.example.com");
        using var answer = await _qrie.Http.SendAsync(request);

        (await answer.Content.ReadAsStringAsync()).ShouldNotContain("version\":\"");
    }

    [Theory]
    [InlineData("GET /accounts HTTP/1.1\r\nHost: evil.example.com", 403)]
    [InlineData("OPTIONS /accounts HTTP/1.1\r\nHost: evil.example.com", 403)]
    [InlineData("GET /health HTTP/1.1\r\nHost: evil.example.com", 403)]
    [InlineData("GET /swagger/index.html HTTP/1.1\r\nHost: evil.example.com", 403)]
    [InlineData("GET /accounts HTTP/1.1\r\nHost: localhost.evil.example.com", 403)]
    [InlineData("GET /accounts HTTP/1.1\r\nHost: evil.example.com.", 403)]
    [InlineData("GET /accounts HTTP/1.1\r\nHost: localhost.", 403)]
    [InlineData("GET /accounts HTTP/1.1\r\nHost: 127.0.0.1.nip.io", 403)]
    [InlineData("GET /accounts HTTP/1.1\r\nHost: 198.51.100.7", 403)]
    [InlineData("GET /accounts HTTP/1.1\r\nHost: 0.0.0.0", 403)]
    [InlineData("GET /accounts HTTP/1.1\r\nHost: 127.1", 403)]
    [InlineData("GET /accounts HTTP/1.1\r\nHost: 2130706433", 403)]
    [InlineData("GET //evil.example.com/accounts HTTP/1.1\r\nHost: localhost", 404)]
    [InlineData("GET /swagger/%2e%2e/accounts HTTP/1.1\r\nHost: localhost\r\nOrigin: http://evil.example.com", 403)]
    [InlineData("GET /API/accounts HTTP/1.1\r\nHost: localhost\r\nOrigin: http://evil.example.com", 403)]
    [InlineData("GET /accounts HTTP/1.1\r\nHost: localhost\r\nX-Forwarded-Proto: https\r\nOrigin: https://localhost", 403)]
    [InlineData("GET /accounts HTTP/1.1\r\nHost: [::]", 400)]
    [InlineData("GET /accounts HTTP/1.1\r\nHost:", 403)]
    [InlineData("GET /accounts HTTP/1.0", 403)]
    [InlineData("GET /accounts HTTP/1.1", 400)]
    [InlineData("GET /accounts HTTP/1.1\r\nHost: localhost\r\nHost: evil.example.com", 400)]
    [InlineData("GET /accounts HTTP/1.1\r\nHost: localhost@evil.example.com", 400)]
    [InlineData("GET /accounts HTTP/1.1\r\nHost: evil.example.com:80@localhost", 400)]
    [InlineData("GET http://evil.example.com/accounts HTTP/1.1\r\nHost: localhost", 400)]
    [InlineData("GET http://evil.example.com/accounts HTTP/1.1\r\nHost: evil.example.com", 403)]
    [InlineData("GET http://localhost/accounts HTTP/1.1\r\nHost: evil.example.com", 400)]
    [InlineData("GET /accounts HTTP/1.1\r\nHost: evil.example.com\r\nX-Forwarded-Host: localhost", 403)]
    [InlineData("GET /accounts HTTP/1.1\r\nHost: evil.example.com\r\nForwarded: host=localhost", 403)]
    [InlineData("GET /accounts HTTP/1.1\r\nHost: evil.example.com\r\nx-api-key: {key}", 403)]
    [InlineData("GET /accounts HTTP/1.1\r\nHost: localhost\r\nOrigin: http://localhost\r\nOrigin: http://evil.example.com", 403)]
    [InlineData("GET /accounts HTTP/1.1\r\nHost: localhost\r\nSec-Fetch-Site: same-origin\r\nSec-Fetch-Site: cross-site", 403)]
    [InlineData("GET /accounts HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade, close\r\nOrigin: http://evil.example.com", 403)]
    [InlineData("GET /accounts HTTP/1.1\r\nHost: localhost", 200)]
    [InlineData("GET /accounts HTTP/1.1\r\nHost: LOCALHOST:1234", 200)]
    [InlineData("GET /accounts HTTP/1.1\r\nHost: [::1]:5080", 200)]
    [InlineData("GET /accounts HTTP/1.1\r\nHost: Qrie.Example.com", 200)]
    [InlineData("GET http://qrie.example.com/accounts HTTP/1.1\r\nHost: qrie.example.com", 200)]
    public async Task Only_known_host_names_are_served(string head, int expected)
    {
        var key = head.Contains("{key}", StringComparison.Ordinal) ? (await _qrie.KeyAsync(Role.Admin)).Reveal() : "";
        (await RawAsync(head.Replace("{key}", key, StringComparison.Ordinal))).Status.ShouldBe(expected);
    }

    [Theory]
    [InlineData("/accounts", 200)]
    [InlineData("/api/findings", 200)]
    [InlineData("/health/live", 200)]
    [InlineData("/swagger/index.html", 200)]
    [InlineData("/openapi/v1.json", 200)]
    [InlineData("/accounts/999999999999", 404)]
    [InlineData("/policies/launch", 404)]
    public async Task Head_has_the_response_of_get_without_a_body(string path, int expected)
    {
        var (status, body) = await RawAsync($"HEAD {path} HTTP/1.1\r\nHost: localhost");

        (status, body).ShouldBe((expected, ""));
        (await RawAsync($"HEAD {path} HTTP/1.1\r\nHost: localhost\r\nOrigin: https://evil.example.com")).Status
            .ShouldBe(path is "/health/live" or "/swagger/index.html" ? 200 : 403);
    }

    private async Task<HttpStatusCode> StatusAsync(string method, string path, (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        if (method is not "GET" and not "DELETE")
        {
            request.Content = new StringContent("{}", Encoding.UTF8, "text/plain");
        }

        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value).ShouldBeTrue();
        }

        using var answer = await _qrie.Http.SendAsync(request);
        return answer.StatusCode;
    }

    /// <summary>Sends requests that HTTP clients do not support.</summary>
    private async Task<(int Status, string Body)> RawAsync(string head)
    {
        using var tcp = new TcpClient();
        await tcp.ConnectAsync(Address.Host, Address.Port);
        await using var stream = tcp.GetStream();
        var close = head.Contains("Connection:", StringComparison.Ordinal) ? "" : "Connection: close\r\n";
        await stream.WriteAsync(Encoding.Latin1.GetBytes($"{head}\r\n{close}\r\n"));
        var answer = await new StreamReader(stream, Encoding.Latin1).ReadToEndAsync(TestContext.Current.CancellationToken);
        var body = answer[(answer.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4)..];
        return (int.Parse(answer.Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture), body);
    }

    private static string Path(RouteEndpoint endpoint) =>
        System.Text.RegularExpressions.Regex.Replace("/" + endpoint.RoutePattern.RawText!.TrimStart('/'), @"\{[^}]+\}", "123456789012");
}
