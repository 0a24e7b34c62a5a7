using Amazon.DynamoDBv2;
using Amazon.DynamoDBv2.Model;
using Amazon.Runtime;
using Qrie.Domain.Validation;

namespace Qrie.Dynamo.Tables;

/// <summary>Makes the tables that are missing, if that is allowed, and checks the others.</summary>
internal sealed class TableMaker(IAmazonDynamoDB client, DynamoSettings settings, TimeProvider clock)
{
    private static readonly TimeSpan s_pollEvery = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan s_waitAtMost = TimeSpan.FromMinutes(5);

    private readonly List<string> _warnings = [];
    private readonly Dictionary<(string What, string Code), List<string>> _unset = [];

    /// <summary>What an administrator should change; after <see cref="PrepareAsync"/>.</summary>
    public IReadOnlyList<string> Warnings => _warnings;

    /// <exception cref="StoreUnavailableException">Something is missing; the message says what.</exception>
    public async Task PrepareAsync(CancellationToken cancel)
    {
        _warnings.Clear();
        _unset.Clear();
        var missing = new List<string>();
        var made = new List<StoreTable>();
        foreach (var table in StoreTables.All)
        {
            if (await FindAsync(table, cancel) is { } found)
            {
                Check(table, found);
            }
            else if (settings.CreateTables)
            {
                await CreateAsync(table, cancel);
                made.Add(table);
            }
            else
            {
                missing.Add(NameOf(table));
            }
        }

        if (missing.Count > 0)
        {
            throw new StoreUnavailableException(
                $"These DynamoDB tables are missing: {string.Join(", ", missing)}. "
                + "Create them with deploy/qrie-dynamodb.yaml, or set Store:CreateTables to true and permit dynamodb:CreateTable.");
        }

        foreach (var table in made)
        {
            await WaitAsync(table, cancel);
        }

        foreach (var table in StoreTables.All)
        {
            await ProtectAsync(table, made.Contains(table), cancel);
        }

        _warnings.AddRange(_unset.Select(unset =>
            $"{unset.Key.What} and it could not be set ({unset.Key.Code}), of the DynamoDB tables {string.Join(", ", unset.Value)}."));
    }

    /// <summary>The names of the tables that do not exist.</summary>
    public async Task<IReadOnlyList<string>> ListMissingAsync(CancellationToken cancel)
    {
        var missing = new List<string>();
        foreach (var table in StoreTables.All)
        {
            if (await FindAsync(table, cancel) is null)
            {
                missing.Add(NameOf(table));
            }
        }

        return missing;
    }

    public async Task<IReadOnlyList<DynamoTableSize>> ReadSizesAsync(CancellationToken cancel)
    {
        var sizes = new List<DynamoTableSize>();
        foreach (var table in StoreTables.All)
        {
            if (await FindAsync(table, cancel) is { } found)
            {
                sizes.Add(new DynamoTableSize(NameOf(table), found.ItemCount ?? 0, found.TableSizeBytes ?? 0));
            }
        }

        return sizes;
    }

    public static CreateTableRequest RequestOf(StoreTable table, string name) => new()
    {
        TableName = name,
        BillingMode = BillingMode.PAY_PER_REQUEST,
        DeletionProtectionEnabled = true,
        KeySchema = Schema(table.Hash, table.Range),
        AttributeDefinitions =
        [
            .. KeysOf(table).Distinct().Select(key => new AttributeDefinition(key.Name, key.IsNumber ? ScalarAttributeType.N : ScalarAttributeType.S)),
        ],
        LocalSecondaryIndexes = NullIfEmpty(table.Indexes.Where(index => index.IsLocal).Select(index => new LocalSecondaryIndex
        {
            IndexName = index.Name,
            KeySchema = Schema(index.Hash, index.Range),
            Projection = Projected(index),
        })),
        GlobalSecondaryIndexes = NullIfEmpty(table.Indexes.Where(index => !index.IsLocal).Select(index => new GlobalSecondaryIndex
        {
            IndexName = index.Name,
            KeySchema = Schema(index.Hash, index.Range),
            Projection = Projected(index),
        })),
    };

    private static IEnumerable<(string Name, bool IsNumber)> KeysOf(StoreTable table)
    {
        yield return (table.Hash, false);
        if (table.Range is { } range)
        {
            yield return (range, false);
        }

        foreach (var index in table.Indexes)
        {
            yield return (index.Hash, false);
            yield return (index.Range, index.IsRangeNumber);
        }
    }

    private string NameOf(StoreTable table) => settings.TablePrefix + table.Name;

    private async Task<TableDescription?> FindAsync(StoreTable table, CancellationToken cancel)
    {
        try
        {
            return (await client.DescribeTableAsync(NameOf(table), cancel)).Table;
        }
        catch (ResourceNotFoundException)
        {
            return null;
        }
        catch (AmazonServiceException e)
        {
            throw Unavailable(e, "dynamodb:DescribeTable", table);
        }
        catch (Exception e) when (e is AmazonClientException or HttpRequestException || (e is OperationCanceledException && !cancel.IsCancellationRequested))
        {
            // No credentials, or no answer.
            throw new StoreUnavailableException($"DynamoDB cannot be asked for {NameOf(table)}: {e.GetBaseException().Message}", e);
        }
    }

