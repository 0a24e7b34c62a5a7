using System.Collections.Concurrent;
using Amazon;
using Amazon.Runtime;
using Amazon.SQS;
using Amazon.SQS.Model;
using Polly;
using Polly.Retry;
using Qrie.Aws.Api;

namespace Qrie.Aws.Events;

/// <summary>Opens Qrie's own queues, with one SDK client per region.</summary>
public sealed class SqsQueues : IDisposable
{
    /// <summary>Longer than the longest wait for messages in SQS (20 s).</summary>
    private static readonly TimeSpan _timeout = TimeSpan.FromSeconds(40);

    // An encrypted queue returns throttling errors of KMS, which the client does not retry by itself.
    private static readonly ResiliencePipeline _retryKms = new ResiliencePipelineBuilder()
        .AddRetry(new RetryStrategyOptions
        {
            ShouldHandle = new PredicateBuilder().Handle<AmazonSQSException>(IsKmsThrottling),
            MaxRetryAttempts = 3,
            BackoffType = DelayBackoffType.Exponential,
            UseJitter = true,
            Delay = TimeSpan.FromMilliseconds(200),
        })
        .Build();

    private readonly AwsEngine _engine;
    private readonly AwsApiOptions _options;
    private readonly AwsRegion _region;
    private readonly CurrentCredentials _credentials = new();
    private readonly ConcurrentDictionary<string, Lazy<AmazonSQSClient>> _clients = new();

    internal SqsQueues(AwsEngine engine, AwsApiOptions options, AwsRegion region)
    {
        _engine = engine;
        _options = options;
        _region = region;
    }

    /// <summary>A queue by its name, in the account and region of the ambient credentials, as one element.</summary>
    public Task<SqsResponse<SqsQueue>> FindAsync(string name, CancellationToken cancel) => FindAsync(name, owner: null, _region.Name, cancel);

    /// <summary>Makes a queue that encrypts its messages, in the account and region of the ambient credentials; one that exists is found.</summary>
    /// <param name="visibility">How long received messages stay hidden.</param>
    public Task<SqsResponse<SqsQueue>> CreateAsync(string name, TimeSpan visibility, CancellationToken cancel) =>
        TryAsync<SqsQueue>("CreateQueue", async c =>
        {
            var request = new CreateQueueRequest
            {
                QueueName = name,
                Attributes = new Dictionary<string, string>
                {
                    [QueueAttributeName.VisibilityTimeout] = ((int)visibility.TotalSeconds).ToString(System.Globalization.CultureInfo.InvariantCulture),
                    [QueueAttributeName.SqsManagedSseEnabled] = "true",
                },
            };
            return [new SqsQueue(this, (await ClientFor(_region.Name).CreateQueueAsync(request, c)).QueueUrl, _region.Name)];
        }, cancel);

    /// <summary>A queue by its URL, without a request.</summary>
    public SqsQueue Open(string url) => new(this, url, RegionOf(url) ?? _region.Name);

    public void Dispose()
    {
        foreach (var client in _clients.Values)
        {
            client.Value.Dispose();
        }
    }

    internal Task<SqsResponse<SqsQueue>> FindAsync(string name, string? owner, string region, CancellationToken cancel) =>
        TryAsync<SqsQueue>("GetQueueUrl", async c =>
        {
            var request = new GetQueueUrlRequest { QueueName = name, QueueOwnerAWSAccountId = owner };
            return [new SqsQueue(this, (await ClientFor(region).GetQueueUrlAsync(request, c)).QueueUrl, region)];
        }, cancel);

    internal AmazonSQSClient ClientFor(string region) => _clients.GetOrAdd(region, name => new Lazy<AmazonSQSClient>(() => NewClient(name))).Value;

    /// <summary>Sends one request; a failure is returned as a value.</summary>
    internal async Task<SqsResponse<T>> TryAsync<T>(string operation, Func<CancellationToken, ValueTask<IReadOnlyList<T>>> send, CancellationToken cancel)
    {
        var ambient = await _engine.FindAmbientCredentialsAsync(cancel);
        if (ambient.Problem is { } problem)
        {
            return Failed<T>(new AwsError(problem.Kind, problem.Code, problem.Message, "sqs", operation));
        }

        _credentials.Current = ambient.Credentials!;
        try
        {
            return new SqsResponse<T>(await _retryKms.ExecuteAsync(send, cancel), null);
        }
        catch (AmazonServiceException e) when (e.ErrorCode is not null)
        {
            var kind = ErrorClassifier.Classify(e.ErrorCode, (int)e.StatusCode, e.Message);
            return Failed<T>(new AwsError(kind, e.ErrorCode, e.Message, "sqs", operation, e.RequestId, (int)e.StatusCode));
        }
        catch (Exception e) when (e is AmazonServiceException or AmazonClientException or HttpRequestException or IOException
            || (e is OperationCanceledException && !cancel.IsCancellationRequested))
        {
            return Failed<T>(new AwsError(AwsErrorKind.Unavailable, "ConnectionFailed", e.GetBaseException().Message, "sqs", operation));
        }
    }

    private static SqsResponse<T> Failed<T>(AwsError error) => new([], error);

    private static bool IsKmsThrottling(AmazonSQSException exception) =>
        exception.ErrorCode?.Contains("KMS", StringComparison.OrdinalIgnoreCase) == true
        && exception.ErrorCode.Contains("Throttl", StringComparison.OrdinalIgnoreCase);

    private AmazonSQSClient NewClient(string region)
    {
        // Set explicitly, because the SDK's defaults differ between clients. A retry is an attempt after the first.
        var config = new AmazonSQSConfig { RetryMode = RequestRetryMode.Standard, MaxErrorRetry = _options.MaxAttempts - 1, Timeout = _timeout };
        if (_options.Endpoint is { } emulator)
        {
            // With a service URL the client sends all requests there, whatever the host of a queue's URL.
            config.ServiceURL = emulator;
            config.AuthenticationRegion = region;
        }
        else
        {
            config.RegionEndpoint = RegionEndpoint.GetBySystemName(region);
        }

        return new AmazonSQSClient(_credentials, config);
    }

    /// <summary>https://sqs.eu-west-1.amazonaws.com/123456789012/name contains its region; the address of an emulator does not.</summary>
    private static string? RegionOf(string url) =>
        Uri.TryCreate(url, UriKind.Absolute, out var uri) && uri.Host.Split('.') is ["sqs" or "sqs-fips", var region, "amazonaws", ..] ? region : null;
}
