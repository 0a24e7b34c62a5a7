using System.Text.Json;
using Qrie.Aws.Api;
using Qrie.Tests.Support;

namespace Qrie.Tests.Aws;

public sealed class RetryLoopTests
{
    private readonly FakeClock _clock = new();
    private readonly AwsApiOptions _options = new() { RetryDelay = TimeSpan.Zero, MaxAttempts = 2, MaxThrottledAttempts = 5 };

    [Theory]
    [InlineData(AwsErrorKind.Throttled, "Throttling", 5)]
    [InlineData(AwsErrorKind.Unavailable, "InternalError", 2)]
    [InlineData(AwsErrorKind.Denied, "AccessDenied", 1)]
    [InlineData(AwsErrorKind.NotFound, "NoSuchBucket", 1)]
    [InlineData(AwsErrorKind.Invalid, "ValidationException", 1)]
    [InlineData(AwsErrorKind.Denied, "RequestTimeTooSkewed", 2)]
    [InlineData(AwsErrorKind.NoCredentials, "ExpiredToken", 2)]
    public async Task Only_transient_errors_are_retried_and_a_limited_number_of_times(AwsErrorKind kind, string code, int expected)
    {
        var attempts = 0;

        var last = await new RetryLoop(_options, _clock).RunAsync("host", (_, _) => Failing(kind, code, 400, () => attempts++), default);

        attempts.ShouldBe(expected);
        last!.Error!.Code.ShouldBe(code);
    }

    [Fact]
    public async Task The_circuit_opens_for_an_unresponsive_address()
    {
        var loop = new RetryLoop(_options, _clock);
        var attempts = 0;
        Task<Attempt> Down(int number, CancellationToken cancel) => Failing(AwsErrorKind.Unavailable, "ConnectionFailed", null, () => attempts++);

        for (var i = 0; i < CircuitBreaker.Failures / 2; i++)
        {
            await loop.RunAsync("down", Down, default);
        }

        (await loop.RunAsync("down", Down, default)).ShouldBeNull();
        attempts.ShouldBe(CircuitBreaker.Failures);
        (await loop.RunAsync("other", Succeeding, default))!.Error.ShouldBeNull();

        _clock.Advance(CircuitBreaker.Pause + TimeSpan.FromSeconds(1));
        (await loop.RunAsync("down", Succeeding, default))!.Error.ShouldBeNull();
    }

    [Fact]
    public async Task Refusals_and_server_errors_do_not_open_the_circuit()
    {
        var loop = new RetryLoop(_options, _clock);

        for (var i = 0; i < 3 * CircuitBreaker.Failures; i++)
        {
            await loop.RunAsync("host", (_, _) => Failing(AwsErrorKind.Unavailable, "InternalError", 500, () => { }), default);
        }

        (await loop.RunAsync("host", Succeeding, default))!.Error.ShouldBeNull();
    }

    [Fact]
    public async Task Calls_that_fail_together_do_not_open_the_circuit()
    {
        var loop = new RetryLoop(new AwsApiOptions { RetryDelay = TimeSpan.Zero, MaxAttempts = 1 }, _clock);
        var suspended = new TaskCompletionSource();
        var inFlight = Enumerable.Range(0, 3 * CircuitBreaker.Failures).Select(_ => loop.RunAsync(
            "host",
            async (_, _) =>
            {
                await suspended.Task;
                return await Failing(AwsErrorKind.Unavailable, "Timeout", null, () => { });
            },
            default)).ToList();

        _clock.Advance(TimeSpan.FromMinutes(1));
        suspended.SetResult();
        await Task.WhenAll(inFlight);

        (await loop.RunAsync("host", Succeeding, default)).ShouldNotBeNull();
    }

    [Fact]
    public async Task After_the_pause_one_attempt_decides_whether_the_circuit_closes()
    {
        var loop = new RetryLoop(new AwsApiOptions { RetryDelay = TimeSpan.Zero, MaxAttempts = 1 }, _clock);
        var attempts = 0;
        Task<Attempt> Down(int number, CancellationToken cancel) => Failing(AwsErrorKind.Unavailable, "Timeout", null, () => attempts++);
        for (var i = 0; i < CircuitBreaker.Failures; i++)
        {
            await loop.RunAsync("down", Down, default);
            _clock.Advance(TimeSpan.FromMilliseconds(1));
        }

        _clock.Advance(CircuitBreaker.Pause);
        (await loop.RunAsync("down", Down, default)).ShouldNotBeNull();
        (await loop.RunAsync("down", Down, default)).ShouldBeNull();
        attempts.ShouldBe(CircuitBreaker.Failures + 1);

        _clock.Advance(CircuitBreaker.Pause);
        (await loop.RunAsync("down", Succeeding, default)).ShouldNotBeNull();
        (await loop.RunAsync("down", Succeeding, default)).ShouldNotBeNull();
    }

    private static Task<Attempt> Succeeding(int number, CancellationToken cancel) =>
        Task.FromResult(Attempt.Succeeded(JsonElement.Parse("{}"), "request", DateTimeOffset.UnixEpoch));

    private static Task<Attempt> Failing(AwsErrorKind kind, string code, int? status, Action count)
    {
        count();
        return Task.FromResult(Attempt.Of(new AwsError(kind, code, "", "s3", "ListBuckets", null, status), DateTimeOffset.UnixEpoch));
    }
}
