using System.Net;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Qrie.Domain.Access;
using Qrie.Domain.Alerts;
using Qrie.Tests.Api;
using Qrie.Tests.Api.Access;
using Qrie.Tests.Aws;

namespace Qrie.Tests.Alerts;

/// <summary>The rules over HTTP.</summary>
public sealed class AlertRouteTests(SharedHosts hosts) : IClassFixture<SharedHosts>
{
    private const string Url = "https://hooks.example.com/services/T0/B0/secret-path";
    private const string Secret = "a-very-secret-signing-key";

    [Theory]
    [InlineData("""{}""", "name", "kinds", "target")]
    [InlineData("""{"name":"x","kinds":["opened","exploded"],"target":{"kind":"slack","url":"https://x.example.com/y"}}""", "kinds")]
    [InlineData("""{"name":"a\u202eb","kinds":["opened"],"target":{"kind":"slack","url":"https://x.example.com/y"}}""", "name")]
    [InlineData("""{"name":"x","kinds":["opened"],"target":{"kind":"carrier pigeon"}}""", "target")]
    [InlineData("""{"name":"x","kinds":["opened"],"target":{"kind":"slack","url":"http://x.example.com/y"}}""", "target")]
    [InlineData("""{"name":"x","kinds":["opened"],"target":{"kind":"slack","url":"https://169.254.169.254/latest"}}""", "target")]
    [InlineData("""{"name":"x","kinds":["opened"],"target":{"kind":"webhook","url":"https://[::ffff:10.0.0.1]/y"}}""", "target")]
    [InlineData("""{"name":"x","kinds":["opened"],"target":{"kind":"webhook","url":"https://localhost/y"}}""", "target")]
    [InlineData("""{"name":"x","kinds":["opened"],"target":{"kind":"slack","url":"https://u:p@x.example.com/y"}}""", "target")]
    [InlineData("""{"name":"x","kinds":["opened"],"target":{"kind":"webhook","url":"https://x.example.com/y","secret":"short"}}""", "target")]
    [InlineData("""{"name":"x","kinds":["opened"],"target":{"kind":"sns","topic_arn":"arn:aws:sqs:eu-west-1:123456789012:q"}}""", "target")]
    [InlineData("""{"name":"x","kinds":["opened"],"target":{"kind":"email","recipients":["a@example.com"]}}""", "target")]
    [InlineData("""{"name":"x","kinds":["opened"],"policies":["Nope"],"target":{"kind":"slack","url":"https://x.example.com/y"}}""", "policies")]
    [InlineData("""{"name":"x","kinds":["opened"],"accounts":["12"],"target":{"kind":"slack","url":"https://x.example.com/y"}}""", "accounts")]
    [InlineData("""{"name":"x","kinds":["opened"],"tags":{"env":[]},"target":{"kind":"slack","url":"https://x.example.com/y"}}""", "tags")]
    [InlineData("""{"name":"x","kinds":["opened"],"min_severity":101,"group_seconds":59,"target":{"kind":"slack","url":"https://x.example.com/y"}}""",
        "min_severity", "group_seconds")]
    [InlineData("""{"name":"x","kinds":["opened"],"quiet_hours":{"from":"24:00","to":"07:00"},"target":{"kind":"slack","url":"https://x.example.com/y"}}""",
        "quiet_hours")]
    [InlineData("""{"name":"x","kinds":["opened"],"quiet_hours":{"from":"22:00","to":"07:00","time_zone":"Mars/Olympus"},"target":{"kind":"slack"}}""",
        "quiet_hours", "target")]
    [InlineData("""{"name":"x","kinds":[null],"target":{"kind":"slack","url":"https://x.example.com/y"}}""", "kinds")]
    [InlineData("""{"name":"x","kinds":["opened"],"accounts":[null],"target":{"kind":"slack","url":"https://x.example.com/y"}}""", "accounts")]
    [InlineData("""{"name":"x","kinds":["opened"],"policies":[null],"target":{"kind":"slack","url":"https://x.example.com/y"}}""", "policies")]
    [InlineData("""{"name":"x","kinds":"opened"}""", "kinds")]
    public async Task Bad_settings_are_refused_by_field(string body, params string[] fields)
    {
        var qrie = await hosts.EmptyAsync();

        var (status, problem) = await qrie.PostTextAsync("/alerts", body);

        status.ShouldBe(HttpStatusCode.BadRequest, problem.ToString());
        problem.GetProperty("errors").EnumerateObject().Select(e => e.Name).ShouldBe(fields, ignoreOrder: true);
    }

    [Fact]
    public async Task Secrets_are_neither_returned_nor_audited_nor_logged()
    {
        var logs = new CollectingLogger();
        await using var qrie = await RunningQrie.StartAsync(adjust: builder => builder.Logging.SetMinimumLevel(LogLevel.Trace).AddProvider(logs));
        var (_, made) = await qrie.PostAsync("/alerts", Rule(new { kind = "webhook", url = Url, secret = Secret }));
        var path = $"/alerts/{made.GetProperty("alert_id").GetString()}";
        var seen = new List<string> { made.ToString() };
        foreach (var (method, at, body) in new[]
        {
            ("GET", path, null), ("GET", "/alerts", null), ("PATCH", path, """{"name":"renamed"}"""), ("POST", $"{path}/test", "{}"),
            ("GET", $"{path}/deliveries", null), ("GET", "/audit", (string?)null),
        })
        {
            var (status, text) = await qrie.Http.CallAsync(method, at, body);
            status.ShouldBe(HttpStatusCode.OK, text);
            seen.Add(text);
        }

        seen.Add(logs.Text);
        seen.ShouldAllBe(text => !text.Contains("secret-path") && !text.Contains(Secret));
        seen.ShouldContain(text => text.Contains("https://hooks.example.com/…"));
        made.GetProperty("secret").ValueKind.ShouldBe(JsonValueKind.Null);
    }

