using Microsoft.Extensions.DependencyInjection;
using Qrie.Domain;
using Qrie.Domain.Validation;
using Qrie.Dynamo;
using Qrie.Dynamo.Client;
using Qrie.Dynamo.Items;
using Qrie.Dynamo.Tables;
using Qrie.Dynamo.Writes;
using Qrie.Tests.Emulator;

namespace Qrie.Tests.Stores.Dynamo;

/// <summary>Transactions and retries under faults of the network and of DynamoDB.</summary>
public sealed class DynamoStoreTests : IAsyncLifetime
{
    private const string N = "N";

    private static readonly ItemKey s_one = ItemKey.Of(StoreTables.State, "p", "1");
    private static readonly ItemKey s_other = ItemKey.Of(StoreTables.State, "p", "2");

    private FaultProxy _proxy = null!;
    private ServiceProvider _services = null!;

    private DynamoStore Store => _services.GetRequiredService<DynamoStore>();

    private static CancellationToken None => CancellationToken.None;

    public async ValueTask InitializeAsync()
    {
        _proxy = await FaultProxy.StartAsync(await DynamoServer.UrlAsync());
        _services = DynamoServer.ProviderOf(_proxy.Url, DynamoServer.NewSettings() with { MaxAttempts = 4 });
        await _services.GetRequiredService<IInstallation>().PrepareAsync(None);
    }

    public async ValueTask DisposeAsync()
    {
        await _services.DisposeAsync();
        await _proxy.DisposeAsync();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Concurrent_transactions_lose_no_write(int items)
    {
        await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => Task.Run(async () =>
        {
            for (var i = 0; i < 5; i++)
            {
                await IncreaseAsync(items);
            }
        })));

