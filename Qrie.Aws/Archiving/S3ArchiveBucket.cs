using System.Net;
using System.Runtime.CompilerServices;
using Amazon;
using Amazon.Runtime;
using Amazon.S3;
using Amazon.S3.Model;
using Qrie.Aws.Api;
using Qrie.Domain.Archiving;

namespace Qrie.Aws.Archiving;

/// <summary>The bucket of archives, with Qrie's own credentials.</summary>
public sealed class S3ArchiveBucket : IArchiveBucket, IDisposable
{
    private static readonly TimeSpan _timeout = TimeSpan.FromSeconds(60);

    private readonly AwsEngine _engine;
    private readonly string? _bucket;
    private readonly string _prefix;
    private readonly CurrentCredentials _credentials = new();
    private readonly Lazy<AmazonS3Client> _client;

    internal S3ArchiveBucket(AwsEngine engine, AwsApiOptions aws, ArchiveOptions options, AwsRegion region)
    {
        _engine = engine;
        _bucket = string.IsNullOrEmpty(options.Bucket) ? null : options.Bucket;
        _prefix = string.IsNullOrEmpty(options.Prefix) ? "" : options.Prefix.TrimEnd('/') + "/";
        _client = new Lazy<AmazonS3Client>(() => NewClient(aws, string.IsNullOrEmpty(options.Region) ? region.Name : options.Region));
    }

    public string? Location => _bucket is null ? null : $"s3://{_bucket}/{_prefix}";

    public async Task PutAsync(string key, ReadOnlyMemory<byte> content, ReadOnlyMemory<byte> sha256, CancellationToken cancel)
    {
        using var stream = new MemoryStream(content.ToArray(), writable: false);
        var request = new PutObjectRequest
        {
            BucketName = _bucket,
            Key = _prefix + key,
            InputStream = stream,
            AutoCloseStream = false,
            UseChunkEncoding = false,
            ContentType = key.EndsWith(".json", StringComparison.Ordinal) ? "application/json" : "application/gzip",
            ChecksumSHA256 = Convert.ToBase64String(sha256.Span), // S3 refuses an object that was altered on its way
        };
        await TryAsync("written", key, client => client.PutObjectAsync(request, cancel), cancel);
    }

    public async Task<byte[]?> FindAsync(string key, long maxBytes, CancellationToken cancel) => await TryAsync(
        "read", key,
        async client =>
        {
            try
            {
                using var response = await client.GetObjectAsync(_bucket, _prefix + key, cancel);
                return await ReadAsync(response, key, maxBytes, cancel);
            }
            catch (AmazonS3Exception e) when (e is { StatusCode: HttpStatusCode.NotFound, ErrorCode: "NoSuchKey" })
            {
                return null;
            }
        },
        cancel);

    public async IAsyncEnumerable<string> ListAsync(string key, [EnumeratorCancellation] CancellationToken cancel)
    {
        var request = new ListObjectsV2Request { BucketName = _bucket, Prefix = _prefix + key, Delimiter = "/" };
        ListObjectsV2Response page;
        do
        {
            page = await TryAsync("listed", key, client => client.ListObjectsV2Async(request, cancel), cancel);
            foreach (var prefix in page.CommonPrefixes ?? [])
            {
                yield return prefix[request.Prefix.Length..].TrimEnd('/');
            }

            request.ContinuationToken = page.NextContinuationToken;
        }
        while (page.IsTruncated == true);
    }

    public void Dispose()
    {
        if (_client.IsValueCreated)
        {
            _client.Value.Dispose();
        }
    }

    private async Task<byte[]> ReadAsync(GetObjectResponse response, string key, long maxBytes, CancellationToken cancel)
    {
        if (response.ContentLength > maxBytes)
        {
            throw new ArchiveException($"{Location}{key} has {response.ContentLength} bytes, more than any object of an archive.");
        }

        using var content = new MemoryStream((int)response.ContentLength);
        await response.ResponseStream.CopyToAsync(content, cancel);
        return content.ToArray();
    }

    private async Task<T> TryAsync<T>(string done, string key, Func<AmazonS3Client, Task<T>> work, CancellationToken cancel)
    {
        if (_bucket is null)
        {
            throw new ArchiveException("There is no bucket for archives: set Archive:Bucket.");
        }

        var ambient = await _engine.FindAmbientCredentialsAsync(cancel);
        if (ambient.Problem is { } problem)
        {
            throw new ArchiveException($"{Location}{key} cannot be {done}: {problem.Message}");
        }

        _credentials.Current = ambient.Credentials!;
        try
        {
            return await work(_client.Value);
        }
        catch (AmazonServiceException e)
        {
            throw new ArchiveException(
                $"{Location}{key} cannot be {done}: {e.ErrorCode ?? e.StatusCode.ToString()}: {e.Message} "
                + "Check the bucket, Archive:Region, and the permissions of Qrie's credentials.",
                e);
        }
        catch (Exception e) when (e is AmazonClientException or HttpRequestException or IOException
            || (e is OperationCanceledException && !cancel.IsCancellationRequested))
        {
            throw new ArchiveException($"{Location}{key} cannot be {done}: {e.GetBaseException().Message}", e);
        }
    }

    private AmazonS3Client NewClient(AwsApiOptions aws, string region)
    {
        var config = new AmazonS3Config { RetryMode = RequestRetryMode.Standard, MaxErrorRetry = aws.MaxAttempts - 1, Timeout = _timeout };
        if (aws.Endpoint is { } emulator)
        {
            config.ServiceURL = emulator;
            config.AuthenticationRegion = region;
            config.ForcePathStyle = true;
        }
        else
        {
            config.RegionEndpoint = RegionEndpoint.GetBySystemName(region);
        }

        return new AmazonS3Client(_credentials, config);
    }
}
