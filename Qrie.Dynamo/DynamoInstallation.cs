using System.Security.Cryptography;
using Amazon.DynamoDBv2;
using Qrie.Domain;
using Qrie.Domain.Validation;
using Qrie.Dynamo.Items;
using Qrie.Dynamo.Tables;
using Qrie.Dynamo.Writes;

namespace Qrie.Dynamo;

internal sealed class DynamoInstallation(DynamoStore store, TableMaker tables) : IInstallation
{
    /// <summary>Of the items. A process refuses tables that a later version uses.</summary>
    private const int Schema = 1;

    private const int SecretLength = 32;
    private const string Value = "Value";

    private static readonly ItemKey s_schema = ItemKey.Of(StoreTables.Summary, "installation/schema");

    public async Task PrepareAsync(CancellationToken cancel)
    {
        await tables.PrepareAsync(cancel);
        await store.WriteAsync(
            async session =>
            {
                var stored = await session.GetAsync(s_schema);
                if (stored?.Number(Value) > Schema)
                {
                    throw new StoreUnavailableException(
                        $"The tables have schema {stored.Number(Value)}, this version of Qrie has {Schema}. Use a later version.");
                }

                if (stored is null)
                {
                    session.Put(s_schema, new Item().Set(Value, Schema));
                }
            },
            cancel);
    }

    public Task<(string Kind, string Version)> DescribeStoreAsync(CancellationToken cancel) =>
        Task.FromResult(("dynamodb", $"AWSSDK.DynamoDBv2 {typeof(AmazonDynamoDBClient).Assembly.GetName().Version}"));

    public Task<IReadOnlyList<string>> ListStoreWarningsAsync(CancellationToken cancel) => Task.FromResult(tables.Warnings);

    public async Task<int> SchemaAsync(CancellationToken cancel) => (int)((await store.GetAsync(s_schema, cancel))?.Number(Value) ?? 0);

    public Task<byte[]> SecretAsync(string name, CancellationToken cancel) =>
        store.WriteAsync(
            async session =>
            {
                var key = ItemKey.Of(StoreTables.Summary, $"secret/{name}");
                if (await session.GetAsync(key) is { } stored)
                {
                    return Convert.FromBase64String(stored.RequiredText(Value));
                }

                var secret = RandomNumberGenerator.GetBytes(SecretLength);
                session.Put(key, new Item().Set(Value, Convert.ToBase64String(secret)));
                return secret;
            },
            cancel);

    public async Task<string?> SettingAsync(string name, CancellationToken cancel) => (await store.GetAsync(SettingKey(name), cancel))?.Text(Value);

    public Task SetSettingAsync(string name, string value, CancellationToken cancel) =>
        store.Calls.WriteAsync(ItemWrite.Put(SettingKey(name), new Item().Set(Value, value)), cancel);

    private static ItemKey SettingKey(string name) => ItemKey.Of(StoreTables.Summary, $"setting/{name}");
}
