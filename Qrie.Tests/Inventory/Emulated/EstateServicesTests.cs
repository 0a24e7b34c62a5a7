using Qrie.Domain.Catalog;
using Qrie.Domain.Inventory;
using Qrie.Tests.Catalog;
using Qrie.Tests.Emulator;

namespace Qrie.Tests.Inventory.Emulated;

/// <summary>Every service of the catalog in the first account of the estate, in which only single reads are denied.</summary>
public sealed class EstateServicesTests(ITestOutputHelper output)
{
    public static TheoryData<string> Services() => [.. ShippedCatalog.Instance.Services.Select(service => service.Key)];

    [EmulatorTheory, MemberData(nameof(Services))]
    public async Task Scans_and_single_reads_of_a_service_are_equal_and_a_refused_read_is_unknown(string service)
    {
        var estate = await BuiltEstate.CreateAsync();
        await using var aws = await EmulatedCollector.StartAsync(estate.Accounts[0]);
        estate.Answer(aws.Proxy);
        var scopes = ShippedCatalog.Instance.FindService(service)!.Resources.Select(t => t.Scope).Distinct();
        foreach (var region in scopes.Select(scope => scope == ResourceScope.Global ? Regions.Global : estate.Regions[0]))
        {
            var collected = await aws.CollectAsync(service, region);

            await ScanAndOne.CompareAsync(aws, collected, service, region);
            await ScanAndOne.RefuseEachAsync(output, aws, collected, service, region);
        }
    }
}
