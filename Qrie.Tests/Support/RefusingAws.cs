using System.Collections.Concurrent;
using Qrie.Aws.Api;

namespace Qrie.Tests.Support;

/// <summary>Forwards calls except for one operation, which it refuses always or for some of the requested resources.</summary>
internal sealed class RefusingAws(IAwsApi inner, TimeProvider clock) : IAwsApi
{
    private readonly ConcurrentDictionary<string, int> _called = new(StringComparer.Ordinal);

    private readonly ConcurrentDictionary<string, AwsResult> _results = new(StringComparer.Ordinal);

    /// <summary>The refused operation; null for none.</summary>
    public Refusal? Now { get; set; }

    /// <summary>Every called operation, such as <c>s3:ListBuckets</c>, sorted by name.</summary>
    public IReadOnlyList<string> Called => [.. _called.Keys.Order(StringComparer.Ordinal)];

    /// <summary>
    /// Whether a call that was made before gets the same result again, without a request. Only while nothing changes behind it.
    /// </summary>
    public bool ReusesResults { get; set; }

    /// <summary>Clears <see cref="Called"/> and the results.</summary>
    public void Forget()
    {
        _called.Clear();
        _results.Clear();
    }

    public async Task<AwsResult> CallAsync(AwsCall call, CancellationToken cancel)
    {
        var name = $"{call.Service}:{call.Operation}";
        _called[name] = 1;
        if (Now is { } refusal && refusal.Call == name && refusal.Takes(call))
        {
            return AwsResult.Failure(
                new AwsError(refusal.Kind, refusal.Code, "You are not authorized to perform this operation.", call.Service, call.Operation), clock.GetUtcNow());
        }

        var key = $"{call} {call.Parameters}";
        if (ReusesResults && _results.TryGetValue(key, out var known))
        {
            return known;
        }

        var result = await inner.CallAsync(call, cancel);
        if (ReusesResults && result.Error?.Kind is not (AwsErrorKind.Throttled or AwsErrorKind.Unavailable))
        {
            _results[key] = result;
        }

        return result;
    }
}

/// <param name="Call">The operation.</param>
/// <param name="OneIn">1 for all calls, 2 for half of them, and so on.</param>
/// <param name="Seed">Selects the calls.</param>
internal sealed record Refusal(string Call, AwsErrorKind Kind, string Code, int OneIn, int Seed)
{
    /// <summary>Not including "not found", which the catalog interprets.</summary>
    private static readonly (AwsErrorKind Kind, string Code)[] _kinds =
    [
        (AwsErrorKind.Denied, "AccessDeniedException"), (AwsErrorKind.Throttled, "ThrottlingException"), (AwsErrorKind.Unavailable, "InternalFailure"),
        (AwsErrorKind.RegionUnavailable, "UnknownEndpoint"), (AwsErrorKind.NotSubscribed, "OptInRequired"), (AwsErrorKind.Invalid, "ValidationException"),
        (AwsErrorKind.NoCredentials, "ExpiredToken"), (AwsErrorKind.Other, "SomethingElse"),
    ];

    public static Refusal Denied(string call) => new(call, AwsErrorKind.Denied, "AccessDenied", OneIn: 1, Seed: 0);

    /// <summary>Errors of all kinds.</summary>
    public static Refusal Any(string call, int oneIn, Random random)
    {
        var (kind, code) = _kinds[random.Next(_kinds.Length)];
        return new Refusal(call, kind, code, oneIn, random.Next());
    }

    public bool Takes(AwsCall call) => new Random(StableHash($"{call.Principal.AccountId} {call.Region} {call.Parameters}") ^ Seed).Next(OneIn) == 0;

    private static int StableHash(string text) => text.Aggregate(17, (hash, c) => unchecked((hash * 31) + c));
}
