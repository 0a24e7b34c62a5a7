using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using Qrie.Domain.Catalog;

namespace Qrie.Tests.Api.Contract;

/// <summary>contract.md section 1.0, over every route that the OpenAPI document names.</summary>
public sealed partial class Section00GeneralRulesTests(ServiceWithData service) : IClassFixture<ServiceWithData>
{
    private readonly RunningQrie _qrie = service.Qrie;

    [Fact]
    public async Task Every_route_is_served_with_and_without_the_prefix_and_every_response_has_a_request_id()
    {
        var routes = await RoutesAsync();
        routes.Count.ShouldBeGreaterThan(20);
        foreach (var (method, path) in routes)
        {
            var plain = await SendAsync(method, path);
            var below = await SendAsync(method, $"/api{path}");

            below.Status.ShouldBe(plain.Status, $"{method} {path}");
            below.MediaType.ShouldBe(plain.MediaType, $"{method} {path}");
            Shape(below.Text).ShouldBe(Shape(plain.Text), $"{method} {path}");
            plain.Text.ShouldNotContain("Endpoint not found", customMessage: $"{method} {path}");
            ((int)plain.Status).ShouldBeLessThan(500, $"{method} {path}");
            Guid.TryParse(plain.RequestId, out _).ShouldBeTrue($"{method} {path}");
            Guid.TryParse(below.RequestId, out _).ShouldBeTrue($"{method} {path}");
        }
    }

    [Fact]
    public async Task Options_is_served_on_every_route_without_a_body()
    {
        foreach (var (_, path) in await RoutesAsync())
        {
            foreach (var prefix in new[] { "", "/api" })
            {
                var answer = await SendAsync("OPTIONS", prefix + path);
                answer.Status.ShouldBeOneOf(HttpStatusCode.OK, HttpStatusCode.NoContent);
                (answer.Text, answer.RequestId is not null).ShouldBe(("", true), path);
            }
        }
    }

    [Fact]
    public async Task An_unknown_query_parameter_is_ignored()
    {
        foreach (var (_, path) in (await RoutesAsync()).Where(r => r.Method == "GET"))
        {
            var plain = await SendAsync("GET", path);
            var with = await SendAsync("GET", $"{path}?utm_source=mail&debug=1&filter=unlaunched");

            (with.Status, Shape(with.Text)).ShouldBe((plain.Status, Shape(plain.Text)), path);
        }
    }

    [Theory]
    [InlineData("/accounts")]
    [InlineData("/services")]
    [InlineData("/resources")]
    [InlineData("/findings")]
    [InlineData("/policies")]
    [InlineData("/scans")]
    [InlineData("/coverage")]
    public async Task Responses_are_json_and_their_numbers_are_integers(string path)
    {
        var answer = await SendAsync("GET", path);

        (answer.Status, answer.MediaType).ShouldBe((HttpStatusCode.OK, "application/json"));
        Numbers(JsonElement.Parse(answer.Text)).ShouldAllBe(n => IsInteger(n));
    }

    [Theory]
    [InlineData("GET", "/nope")]
    [InlineData("POST", "/accounts/1/2/3")]
    [InlineData("PATCH", "/policies")]
    [InlineData("DELETE", "/services")]
    public async Task An_unknown_endpoint_is_a_404_with_a_message(string method, string path)
    {
        var answer = await SendAsync(method, path);
        var body = JsonElement.Parse(answer.Text);

        answer.Status.ShouldBe(HttpStatusCode.NotFound);
        body.GetProperty("error").GetString().ShouldBe($"Endpoint not found: {method} {path}");
        body.GetProperty("message").GetString().ShouldBe($"Endpoint not found: {method} {path}");
        body.GetProperty("request_id").GetString().ShouldBe(answer.RequestId);
    }

    [Theory]
    [InlineData("GET", "/findings?state=OPEN", 400)]
    [InlineData("POST", "/policies", 400)]
    [InlineData("GET", "/policies?policy_id=NonExistentPolicy", 404)]
    [InlineData("DELETE", "/policies/NonExistentPolicy", 404)]
    [InlineData("GET", "/nope", 404)]
    public async Task Every_error_has_error_and_message_with_the_same_text_and_the_id_of_the_request(string method, string path, int status)
    {
        var answer = await SendAsync(method, path, id: "caller-id-0001");
        var body = JsonElement.Parse(answer.Text);

        ((int)answer.Status, answer.RequestId).ShouldBe((status, "caller-id-0001"));
        body.GetProperty("request_id").GetString().ShouldBe("caller-id-0001");
        body.GetProperty("error").GetString()!.Length.ShouldBeGreaterThan(5);
        body.GetProperty("message").GetString().ShouldBe(body.GetProperty("error").GetString());
    }

