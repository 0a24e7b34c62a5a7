using System.Net;
using System.Net.Http.Headers;

namespace Qrie.Tests.Aws;

/// <summary>Replaces the network: records requests and returns given responses.</summary>
internal sealed class CapturingNetwork : HttpMessageHandler
{
    public SentRequest? Last { get; private set; }

    public Func<HttpResponseMessage> Answer { get; set; } = () => new HttpResponseMessage(HttpStatusCode.OK);

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var body = request.Content is null ? [] : await request.Content.ReadAsByteArrayAsync(cancellationToken);
        var headers = request.Headers.NonValidated.Concat(request.Content?.Headers.NonValidated ?? default)
            .ToDictionary(h => h.Key, h => string.Join(",", (IEnumerable<string>)h.Value), StringComparer.OrdinalIgnoreCase);
        Last = new SentRequest(request.Method.Method, request.RequestUri!, headers, body);
        return Answer();
    }

    /// <summary>A response; unknown headers are kept.</summary>
    public static HttpResponseMessage Response(int status, byte[] body, IEnumerable<KeyValuePair<string, string>> headers)
    {
        var response = new HttpResponseMessage((HttpStatusCode)status) { Content = new ByteArrayContent(body) };
        foreach (var (name, value) in headers)
        {
            if (!response.Headers.TryAddWithoutValidation(name, value))
            {
                response.Content.Headers.Remove(name);
                response.Content.Headers.TryAddWithoutValidation(name, value);
            }
        }

        response.Content.Headers.ContentType ??= new MediaTypeHeaderValue("application/octet-stream");
        return response;
    }
}

/// <summary>A recorded request.</summary>
internal sealed record SentRequest(string Method, Uri Url, IReadOnlyDictionary<string, string> Headers, byte[] Body);
