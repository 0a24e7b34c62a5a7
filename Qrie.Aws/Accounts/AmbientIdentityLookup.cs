using System.Text.Json;
using Qrie.Aws.Api;

namespace Qrie.Aws.Accounts;

/// <summary>
/// Determines the identity of the ambient credentials by sts:GetCallerIdentity. Does not throw for errors of AWS or the network, and takes a few seconds at
/// most. A success is cached; a failure is retried after <see cref="RetryAfter"/>.
/// </summary>
public sealed class AmbientIdentityLookup(IAwsApi api, AwsRegion region, TimeProvider clock) : IDisposable
{
    /// <summary>The timeout of the whole lookup.</summary>
    public static readonly TimeSpan Timeout = TimeSpan.FromSeconds(10);

    /// <summary>How long a failure is cached.</summary>
    public static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(30);

    private readonly SemaphoreSlim _gate = new(1, 1);
    private AmbientIdentityResult? _answer;
    private long _failedAt;

    /// <summary>Where it asks.</summary>
    public AwsRegion Region => region;

    /// <summary>As far as it was found out; null: it was not.</summary>
    public AmbientIdentity? Known => Volatile.Read(ref _answer)?.Identity;

    /// <summary>The identity, or why there is none.</summary>
    public async Task<AmbientIdentityResult> GetAsync(CancellationToken cancel)
    {
        await _gate.WaitAsync(cancel);
        try
        {
            if (_answer is null || (_answer.Problem is not null && clock.GetElapsedTime(_failedAt) > RetryAfter))
            {
                _answer = await AskAsync(cancel);
                _failedAt = clock.GetTimestamp();
            }

            return _answer;
        }
        finally
        {
            _gate.Release();
        }
    }

    public void Dispose() => _gate.Dispose();

    private async Task<AmbientIdentityResult> AskAsync(CancellationToken cancel)
    {
        using var timeout = new CancellationTokenSource(Timeout, clock);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancel, timeout.Token);
        try
        {
            var answer = await api.CallAsync(new AwsCall(AwsPrincipal.Ambient, region.Name, "sts", "GetCallerIdentity"), both.Token);
            return answer.Error is { } error ? AmbientIdentityResult.Failed(Explain(error)) : AmbientIdentityResult.Found(Read(answer.Content));
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            return AmbientIdentityResult.Failed(new AmbientIdentityProblem(
                AwsErrorKind.Unavailable, "Timeout",
                $"AWS STS in {region.Name} did not answer within {Timeout.TotalSeconds:0} s. Is the network open, and Aws:Endpoint right?"));
        }
    }

    private static AmbientIdentity Read(JsonElement content)
    {
        var arn = content.GetProperty("Arn").GetString()!;
        return new AmbientIdentity(content.GetProperty("Account").GetString()!, arn.Split(':')[1], arn);
    }

    private AmbientIdentityProblem Explain(AwsError error) => new(error.Kind, error.Code, error.Kind switch
    {
        AwsErrorKind.NoCredentials =>
            "There are no usable AWS credentials. Set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or run with a task or instance role.",
        AwsErrorKind.Denied => $"AWS refuses the credentials: {error.Code}, {error.Message}",
        AwsErrorKind.Unavailable => $"AWS STS in {region.Name} cannot be reached: {error.Message} Is the network open, and Aws:Endpoint right?",
        _ => $"AWS STS answered {error.Code}: {error.Message}",
    });
}
