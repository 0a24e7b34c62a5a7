using Qrie.Aws.Api;
using Qrie.Aws.Api.Models;
using Qrie.Domain.Accounts;
using Qrie.Domain.Catalog;
using Qrie.Domain.Inventory;

namespace Qrie.Aws.Inventory;

/// <summary>Determines the common data of the calls of a unit: principal, partition and regions.</summary>
/// <param name="homeOf">Returns a region of an account's partition; null to use the account's first region.</param>
internal sealed class UnitContexts(
    IAwsApi api, ModelCatalog models, Func<Account, CancellationToken, Task<AwsPrincipal>> principalOf, TimeProvider clock,
    Func<Account, CancellationToken, Task<string>>? homeOf = null)
{
    public async Task<UnitContext> OfAsync(CollectionUnit unit, ServiceDefinition service, CancellationToken cancel)
    {
        var principal = await principalOf(unit.Account, cancel);
        var partition = await PartitionOfAsync(unit, principal, cancel);
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

    /// <summary>From the region; of a global unit, from the role, the caller or the regions of the account.</summary>
    private async Task<AwsPartition> PartitionOfAsync(CollectionUnit unit, AwsPrincipal principal, CancellationToken cancel)
    {
        if (unit.Region != Regions.Global)
        {
            return models.Endpoints.PartitionOf(unit.Region);
        }

        var named = principal.RoleArn?.Split(':') is [_, var partition, ..] ? models.Endpoints.FindPartition(partition) : null;
        if (named is not null)
        {
            return named;
        }

        var home = homeOf is not null ? await homeOf(unit.Account, cancel) : unit.Account.Regions is [var first, ..] ? first : "us-east-1";
        return models.Endpoints.PartitionOf(home);
    }

    /// <summary>A service's own home region applies to the main partition; in others its API is in the partition's default region.</summary>
    private static string HomeOf(ServiceDefinition service, AwsPartition partition) =>
        service.Home is { } home && partition.Regions.Contains(home) ? home : partition.DefaultRegion;
}
