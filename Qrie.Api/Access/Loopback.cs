using System.Net;

namespace Qrie.Api.Access;

/// <summary>Addresses that only this machine can reach.</summary>
internal static class Loopback
{
    /// <summary>For an address to listen on. "http://+:80", "http://*:80" and names other than localhost are not loopback.</summary>
    public static bool IsBinding(string address)
    {
        var parsed = BindingAddress.Parse(address);
        return parsed.IsUnixPipe || IsHost(parsed.Host);
    }

    /// <summary>For a name or address without a port, in the notation of browsers: not 127.1, and not a single number.</summary>
    public static bool IsHost(string host) =>
        string.Equals(host, "localhost", StringComparison.OrdinalIgnoreCase)
        || (host.Trim('[', ']') is var bare && IPAddress.TryParse(bare, out var ip) && IPAddress.IsLoopback(ip)
            && string.Equals(ip.ToString(), bare, StringComparison.OrdinalIgnoreCase));
}
