namespace Qrie.Domain.Work;

/// <summary>The processes that share the store: how many live, and which of them does what only one may do at a time.</summary>
public interface IReplicas
{
    /// <summary>Identifies this process: new at every start.</summary>
    string Id { get; }

    /// <summary>Whether no other process can use the store.</summary>
    bool IsAlone { get; }

    /// <summary>The number of living ones, at least 1; limits per account of AWS are divided by it. As last seen, a few seconds ago at most.</summary>
    int Living { get; }

    /// <summary>Makes this process known to the others. Must be called after the store was prepared and before any work begins.</summary>
    Task JoinAsync(CancellationToken cancel);

    /// <summary>The living ones, longest running first.</summary>
    Task<IReadOnlyList<Replica>> ListAsync(CancellationToken cancel);

    /// <summary>Takes a duty, until the result is disposed. Null if another one has it.</summary>
    /// <param name="name">Such as <c>exports</c>; the same in all replicas.</param>
    Task<IDuty?> TryTakeAsync(string name, CancellationToken cancel);
}

/// <summary>Work that one replica at a time does. Another one takes it over when this one stops renewing it.</summary>
public interface IDuty : IAsyncDisposable
{
    /// <summary>Cancelled when another replica may have taken it: nothing may be written any more.</summary>
    CancellationToken Lost { get; }
}

/// <summary>A process that shares the store.</summary>
/// <param name="Host">The name of its machine or container.</param>
/// <param name="LastSeenAt">Its last heartbeat.</param>
public sealed record Replica(string Id, string Host, DateTimeOffset StartedAt, DateTimeOffset LastSeenAt);

/// <summary>The only process of a store that no other can open.</summary>
public sealed class SingleReplica(TimeProvider clock) : IReplicas
{
    private readonly DateTimeOffset _startedAt = clock.GetUtcNow();

    public string Id { get; } = Guid.NewGuid().ToString("N");

    public bool IsAlone => true;

    public int Living => 1;

    public Task JoinAsync(CancellationToken cancel) => Task.CompletedTask;

    public Task<IReadOnlyList<Replica>> ListAsync(CancellationToken cancel) =>
        Task.FromResult<IReadOnlyList<Replica>>([new Replica(Id, Environment.MachineName, _startedAt, clock.GetUtcNow())]);

    public Task<IDuty?> TryTakeAsync(string name, CancellationToken cancel) => Task.FromResult<IDuty?>(new Always());

    private sealed class Always : IDuty
    {
        public CancellationToken Lost => CancellationToken.None;

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
