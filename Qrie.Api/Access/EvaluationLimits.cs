using System.Threading.RateLimiting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace Qrie.Api.Access;

/// <summary>Marks an endpoint that keeps a processor busy for what a caller wrote.</summary>
internal sealed class EvaluationWork
{
    public static readonly EvaluationWork Marker = new();
}

/// <summary>
/// How many evaluations and previews are let in at once, before their bodies are read. The others wait, a bounded number of them, and beyond that are told to
/// come again: so at most the running and the waiting ones hold a body of at most 1 MB each, whatever number is sent.
/// </summary>
internal static class EvaluationLimits
{
    /// <summary>Let in at the same time; who works then takes turns in the evaluator.</summary>
    private const int Running = 4;

    /// <summary>Of one caller, so that one who sends many waits for himself.</summary>
    private const int RunningOfCaller = 3;

    /// <summary>Whoever holds a place must not dawdle with the body, or with the answer.</summary>
    private static readonly MinDataRate s_bodyRate = new(bytesPerSecond: 16 * 1024, gracePeriod: TimeSpan.FromSeconds(10));

    public static PartitionedRateLimiter<HttpContext> Create(AccessSettings settings, Func<HttpContext, int> callerOf) => PartitionedRateLimiter.CreateChained(
        Limiter(context => callerOf(context), RunningOfCaller, Math.Max(1, settings.WaitingEvaluations / 4)),
        Limiter(_ => 0, Running, settings.WaitingEvaluations));

    /// <summary>Before the limiter.</summary>
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
