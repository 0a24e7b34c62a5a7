namespace Qrie.Aws.Api;

/// <summary>
/// Rejects calls to an address that does not respond at all, so that an outage does not cost every call all its attempts. Open after <see cref="Failures"/>
/// consecutive attempts without a response, of which <see cref="Rounds"/> were sent one after another: when a process was suspended, or a connection broke,
/// all calls in flight fail together, which says nothing about the next one.
/// </summary>
/// <param name="clock">The clock.</param>
internal sealed class CircuitBreaker(TimeProvider clock)
{
    /// <summary>The number of consecutive attempts without a response that opens the circuit.</summary>
    internal const int Failures = 20;

    /// <summary>How many of them were sent after the failure of the one before.</summary>
    internal const int Rounds = 3;

    /// <summary>How long the circuit stays open; then a single attempt decides.</summary>
    internal static readonly TimeSpan Pause = TimeSpan.FromSeconds(10);

    private readonly Lock _lock = new();
    private int _failures;
    private int _rounds;
    private long _lastRound;
    private long? _openedAt;

    /// <summary>Starts an attempt; null if the circuit is open. Every attempt must be reported to <see cref="End"/>.</summary>
    public Ticket? Begin()
    {
        lock (_lock)
        {
            var now = clock.GetTimestamp();
            if (_openedAt is { } opened)
            {
                if (clock.GetElapsedTime(opened, now) < Pause)
                {
                    return null;
                }

                // This attempt decides; the others wait for another pause.
                _openedAt = now;
            }

            return new Ticket(now);
        }
    }

    /// <summary>Records the outcome of an attempt.</summary>
    /// <param name="ticket">From <see cref="Begin"/>.</param>
    /// <param name="responded">Whether the address responded, with whatever; null if the attempt was cancelled.</param>
    public void End(Ticket ticket, bool? responded)
    {
        lock (_lock)
        {
            if (responded is true)
            {
                (_failures, _rounds, _openedAt) = (0, 0, null);
            }
            else if (responded is false)
            {
                Fail(ticket);
            }
        }
    }

    private void Fail(Ticket ticket)
    {
        _failures++;
        if (_rounds == 0 || ticket.SentAt >= _lastRound)
        {
            _rounds++;
            _lastRound = clock.GetTimestamp();
        }

        if (_openedAt is null && _failures >= Failures && _rounds >= Rounds)
        {
            _openedAt = clock.GetTimestamp();
        }
    }

    /// <summary>An attempt.</summary>
    /// <param name="SentAt">A timestamp of the clock.</param>
    internal readonly record struct Ticket(long SentAt);
}
