using System.Collections.Concurrent;
using System.Text.Json;
using Polly;
using Polly.CircuitBreaker;
using Polly.Retry;

namespace Qrie.Aws.Api;

/// <summary>What became of one attempt.</summary>
internal sealed record Attempt(JsonElement Content, AwsError? Error, string? RequestId, DateTimeOffset SentAt, RetryReason Retry)
{
    public static Attempt Succeeded(JsonElement content, string? requestId, DateTimeOffset sentAt) => new(content, null, requestId, sentAt, RetryReason.None);

    /// <summary>An error that its kind tells whether to try again.</summary>
    public static Attempt Of(AwsError error, DateTimeOffset sentAt) => new(default, error, error.RequestId, sentAt, error.Kind switch
    {
        AwsErrorKind.Throttled => RetryReason.Throttled,
        AwsErrorKind.Unavailable => RetryReason.Unavailable,
        _ when ErrorClassifier.MayBeClockSkew(error.Code) || ErrorClassifier.IsExpired(error.Code) => RetryReason.Signature,
        _ => RetryReason.None,
    });

    /// <summary>An error that another attempt cannot change.</summary>
    public static Attempt Final(AwsError error, DateTimeOffset sentAt) => new(default, error, error.RequestId, sentAt, RetryReason.None);

    /// <summary>An error after which the request is sent elsewhere at once.</summary>
    public static Attempt Again(AwsError error, DateTimeOffset sentAt) => new(default, error, error.RequestId, sentAt, RetryReason.Redirected);
}

/// <summary>Why to send a request again.</summary>
internal enum RetryReason
{
    None,

    /// <summary>Too fast: the limiter has slowed down; patience pays.</summary>
    Throttled,

    /// <summary>A server or the network failed.</summary>
    Unavailable,

    /// <summary>The clock differed from AWS's, or the session ended: once more, with what is known now.</summary>
    Signature,

    /// <summary>The bucket lives in another region.</summary>
    Redirected,
}

/// <summary>
/// The one retry loop. All operations that go through it can be repeated: they read, or carry an idempotency token. When nobody at all answers at an
/// address any more, a circuit breaker gives it up for a while, so that an outage does not cost every call all its attempts.
/// </summary>
internal sealed class RetryLoop(AwsApiOptions options, TimeProvider clock)
{
    /// <summary>So many attempts in a row without an answer open the circuit.</summary>
    internal const int AttemptsWithoutResponse = 20;

    /// <summary>How long an address is given up.</summary>
    internal static readonly TimeSpan Pause = TimeSpan.FromSeconds(10);

    private readonly ConcurrentDictionary<string, ResiliencePipeline<Attempt>> _breakers = new(StringComparer.Ordinal);
    private static readonly TimeSpan _longestDelay = TimeSpan.FromSeconds(20);
    private readonly ResiliencePipeline<Attempt> _pipeline = new ResiliencePipelineBuilder<Attempt> { TimeProvider = clock }
        .AddRetry(new RetryStrategyOptions<Attempt>
        {
            MaxRetryAttempts = Math.Max(options.MaxThrottledAttempts, options.MaxAttempts),
            ShouldHandle = arguments => ValueTask.FromResult(
                arguments.Outcome.Result is { } attempt && IsWorthIt(attempt.Retry, arguments.AttemptNumber, options)),
            DelayGenerator = arguments => ValueTask.FromResult<TimeSpan?>(DelayFor(arguments.Outcome.Result!.Retry, arguments.AttemptNumber, options)),
        })
        .Build();

    /// <summary>
    /// Runs attempts, numbered from 0, until one is good or final, or there were enough. Throws
    /// <see cref="BrokenCircuitException"/> when the address is given up.
    /// </summary>
    public async Task<Attempt> RunAsync(string address, Func<int, CancellationToken, Task<Attempt>> attempt, CancellationToken cancel)
    {
        var breaker = _breakers.GetOrAdd(address, _ => MakeBreaker());
        var number = 0;
        return await _pipeline.ExecuteAsync(async token => await breaker.ExecuteAsync(async inner => await attempt(number++, inner), token), cancel);
    }

    private ResiliencePipeline<Attempt> MakeBreaker() => new ResiliencePipelineBuilder<Attempt> { TimeProvider = clock }
        .AddCircuitBreaker(new CircuitBreakerStrategyOptions<Attempt>
        {
            FailureRatio = 1,
            MinimumThroughput = AttemptsWithoutResponse,
            SamplingDuration = TimeSpan.FromSeconds(30),
            BreakDuration = Pause,
            ShouldHandle = arguments => ValueTask.FromResult(
                arguments.Outcome.Result?.Error is { HttpStatus: null, Code: "ConnectionFailed" or "NameResolutionFailed" or "Timeout" }),
        })
        .Build();

    private static bool IsWorthIt(RetryReason reason, int number, AwsApiOptions options) => reason switch
    {
        RetryReason.Throttled => number + 1 < options.MaxThrottledAttempts,
        RetryReason.Unavailable => number + 1 < options.MaxAttempts,
        RetryReason.Signature => number == 0,
        RetryReason.Redirected => true,
        _ => false,
    };

    /// <summary>Doubles from attempt to attempt; half of it is random, so that callers do not come back together.</summary>
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
