namespace Qrie.Dynamo;

/// <summary>The settings of the store.</summary>
public sealed record DynamoSettings
{
    /// <summary>Before the names of all tables.</summary>
    public string TablePrefix { get; init; } = "qrie_";

    /// <summary>Whether missing tables are made; otherwise their absence is an error.</summary>
    public bool CreateTables { get; init; } = true;

    /// <summary>The number of items over which a count of all accounts is spread.</summary>
    public int CounterShards { get; init; } = 1;

    /// <summary>
    /// How many findings one page of a list reads, whether they match or not; four times as many if all must be read before the first can be returned.
    /// </summary>
    public int LookedAt { get; init; } = 5000;

    /// <summary>The attempts of one request, including the first.</summary>
    public int MaxAttempts { get; init; } = 8;

    /// <summary>How long a request is repeated.</summary>
    public TimeSpan RetryFor { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>How often a transaction begins again because what it had read was changed meanwhile.</summary>
    public int MaxConflicts { get; init; } = 60;
}
