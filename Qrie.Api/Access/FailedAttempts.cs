using System.Net;
using System.Threading.RateLimiting;

namespace Qrie.Api.Access;

/// <summary>
/// Counts the refused keys of each address. Beyond the limit, it gets 429. A valid key is accepted even then: 256 random bits cannot be guessed, and an
/// attacker or a misconfigured script behind the same proxy must not lock out other callers.
/// </summary>
internal sealed class FailedAttempts(AccessSettings settings) : IDisposable
{
    private static readonly TimeSpan s_window = TimeSpan.FromMinutes(1);

    private readonly PartitionedRateLimiter<int> _limiter = PartitionedRateLimiter.Create<int, int>(bucket => RateLimitPartition.GetFixedWindowLimiter(
        bucket, _ => new FixedWindowRateLimiterOptions { PermitLimit = settings.FailuresPerMinute, Window = s_window, QueueLimit = 0 }));

    /// <summary>Counts a refused key. Returns the time to wait; null below the limit.</summary>
    public TimeSpan? Note(IPAddress? address)
    {
        using var lease = _limiter.AttemptAcquire(AddressBucket.Of(address));
        return lease.IsAcquired ? null : lease.TryGetMetadata(MetadataName.RetryAfter, out var after) ? after : s_window;
    }

    public void Dispose() => _limiter.Dispose();
}
