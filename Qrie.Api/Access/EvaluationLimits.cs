using System.Threading.RateLimiting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace Qrie.Api.Access;

/// <summary>Marks an endpoint that runs a caller's expressions.</summary>
internal sealed class EvaluationWork
{
    public static readonly EvaluationWork Marker = new();
}

/// <summary>
/// Limits concurrent evaluations and previews before their bodies are read. A limited number of others are queued, further ones get 429. Only running and
/// queued requests therefore hold a body of at most 1 MB each.
/// </summary>
internal static class EvaluationLimits
{
    /// <summary>The number of concurrent requests, which then share the evaluator.</summary>
    private const int Running = 4;

    /// <summary>The number per caller, so that a caller with many requests does not block others.</summary>
    private const int RunningOfCaller = 3;

    /// <summary>The minimum data rate for the body and the response of admitted requests.</summary>
    private static readonly MinDataRate s_bodyRate = new(bytesPerSecond: 16 * 1024, gracePeriod: TimeSpan.FromSeconds(10));

    public static PartitionedRateLimiter<HttpContext> Create(AccessSettings settings, Func<HttpContext, int> callerOf) => PartitionedRateLimiter.CreateChained(
        Limiter(context => callerOf(context), RunningOfCaller, Math.Max(1, settings.WaitingEvaluations / 4)),
        Limiter(_ => 0, Running, settings.WaitingEvaluations));

    /// <summary>Must precede the limiter.</summary>
    public static Task HurryAsync(HttpContext context, RequestDelegate next)
    {
        if (IsMeant(context) && HttpProtocol.IsHttp11(context.Request.Protocol)
            && context.Features.Get<IHttpMinRequestBodyDataRateFeature>() is { } rate)
        {
            rate.MinDataRate = s_bodyRate;
            context.Features.Get<IHttpMinResponseDataRateFeature>()?.MinDataRate = s_bodyRate;
        }

        return next(context);
    }

    private static bool IsMeant(HttpContext context) => context.GetEndpoint()?.Metadata.GetMetadata<EvaluationWork>() is not null;

    private static PartitionedRateLimiter<HttpContext> Limiter(Func<HttpContext, int> partitionOf, int running, int waiting) =>
        PartitionedRateLimiter.Create<HttpContext, int>(context => IsMeant(context)
            ? RateLimitPartition.GetConcurrencyLimiter(
                partitionOf(context), _ => new ConcurrencyLimiterOptions { PermitLimit = running, QueueLimit = waiting })
            : RateLimitPartition.GetNoLimiter(-1));
}
