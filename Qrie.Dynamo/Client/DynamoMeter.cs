using System.Collections.Concurrent;

namespace Qrie.Dynamo.Client;

/// <summary>What requests to DynamoDB cost. Thread-safe.</summary>
public sealed class DynamoMeter
{
    private readonly ConcurrentDictionary<(string Operation, string Table), DynamoUse> _uses = new();

    /// <summary>Since the start of the process, by operation and table.</summary>
    public IReadOnlyList<DynamoUse> Snapshot() =>
        [.. _uses.Values.OrderBy(use => use.Operation, StringComparer.Ordinal).ThenBy(use => use.Table, StringComparer.Ordinal)];

    internal void Answered(string operation, string table, double readUnits, double writeUnits) =>
        Add(new DynamoUse(operation, table, Requests: 1, 0, 0, readUnits, writeUnits));

    internal void Failed(string operation, string table, bool throttled) =>
        Add(new DynamoUse(operation, table, Requests: 1, Retries: 1, throttled ? 1 : 0, 0, 0));

    private void Add(DynamoUse use) => _uses.AddOrUpdate(
        (use.Operation, use.Table), use,
        (_, sum) => sum with
        {
            Requests = sum.Requests + use.Requests,
            Retries = sum.Retries + use.Retries,
            Throttles = sum.Throttles + use.Throttles,
            ReadUnits = sum.ReadUnits + use.ReadUnits,
            WriteUnits = sum.WriteUnits + use.WriteUnits,
        });
}

/// <summary>Requests of one operation.</summary>
/// <param name="Table">Without the prefix; <c>*</c> for several.</param>
/// <param name="Requests">Attempts, successful or not.</param>
/// <param name="Retries">Attempts that failed and were, or could have been, repeated.</param>
/// <param name="Throttles">Those of them that DynamoDB throttled.</param>
/// <param name="ReadUnits">As DynamoDB reported them.</param>
public sealed record DynamoUse(string Operation, string Table, long Requests, long Retries, long Throttles, double ReadUnits, double WriteUnits);
