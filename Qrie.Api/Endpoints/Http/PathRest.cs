using Microsoft.AspNetCore.Http.Features;

namespace Qrie.Api.Endpoints.Http;

/// <summary>
/// The end of a path as the client meant it. The server decodes everything but <c>%2F</c>, so that afterwards nobody can tell an encoded slash from the text
/// "%2F"; and it removes dot segments. Here it is decoded once, from what was sent.
/// </summary>
internal static class PathRest
{
    private const string Api = "/api";

    /// <summary>Null: what was sent does not begin like that, though it was routed here.</summary>
    public static string? Behind(string prefix, HttpContext context)
    {
        var target = context.Features.Get<IHttpRequestFeature>()?.RawTarget ?? "";
        if (!target.StartsWith('/') && target.IndexOf("://", StringComparison.Ordinal) is var scheme and > 0)
        {
            target = target.IndexOf('/', scheme + 3) is var path and > 0 ? target[path..] : ""; // as proxies send it
        }

        target = target.Split('?', 2)[0];
        if (target.StartsWith(Api + "/", StringComparison.OrdinalIgnoreCase))
        {
            target = target[Api.Length..];
        }

        return target.StartsWith(prefix, StringComparison.OrdinalIgnoreCase) ? Uri.UnescapeDataString(target[prefix.Length..]) : null;
    }
}
