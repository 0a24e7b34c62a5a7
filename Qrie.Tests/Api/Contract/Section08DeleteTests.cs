using System.Net;
using System.Text.Json;

namespace Qrie.Tests.Api.Contract;

/// <summary>contract.md section 1.8.</summary>
public sealed class Section08DeleteTests : IAsyncLifetime
{
    private const string PolicyId = "S3BucketVersioningDisabled";

    private RunningQrie _qrie = null!;

    public async ValueTask InitializeAsync()
    {
        _qrie = await RunningQrie.StartAsync(new ScriptedCollector().With("""{"Name":"x","Versioning":{}}""", "a", "b"));
        await _qrie.ScanAsync(new { kind = "inventory" });
        await _qrie.LaunchAsync(PolicyId);
    }

    public async ValueTask DisposeAsync() => await _qrie.DisposeAsync();

    [Theory]
    [InlineData("")]
    [InlineData("/api")]
    public async Task Deleting_resolves_the_findings_and_makes_the_policy_available_again(string prefix)
    {
        var (status, body) = await _qrie.DeleteAsync($"{prefix}/policies/{PolicyId}");

        (status, body.GetProperty("message").GetString(), body.GetProperty("findings_deleted").GetInt32())
            .ShouldBe((HttpStatusCode.OK, $"Policy {PolicyId} deleted successfully", 2));
        var resolved = await _qrie.AllAsync("/findings?state=RESOLVED", "findings");
        resolved.Count.ShouldBe(2);
        resolved.ShouldAllBe(f => f.GetProperty("resolved_reason").GetString() == "POLICY_DELETED");
        var policy = (await _qrie.GetAsync($"/policies?policy_id={PolicyId}")).Body[0];
        (policy.GetProperty("status").GetString(), policy.GetProperty("scope").ValueKind).ShouldBe(("available", JsonValueKind.Null));
        (await _qrie.DeleteAsync($"{prefix}/policies/{PolicyId}")).Status.ShouldBe(HttpStatusCode.NotFound);
    }

    [Theory]
    [InlineData("S3BucketPublic")]
    [InlineData("NonExistentPolicy")]
    [InlineData("launch")]
    public async Task A_policy_that_is_not_launched_is_a_404(string policyId)
    {
        var (status, body) = await _qrie.DeleteAsync($"/policies/{policyId}");

        (status, body.GetProperty("error").GetString()).ShouldBe((HttpStatusCode.NotFound, $"Policy {policyId} not found or not launched"));
        (await _qrie.AllAsync("/findings?state=ACTIVE", "findings")).Count.ShouldBe(2);
    }

    [Fact]
    public async Task A_suspended_policy_is_deleted_without_findings_to_resolve()
    {
        await _qrie.PutAsync($"/policies/{PolicyId}", new { status = "suspended" });

        (await _qrie.DeleteAsync($"/policies/{PolicyId}")).Body.GetProperty("findings_deleted").GetInt32().ShouldBe(0);
        (await _qrie.GetAsync("/policies?status=suspended")).Body.GetArrayLength().ShouldBe(0);
    }
}
