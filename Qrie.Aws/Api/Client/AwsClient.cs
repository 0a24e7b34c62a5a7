using Amazon.Runtime;
using Amazon.Runtime.Internal;
using Amazon.Runtime.Internal.Transform;
using Qrie.Aws.Api.Protocol;

namespace Qrie.Aws.Api.Client;

/// <summary>
/// The SDK's client without a service: it signs, sends and keeps connections. What differs between services, regions and accounts travels in the request, so
/// one instance serves them all. Retries, errors and answers are the engine's.
/// </summary>
internal sealed class AwsClient(AwsClientConfig config, TimeProvider clock) : AmazonServiceClient(new AnonymousAWSCredentials(), config)
{
    private static readonly InvokeOptions _options = new() { RequestMarshaller = RequestMarshaller.Instance, ResponseUnmarshaller = new NoUnmarshaller() };

    /// <summary>Sends one attempt. Throws what the network throws, and <see cref="InvalidResponseException"/>.</summary>
    public Task<AwsResponse> SendAsync(AwsRequest request, CancellationToken cancel) => InvokeAsync<AwsResponse>(request, _options, cancel);

    protected override void CustomizeRuntimePipeline(RuntimePipeline pipeline)
    {
        // Called by the base constructor: fields of primary constructor parameters are set by then.
        pipeline.RemoveHandler<EndpointResolver>();
        pipeline.RemoveHandler<EndpointDiscoveryHandler>();
        pipeline.RemoveHandler<CompressionHandler>();
        pipeline.RemoveHandler<ChecksumHandler>();
        pipeline.RemoveHandler<RetryHandler>();
        pipeline.RemoveHandler<ErrorHandler>();
        pipeline.AddHandlerAfter<Marshaller>(new AddressHandler());
        pipeline.AddHandlerAfter<Signer>(new SendTimeHandler(clock));
        pipeline.ReplaceHandler<Unmarshaller>(new ResponseHandler());
    }

    /// <summary>The SDK wants one; <see cref="ResponseHandler"/> has done the work before it could be asked.</summary>
    private sealed class NoUnmarshaller : ResponseUnmarshaller
    {
        public override AmazonWebServiceResponse Unmarshall(UnmarshallerContext context) => throw new NotSupportedException();

        protected override UnmarshallerContext ConstructUnmarshallerContext(
            Stream responseStream, bool maintainResponseBody, IWebResponseData response, bool isException) => throw new NotSupportedException();

        protected override UnmarshallerContext ConstructUnmarshallerContext(
            Stream responseStream, bool maintainResponseBody, IWebResponseData response, bool isException, IRequestContext requestContext) =>
            throw new NotSupportedException();
    }
}
