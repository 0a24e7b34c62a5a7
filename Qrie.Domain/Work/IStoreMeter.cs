namespace Qrie.Domain.Work;

/// <summary>Counts the requests of a store that costs money for each. Stores without such costs have none.</summary>
public interface IStoreMeter
{
    /// <summary>Counts the requests of the current execution flow, and of tasks started in it, until the result is disposed.</summary>
    IStoreUse Begin();
}

/// <summary>The requests so far.</summary>
public interface IStoreUse : IDisposable
{
    /// <summary>By operation, with its units.</summary>
    IReadOnlyList<StoreRequests> Snapshot();
}

/// <summary>The requests of one operation of a store.</summary>
/// <param name="Operation">As the store calls it, such as <c>Query</c>.</param>
/// <param name="Requests">Attempts, successful or not.</param>
/// <param name="ReadUnits">As the store reported them.</param>
public sealed record StoreRequests(string Operation, long Requests, double ReadUnits, double WriteUnits);
