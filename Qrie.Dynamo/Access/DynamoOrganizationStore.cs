using Qrie.Domain.Access;
using Qrie.Dynamo.Client;
using Qrie.Dynamo.Items;
using Qrie.Dynamo.Tables;
using Qrie.Dynamo.Writes;

namespace Qrie.Dynamo.Access;

internal sealed class DynamoOrganizationStore(DynamoStore store) : IOrganizationStore
{
    internal const string Partition = "organizations";

    public Task<bool> AddAsync(Organization organization, CancellationToken cancel) =>
        store.WriteAsync(
            async session =>
            {
                var key = KeyOf(organization.OrganizationId);
                if (await session.GetAsync(key) is not null)
                {
                    return false;
                }

                await session.PutAsync(key, organization);
                return true;
            },
            cancel);

    public Task<Organization?> FindAsync(string organizationId, CancellationToken cancel) => store.FindAsync<Organization>(KeyOf(organizationId), cancel);

    public async Task<IReadOnlyList<Organization>> ListAsync(CancellationToken cancel) =>
        await store.ListAsync<Organization>(new ItemQuery(StoreTables.State, Partition) { Strong = true }, cancel);

    internal static ItemKey KeyOf(string organizationId) => Documents.Key(Partition, organizationId);
}
