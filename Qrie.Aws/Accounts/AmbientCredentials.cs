using Amazon.Runtime;
using Amazon.Runtime.Credentials;
using Qrie.Aws.Api;

namespace Qrie.Aws.Accounts;

/// <summary>
/// The ambient credentials, by the SDK's default chain: environment, web identity, profile, container, instance. The chain blocks its thread and queries the
/// instance metadata service for half a minute if there is none; here it has a short timeout, and a failure is cached for a moment.
/// </summary>
internal sealed class AmbientCredentials(AwsApiOptions options, TimeProvider clock, Func<CancellationToken, Task<AWSCredentials>>? chain = null) : IDisposable
{
    private static readonly TimeSpan _believeFailure = TimeSpan.FromSeconds(20);

    /// <summary>Far less than what is left of credentials that the chain returns, and long enough for hundreds of calls.</summary>
    private static readonly TimeSpan _believe = TimeSpan.FromSeconds(1);

    private readonly Func<CancellationToken, Task<AWSCredentials>> _chain = chain ?? SdkChain;
    private readonly SemaphoreSlim _gate = new(1, 1);
    private CredentialsResult? _failure;
    private long _failedAt;
    private Found? _found;

    public async Task<CredentialsResult> GetAsync(CancellationToken cancel)
    {
        if (Recent() is { } known)
        {
            return known;
        }

        await _gate.WaitAsync(cancel);
        try
        {
            return Recent() ?? await AskAsync(cancel);
        }
        finally
        {
            _gate.Release();
        }
    }

    public void Dispose() => _gate.Dispose();

    private CredentialsResult? Recent() =>
        Volatile.Read(ref _found) is { } found && clock.GetElapsedTime(found.At) < _believe ? found.Result : RecentFailure();

    private CredentialsResult? RecentFailure()
    {
        var failure = Volatile.Read(ref _failure);
        return failure is not null && clock.GetElapsedTime(Interlocked.Read(ref _failedAt)) < _believeFailure ? failure : null;
    }

    private async Task<CredentialsResult> AskAsync(CancellationToken cancel)
    {
        try
        {
            using var timeout = new CancellationTokenSource(options.CredentialsTimeout, clock);
            using var both = CancellationTokenSource.CreateLinkedTokenSource(cancel, timeout.Token);

            // On a separate thread, because parts of the chain block. A chain that hangs is abandoned.
            var found = await Task.Run(async () => await (await _chain(both.Token)).GetCredentialsAsync(), both.Token).WaitAsync(both.Token);
            Volatile.Write(ref _failure, null);
            var result = CredentialsResult.Found(found);
            Volatile.Write(ref _found, new Found(result, clock.GetTimestamp()));
            return result;
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            throw;
        }
        catch (Exception e) when (e is OperationCanceledException or AmazonClientException or AmazonServiceException or IOException
            or HttpRequestException or InvalidOperationException or ArgumentException)
        {
            var message = e is OperationCanceledException
                ? $"finding credentials took longer than {options.CredentialsTimeout.TotalSeconds:0.#} s"
                : e.Message.ReplaceLineEndings(" ").Trim();
            Interlocked.Exchange(ref _failedAt, clock.GetTimestamp());
            return _failure = CredentialsResult.Failed(AwsErrorKind.NoCredentials, "NoCredentials", message);
        }
    }

    private sealed record Found(CredentialsResult Result, long At);

    private static async Task<AWSCredentials> SdkChain(CancellationToken cancel) => await _resolver.Value.ResolveIdentityAsync(null, cancel);

    private static readonly Lazy<DefaultAWSCredentialsIdentityResolver> _resolver = new(() => new DefaultAWSCredentialsIdentityResolver());
}
