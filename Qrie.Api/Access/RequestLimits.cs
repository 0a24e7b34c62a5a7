using System.Globalization;
using System.Threading.RateLimiting;
using Microsoft.AspNetCore.RateLimiting;
using Qrie.Api.Endpoints.Http;

namespace Qrie.Api.Access;

/// <summary>Limits the requests of a key, or of an address without one.</summary>
internal static class RequestLimits
{
    private static readonly TimeSpan s_window = TimeSpan.FromMinutes(1);

    public static void Configure(this RateLimiterOptions options, AccessSettings settings)
    {
        var requests = PartitionedRateLimiter.Create<HttpContext, int>(context => IsLimited(context, settings)
            ? RateLimitPartition.GetFixedWindowLimiter(
                PartitionOf(context), _ => new FixedWindowRateLimiterOptions { PermitLimit = settings.RequestsPerMinute, Window = s_window, QueueLimit = 0 })
            : RateLimitPartition.GetNoLimiter(-1));
        options.GlobalLimiter = PartitionedRateLimiter.CreateChained(requests, EvaluationLimits.Create(settings, PartitionOf));
        options.OnRejected = async (rejected, _) =>
        {
            if (!rejected.Lease.TryGetMetadata(MetadataName.RetryAfter, out var wait))
            {
                rejected.HttpContext.Response.Headers.RetryAfter = "2"; // the longest that one evaluation takes
                await Problems.WriteAsync(
                    rejected.HttpContext, 429, "Too many requests",
                    "Too many evaluations and previews are waiting. Send fewer at a time; Limits:WaitingEvaluations sets the length of the queue.", null);
                return;
            }

            rejected.HttpContext.Response.Headers.RetryAfter = Math.Max(1, Math.Ceiling(wait.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
            await Problems.WriteAsync(
                rejected.HttpContext, 429, "Too many requests",
                $"More than {settings.RequestsPerMinute} requests in a minute. Wait for the time of Retry-After; Limits:RequestsPerMinute sets the limit.",
                null);
        };
    }

    /// <summary>Local callers with all rights are not limited.</summary>
    private static bool IsLimited(HttpContext context, AccessSettings settings) =>
        settings.RequestsPerMinute > 0
        && (settings.Mode != AccessMode.None || settings.AnonymousRole is not null || Caller.TryOf(context)?.KeyId is not null);

    private static int PartitionOf(HttpContext context) =>
        Caller.TryOf(context)?.KeyId is { } key ? AddressBucket.Of(key) : AddressBucket.Of(context.Connection.RemoteIpAddress);
}
