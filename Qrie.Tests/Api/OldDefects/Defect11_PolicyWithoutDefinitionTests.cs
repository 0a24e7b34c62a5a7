using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Qrie.Domain.Policies;
using Qrie.Tests.Support;

namespace Qrie.Tests.Api.OldDefects;

/// <summary>11: one launched policy without a definition made every policy endpoint a 500.</summary>
public sealed class Defect11_PolicyWithoutDefinitionTests : OldDefectTest
{
    [Fact]
    public async Task Every_policy_endpoint_works_with_such_a_policy()
    {
        Aws.With(Bad, "a");
        await InventoryAsync();
        await Qrie.Services.GetRequiredService<IPolicyStore>().LaunchAsync(Some.Policy("Gone"), default);

        foreach (var query in new[] { "", "?status=active", "?status=available", "?status=all",
            "?status=suspended", "?services=s3", "?policy_id=Gone", $"?policy_id={Public}" })
        {
            (await Qrie.GetAsync($"/policies{query}")).Status.ShouldBe(HttpStatusCode.OK, query);
        }

        await Qrie.LaunchAsync(Versioning);
        (await FindingsAsync("?state=ACTIVE")).Count.ShouldBe(1);
        (await PolicyScanAsync()).GetProperty("status").GetString().ShouldBe("completed");
        (await Qrie.PutAsync($"/policies/{Versioning}", new { severity = 1 })).Status.ShouldBe(HttpStatusCode.OK);
        (await Qrie.PutAsync("/policies/Gone", new { severity = 1 })).Status.ShouldBe(HttpStatusCode.OK);
        (await Qrie.PostAsync("/policies/Gone/preview", new { })).Status.ShouldBe(HttpStatusCode.Conflict);
        (await Qrie.DeleteAsync("/policies/Gone")).Status.ShouldBe(HttpStatusCode.OK);
        (await Qrie.DeleteAsync($"/policies/{Versioning}")).Status.ShouldBe(HttpStatusCode.OK);
    }
}
