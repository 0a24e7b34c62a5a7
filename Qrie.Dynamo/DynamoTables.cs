using Qrie.Dynamo.Tables;

namespace Qrie.Dynamo;

/// <summary>How large a table is.</summary>
/// <param name="Items">As DynamoDB counts them, about every six hours.</param>
public sealed record DynamoTableSize(string Table, long Items, long Bytes);

/// <summary>What commands want to know of the tables.</summary>
public sealed class DynamoTables
{
    private readonly TableMaker _tables;

    internal DynamoTables(TableMaker tables) => _tables = tables;

    /// <summary>The names of the tables that do not exist.</summary>
    public Task<IReadOnlyList<string>> ListMissingAsync(CancellationToken cancel) => _tables.ListMissingAsync(cancel);

    /// <summary>The sizes of those that exist.</summary>
    public Task<IReadOnlyList<DynamoTableSize>> ReadSizesAsync(CancellationToken cancel) => _tables.ReadSizesAsync(cancel);
}
