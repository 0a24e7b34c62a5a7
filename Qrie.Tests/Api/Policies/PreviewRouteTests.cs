using System.Net;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Qrie.Domain.Policies;
using Qrie.Tests.Support;

namespace Qrie.Tests.Api.Policies;

/// <summary><c>POST /policies/{id}/preview</c> as a client sees it.</summary>
public sealed class PreviewRouteTests : IAsyncLifetime
{
    private const string PolicyId = "S3BucketVersioningDisabled";
    private const string Path = $"/policies/{PolicyId}/preview";

    private RunningQrie _qrie = null!;

    public async ValueTask InitializeAsync()
    {
        _qrie = await RunningQrie.StartAsync(new Api.ScriptedCollector()
            .With("""{"Name":"x","Versioning":{}}""", "a", "b")
            .With("""{"Name":"x","Versioning":{"Status":"Enabled"}}""", "good")
            .With("""{"Name":"x","_unknown":{"Versioning":"AccessDenied"}}""", "hidden"));
        await _qrie.ScanAsync(new { kind = "inventory" });
    }

    public async ValueTask DisposeAsync() => await _qrie.DisposeAsync();

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    public async Task Without_settings_the_defaults_of_the_policy_are_used(string body)
    {
        var (status, preview) = await _qrie.PostTextAsync(Path, body);

        status.ShouldBe(HttpStatusCode.OK, preview.ToString());
        (preview.GetProperty("policy_id").GetString(), preview.GetProperty("status").GetString(), preview.GetProperty("resources").GetInt32())
            .ShouldBe((PolicyId, "available", 4));
        preview.GetProperty("verdicts").GetRawText().ShouldBe("""{"pass":1,"fail":2,"not_applicable":0,"unknown":1,"out_of_scope":0}""");
        preview.GetProperty("by_account")[0].GetProperty("account_id").GetString().ShouldBe("123456789012");
        preview.GetProperty("by_region")[0].GetProperty("region").GetString().ShouldBe("us-east-1");
        preview.GetProperty("by_severity")[0].GetProperty("severity").GetString().ShouldBe("high");
        preview.GetProperty("by_severity")[0].GetProperty("verdicts").GetProperty("fail").GetInt32().ShouldBe(2);
        preview.GetProperty("unknown_reasons").GetRawText().ShouldBe("""[{"attribute":"Versioning","code":"AccessDenied","resources":1}]""");
        Changes(preview).ShouldBe((2, 0, "{}", 0));
        preview.GetProperty("open_findings").GetRawText().ShouldBe(
            """{"now":{"critical":0,"high":0,"medium":0,"low":0},"then":{"critical":0,"high":2,"medium":0,"low":0}}""");
        preview.GetProperty("settings").GetProperty("scope").EnumerateObject().Count().ShouldBe(6);
        var sample = preview.GetProperty("samples")[0];
        (sample.GetProperty("arn").GetString(), sample.GetProperty("account_service").GetString(),
            sample.GetProperty("change").GetString(), sample.GetProperty("severity").GetInt32())
            .ShouldBe(("arn:aws:s3:::a", "123456789012_s3", "open", 60));
        sample.GetProperty("evidence").GetProperty("versioning").GetProperty("enabled").GetBoolean().ShouldBeFalse();
    }

    [Fact]
    public async Task The_body_is_optional()
    {
        using var answer = await _qrie.Http.PostAsync(Path, content: null);

        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        (await _qrie.PostTextAsync($"/api{Path}", "")).Status.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_preview_of_an_active_or_suspended_policy_is_relative_to_its_findings()
    {
        await _qrie.LaunchAsync(PolicyId);

        var narrower = (await _qrie.PostAsync(Path, new { scope = new { exclude_accounts = new[] { "123456789012" } } })).Body;
        Changes(narrower).ShouldBe((0, 0, """{"SCOPE_EXCLUDED":2}""", 0));
        (narrower.GetProperty("status").GetString(), narrower.GetProperty("verdicts").GetProperty("out_of_scope").GetInt32()).ShouldBe(("active", 4));
        narrower.GetProperty("samples")[0].GetProperty("resolved_reason").GetString().ShouldBe("SCOPE_EXCLUDED");
        var severe = (await _qrie.PostAsync(Path, new { severity = 95 })).Body;
        Changes(severe).ShouldBe((0, 0, "{}", 2));
        severe.GetProperty("severity_changes").GetRawText().ShouldBe("""[{"from":60,"to":95,"findings":2}]""");

        await _qrie.PutAsync("/policies/update", new { policy_id = PolicyId, status = "suspended" });
        var suspended = (await _qrie.PostTextAsync(Path, "")).Body;
        (suspended.GetProperty("status").GetString(), Changes(suspended)).ShouldBe(("suspended", (0, 2, "{}", 0)));
        (await _qrie.GetAsync("/findings?state=ACTIVE")).Body.GetProperty("count").GetInt32().ShouldBe(0);
    }

    [Fact]
    public async Task All_errors_are_reported_at_once_and_before_the_policy_is_looked_up()
    {
        var (status, body) = await _qrie.PostTextAsync(
            "/policies/S3BucketVersioningDisable/preview", """{"severity": 101, "scope": {"include_accounts": ["12"], "exclude_accounts": ["x"]}}""");
        var (known, problem) = await _qrie.PostTextAsync(Path, """{"severity": -1, "params": {"max": 1}, "scope": {"include_accounts": ["12"]}}""");

        status.ShouldBe(HttpStatusCode.BadRequest);
        body.GetProperty("errors").GetProperty("scope").GetArrayLength().ShouldBe(2);
        known.ShouldBe(HttpStatusCode.BadRequest);
        problem.GetProperty("errors").EnumerateObject().Select(e => e.Name).ShouldBe(["severity", "scope", "params"], ignoreOrder: true);
        (await _qrie.PostTextAsync(Path, """{"severity": 1.5}""")).Status.ShouldBe(HttpStatusCode.BadRequest);
        (await _qrie.PostTextAsync(Path, "null")).Status.ShouldBe(HttpStatusCode.BadRequest);
        (await _qrie.PostTextAsync(Path, "{")).Status.ShouldBe(HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task An_unknown_policy_is_a_404_with_similar_ids_and_one_without_a_definition_a_409()
    {
        await _qrie.Services.GetRequiredService<IPolicyStore>().LaunchAsync(Some.Policy("OldPolicy"), default);

        var (status, body) = await _qrie.PostTextAsync("/policies/S3BucketVersioningDisable/preview", "");
        var (missing, conflict) = await _qrie.PostTextAsync("/policies/OldPolicy/preview", "");

        status.ShouldBe(HttpStatusCode.NotFound);
        body.GetProperty("message").GetString()!.ShouldContain("Did you mean S3BucketVersioningDisabled");
        missing.ShouldBe(HttpStatusCode.Conflict);
        conflict.GetProperty("message").GetString()!.ShouldContain("DELETE /policies/OldPolicy");
    }

    private static (int Open, int Reopen, string Resolve, int Stay) Changes(JsonElement preview) => (
        preview.GetProperty("would_open").GetInt32(), preview.GetProperty("would_reopen").GetInt32(), preview.GetProperty("would_resolve").GetRawText(),
        preview.GetProperty("would_stay").GetInt32());
}
