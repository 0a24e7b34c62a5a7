using System.Globalization;
using Qrie.Domain.Access;
using Qrie.Dynamo.Client;
using Qrie.Dynamo.Items;
using Qrie.Dynamo.Tables;
using Qrie.Dynamo.Writes;

namespace Qrie.Dynamo.Access;

internal sealed class DynamoRefusedLoginStore(DynamoStore store) : IRefusedLoginStore
{
    internal const string Partition = "refused-logins";

    public Task AddAsync(IReadOnlyList<RefusedLoginCount> counts, CancellationToken cancel) =>
        store.WriteAsync(
            async session =>
            {
                foreach (var count in counts)
                {
                    var key = KeyOf(count);
                    var stored = await session.FindAsync<RefusedLoginCount>(key);
                    await session.PutAsync(key, count with { N = count.N + (stored?.N ?? 0) });
                }
            },
            cancel);

    public async Task<IReadOnlyList<RefusedLoginCount>> ListAsync(DateOnly since, CancellationToken cancel) =>
        await store.ListAsync<RefusedLoginCount>(new ItemQuery(StoreTables.State, Partition) { From = DayOf(since), Strong = true }, cancel);

    internal static ItemKey KeyOf(RefusedLoginCount count) => Documents.Key(Partition, KeyText.Join(DayOf(count.Day), Json.Name(count.Reason)));

    private static string DayOf(DateOnly day) => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
}
