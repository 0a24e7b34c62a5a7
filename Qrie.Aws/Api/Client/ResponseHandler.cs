using Amazon.Runtime;
using Amazon.Runtime.Internal;
using Amazon.Runtime.Internal.Transform;
using Qrie.Aws.Api.Protocol;

namespace Qrie.Aws.Api.Client;

/// <summary>Reads the body without blocking a thread (the SDK's own handler would) and turns refusals into values.</summary>
internal sealed class ResponseHandler : PipelineHandler
{
    public override void InvokeSync(IExecutionContext executionContext) => throw new NotSupportedException("the engine is asynchronous");

    public override async Task<T> InvokeAsync<T>(IExecutionContext executionContext)
    {
        IWebResponseData httpResponse;
        try
        {
            await base.InvokeAsync<T>(executionContext);
            httpResponse = executionContext.ResponseContext.HttpResponse;
        }
        catch (HttpErrorResponseException refusal)
        {
            httpResponse = refusal.Response;
        }

        var context = executionContext.RequestContext;
        var response = await ReadAsync((AwsRequest)context.OriginalRequest, httpResponse, context.CancellationToken);
        executionContext.ResponseContext.Response = response;
        return (T)(AmazonWebServiceResponse)response;
    }

    private static async Task<AwsResponse> ReadAsync(AwsRequest call, IWebResponseData httpResponse, CancellationToken cancel)
    {
        using var content = httpResponse.ResponseBody;
        using var body = new PooledBuffer(httpResponse.ContentLength is > 0 and < 64 << 20 ? (int)httpResponse.ContentLength + 1 : 16 << 10);
        await using (var stream = await content.OpenResponseAsync())
        {
            await body.FillAsync(stream, cancel);
        }

        var headers = new ResponseHeaders(httpResponse);
        var status = (int)httpResponse.StatusCode;
        var isError = status >= 300;
        return new AwsResponse
        {
            Error = isError ? ErrorReader.Read(call.Service, body.Segment, status, headers) : null,
            Content = isError
                ? default
                : ResponseReader.Read(call.Service, call.Operation, body.Segment, status, headers, call.Redactor),
            Status = status,
            RequestId = ErrorReader.RequestIdOf(headers),
            HttpStatusCode = httpResponse.StatusCode,
            Bytes = body.Length,
        };
    }

    private sealed class ResponseHeaders(IWebResponseData httpResponse) : IResponseHeaders
    {
        public IEnumerable<string> Names => httpResponse.GetHeaderNames();

        public string? Find(string name) => httpResponse.IsHeaderPresent(name) ? httpResponse.GetHeaderValue(name) : null;
    }
}
