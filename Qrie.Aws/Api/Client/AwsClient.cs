using Amazon.Runtime;
using Amazon.Runtime.Internal;
using Amazon.Runtime.Internal.Transform;
using Qrie.Aws.Api.Protocol;

namespace Qrie.Aws.Api.Client;

/// <summary>
/// The SDK's client without a service: it signs, sends and pools connections. Everything that differs between services, regions and accounts is part of the
/// request, so one instance serves all of them. The engine handles retries, errors and responses.
/// </summary>
internal sealed class AwsClient(AwsClientConfig config, TimeProvider clock) : AmazonServiceClient(new AnonymousAWSCredentials(), config)
{
    private static readonly InvokeOptions _options = new() { RequestMarshaller = RequestMarshaller.Instance, ResponseUnmarshaller = new NoUnmarshaller() };

    /// <summary>Sends one attempt. Throws network exceptions and <see cref="InvalidResponseException"/>.</summary>
    public Task<AwsResponse> SendAsync(AwsRequest request, CancellationToken cancel) => InvokeAsync<AwsResponse>(request, _options, cancel);

    protected override void CustomizeRuntimePipeline(RuntimePipeline pipeline)
    {
        // Called by the base constructor, when the fields of primary constructor parameters are already set.
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

    /// <summary>Required by the SDK but not used: <see cref="ResponseHandler"/> has read the response before.</summary>
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
