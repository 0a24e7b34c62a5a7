using System.Collections.Concurrent;
using System.Text.Json;
using Polly;
using Polly.Retry;

namespace Qrie.Aws.Api;

/// <summary>The outcome of one attempt.</summary>
internal sealed record Attempt(JsonElement Content, AwsError? Error, string? RequestId, DateTimeOffset SentAt, RetryReason Retry)
{
    public static Attempt Succeeded(JsonElement content, string? requestId, DateTimeOffset sentAt) => new(content, null, requestId, sentAt, RetryReason.None);

    /// <summary>An error whose kind determines whether to retry.</summary>
    public static Attempt Of(AwsError error, DateTimeOffset sentAt) => new(default, error, error.RequestId, sentAt, error.Kind switch
    {
        AwsErrorKind.Throttled => RetryReason.Throttled,
        AwsErrorKind.Unavailable when error.HttpStatus == AwsError.NotImplemented => RetryReason.None,
        AwsErrorKind.Unavailable => RetryReason.Unavailable,
        _ when ErrorClassifier.MayBeClockSkew(error.Code) || ErrorClassifier.IsExpired(error.Code) => RetryReason.Signature,
        _ => RetryReason.None,
    });

    /// <summary>An error for which a retry is useless.</summary>
    public static Attempt Final(AwsError error, DateTimeOffset sentAt) => new(default, error, error.RequestId, sentAt, RetryReason.None);

    /// <summary>An error after which the request is sent to another address at once.</summary>
    public static Attempt Again(AwsError error, DateTimeOffset sentAt) => new(default, error, error.RequestId, sentAt, RetryReason.Redirected);
}

/// <summary>The reason for a retry.</summary>
internal enum RetryReason
{
    None,

    /// <summary>Throttled; the limiter has reduced the rate.</summary>
    Throttled,

    /// <summary>A server or the network failed.</summary>
    Unavailable,

    /// <summary>The clock differed from AWS's, or the session had expired; one retry with the corrected values.</summary>
    Signature,

    /// <summary>The bucket is in another region.</summary>
    Redirected,
}

/// <summary>The retry loop. All operations can be retried, because they read or have an idempotency token.</summary>
internal sealed class RetryLoop(AwsApiOptions options, TimeProvider clock)
{
    private readonly ConcurrentDictionary<string, CircuitBreaker> _breakers = new(StringComparer.Ordinal);
    private static readonly TimeSpan _longestDelay = TimeSpan.FromSeconds(20);
    private readonly ResiliencePipeline<Attempt?> _pipeline = new ResiliencePipelineBuilder<Attempt?> { TimeProvider = clock }
        .AddRetry(new RetryStrategyOptions<Attempt?>
        {
            MaxRetryAttempts = Math.Max(options.MaxThrottledAttempts, options.MaxAttempts),
            ShouldHandle = arguments => ValueTask.FromResult(
                arguments.Outcome.Result is { } attempt && IsWorthIt(attempt.Retry, arguments.AttemptNumber, options)),
            DelayGenerator = arguments => ValueTask.FromResult<TimeSpan?>(DelayFor(arguments.Outcome.Result!.Retry, arguments.AttemptNumber, options)),
        })
        .Build();

    /// <summary>
    /// Runs attempts, numbered from 0, until one succeeds, is final, or was the last allowed. Null if the circuit of the address is open.
    /// </summary>
    public async Task<Attempt?> RunAsync(string address, Func<int, CancellationToken, Task<Attempt>> attempt, CancellationToken cancel)
    {
        var breaker = _breakers.GetOrAdd(address, _ => new CircuitBreaker(clock));
        var number = 0;
        return await _pipeline.ExecuteAsync(
            async token => breaker.Begin() is { } ticket ? await AttemptAsync(ticket, number++, token) : null, cancel);

        async Task<Attempt> AttemptAsync(CircuitBreaker.Ticket ticket, int attemptNumber, CancellationToken token)
        {
            bool? responded = null;
            try
            {
                var result = await attempt(attemptNumber, token);
                responded = result.Error is not { HttpStatus: null, Code: "ConnectionFailed" or "NameResolutionFailed" or "Timeout" };
                return result;
            }
            finally
            {
                breaker.End(ticket, responded);
            }
        }
    }

    private static bool IsWorthIt(RetryReason reason, int number, AwsApiOptions options) => reason switch
    {
        RetryReason.Throttled => number + 1 < options.MaxThrottledAttempts,
        RetryReason.Unavailable => number + 1 < options.MaxAttempts,
        RetryReason.Signature => number == 0,
        RetryReason.Redirected => true,
        _ => false,
    };

    /// <summary>Doubles from attempt to attempt; half of it is random, so that callers do not retry at the same time.</summary>
    private static TimeSpan DelayFor(RetryReason reason, int number, AwsApiOptions options)
    {
        if (reason is RetryReason.Redirected or RetryReason.Signature)
        {
            return TimeSpan.Zero;
        }

        var full = Math.Min(options.RetryDelay.TotalSeconds * Math.Pow(2, number), _longestDelay.TotalSeconds);
        return TimeSpan.FromSeconds(full * (0.5 + (Random.Shared.NextDouble() / 2)));
    }
}
