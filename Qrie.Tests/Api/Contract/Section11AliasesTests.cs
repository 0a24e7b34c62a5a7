using System.Net;
using System.Text.Json;

namespace Qrie.Tests.Api.Contract;

/// <summary>contract.md section 1.11: the addresses of older documents. Launching by its alias is in section 1.6.</summary>
public sealed class Section11AliasesTests(ServiceWithData service) : IClassFixture<ServiceWithData>
{
    [Theory]
    [InlineData("/policies/active", "/policies?status=active")]
    [InlineData("/policies/available?filter=unlaunched", "/policies?status=available")]
    [InlineData("/policies/available?services=s3", "/policies?status=available&services=s3")]
    [InlineData("/policy?id=S3BucketPublic", "/policies?policy_id=S3BucketPublic")]
    [InlineData("/api/policy?id=S3BucketVersioningDisabled", "/policies?policy_id=S3BucketVersioningDisabled")]
    [InlineData("/resources?service=s3&account_id=123456789012", "/resources?type=s3&account=123456789012")]
    public async Task An_older_address_returns_the_response_of_the_current_one(string older, string today)
    {
        var (status, body) = await service.Qrie.GetAsync(older);

        status.ShouldBe(HttpStatusCode.OK);
        body.ToString().ShouldBe((await service.Qrie.GetAsync(today)).Body.ToString());
        (body.ValueKind == JsonValueKind.Array ? body : body.GetProperty("resources")).GetArrayLength().ShouldBeGreaterThan(0);
    }

    [Fact]
    public async Task An_unknown_or_missing_policy_id_is_refused_by_older_addresses_too()
    {
        (await service.Qrie.GetAsync("/policy?id=S3BucketPublicReadProhibited")).Status.ShouldBe(HttpStatusCode.NotFound);
        (await service.Qrie.GetAsync("/policy")).Status.ShouldBe(HttpStatusCode.BadRequest);
        var (status, body) = await service.Qrie.PostAsync("/policies/launch", new { policy_id = "S3BucketPublicReadProhibited", scope = new { type = "all" } });
        status.ShouldBe(HttpStatusCode.NotFound);
        body.GetProperty("message").GetString()!.ShouldContain("S3BucketPublic");
    }

    [Fact]
    public async Task Update_is_a_route_and_not_a_policy_id()
    {
        var (status, body) = await service.Qrie.PutAsync("/policies/update", new { severity = 50 });
        var (unknown, missing) = await service.Qrie.PutAsync("/policies/update", new { policy_id = "NonExistentPolicy", severity = 50 });

        (status, body.GetProperty("error").GetString()).ShouldBe((HttpStatusCode.BadRequest, "policy_id is required"));
        (unknown, missing.GetProperty("error").GetString()).ShouldBe((HttpStatusCode.NotFound, "Policy NonExistentPolicy not found or not launched"));
    }
}