    private void Check(StoreTable table, TableDescription found)
    {
        var keys = (found.KeySchema ?? []).ToDictionary(k => k.KeyType, k => k.AttributeName);
        if (keys.GetValueOrDefault(KeyType.HASH) != table.Hash || keys.GetValueOrDefault(KeyType.RANGE) != table.Range)
        {
            throw new StoreUnavailableException(
                $"The DynamoDB table {NameOf(table)} has other keys than {table.Hash}{(table.Range is null ? "" : $" and {table.Range}")}; "
                + "use another Store:TablePrefix.");
        }

        var existing = (found.GlobalSecondaryIndexes ?? []).Select(i => i.IndexName)
            .Concat((found.LocalSecondaryIndexes ?? []).Select(i => i.IndexName)).ToHashSet();
        var missing = table.Indexes.Where(index => !existing.Contains(index.Name)).Select(index => index.Name).ToList();
        if (missing.Count > 0)
        {
            throw new StoreUnavailableException($"The DynamoDB table {NameOf(table)} lacks the indexes {string.Join(", ", missing)}.");
        }

        if (found.DeletionProtectionEnabled != true)
        {
            _warnings.Add($"The DynamoDB table {NameOf(table)} can be deleted by mistake: enable its deletion protection.");
        }
    }

    private async Task CreateAsync(StoreTable table, CancellationToken cancel)
    {
        try
        {
            await client.CreateTableAsync(RequestOf(table, NameOf(table)), cancel);
        }
        catch (ResourceInUseException)
        {
            // Another replica creates it at the same time.
        }
        catch (AmazonServiceException e)
        {
            throw Unavailable(e, "dynamodb:CreateTable", table);
        }
    }

    private async Task WaitAsync(StoreTable table, CancellationToken cancel)
    {
        for (var began = clock.GetTimestamp(); (await FindAsync(table, cancel))?.TableStatus != TableStatus.ACTIVE;)
        {
            if (clock.GetElapsedTime(began) > s_waitAtMost)
            {
                throw new StoreUnavailableException($"The DynamoDB table {NameOf(table)} was not ready after {s_waitAtMost.TotalMinutes} minutes.");
            }

            await Task.Delay(s_pollEvery, clock, cancel);
        }
    }

    /// <summary>Point-in-time recovery and the time to live. What may not be changed becomes a warning.</summary>
    private async Task ProtectAsync(StoreTable table, bool made, CancellationToken cancel)
    {
        await TryAsync(
            table, "There is no point-in-time recovery,",
            async () => !made && (await client.DescribeContinuousBackupsAsync(
                new DescribeContinuousBackupsRequest { TableName = NameOf(table) }, cancel)).ContinuousBackupsDescription?.PointInTimeRecoveryDescription
                ?.PointInTimeRecoveryStatus == PointInTimeRecoveryStatus.ENABLED,
            () => client.UpdateContinuousBackupsAsync(
                new UpdateContinuousBackupsRequest
                {
                    TableName = NameOf(table),
                    PointInTimeRecoverySpecification = new PointInTimeRecoverySpecification { PointInTimeRecoveryEnabled = true },
                },
                cancel));
        if (table.Expires)
        {
            await TryAsync(
                table, $"There is no time to live on {Items.Item.ExpiresAt}, so that old rows are never deleted,",
                async () => !made && (await client.DescribeTimeToLiveAsync(
                    new DescribeTimeToLiveRequest { TableName = NameOf(table) }, cancel)).TimeToLiveDescription?.TimeToLiveStatus is { } status
                    && (status == TimeToLiveStatus.ENABLED || status == TimeToLiveStatus.ENABLING),
                () => client.UpdateTimeToLiveAsync(
                    new UpdateTimeToLiveRequest
                    {
                        TableName = NameOf(table),
                        TimeToLiveSpecification = new TimeToLiveSpecification { AttributeName = Items.Item.ExpiresAt, Enabled = true },
                    },
                    cancel));
        }
    }

    private async Task TryAsync(StoreTable table, string what, Func<Task<bool>> isSet, Func<Task> set)
    {
        try
        {
            if (!await isSet())
            {
                await set();
            }
        }
        catch (AmazonServiceException e)
        {
            if (!_unset.TryGetValue((what, e.ErrorCode), out var tables))
            {
                _unset[(what, e.ErrorCode)] = tables = [];
            }

            tables.Add(NameOf(table));
        }
    }

    private StoreUnavailableException Unavailable(AmazonServiceException e, string permission, StoreTable table) => new(
        $"DynamoDB refused {permission} of {NameOf(table)}: {e.ErrorCode}, {e.Message} "
        + "Permit it, or create the tables beforehand and permit their use.",
        e);

    private static List<KeySchemaElement> Schema(string hash, string? range) =>
        [new KeySchemaElement(hash, KeyType.HASH), .. range is null ? (KeySchemaElement[])[] : [new KeySchemaElement(range, KeyType.RANGE)]];

    private static Projection Projected(StoreIndex index) => new() { ProjectionType = index.KeysOnly ? ProjectionType.KEYS_ONLY : ProjectionType.ALL };

    private static List<T>? NullIfEmpty<T>(IEnumerable<T> values) => values.ToList() is { Count: > 0 } list ? list : null;
}
