using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Qrie.Domain.Work;

namespace Qrie.Dynamo.Client;

/// <summary>What requests to DynamoDB cost: since the start, for a piece of work, and as metrics. Thread-safe.</summary>
public sealed class DynamoMeter : IStoreMeter
{
    /// <summary>The name of the metrics' meter.</summary>
    public const string Name = "Qrie.DynamoDb";

    private static readonly Meter s_meter = new(Name);

    private static readonly Counter<long> s_requests =
        s_meter.CreateCounter<long>("qrie.dynamodb.requests", "{request}", "Attempts, successful or not.");

    private static readonly Counter<long> s_failures = s_meter.CreateCounter<long>(
        "qrie.dynamodb.failures", "{request}", "Attempts that failed; a condition that was not met is one, too.");

    private static readonly Counter<long> s_throttles =
        s_meter.CreateCounter<long>("qrie.dynamodb.throttles", "{request}", "Attempts that DynamoDB throttled.");

    private static readonly Counter<double> s_readUnits =
        s_meter.CreateCounter<double>("qrie.dynamodb.read_units", "{unit}", "Read request units, as DynamoDB reported them.");

    private static readonly Counter<double> s_writeUnits =
        s_meter.CreateCounter<double>("qrie.dynamodb.write_units", "{unit}", "Write request units, as DynamoDB reported them.");

    private readonly AsyncLocal<Scope?> _current = new();
    private readonly Table _total = new();

    /// <summary>Since the start of the process, by operation and table.</summary>
    public IReadOnlyList<DynamoUse> Snapshot() => _total.Snapshot();

    public IStoreUse Begin() => _current.Value = new Scope(this, _current.Value);

    internal void Answered(string operation, string table, double readUnits, double writeUnits)
    {
        var (name, of) = (new KeyValuePair<string, object?>("operation", operation), new KeyValuePair<string, object?>("table", table));
        s_requests.Add(1, name, of);
        s_readUnits.Add(readUnits, name, of);
        s_writeUnits.Add(writeUnits, name, of);
        Add(new DynamoUse(operation, table, Requests: 1, 0, 0, readUnits, writeUnits));
    }

    internal void Failed(string operation, string table, bool throttled)
    {
        var (name, of) = (new KeyValuePair<string, object?>("operation", operation), new KeyValuePair<string, object?>("table", table));
        s_requests.Add(1, name, of);
        s_failures.Add(1, name, of);
        if (throttled)
        {
            s_throttles.Add(1, name, of);
        }

        Add(new DynamoUse(operation, table, Requests: 1, Failures: 1, throttled ? 1 : 0, 0, 0));
    }

    private void Add(DynamoUse use)
    {
        _total.Add(use);
        for (var scope = _current.Value; scope is not null; scope = scope.Outer)
        {
            scope.Uses.Add(use);
        }
    }

    private sealed class Scope(DynamoMeter meter, Scope? outer) : IStoreUse
    {
        public Scope? Outer => outer;

        public Table Uses { get; } = new();

        public IReadOnlyList<StoreRequests> Snapshot() =>
        [
            .. Uses.Snapshot().GroupBy(use => use.Operation).Select(uses =>
                new StoreRequests(uses.Key, uses.Sum(u => u.Requests), uses.Sum(u => u.ReadUnits), uses.Sum(u => u.WriteUnits))),
        ];

        public void Dispose()
        {
            if (meter._current.Value == this)
            {
                meter._current.Value = outer;
            }
        }
    }

    private sealed class Table
    {
        private readonly ConcurrentDictionary<(string Operation, string Table), DynamoUse> _uses = new();

        public void Add(DynamoUse use) => _uses.AddOrUpdate(
            (use.Operation, use.Table), use,
            (_, sum) => sum with
            {
                Requests = sum.Requests + use.Requests,
                Failures = sum.Failures + use.Failures,
                Throttles = sum.Throttles + use.Throttles,
                ReadUnits = sum.ReadUnits + use.ReadUnits,
                WriteUnits = sum.WriteUnits + use.WriteUnits,
            });

        public IReadOnlyList<DynamoUse> Snapshot() =>
            [.. _uses.Values.OrderBy(use => use.Operation, StringComparer.Ordinal).ThenBy(use => use.Table, StringComparer.Ordinal)];
    }
}

/// <summary>Requests of one operation.</summary>
/// <param name="Table">Without the prefix; <c>*</c> for several.</param>
/// <param name="Requests">Attempts, successful or not.</param>
/// <param name="Failures">Attempts that failed.</param>
/// <param name="Throttles">Those of them that DynamoDB throttled.</param>
/// <param name="ReadUnits">As DynamoDB reported them.</param>
public sealed record DynamoUse(string Operation, string Table, long Requests, long Failures, long Throttles, double ReadUnits, double WriteUnits);
