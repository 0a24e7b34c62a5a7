using Microsoft.AspNetCore.Http.Features;

namespace Qrie.Api.Endpoints.Http;

/// <summary>
/// The end of a path as sent by the client. The server decodes everything but <c>%2F</c>, so that an encoded slash and the text "%2F" are indistinguishable,
/// and removes dot segments. Here the original path is decoded once.
/// </summary>
internal static class PathRest
{
    private const string Api = "/api";

    /// <summary>Null if the original path does not start with the prefix, although it was routed here.</summary>
    public static string? Behind(string prefix, HttpContext context)
    {
        var target = context.Features.Get<IHttpRequestFeature>()?.RawTarget ?? "";
        if (!target.StartsWith('/') && target.IndexOf("://", StringComparison.Ordinal) is var scheme and > 0)
        {
            target = target.IndexOf('/', scheme + 3) is var path and > 0 ? target[path..] : ""; // as sent by proxies
        }

        target = target.Split('?', 2)[0];
        if (target.StartsWith(Api + "/", StringComparison.OrdinalIgnoreCase))
        {
            target = target[Api.Length..];
        }

        return target.StartsWith(prefix, StringComparison.OrdinalIgnoreCase) ? Uri.UnescapeDataString(target[prefix.Length..]) : null;
    }
}
