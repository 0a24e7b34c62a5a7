using System.Net;
using Qrie.Api.Endpoints.Http;

namespace Qrie.Api.Hosting;

/// <summary>
/// Until callers can prove who they are: on loopback everybody has all rights; beyond it the start is refused unless
/// <c>Auth:AnonymousRole</c> says what strangers may do.
/// </summary>
internal sealed class AnonymousAccess(string? role)
{
    public const string Reader = "reader";
    public const string Operator = "operator";

    public static AnonymousAccess From(IConfiguration configuration)
    {
        var role = configuration["Auth:AnonymousRole"];
        if (role is not (null or "" or Reader or Operator))
        {
            throw new StartRefusedException($"Auth:AnonymousRole is '{role}'; it must be '{Reader}' or '{Operator}', or be left out.");
        }

        if (configuration["Auth:Mode"] is { Length: > 0 } mode and not "none")
        {
            throw new StartRefusedException($"Auth:Mode is '{mode}'; this version knows only 'none'.");
        }

        return new AnonymousAccess(string.IsNullOrEmpty(role) ? null : role);
    }

    /// <exception cref="StartRefusedException">Somebody else than this machine could reach it, and nothing says that they may.</exception>
    public void CheckAddresses(IEnumerable<string> addresses)
    {
        if (role is null && addresses.FirstOrDefault(a => !IsLoopback(a)) is { } open)
        {
            throw new StartRefusedException(
                $"Qrie would listen on {open}, which other machines can reach, and it has no access control yet. Listen on loopback "
                + $"(ASPNETCORE_URLS=http://localhost:5080), or set Auth:AnonymousRole to '{Reader}' or '{Operator}' if the network is trusted.");
        }
    }

    /// <summary>What a caller without a name may do.</summary>
    public bool Allows(HttpRequest request) => role switch
    {
        null => true,
        _ when HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method) || HttpMethods.IsOptions(request.Method) => true,
        Operator => request.Path.StartsWithSegments("/scans") || request.Path.StartsWithSegments("/policies"),
        _ => false,
    };

    public async Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        if (Allows(context.Request))
        {
            await next(context);
        }
        else
        {
            await Problems.WriteAsync(
                context, 403, "Forbidden",
                $"Anonymous callers have the role '{role}' (Auth:AnonymousRole), which may not {context.Request.Method} {context.Request.Path}.", null);
        }
    }

    private static bool IsLoopback(string address)
    {
        // "http://+:80", "http://*:80" and names that are not localhost are anybody's.
        var parsed = BindingAddress.Parse(address);
        return parsed.IsUnixPipe
            || string.Equals(parsed.Host, "localhost", StringComparison.OrdinalIgnoreCase)
            || (IPAddress.TryParse(parsed.Host.Trim('[', ']'), out var ip) && IPAddress.IsLoopback(ip));
    }
}

/// <summary>The process must not start like this; the message says how it may.</summary>
internal sealed class StartRefusedException(string message) : Exception(message);
