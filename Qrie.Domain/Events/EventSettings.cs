namespace Qrie.Domain.Events;

/// <summary>How events are followed.</summary>
public sealed record EventSettings
{
    /// <summary>
    /// An event is older than what is stored only if it is so by this much: <c>eventTime</c> has whole seconds, and AWS's clocks and ours differ.
    /// </summary>
    public TimeSpan StaleMargin { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>A message that failed so often is dead.</summary>
    public int Receives { get; init; } = 3;

    /// <summary>A failed message comes again after this, times its receives.</summary>
    public TimeSpan RetryAfter { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>A malformed message comes again after this: it will not get better, and three receives must not take long.</summary>
    public TimeSpan MalformedAfter { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>An event may be ahead of what AWS's reads show: while it is younger than this and nothing changed, the resource is rechecked.</summary>
    public TimeSpan ConsistencyWindow { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>When it is rechecked, each counted from the look before.</summary>
    public IReadOnlyList<TimeSpan> RecheckAfter { get; init; } = [TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(30)];

    /// <summary>
    /// When what is still settling then (<c>settled</c> of its type) is looked at besides: a database takes half an hour to come to rest, and no event tells.
    /// </summary>
    public IReadOnlyList<TimeSpan> TransitionalRechecksAfter { get; init; } =
        [TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(3), TimeSpan.FromMinutes(10), TimeSpan.FromMinutes(30)];

    /// <summary>Changes to what many resources show gather for so long before those are read again.</summary>
    public TimeSpan Debounce { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Resources that are described at the same time for one batch.</summary>
    public int DescribesAtOnce { get; init; } = 8;
}
