using Qrie.Domain.Inventory;
using Qrie.Tests.Support;

namespace Qrie.Tests.Stores;

/// <summary>Base of contracts with resources in two accounts.</summary>
public abstract class ResourceContract : StoreContract
{
    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        await Stores.Accounts.AddAsync(Some.Account(), None);
        await Stores.Accounts.AddAsync(Some.Account(Some.OtherAccountId), None);
    }

    private protected async Task<ResourceWrite> WriteAsync(CollectedResource resource, double now = 100) =>
        (await Stores.Resources.WriteAsync(Some.Org, [resource], Some.At(now), None)).ShouldHaveSingleItem();

    private protected Task<IReadOnlyList<string>> DeleteAsync(double at) => Stores.Resources.DeleteAsync(Some.Org, [Some.Deletion(at: at)], Some.At(100), None);

    private protected Task<StoredResource?> FindAsync(string name) => Stores.Resources.FindAsync(Some.Org, Some.S3, Some.ArnOf(name), None);
}
