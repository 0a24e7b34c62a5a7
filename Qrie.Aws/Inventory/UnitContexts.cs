using Qrie.Aws.Api;
using Qrie.Aws.Api.Models;
using Qrie.Domain.Accounts;
using Qrie.Domain.Catalog;
using Qrie.Domain.Inventory;

namespace Qrie.Aws.Inventory;

/// <summary>Determines the credentials, regions and partition of a unit.</summary>
internal sealed class UnitContexts(IAwsApi api, ModelCatalog models, Func<Account, CancellationToken, Task<AwsPrincipal>> principalOf, TimeProvider clock)
{
    public async Task<UnitContext> OfAsync(CollectionUnit unit, ServiceDefinition service, CancellationToken cancel)
    {
        var principal = await principalOf(unit.Account, cancel);
        var partition = PartitionOf(unit, principal);
        return new UnitContext
        {
            Unit = unit,
            Service = service,
            Principal = principal,
            Partition = partition.Name,
            Home = HomeOf(service, partition),
            Calls = new UnitCalls(api, models, principal, clock, cancel),
        };
    }

    /// <summary>From the region; for a global unit, from the role or the regions of the account.</summary>
    private AwsPartition PartitionOf(CollectionUnit unit, AwsPrincipal principal)
    {
        if (unit.Region != Regions.Global)
        {
            return models.Endpoints.PartitionOf(unit.Region);
        }

        var named = principal.RoleArn?.Split(':') is [_, var partition, ..] ? models.Endpoints.FindPartition(partition) : null;
        return named ?? models.Endpoints.PartitionOf(unit.Account.Regions is [var first, ..] ? first : "us-east-1");
    }

    /// <summary>A service's own home region applies to the main partition; in others its API is in the partition's default region.</summary>
    private static string HomeOf(ServiceDefinition service, AwsPartition partition) =>
        service.Home is { } home && partition.Regions.Contains(home) ? home : partition.DefaultRegion;
}
