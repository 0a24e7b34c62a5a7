using Qrie.Tests.Catalog;
using Qrie.Tests.Inventory.Synthesised;

namespace Qrie.Soak.Tests.Inventory;

/// <summary>Every member of every response that the catalog reads, omitted one at a time.</summary>
public sealed class EveryMissingMemberTests
{
    [SoakFact]
    public async Task No_missing_member_makes_other_attributes_look_unconfigured()
    {
        var wrong = new List<string>();
        foreach (var service in ShippedCatalog.Instance.Services)
        {
            wrong.AddRange(await MissingMember.WronglyUnconfiguredAsync(service.Key, new Random(1)));
        }

        wrong.ShouldBeEmpty();
    }
}
