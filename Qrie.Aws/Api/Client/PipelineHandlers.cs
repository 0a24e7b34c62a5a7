using Amazon.Runtime;
using Amazon.Runtime.Internal;
using Amazon.Runtime.Internal.Auth;

namespace Qrie.Aws.Api.Client;

/// <summary>Sets the address, signer and identity of the request.</summary>
internal sealed class AddressHandler : PipelineHandler
{
    private static readonly AWS4Signer _signer = new();
    private static readonly NullSigner _noSigner = new();

    public override void InvokeSync(IExecutionContext executionContext) => throw new NotSupportedException("the engine is asynchronous");

    public override Task<T> InvokeAsync<T>(IExecutionContext executionContext)
    {
        var context = executionContext.RequestContext;
        var call = (AwsRequest)context.OriginalRequest;
        var request = context.Request;
        request.Endpoint = call.Endpoint;
        request.AuthenticationRegion = call.SigningRegion;
        request.OverrideSigningServiceName = call.SigningName;
        if (!call.IsEmulator)
        {
            ServiceQuirks.MoveBucketToHost(call.Service, request);
            if (!string.IsNullOrEmpty(request.HostPrefix))
            {
                request.Endpoint = new UriBuilder(request.Endpoint) { Host = request.HostPrefix + request.Endpoint.Host }.Uri;
            }
        }

        context.Signer = call.Credentials is null ? _noSigner : _signer;
        context.Identity = call.Credentials is null ? new AnonymousAWSCredentials() : new FixedCredentials(call.Credentials);
        return base.InvokeAsync<T>(executionContext);
    }
}

/// <summary>Records when the request is sent.</summary>
internal sealed class SendTimeHandler(TimeProvider clock) : PipelineHandler
{
    public override void InvokeSync(IExecutionContext executionContext) => throw new NotSupportedException("the engine is asynchronous");

    public override Task<T> InvokeAsync<T>(IExecutionContext executionContext)
    {
        ((AwsRequest)executionContext.RequestContext.OriginalRequest).SentAt = clock.GetUtcNow();
        return base.InvokeAsync<T>(executionContext);
    }
}
