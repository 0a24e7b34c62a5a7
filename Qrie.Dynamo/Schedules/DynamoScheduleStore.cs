using Qrie.Domain.Schedules;
using Qrie.Dynamo.Client;
using Qrie.Dynamo.Items;
using Qrie.Dynamo.Tables;
using Qrie.Dynamo.Writes;

namespace Qrie.Dynamo.Schedules;

internal sealed class DynamoScheduleStore(DynamoStore store) : IScheduleStore
{
    internal const string Partition = "schedules";

    public async Task<IReadOnlyList<StoredSchedule>> ListAsync(CancellationToken cancel) =>
        await store.ListAsync<StoredSchedule>(new ItemQuery(StoreTables.State, Partition) { Strong = true }, cancel);

    public Task SaveAsync(StoredSchedule schedule, CancellationToken cancel) => SaveAsync(schedule, unlessChosen: false, cancel);

    public Task SaveConfiguredAsync(StoredSchedule schedule, CancellationToken cancel) => SaveAsync(schedule, unlessChosen: true, cancel);

    internal static ItemKey KeyOf(StoredSchedule schedule) =>
        Documents.Key(Partition, KeyText.Join(schedule.Organization, Json.Name(schedule.Kind)));

    private Task SaveAsync(StoredSchedule schedule, bool unlessChosen, CancellationToken cancel) =>
        store.WriteAsync(
            async session =>
            {
                var key = KeyOf(schedule);
                if (!unlessChosen || await session.FindAsync<StoredSchedule>(key) is not { Chosen: true })
                {
                    await session.PutAsync(key, schedule);
                }
            },
            cancel);
}
