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
    internal const string Value = "Value";

    /// <summary>Before the names of secrets and settings.</summary>
    internal const string Secret = "secret/";
    internal const string Setting = "setting/";

    internal static readonly ItemKey SchemaKey = ItemKey.Of(StoreTables.Summary, "installation/schema");

    public async Task PrepareAsync(CancellationToken cancel)
    {
        await MigrateAsync(cancel);
        if (await store.GetAsync(Transfer.ImportProgress.Key, cancel) is not null)
        {
            throw new StoreUnavailableException("The store has an unfinished import: finish it with qrie import, or use another Store:TablePrefix.");
        }
    }

    /// <summary>Makes what is missing, whether or not an import is unfinished.</summary>
    internal async Task MigrateAsync(CancellationToken cancel)
    {
        await tables.PrepareAsync(cancel);
        await store.WriteAsync(
            async session =>
            {
                var stored = await session.GetAsync(SchemaKey);
                if (stored?.Number(Value) > Schema)
                {
                    throw new StoreUnavailableException(
                        $"The tables have schema {stored.Number(Value)}, this version of Qrie has {Schema}. Use a later version.");
                }

                if (stored is null)
                {
                    session.Put(SchemaKey, new Item().Set(Value, Schema));
                }
            },
            cancel);
    }

    public Task<(string Kind, string Version)> DescribeStoreAsync(CancellationToken cancel) =>
        Task.FromResult(("dynamodb", $"AWSSDK.DynamoDBv2 {typeof(AmazonDynamoDBClient).Assembly.GetName().Version}"));

    public Task<IReadOnlyList<string>> ListStoreWarningsAsync(CancellationToken cancel) => Task.FromResult(tables.Warnings);

    public async Task<int> SchemaAsync(CancellationToken cancel) => (int)((await store.GetAsync(SchemaKey, cancel))?.Number(Value) ?? 0);

    public Task<byte[]> SecretAsync(string name, CancellationToken cancel) =>
        store.WriteAsync(
            async session =>
            {
                var key = ItemKey.Of(StoreTables.Summary, Secret + name);
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

    private static ItemKey SettingKey(string name) => ItemKey.Of(StoreTables.Summary, Setting + name);
}
