using Qrie.Api.Endpoints.Http;

namespace Qrie.Api.Access;

/// <summary>Refuses requests with a host name that is not allowed, for every route, method and key.</summary>
internal sealed class HostFilter(RequestDelegate next, AllowedHosts allowed)
{
    private const int LongestName = 253; // RFC 1035

    public Task InvokeAsync(HttpContext context)
    {
        var host = context.Request.Host.Host;
        return allowed.Allows(host, context.Connection.LocalIpAddress) ? next(context) : Problems.WriteAsync(
            context, 403, "Forbidden",
            $"This service does not serve the host name '{(host.Length > LongestName ? host[..LongestName] : host)}'. "
            + "If the name is correct, add it to Hosts:Allowed; localhost, 127.0.0.1 and the configured addresses are always served.", null);
    }
}
