using Microsoft.AspNetCore.Cors.Infrastructure;
using Microsoft.Extensions.Options;
using Qrie.Domain.Access;

namespace Qrie.Api.Access;

/// <summary>
/// Callers without a key in mode none. A browser on a trusted machine takes any web page's requests to it, so that a page of a stranger must not pass for
/// somebody who is trusted: neither by writing from another origin nor by a name of its own that leads here.
/// </summary>
internal sealed class AnonymousCallers(AccessSettings settings, IOptions<CorsOptions> cors)
{
    public Role Role => settings.AnonymousRole ?? Role.Admin;

    /// <summary>Why this request is none of a trusted caller; null: it may be.</summary>
    public string? WhyNot(HttpRequest request)
    {
        if (settings.AnonymousRole is null && request.Host.HasValue && !Loopback.IsHost(request.Host.Host))
        {
            return $"Without keys only this machine is served, by the names localhost and 127.0.0.1, not '{request.Host.Host}'. Use those, "
                + "send an API key, or set Auth:Mode to apikey.";
        }

        var origin = request.Headers.Origin.ToString();
        return origin.Length == 0 || HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method) || IsOwn(origin, request.Host) || IsAllowed(origin)
            ? null
            : $"A page of {origin} may not change anything here without an API key. Add the origin to Cors:Origins if it is trusted.";
    }

    private static bool IsOwn(string origin, HostString host) =>
        Uri.TryCreate(origin, UriKind.Absolute, out var page) && string.Equals(page.Authority, host.Value, StringComparison.OrdinalIgnoreCase);

    private bool IsAllowed(string origin) =>
        cors.Value.GetPolicy(cors.Value.DefaultPolicyName) is { } policy && (policy.AllowAnyOrigin || policy.IsOriginAllowed(origin));
}
