using Microsoft.Extensions.DependencyInjection;
using Qrie.Domain.Inventory;

namespace Qrie.Tests.Api.OldDefects;

/// <summary>5: an old compliant evaluation closed a newer violation; compliant resources got RESOLVED rows; and those moved with every scan.</summary>
public sealed class Defect05_OrderOfTimeTests : OldDefectTest
{
    [Fact]
    public async Task An_older_description_does_not_resolve_a_newer_violation()
    {
        Aws.With(Good, "a");
        await InventoryAsync();
        var old = await StoredAsync("a");
        Aws.With(Bad, "a");
        Clock.Offset = TimeSpan.FromHours(1);
        await InventoryAsync();
        await Qrie.LaunchAsync(Versioning);

        await Qrie.Services.GetRequiredService<IResourceStore>().WriteAsync("default", [old], Clock.GetUtcNow(), default); // from a slow worker
        await PolicyScanAsync();

        (await FindingsAsync("?state=ACTIVE")).Count.ShouldBe(1);
    }

    [Fact]
    public async Task Compliant_resources_have_no_findings_and_resolved_findings_stay_unchanged()
    {
        Aws.With(Bad, "a").With(Good, "b", "c");
        await InventoryAsync();
        await Qrie.LaunchAsync(Versioning);
        (await FindingsAsync()).Select(f => Text(f, "arn")).ShouldBe(["arn:aws:s3:::a"]);

        Aws.With(Good, "a");
        Clock.Offset = TimeSpan.FromHours(1);
        await InventoryAsync();
        await PolicyScanAsync();
        var resolved = (await FindingsAsync()).ShouldHaveSingleItem();
        (Text(resolved, "state"), Text(resolved, "last_evaluated")).ShouldBe(("RESOLVED", Text(resolved, "resolved_at")));
        for (var day = 1; day <= 3; day++)
        {
            Clock.Offset = TimeSpan.FromDays(day);
            await InventoryAsync();
            await PolicyScanAsync();
        }

        (await FindingsAsync()).ShouldHaveSingleItem().GetRawText().ShouldBe(resolved.GetRawText());
    }

    private async Task<CollectedResource> StoredAsync(string name)
    {
        var stored = (await Qrie.Services.GetRequiredService<IResourceStore>().FindAsync("default", $"{Account}_s3", $"arn:aws:s3:::{name}", default))!;
        return new CollectedResource
        {
            AccountId = stored.AccountId,
            Service = stored.Service,
            Type = stored.Type,
            Arn = stored.Arn,
            Id = stored.Id,
            Region = stored.Region,
            ListedIn = stored.ListedIn,
            Tags = stored.Tags,
            Configuration = stored.Configuration!.Value,
            Unknown = new Dictionary<string, string>(),
            Hash = stored.Hash,
            DescribeTime = stored.DescribeTime,
        };
    }
}
