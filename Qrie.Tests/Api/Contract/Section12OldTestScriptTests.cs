using System.Net;
using System.Text.Json;

namespace Qrie.Tests.Api.Contract;

/// <summary>
/// contract.md section 1.12: every call of the old system's test script, with its expected status and content.
/// </summary>
public sealed class Section12OldTestScriptTests(ServiceWithData service) : IClassFixture<ServiceWithData>
{
    private const string Account = "account=123456789012";

    [Theory]
    [InlineData("accounts")]
    [InlineData("services")]
    [InlineData("services?supported=true")]
    [InlineData("resources")]
    [InlineData("resources?page_size=5")]
    [InlineData("resources?" + Account)]
    [InlineData("resources?" + Account + "&page_size=2")]
    [InlineData("findings")]
    [InlineData("findings?page_size=3")]
    [InlineData("findings?state=ACTIVE")]
    [InlineData("findings?state=RESOLVED")]
    [InlineData("findings?" + Account)]
    [InlineData("findings?policy=S3BucketPublic")]
    [InlineData("findings?state=ACTIVE&" + Account)]
    [InlineData("policies")]
    [InlineData("policies?status=all")]
    [InlineData("policies?status=active")]
    [InlineData("policies?status=available")]
    [InlineData("policies?services=s3")]
    [InlineData("policies?services=s3,ec2")]
    [InlineData("policies?status=active&services=s3")]
    [InlineData("policies?status=available&services=ec2")]
    [InlineData("policies?policy_id=S3BucketPublic")]
    [InlineData("policies?policy_id=S3BucketVersioningDisabled")]
    [InlineData("policies?policy_id=EC2UnencryptedEBS")]
    [InlineData("policies?policy_id=RDSPublicAccess")]
    [InlineData("summary/resources")]
    [InlineData("summary/resources?" + Account)]
    [InlineData("summary/findings")]
    [InlineData("summary/findings?" + Account)]
    public async Task Every_get_of_the_script_is_a_200_with_rows(string call)
    {
        foreach (var prefix in new[] { "/", "/api/" })
        {
            var (status, body) = await service.Qrie.GetAsync(prefix + call);

            status.ShouldBe(HttpStatusCode.OK);
            Rows(body).ShouldBeGreaterThan(0);
        }
    }

    [Fact]
    public async Task A_policy_that_does_not_exist_is_a_404() =>
        (await service.Qrie.GetAsync("/policies?policy_id=NonExistentPolicy")).Status.ShouldBe(HttpStatusCode.NotFound);

    /// <summary>The script's second list, which was commented out; TestPolicy does not exist, so a policy of the catalog replaces it.</summary>
    [Fact]
    public async Task The_life_cycle_of_a_policy_has_the_statuses_of_the_script()
    {
        var qrie = service.Qrie;
        var policy = $"/policies/{ServiceWithData.Available}";

        (await qrie.PostAsync("/policies", new { policy_id = ServiceWithData.Available })).Status.ShouldBe(HttpStatusCode.Created);
        (await qrie.PostAsync("/policies", new { policy_id = "NonExistentPolicy" })).Status.ShouldBe(HttpStatusCode.NotFound);
        (await qrie.PostAsync("/policies", new { })).Status.ShouldBe(HttpStatusCode.BadRequest);
        (await qrie.PutAsync(policy, new { severity = 75 })).Status.ShouldBe(HttpStatusCode.OK);
        (await qrie.PutAsync(policy, new { remediation = "Encrypt it." })).Status.ShouldBe(HttpStatusCode.OK);
        (await qrie.PutAsync("/policies/NonExistentPolicy", new { severity = 75 })).Status.ShouldBe(HttpStatusCode.NotFound);
        (await qrie.PutAsync(policy, new { })).Status.ShouldBe(HttpStatusCode.BadRequest);
        (await qrie.DeleteAsync(policy)).Status.ShouldBe(HttpStatusCode.OK);
        (await qrie.DeleteAsync("/policies/NonExistentPolicy")).Status.ShouldBe(HttpStatusCode.NotFound);
    }

    private static int Rows(JsonElement body) =>
        (body.ValueKind == JsonValueKind.Array ? body : body.EnumerateObject().First(p => p.Value.ValueKind == JsonValueKind.Array).Value).GetArrayLength();
}
