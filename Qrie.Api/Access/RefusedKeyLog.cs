using System.Net;

namespace Qrie.Api.Access;

/// <summary>
/// Logs refused keys once a minute per address, with their number, so that attackers cannot flood the log.
/// </summary>
internal sealed partial class RefusedKeyLog(TimeProvider clock, ILogger<RefusedKeyLog> logger)
{
    private static readonly TimeSpan s_every = TimeSpan.FromMinutes(1);

    private readonly Lock _lock = new();
    private readonly Dictionary<int, (IPAddress? Address, long LoggedAt, int Since)> _addresses = [];

    /// <summary>Counts a refused key. The first is logged at once, later ones once a minute.</summary>
    public void Note(IPAddress? address)
    {
        var bucket = AddressBucket.Of(address);
        int count;
        lock (_lock)
        {
            if (_addresses.TryGetValue(bucket, out var known) && clock.GetElapsedTime(known.LoggedAt) < s_every)
            {
                _addresses[bucket] = known with { Address = address, Since = known.Since + 1 };
                return;
            }

            count = known.Since + 1;
            _addresses[bucket] = (address, clock.GetTimestamp(), 0);
        }

        Log.Refused(logger, count, address);
    }

    /// <summary>Logs pending counts and removes inactive addresses; to be called regularly.</summary>
    public void Flush()
    {
        List<(IPAddress? Address, int Count)> left = [];
        lock (_lock)
        {
            foreach (var (bucket, known) in _addresses.Where(a => clock.GetElapsedTime(a.Value.LoggedAt) >= s_every).ToList())
            {
                _addresses.Remove(bucket);
                if (known.Since > 0)
                {
                    left.Add((known.Address, known.Since));
                    _addresses[bucket] = (known.Address, clock.GetTimestamp(), 0);
                }
            }
        }

        foreach (var (address, count) in left)
        {
            Log.Refused(logger, count, address);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "{Count} keys from {Address} were refused; GET /audit/refused-logins counts them by reason")]
        public static partial void Refused(ILogger logger, int count, IPAddress? address);
    }
}
