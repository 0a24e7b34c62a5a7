using Qrie.Api.Endpoints.Http;

namespace Qrie.Api.Access;

/// <summary>Refuses requests whose host name is not allowed, whatever the route, the method and the key.</summary>
internal sealed class HostFilter(RequestDelegate next, AllowedHosts allowed)
{
    private const int LongestName = 253; // RFC 1035

    public Task InvokeAsync(HttpContext context)
    {
        var host = context.Request.Host.Host;
        return allowed.Allows(host, context.Connection.LocalIpAddress) ? next(context) : Problems.WriteAsync(
            context, 403, "Forbidden",
            $"This service does not answer to the name '{(host.Length > LongestName ? host[..LongestName] : host)}'. "
            + "If it is its own, add it to Hosts:Allowed; localhost, 127.0.0.1 and the configured addresses are always served.", null);
    }
}
