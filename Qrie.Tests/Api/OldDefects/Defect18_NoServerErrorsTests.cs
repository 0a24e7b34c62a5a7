using System.Net;

namespace Qrie.Tests.Api.OldDefects;

/// <summary>18: a bad number, token or body was a 500, a severity of 500 was accepted, and errors had no details.</summary>
public sealed class Defect18_NoServerErrorsTests : OldDefectTest
{
    private static readonly string[] s_bodies =
        ["", " ", "null", "[]", "{", "\"text\"", "7", "{\"policy_id\": 7}",
            "{\"policy_id\": \"S3BucketPublic\", \"severity\": 50.5}", "\u0000", "{\"a\": \"\\ud800\"}", "{\"scope\": 1}"];

    [Fact]
    public async Task Invalid_parameters_are_never_server_errors_and_each_is_named()
    {
        foreach (var list in new[] { "/findings", "/resources", "/scans" })
        {
            foreach (var (name, value) in new[]
            {
                ("page_size", "abc"), ("page_size", "0"), ("page_size", "-1"),
                ("page_size", "101"), ("page_size", "1e1"), ("page_size", "99999999999999999999"),
                ("next_token", "abc"), ("next_token", "%00"), ("next_token", "eyJhIjoxfQ=="), ("next_token", new string('A', 4000)),
            })
            {
                var (status, body) = await Qrie.GetAsync($"{list}?{name}={value}");

                status.ShouldBe(HttpStatusCode.BadRequest, $"{list}?{name}={value}");
                body.GetProperty("errors").EnumerateObject().Select(e => e.Name).ShouldBe([name]);
            }
        }
    }

    [Theory]
    [InlineData("POST", "/policies")]
    [InlineData("POST", "/policies/launch")]
    [InlineData("PUT", "/policies/S3BucketPublic")]
    [InlineData("PUT", "/policies/update")]
    [InlineData("POST", "/policies/evaluate")]
    [InlineData("POST", "/scans")]
    [InlineData("POST", "/accounts")]
    public async Task Invalid_bodies_are_never_server_errors_and_each_error_names_a_field(string method, string path)
    {
        foreach (var text in s_bodies)
        {
            using var request = new HttpRequestMessage(new HttpMethod(method), path) { Content = new StringContent(text) };
            using var answer = await Qrie.Http.SendAsync(request);
            var body = System.Text.Json.JsonElement.Parse(await answer.Content.ReadAsStringAsync());

            answer.StatusCode.ShouldBe(HttpStatusCode.BadRequest, text);
            body.GetProperty("errors").EnumerateObject().ShouldNotBeEmpty(text);
        }

        (await Qrie.GetAsync("/policies?status=active")).Body.GetArrayLength().ShouldBe(0);
    }

    [Fact]
    public async Task A_launch_of_an_unknown_policy_is_a_404_and_a_severity_of_500_a_400()
    {
        (await Qrie.PostAsync("/policies", new { policy_id = "TestPolicy" })).Status.ShouldBe(HttpStatusCode.NotFound);
        var (status, body) = await Qrie.PostAsync("/policies", new { policy_id = Public, severity = 500 });

        (status, body.GetProperty("errors").GetProperty("severity")[0].GetString())
            .ShouldBe((HttpStatusCode.BadRequest, "severity must be a whole number from 0 to 100."));
    }
}
