using Microsoft.Extensions.DependencyInjection;
using Qrie.Domain;
using Qrie.Domain.Scans;
using Qrie.Dynamo.Counts;
using Qrie.Dynamo.Items;
using Qrie.Dynamo.Outbox;
using Qrie.Dynamo.Writes;
using Qrie.Tests.Support;

namespace Qrie.Tests.Stores.Dynamo;

/// <summary>What follows from a transaction happens exactly once, whoever sees to it.</summary>
public sealed class OutboxTests : IAsyncLifetime
{
    private const int Writers = 4;

    private ServiceProvider _services = null!;

    private static CancellationToken None => CancellationToken.None;

    public async ValueTask InitializeAsync()
    {
        _services = DynamoServer.ProviderOf(await DynamoServer.UrlAsync());
        await _services.GetRequiredService<IInstallation>().PrepareAsync(None);
    }

    public ValueTask DisposeAsync() => _services.DisposeAsync();

    [Fact]
    public async Task What_a_dead_process_left_is_done_by_the_next_sweep()
    {
        await LeaveAsync(groups: 1);
        (await CountAsync()).ShouldBe(0);

        await _services.GetRequiredService<IScanStore>().SweepAsync(Some.At(60), TimeSpan.FromMinutes(30), None);

        (await CountAsync()).ShouldBe(1);
    }

    [Fact]
    public async Task Rows_that_several_apply_at_once_count_once()
    {
        var rows = new List<ItemKey>();
        for (var i = 0; i < 3; i++)
        {
            rows.AddRange(await LeaveAsync(groups: 50));
        }

        await Task.WhenAll(Enumerable.Range(0, Writers).Select(_ => Task.Run(
            () => _services.GetRequiredService<OutboxApplier>().ApplyAsync(Some.Org, rows, None))));

        (await CountAsync()).ShouldBe(3 * 50);
    }

    private Task<List<ItemKey>> LeaveAsync(int groups) => _services.GetRequiredService<DynamoStore>().WriteAsync(
        session =>
        {
            var batch = new OutboxBatch(Some.Org);
            for (var i = 0; i < groups; i++)
            {
                batch.Count(Some.AccountId, CounterGroups.OfService(Some.Numbered("service", i)), CounterGroups.Resources, 1);
            }

            return batch.SaveAsync(session, Some.Noon);
        },
        None);

    private async Task<long> CountAsync()
    {
        var counters = _services.GetRequiredService<CounterItems>();
        var own = (await counters.ReadAsync(Some.Org, Some.AccountId, CounterGroups.Service, None)).Sum(c => c.N);
        (await counters.ReadAsync(Some.Org, CounterItems.AllAccounts, CounterGroups.Service, None)).Sum(c => c.N).ShouldBe(own);
        return own;
    }
}