    [Fact]
    public async Task An_unexpected_error_is_a_500_without_internal_details()
    {
        await using var broken = await RunningQrie.StartAsync(
            adjust: builder => builder.Services.AddSingleton<ICatalog>(p => new CatalogThatBreaks(p.GetRequiredService<CatalogHolder>())));
        ((CatalogThatBreaks)broken.Services.GetRequiredService<ICatalog>()).IsBroken = true;
        using var answer = await broken.Http.GetAsync("/services");
        var body = JsonElement.Parse(await answer.Content.ReadAsStringAsync());

        answer.StatusCode.ShouldBe(HttpStatusCode.InternalServerError);
        (body.GetProperty("error").GetString(), body.GetProperty("message").GetString()).ShouldBe(("Internal server error", "Internal server error"));
        body.ToString().ShouldNotContain("secret detail");
        answer.Headers.GetValues("x-request-id").Single().ShouldBe(body.GetProperty("request_id").GetString());
    }

    [Theory]
    [InlineData("caller-id-0001")]
    [InlineData("8f14e45f-ceea-467f-9e31-1d2c3b4a5f60")]
    [InlineData("a.b:c_d-12")]
    public async Task A_well_formed_request_id_of_the_caller_is_returned(string id)
    {
        (await SendAsync("GET", "/accounts", id: id)).RequestId.ShouldBe(id);
        (await SendAsync("GET", "/nope", id: id)).RequestId.ShouldBe(id);
    }

    [Theory]
    [InlineData("<script>alert(1)</script>")]
    [InlineData("id-0000001\tx")]
    [InlineData("id-0000001%0d%0aSet-Cookie: a=b")]
    [InlineData("{\"a\": \"bbbbbbbb\"}")]
    [InlineData("[id-0000001] GET /accounts")]
    [InlineData("")]
    public async Task Any_other_request_id_is_replaced(string id)
    {
        foreach (var sent in new[] { id, id + new string('a', 300), new string('a', 300) })
        {
            var answer = await SendAsync("GET", "/nope", id: sent);

            Guid.TryParse(answer.RequestId, out _).ShouldBeTrue();
            (sent.Length > 0 && answer.Text.Contains(sent, StringComparison.Ordinal)).ShouldBeFalse();
        }
    }

    /// <summary>Method and path, with unknown ids as parameters.</summary>
    private async Task<List<(string Method, string Path)>> RoutesAsync() =>
    [
        .. (await _qrie.GetAsync("/openapi/v1.json")).Body.GetProperty("paths").EnumerateObject()
            .SelectMany(
                path => path.Value.EnumerateObject().Select(operation => (operation.Name.ToUpperInvariant(), Parameter().Replace(path.Name, "NotThere")))),
    ];

    private async Task<(HttpStatusCode Status, string? MediaType, string Text, string? RequestId)> SendAsync(string method, string path, string? id = null)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        if (id is not null)
        {
            request.Headers.TryAddWithoutValidation("x-request-id", id);
        }

        if (method is "POST" or "PUT")
        {
            request.Content = new StringContent("{}", Encoding.UTF8, "application/json");
        }

        using var answer = await _qrie.Http.SendAsync(request);
        return (answer.StatusCode, answer.Content.Headers.ContentType?.MediaType, await answer.Content.ReadAsStringAsync(),
            answer.Headers.TryGetValues("x-request-id", out var values) ? values.Single() : null);
    }

    /// <summary>The member names of a JSON object, or the kind of another response, because values may be times.</summary>
    private static string Shape(string text) =>
        !text.StartsWith('{') ? text.Length == 0 ? "" : text[..1] : string.Join(' ', JsonElement.Parse(text).EnumerateObject().Select(p => p.Name));

    private static IEnumerable<string> Numbers(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => value.EnumerateObject().Where(p => p.Name is not ("configuration" or "age_hours")).SelectMany(p => Numbers(p.Value)),
        JsonValueKind.Array => value.EnumerateArray().SelectMany(Numbers),
        JsonValueKind.Number => [value.GetRawText()],
        _ => [],
    };

    private static bool IsInteger(string number) => long.TryParse(number, out _);

    [GeneratedRegex(@"\{[^}]+\}")]
    private static partial Regex Parameter();

    private sealed class CatalogThatBreaks(CatalogHolder whole) : ICatalog
    {
        public bool IsBroken { get; set; }

        public ResourceCatalog Current => IsBroken ? throw new InvalidOperationException("A secret detail.") : whole.Current;
    }
}
