using System.Collections.Concurrent;

namespace Qrie.Aws.Api.Limits;

/// <summary>One limiter per account, region and service: the grain in which AWS throttles.</summary>
internal sealed class LimiterPool(AwsApiOptions options, TimeProvider clock)
{
    private readonly ConcurrentDictionary<(string Account, string Region, string Service), AdaptiveLimiter> _limiters = new();

    public AdaptiveLimiter For(string account, string region, string service) =>
        _limiters.GetOrAdd((account, region, service), _ => new AdaptiveLimiter(options.MaxConcurrency, options.MaxRate, clock));
}
