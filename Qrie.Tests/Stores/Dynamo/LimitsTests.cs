using Amazon.DynamoDBv2.Model;
using Qrie.Dynamo.Client;
using Qrie.Dynamo.Items;
using Qrie.Dynamo.Tables;
using Qrie.Dynamo.Writes;

namespace Qrie.Tests.Stores.Dynamo;

/// <summary>Each of these requests is accepted by an emulator and refused by AWS.</summary>
public sealed class LimitsTests
{
    private static ItemKey Key(int i) => ItemKey.Of(StoreTables.State, "p", $"{i:D4}");

    private static ItemWrite Put(int i, Action<Item>? change = null)
    {
        var item = new Item();
        change?.Invoke(item);
        return ItemWrite.Put(Key(i), item);
    }

    [Theory]
    [InlineData(25, true)]
    [InlineData(26, false)]
    [InlineData(0, false)]
    public void A_batch_writes_25_items(int items, bool accepted) =>
        Check(() => Limits.CheckBatchWrite([.. Enumerable.Range(0, items).Select(i => Put(i))]), accepted);

    [Theory]
    [InlineData(100, true)]
    [InlineData(101, false)]
    public void A_batch_reads_100_items(int items, bool accepted) =>
        Check(() => Limits.CheckBatchGet([.. Enumerable.Range(0, items).Select(Key)]), accepted);

    [Theory]
    [InlineData(100, true)]
    [InlineData(101, false)]
    public void A_transaction_has_100_items(int items, bool accepted) =>
        Check(() => Limits.CheckTransaction([.. Enumerable.Range(0, items).Select(i => Put(i))]), accepted);

    [Fact]
    public void A_transaction_names_an_item_once() =>
        Check(() => Limits.CheckTransaction([Put(1), ItemWrite.Check(Key(1)).IfVersion(1)]), accepted: false);

    [Fact]
    public void A_transaction_has_4_MB() =>
        Check(() => Limits.CheckTransaction([.. Enumerable.Range(0, 11).Select(i => Put(i, item => item.Set("Data", new byte[390_000])))]), accepted: false);

    [Theory]
    [InlineData(409_000, true)]
    [InlineData(409_600, false)]
    public void An_item_has_400_KB(int bytes, bool accepted) => Check(() => Limits.Check(Put(1, item => item.Set("Data", new byte[bytes]))), accepted);

    [Fact]
    public void A_set_has_each_member_once() =>
        Check(() => Limits.Check(Put(1, item => item.Set("Set", new AttributeValue { SS = ["a", "a"] }))), accepted: false);

    [Fact]
    public void A_set_is_not_empty() => Check(() => Limits.Check(Put(1, item => item.Set("Set", new AttributeValue { SS = [] }))), accepted: false);

    [Theory]
    [InlineData("", false)]
    [InlineData("x", true)]
    public void A_key_is_not_empty(string sort, bool accepted) => Check(() => Limits.CheckKey(ItemKey.Of(StoreTables.State, "p", sort)), accepted);

    [Fact]
    public void A_key_of_an_index_has_its_type()
    {
        var key = ItemKey.Of(StoreTables.Resources, "111122223333_s3", "arn");

        Check(() => Limits.Check(ItemWrite.Put(key, new Item().Set("ChangeSeq", 1))), accepted: true);
        Check(() => Limits.Check(ItemWrite.Put(key, new Item().Set("ChangeSeq", "1"))), accepted: false);
    }

    [Fact]
    public void An_expression_has_4_KB() =>
        Check(
            () => Limits.Check(ItemWrite.Change(Key(1), add: Enumerable.Range(0, 600).ToDictionary(i => $"attribute {i}", i => (long)i))), accepted: false);

    [Fact]
    public void A_batch_has_no_conditions() => Check(() => Limits.CheckBatchWrite([Put(1).IfVersion(null)]), accepted: false);

    private static void Check(Action action, bool accepted)
    {
        if (accepted)
        {
            Should.NotThrow(action);
        }
        else
        {
            Should.Throw<DynamoLimitException>(action);
        }
    }
}
