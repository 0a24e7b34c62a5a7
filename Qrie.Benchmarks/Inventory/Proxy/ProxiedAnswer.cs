using Microsoft.AspNetCore.Http;

namespace Qrie.Benchmarks.Inventory.Proxy;

/// <summary>An answer of AWS.</summary>
internal sealed record ProxiedAnswer(int Status, IReadOnlyList<(string Name, string Value)> Headers, byte[] Body)
{
    public async Task WriteAsync(HttpResponse response)
    {
        response.StatusCode = Status;
        foreach (var (name, value) in Headers)
        {
            response.Headers[name] = value;
        }

        if (!HttpMethods.IsHead(response.HttpContext.Request.Method))
        {
            response.ContentLength = Body.Length;
            await response.Body.WriteAsync(Body, response.HttpContext.RequestAborted);
        }
    }
}
