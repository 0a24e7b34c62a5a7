using System.Net;
using System.Threading.RateLimiting;

namespace Qrie.Api.Access;

/// <summary>
/// How often an address sent a key that was refused. Beyond the limit it is told to wait. A right key is let in even then: 256 random bits are not guessed, and
/// a stranger, or one broken script, behind the same proxy must not be able to lock everybody out.
/// </summary>
internal sealed class FailedAttempts(AccessSettings settings) : IDisposable
{
    private static readonly TimeSpan s_window = TimeSpan.FromMinutes(1);

    private readonly PartitionedRateLimiter<int> _limiter = PartitionedRateLimiter.Create<int, int>(bucket => RateLimitPartition.GetFixedWindowLimiter(
        bucket, _ => new FixedWindowRateLimiterOptions { PermitLimit = settings.FailuresPerMinute, Window = s_window, QueueLimit = 0 }));

    /// <summary>Counts one more. How long to wait; null: not yet.</summary>
    public TimeSpan? Note(IPAddress? address)
    {
        using var lease = _limiter.AttemptAcquire(AddressBucket.Of(address));
        return lease.IsAcquired ? null : lease.TryGetMetadata(MetadataName.RetryAfter, out var after) ? after : s_window;
    }

    public void Dispose() => _limiter.Dispose();
}
