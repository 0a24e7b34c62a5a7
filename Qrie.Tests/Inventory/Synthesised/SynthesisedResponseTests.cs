using Qrie.Domain.Catalog;
using Qrie.Tests.Catalog;
using Qrie.Tests.Support;

namespace Qrie.Tests.Inventory.Synthesised;

/// <summary>
/// Every type of the catalog with responses generated from the service models, with all possible members, and then without one member. This covers types that
/// the emulator lacks; the meaning of values is tested with the emulator.
/// </summary>
public sealed class SynthesisedResponseTests(ITestOutputHelper output)
{
    public static TheoryData<string> Services() => [.. ShippedCatalog.Instance.Services.Select(service => service.Key)];

    [Theory, MemberData(nameof(Services))]
    public async Task Responses_with_all_members_are_read_completely(string service)
    {
        var collected = await MissingMember.CollectAsync(new ModelResponses(CollectorHarness.Models, CollectorHarness.AccountId), service);

        foreach (var type in ShippedCatalog.Instance.FindService(service)!.Resources)
        {
            var some = collected.Where(r => r.Type == type.Type).ToList();
            some.ShouldNotBeEmpty(type.Type);
            some.SelectMany(r => r.Unknown).ShouldBeEmpty(type.Type);
            // Answers are the same whatever is asked: only what is listed once per parent may come more than once.
            if (type.List is not SourceChain)
            {
                some.Select(r => (r.Region, r.Id)).ShouldBeUnique(type.Type);
            }
        }
    }

    /// <summary>The same for some members; the soak tests omit every one.</summary>
    [Theory, MemberData(nameof(Services))]
    public async Task A_missing_member_does_not_make_other_attributes_look_unconfigured(string service)
    {
        output.WriteLine($"seed {Seeds.Value}");
        (await MissingMember.WronglyUnconfiguredAsync(service, new Random(Seeds.Value), most: 12)).ShouldBeEmpty();
    }
}
