using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using Amazon.Runtime;
using Qrie.Aws.Api;

namespace Qrie.Aws.Accounts;

/// <summary>
/// Sessions of assumed roles, cached by role and external id and renewed before they expire. Concurrent calls share one AssumeRole; a refusal is cached for a
/// minute, so that a thousand calls into an inaccessible account cost one.
/// </summary>
internal sealed class RoleSessions(Func<AwsCall, CancellationToken, Task<AwsResult>> call, Func<string, string> regionFor, TimeProvider clock) : IDisposable
{
    private static readonly TimeSpan _renewBefore = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan _believeRefusal = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<(string RoleArn, string? ExternalId), Session> _sessions = new();

    public async Task<CredentialsResult> GetAsync(string roleArn, string? externalId, CancellationToken cancel)
    {
        var session = _sessions.GetOrAdd((roleArn, externalId), _ => new Session());
        return await session.GetAsync(c => AssumeAsync(roleArn, externalId, c), clock, cancel);
    }

    /// <summary>Drops a session that AWS reported as expired.</summary>
    public void Forget(string roleArn, string? externalId) => _sessions.TryRemove((roleArn, externalId), out _);

    public void Dispose()
    {
        foreach (var session in _sessions.Values)
        {
            session.Dispose();
        }
    }

    private async Task<Assumed> AssumeAsync(string roleArn, string? externalId, CancellationToken cancel)
    {
        var parameters = new Dictionary<string, object>
        {
            ["RoleArn"] = roleArn,
            ["RoleSessionName"] = "qrie",
            ["DurationSeconds"] = 3600,
        };
        if (externalId is not null)
        {
            parameters["ExternalId"] = externalId;
        }

        // A regional endpoint, because sessions of the global endpoint are rejected in opt-in regions.
        var partition = roleArn.Split(':') is [_, var name, ..] ? name : "aws";
        var response = await call(
            new AwsCall(AwsPrincipal.Ambient, regionFor(partition), "sts", "AssumeRole", JsonSerializer.SerializeToElement(parameters)), cancel);
        if (response.Error is { } error)
        {
            var kind = error.Kind is AwsErrorKind.NotFound or AwsErrorKind.Invalid or AwsErrorKind.Other ? AwsErrorKind.Denied : error.Kind;
            var message = $"{roleArn} could not be assumed: {error.Message}";
            return new Assumed(CredentialsResult.Failed(kind, error.Code, message, error.RequestId), clock.GetUtcNow() + _believeRefusal);
        }

        var credentials = response.Content.GetProperty("Credentials");
        string Text(string key) => credentials.GetProperty(key).GetString()!;
        var found = new ImmutableCredentials(Text("AccessKeyId"), Text("SecretAccessKey"), Text("SessionToken"));
        return new Assumed(CredentialsResult.Found(found), DateTimeOffset.Parse(Text("Expiration"), CultureInfo.InvariantCulture));
    }

    private sealed record Assumed(CredentialsResult Result, DateTimeOffset Until);

    private sealed class Session : IDisposable
    {
        private readonly SemaphoreSlim _gate = new(1, 1);
        private volatile Assumed? _current;

        public async Task<CredentialsResult> GetAsync(Func<CancellationToken, Task<Assumed>> assume, TimeProvider clock, CancellationToken cancel)
        {
            var current = _current;
            if (IsFresh(current, clock))
            {
                return current.Result;
            }

            // While the old session is valid, one caller renews it and the others continue to use it.
            if (!await _gate.WaitAsync(IsUsable(current, clock) ? TimeSpan.Zero : Timeout.InfiniteTimeSpan, cancel))
            {
                return current!.Result;
            }

            try
            {
                if (!IsFresh(_current, clock))
                {
                    var renewed = await assume(cancel);
                    if (renewed.Result.Problem is null || !IsUsable(_current, clock))
                    {
                        _current = renewed;
                    }
                }

                return _current!.Result;
            }
            finally
            {
                _gate.Release();
            }
        }

        public void Dispose() => _gate.Dispose();

        private static bool IsFresh([System.Diagnostics.CodeAnalysis.NotNullWhen(true)] Assumed? assumed, TimeProvider clock) =>
            assumed is not null && clock.GetUtcNow() < (assumed.Result.Problem is null ? assumed.Until - _renewBefore : assumed.Until);

        private static bool IsUsable(Assumed? assumed, TimeProvider clock) =>
            assumed?.Result.Problem is null && assumed is not null && clock.GetUtcNow() < assumed.Until - TimeSpan.FromSeconds(30);
    }
}
