using Qrie.Domain.Access;
using Qrie.Tests.Support;

namespace Qrie.Tests.Stores;

public abstract class OrganizationContract : StoreContract
{
    [Fact]
    public async Task An_organization_is_returned_as_created()
    {
        var shop = new Organization("shop", "Магазин 🛒", Some.Noon);

        (await Stores.Organizations.AddAsync(shop, None)).ShouldBeTrue();
        (await Stores.Organizations.AddAsync(new Organization("bank", null, Some.At(1)), None)).ShouldBeTrue();

        (await Stores.Organizations.FindAsync("shop", None)).ShouldBe(shop);
        (await Stores.Organizations.FindAsync("SHOP", None)).ShouldBeNull();
        (await Stores.Organizations.ListAsync(None)).Select(o => o.OrganizationId).ShouldBe(["bank", "shop"]);
    }

    [Fact]
    public async Task Of_many_concurrent_creations_of_an_organization_one_succeeds()
    {
        var made = await Task.WhenAll(
            Enumerable.Range(0, 8).Select(i => Task.Run(() => Stores.Organizations.AddAsync(new Organization("shop", $"{i}", Some.At(i)), None))));

        made.Count(m => m).ShouldBe(1);
        (await Stores.Organizations.FindAsync("shop", None))!.Name.ShouldBe($"{Array.IndexOf(made, true)}");
    }
}