    [Fact]
    public async Task A_generated_secret_is_returned_once()
    {
        await using var qrie = await RunningQrie.StartAsync();

        var (_, made) = await qrie.PostAsync("/alerts", Rule(new { kind = "webhook", url = Url }));

        made.GetProperty("secret").GetString()!.Length.ShouldBe(64);
        (await qrie.GetAsync($"/alerts/{made.GetProperty("alert_id").GetString()}")).Body.TryGetProperty("secret", out _).ShouldBeFalse();
    }

    [Fact]
    public async Task A_change_keeps_what_it_does_not_name()
    {
        await using var world = await AlertWorld.StartAsync();
        var id = await world.RuleAsync(quiet_hours: new { from = "01:00", to = "02:00", days = new[] { "mon" } });
        var before = (await world.Qrie.GetAsync($"/alerts/{id}")).Body;

        var after = await world.Qrie.Http.JsonAsync("PATCH", $"/alerts/{id}", new { min_severity = 50, target = new { kind = "webhook" } });

        after.GetProperty("min_severity").GetInt32().ShouldBe(50);
        foreach (var member in (string[])["name", "kinds", "quiet_hours", "target", "created_at", "enabled", "group_seconds"])
        {
            after.GetProperty(member).ToString().ShouldBe(before.GetProperty(member).ToString(), member);
        }

        (await world.Qrie.PostAsync($"/alerts/{id}/test", new { })).Body.GetProperty("outcome").GetString().ShouldBe("delivered");
        var cleared = await world.Qrie.Http.JsonAsync("PATCH", $"/alerts/{id}", """{"quiet_hours":null}""");
        cleared.GetProperty("quiet_hours").ValueKind.ShouldBe(JsonValueKind.Null);
        await world.Qrie.Http.JsonAsync("PATCH", $"/alerts/{id}", new { target = new { kind = "slack" } }, HttpStatusCode.BadRequest);
        await world.Qrie.Http.JsonAsync("PATCH", $"/alerts/{id}", new { alert_id = "x" }, HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task A_test_says_what_happened_and_is_logged()
    {
        await using var world = await AlertWorld.StartAsync();
        var id = await world.RuleAsync();
        world.Sink.Answer(404, "no such hook");

        var refused = (await world.Qrie.PostAsync($"/alerts/{id}/test", new { })).Body;
        var accepted = (await world.Qrie.PostAsync($"/alerts/{id}/test", new { })).Body;
        await world.Qrie.Http.JsonAsync("PATCH", $"/alerts/{id}", new { target = new { url = "https://169.254.169.254/latest" } }, HttpStatusCode.BadRequest);

        new[] { refused, accepted }.Select(t => (t.GetProperty("outcome").GetString(), t.GetProperty("status").GetString()))
            .ShouldBe([("rejected", "failed"), ("delivered", "delivered")]);
        JsonElement.Parse(world.Sink.Requests.Last().Body).GetProperty("test").GetBoolean().ShouldBeTrue();
        (await world.LogAsync(id)).Select(t => t.GetProperty("test").GetBoolean()).ShouldBe([true, true]);
        (await world.WarningsAsync()).ShouldNotContain(w => w.Contains("everything"));
    }

    [Fact]
    public async Task Rules_of_another_organization_do_not_exist_and_have_no_topics()
    {
        await using var qrie = await KeyClients.StartAsync();
        await qrie.MakeOrganizationAsync("shop");
        using var own = await qrie.ClientAsync(Role.Admin);
        using var other = await qrie.ClientAsync(Role.Admin, "shop");
        var rule = Rule(new { kind = "sns", topic_arn = "arn:aws:sns:us-east-1:123456789012:t" });
        var made = await own.JsonAsync("POST", "/alerts", rule, HttpStatusCode.Created);
        var path = $"/alerts/{made.GetProperty("alert_id").GetString()}";

        foreach (var (method, at) in new[]
        {
            ("GET", path), ("PATCH", path), ("DELETE", path), ("POST", $"{path}/test"), ("GET", $"{path}/deliveries"),
        })
        {
            (await other.CallAsync(method, at, method is "GET" or "DELETE" ? null : """{"name":"x"}""")).Status.ShouldBe(HttpStatusCode.NotFound, at);
        }

        (await other.JsonAsync("GET", "/alerts")).GetProperty("alerts").GetArrayLength().ShouldBe(0);
        await other.JsonAsync("POST", "/alerts", rule, HttpStatusCode.BadRequest);
        (await own.CallAsync("DELETE", path)).Status.ShouldBe(HttpStatusCode.NoContent);
        (await own.CallAsync("GET", path)).Status.ShouldBe(HttpStatusCode.NotFound);
    }

    private static object Rule(object target) => new { name = "x", kinds = new[] { AlertRuleSettings.NameOf(AlertKind.Opened) }, target };
}
