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
    private AmbientIdentityResult? _result;
    private long _failedAt;

    /// <summary>The region whose STS endpoint is called.</summary>
    public AwsRegion Region => region;

    /// <summary>The identity if it was determined; otherwise null. Makes no call.</summary>
    public AmbientIdentity? Known => Volatile.Read(ref _result)?.Identity;

    /// <summary>The identity, or why it is unknown.</summary>
    public async Task<AmbientIdentityResult> GetAsync(CancellationToken cancel)
    {
        await _gate.WaitAsync(cancel);
        try
        {
            if (_result is null || (_result.Problem is not null && clock.GetElapsedTime(_failedAt) > RetryAfter))
            {
                _result = await LookUpAsync(cancel);
                _failedAt = clock.GetTimestamp();
            }

            return _result;
        }
        finally
        {
            _gate.Release();
        }
    }

    public void Dispose() => _gate.Dispose();

    private async Task<AmbientIdentityResult> LookUpAsync(CancellationToken cancel)
    {
        using var timeout = new CancellationTokenSource(Timeout, clock);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancel, timeout.Token);
        try
        {
            var response = await api.CallAsync(new AwsCall(AwsPrincipal.Ambient, region.Name, "sts", "GetCallerIdentity"), both.Token);
            return response.Error is { } error ? AmbientIdentityResult.Failed(Explain(error)) : AmbientIdentityResult.Found(Read(response.Content));
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            return AmbientIdentityResult.Failed(new AmbientIdentityProblem(
                AwsErrorKind.Unavailable, "Timeout",
                $"AWS STS in {region.Name} did not respond within {Timeout.TotalSeconds:0} s. Check the network, and Aws:Endpoint if it is set."));
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
        AwsErrorKind.Denied => $"AWS rejects the credentials: {error.Code}, {error.Message}",
        AwsErrorKind.Unavailable => $"AWS STS in {region.Name} cannot be reached: {error.Message} Check the network, and Aws:Endpoint if it is set.",
        _ => $"AWS STS returned {error.Code}: {error.Message}",
    });
}
