using System.Text.Json;
using Qrie.Domain.Inventory;
using Qrie.Domain.Policies;
using Qrie.Domain.Policies.Testing;
using Qrie.Tests.Catalog;

namespace Qrie.Tests.Inventory.Emulated;

internal static class Verdicts
{
    /// <summary>The verdict of a shipped policy some days after the resource was read.</summary>
    public static string Of(CollectedResource resource, string policy, int daysLater = 0) => PolicyTestRunner.Word(new PolicyEvaluator().Evaluate(
        ShippedCatalog.Instance.FindPolicy(policy).ShouldNotBeNull(policy),
        new PolicyInput
        {
            Configuration = resource.Configuration,
            AccountId = resource.AccountId,
            Arn = resource.Arn,
            Region = resource.Region,
            Tags = resource.Tags,
            Params = new Dictionary<string, JsonElement>(),
            Now = resource.DescribeTime.AddDays(daysLater),
        }).Verdict);
}
