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
        IWebResponseData answer;
        try
        {
            await base.InvokeAsync<T>(executionContext);
            answer = executionContext.ResponseContext.HttpResponse;
        }
        catch (HttpErrorResponseException refusal)
        {
            answer = refusal.Response;
        }

        var context = executionContext.RequestContext;
        var response = await ReadAsync((AwsRequest)context.OriginalRequest, answer, context.CancellationToken);
        executionContext.ResponseContext.Response = response;
        return (T)(AmazonWebServiceResponse)response;
    }

    private static async Task<AwsResponse> ReadAsync(AwsRequest call, IWebResponseData answer, CancellationToken cancel)
    {
        using var content = answer.ResponseBody;
        using var body = new PooledBuffer(answer.ContentLength is > 0 and < 64 << 20 ? (int)answer.ContentLength + 1 : 16 << 10);
        await using (var stream = await content.OpenResponseAsync())
        {
            await body.FillAsync(stream, cancel);
        }

        var headers = new ResponseHeaders(answer);
        var status = (int)answer.StatusCode;
        var isError = status >= 300;
        return new AwsResponse
        {
            Error = isError ? ErrorReader.Read(call.Service, body.Segment, status, headers) : null,
            Content = isError
                ? default
                : ResponseReader.Read(call.Service, call.Operation, body.Segment, status, headers, call.Redactor),
            Status = status,
            RequestId = ErrorReader.RequestIdOf(headers),
            HttpStatusCode = answer.StatusCode,
            Bytes = body.Length,
        };
    }

    private sealed class ResponseHeaders(IWebResponseData answer) : IResponseHeaders
    {
        public IEnumerable<string> Names => answer.GetHeaderNames();

        public string? Find(string name) => answer.IsHeaderPresent(name) ? answer.GetHeaderValue(name) : null;
    }
}