        (await NumberAsync(s_one)).ShouldBe(30);
        (await NumberAsync(s_other)).ShouldBe(items == 2 ? 30 : null);
    }

    [Theory]
    [InlineData(1, "PutItem")]
    [InlineData(2, "TransactWriteItems")]
    public async Task A_write_whose_answer_is_lost_happens_once(int items, string operation)
    {
        await IncreaseAsync(items);
        On(operation).Nth(1).Truncate();

        await IncreaseAsync(items);

        (await NumberAsync(s_one)).ShouldBe(2);
        RequestsFor(operation).ShouldBeGreaterThanOrEqualTo(3);
    }

    [Theory]
    [InlineData(1, "PutItem")]
    [InlineData(2, "TransactWriteItems")]
    public async Task A_write_that_did_not_arrive_happens_once(int items, string operation)
    {
        On(operation).Nth(1).Reset();

        await IncreaseAsync(items);

        (await NumberAsync(s_one)).ShouldBe(1);
    }

    [Fact]
    public async Task A_lost_answer_is_recognized_although_somebody_wrote_the_item_since()
    {
        await IncreaseAsync(2);
        await using (var direct = DynamoServer.ProviderOf(await DynamoServer.UrlAsync(), _services.GetRequiredService<DynamoSettings>()))
        {
            On("TransactWriteItems").Nth(1).Truncate();
            // Before the second attempt somebody else writes.
            On("TransactWriteItems").Nth(1).Before(_ => IncreaseAsync(direct.GetRequiredService<DynamoStore>(), 2));

            await IncreaseAsync(2);
        }

        (await NumberAsync(s_one)).ShouldBe(3);
    }

    [Fact]
    public async Task A_throttled_request_is_repeated_as_often_as_set_and_not_more()
    {
        On("GetItem").Throttle();

        var refused = await Should.ThrowAsync<StoreUnavailableException>(() => Store.GetAsync(s_one, None));

        refused.Message.ShouldContain("GetItem of state");
        RequestsFor("GetItem", after: "PutItem").ShouldBe(4);
        _services.GetRequiredService<DynamoMeter>().Snapshot().Single(u => u is { Operation: "GetItem", Table: "state" })
            .ShouldSatisfyAllConditions(u => u.Throttles.ShouldBe(4), u => u.Requests.ShouldBe(4));
    }

    [Fact]
    public async Task A_request_that_is_throttled_for_a_while_succeeds()
    {
        await IncreaseAsync(1);
        On("GetItem").Times(2).Throttle();

        (await NumberAsync(s_one)).ShouldBe(1);
    }

    [Fact]
    public async Task An_invalid_request_is_not_repeated()
    {
        On("GetItem").Error("ValidationException", 400);

        await Should.ThrowAsync<Amazon.DynamoDBv2.AmazonDynamoDBException>(() => Store.GetAsync(s_one, None));

        RequestsFor("GetItem", after: "PutItem").ShouldBe(1);
    }

    [Fact]
    public async Task Unprocessed_items_of_batches_are_sent_again()
    {
        On("BatchWriteItem").Nth(1).Answer(r => Json($$"""{"UnprocessedItems":{{Member(r, "RequestItems")}}}"""));
        On("BatchGetItem").Nth(1).Answer(r => Json($$"""{"Responses":{},"UnprocessedKeys":{{Member(r, "RequestItems")}}}"""));
        var keys = Enumerable.Range(0, 60).Select(i => ItemKey.Of(StoreTables.State, "many", $"{i:D3}")).ToList();

        await Store.Calls.BatchWriteAsync([.. keys.Select(key => ItemWrite.Put(key, new Item().Set(N, 1)))], None);

        (await Store.Calls.BatchGetAsync(keys, strong: true, None)).Count.ShouldBe(60);
        (RequestsFor("BatchWriteItem"), RequestsFor("BatchGetItem")).ShouldBe((4, 2));
    }

    [Theory]
    [InlineData(100)]
    [InlineData(5_000)]
    [InlineData(2_000_000)]
    public async Task A_large_text_is_stored_whole_and_its_parts_are_deleted_with_it(int length)
    {
        var random = new Random(length);
        string NewText() => new([.. Enumerable.Range(0, length).Select(_ => (char)random.Next('0', 'z'))]);
        foreach (var text in (string[])[NewText(), NewText()])
        {
            await Store.WriteAsync(session => session.PutAsync(s_one, new Text(text)), None);

            (await Store.FindAsync<Text>(s_one, None))!.Value.ShouldBe(text);
            (await PartsAsync()).ShouldBe(length > 1_000_000 ? 5 : 0);
        }

        await Store.WriteAsync(session => session.DeleteAsync(s_one), None);

        (await PartsAsync()).ShouldBe(0);
        (await Store.FindAsync<Text>(s_one, None)).ShouldBeNull();
    }

    [Fact]
    public async Task A_transaction_whose_required_item_changes_begins_again()
    {
        await IncreaseAsync(1);
        var attempts = 0;

        await Store.WriteAsync(
            async session =>
            {
                var read = (await session.GetAsync(s_one))!.RequiredNumber(N);
                if (attempts++ == 0)
                {
                    await IncreaseAsync(1);
                }

                session.Require(s_one);
                await session.GetAsync(s_other);
                session.Put(s_other, new Item().Set(N, read));
            },
            None);

        (attempts, await NumberAsync(s_other)).ShouldBe((2, 2));
    }

    [Fact]
    public async Task Missing_tables_are_named_if_they_may_not_be_made()
    {
        var settings = DynamoServer.NewSettings() with { CreateTables = false };
        await using var services = DynamoServer.ProviderOf(_proxy.Url, settings);

        var refused = await Should.ThrowAsync<StoreUnavailableException>(() => services.GetRequiredService<IInstallation>().PrepareAsync(None));

        refused.Message.ShouldContain($"{settings.TablePrefix}findings");
        refused.Message.ShouldContain("Store:CreateTables");
    }

    [Fact]
    public async Task The_meter_counts_units()
    {
        await IncreaseAsync(2);

        var uses = _services.GetRequiredService<DynamoMeter>().Snapshot();
        uses.Single(u => u.Operation == "TransactWriteItems").Requests.ShouldBe(1);
        uses.Single(u => u is { Operation: "GetItem", Table: "state" }).ReadUnits.ShouldBeGreaterThan(0);
    }

    private Task IncreaseAsync(int items) => IncreaseAsync(Store, items);

    private static Task IncreaseAsync(DynamoStore store, int items) => store.WriteAsync(
        async session =>
        {
            foreach (var key in ((ItemKey[])[s_one, s_other]).Take(items))
            {
                var before = await session.GetAsync(key);
                session.Put(key, new Item().Set(N, (before?.Number(N) ?? 0) + 1));
            }
        },
        None);

    private async Task<long?> NumberAsync(ItemKey key) => (await Store.GetAsync(key, None))?.Number(N);

    private async Task<int> PartsAsync()
    {
        var parts = 0;
        await foreach (var _ in Store.Calls.QueryAllAsync(
            new ItemQuery(StoreTables.State, KeyText.Join("part", "state", s_one.Hash, s_one.Range!)) { Strong = true }, None))
        {
            parts++;
        }

        return parts;
    }

    private FaultRule On(string operation) => _proxy.On("*").Where(request => Is(request, operation));

    private int RequestsFor(string operation, string? after = null) =>
        _proxy.Requests.Reverse().TakeWhile(request => after is null || !Is(request, after)).Count(request => Is(request, operation));

    private static bool Is(ProxiedRequest request, string operation) =>
        request.Headers.GetValueOrDefault("X-Amz-Target")?.EndsWith($".{operation}", StringComparison.Ordinal) == true;

    private static FaultResponse Json(string body) => new(200, "application/x-amz-json-1.0", body);

    private static string Member(ProxiedRequest request, string name) =>
        System.Text.Json.JsonDocument.Parse(request.Body).RootElement.GetProperty(name).GetRawText();

    private sealed record Text(string Value);
}
