namespace Qrie.Domain.Events;

/// <summary>Settings of event processing.</summary>
public sealed record EventSettings
{
    /// <summary>
    /// An event counts as older than the stored description only by at least this margin: <c>eventTime</c> has whole seconds, and AWS's clocks differ from
    /// ours.
    /// </summary>
    public TimeSpan StaleMargin { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>A message that failed this often is dead-lettered.</summary>
    public int Receives { get; init; } = 3;

    /// <summary>A failed message is delivered again after this time multiplied by its receive count.</summary>
    public TimeSpan RetryAfter { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>A malformed message is delivered again after this time: short, because retrying cannot help.</summary>
    public TimeSpan MalformedAfter { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>AWS reads may lag behind events: a resource is rechecked if its event is younger than this and nothing changed.</summary>
    public TimeSpan ConsistencyWindow { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>The delays of rechecks, each counted from the check before.</summary>
    public IReadOnlyList<TimeSpan> RecheckAfter { get; init; } = [TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(30)];

    /// <summary>
    /// The delays of further rechecks of resources that are still changing state (<c>settled</c> of the type): a database may take half an hour, and AWS sends
    /// no event when it is done.
    /// </summary>
    public IReadOnlyList<TimeSpan> TransitionalRechecksAfter { get; init; } =
        [TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(3), TimeSpan.FromMinutes(10), TimeSpan.FromMinutes(30)];

    /// <summary>How long events that require a whole unit to be read are collected before it is read.</summary>
    public TimeSpan Debounce { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>The maximum number of resources of an account that are read because of events in a clock hour, including repeated reads.</summary>
    public int ReadsPerHour { get; init; } = 10_000;

    /// <summary>The maximum number of units of an account that are read as a whole because of events in a clock hour.</summary>
    public int UnitReadsPerHour { get; init; } = 120;

    /// <summary>Beyond <see cref="ReadsPerHour"/> the unit of a resource is read as a whole after this, once for all events until then.</summary>
    public TimeSpan ReadUnitAfter { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>Resources that are described concurrently for one batch.</summary>
    public int DescribesAtOnce { get; init; } = 8;
}
