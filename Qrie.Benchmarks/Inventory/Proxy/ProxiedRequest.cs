using System.Text;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Qrie.Benchmarks.Inventory.Proxy;

/// <summary>A request to AWS.</summary>
/// <param name="Method">GET, POST…</param>
/// <param name="Target">Path and query as they were sent.</param>
/// <param name="AccessKey">The key that signed it; empty without a signature.</param>
/// <param name="Scope">Region and service of the signature.</param>
/// <param name="Body">Its body; may be empty.</param>
/// <param name="Headers">Those that are not about the connection.</param>
internal sealed partial record ProxiedRequest(
    string Method, string Target, string AccessKey, string Scope, byte[] Body, IReadOnlyList<(string Name, string Value)> Headers)
{
    private static readonly HashSet<string> OfTheConnection = new(StringComparer.OrdinalIgnoreCase)
    {
        "Host", "Connection", "Content-Length", "Transfer-Encoding", "Expect",
    };

    public static async Task<ProxiedRequest> ReadAsync(HttpContext context)
    {
        var request = context.Request;
        using var body = new MemoryStream();
        await request.Body.CopyToAsync(body, context.RequestAborted);
        var signed = Credential().Match(request.Headers.Authorization.ToString());
        return new ProxiedRequest(
            request.Method, context.Features.Get<IHttpRequestFeature>()!.RawTarget, signed.Groups["key"].Value, signed.Groups["scope"].Value, body.ToArray(),
            [.. request.Headers.Where(h => !OfTheConnection.Contains(h.Key)).Select(h => (h.Key, h.Value.ToString()))]);
    }

    /// <summary>What distinguishes its answer from others.</summary>
    public string Key => $"{Method} {Target} {Scope} {Find("X-Amz-Target")} {Find("x-amz-account-id")}\n{Encoding.Latin1.GetString(Body)}";

    private string? Find(string name) => Headers.FirstOrDefault(h => h.Name.Equals(name, StringComparison.OrdinalIgnoreCase)).Value;

    [GeneratedRegex("Credential=(?<key>[^/]+)/[0-9]+/(?<scope>[^/]+/[^/]+)/")]
    private static partial Regex Credential();
}
