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

    /// <summary>An event may be ahead of what AWS's reads show: while it is younger than this and nothing changed, the resource is rechecked.</summary>
    public TimeSpan ConsistencyWindow { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>When it is rechecked, each counted from the look before.</summary>
    public IReadOnlyList<TimeSpan> RecheckAfter { get; init; } = [TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(30)];

    /// <summary>
    /// The delays of further rechecks of resources that are still changing state (<c>settled</c> of the type): a database may take half an hour, and AWS sends
    /// no event when it is done.
    /// </summary>
    public IReadOnlyList<TimeSpan> TransitionalRechecksAfter { get; init; } =
        [TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(3), TimeSpan.FromMinutes(10), TimeSpan.FromMinutes(30)];

    /// <summary>Changes to what many resources show gather for so long before those are read again.</summary>
    public TimeSpan Debounce { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Resources that are described concurrently for one batch.</summary>
    public int DescribesAtOnce { get; init; } = 8;
}
