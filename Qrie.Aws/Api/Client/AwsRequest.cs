using System.Text.Json;
using Amazon.Runtime;
using Qrie.Aws.Api.Models;
using Qrie.Aws.Api.Protocol;
using Qrie.Aws.Api.Redaction;

namespace Qrie.Aws.Api.Client;

/// <summary>One attempt of a call, as it passes through the SDK's pipeline.</summary>
internal sealed class AwsRequest : AmazonWebServiceRequest
{
    public required ServiceModel Service { get; init; }

    public required Operation Operation { get; init; }

    public required JsonElement Parameters { get; init; }

    public required Uri Endpoint { get; init; }

    /// <summary>True for an emulator, which has one address: no host prefixes, no buckets in host names.</summary>
    public required bool IsEmulator { get; init; }

    public required string SigningRegion { get; init; }

    public required string SigningName { get; init; }

    /// <summary>Null: the request is sent without a signature.</summary>
    public required ImmutableCredentials? Credentials { get; init; }

    /// <summary>Null: nothing is redacted.</summary>
    public required Redactor? Redactor { get; init; }

    /// <summary>Set when the request is sent.</summary>
    public DateTimeOffset SentAt { get; set; }
}

/// <summary>The result of an attempt: content or an error.</summary>
internal sealed class AwsResponse : AmazonWebServiceResponse
{
    public JsonElement Content { get; init; }

    public WireError? Error { get; init; }

    public int Status { get; init; }

    public string? RequestId { get; init; }

    /// <summary>Size of the body.</summary>
    public long Bytes { get; init; }
}

/// <summary>Credentials that were resolved before the pipeline started, so that a failure is a value rather than an exception from the signer.</summary>
internal sealed class FixedCredentials(ImmutableCredentials credentials) : AWSCredentials
{
    public override ImmutableCredentials GetCredentials() => credentials;
}
