using System.Net;

namespace Qrie.Api.Access;

/// <summary>What only this machine itself can reach.</summary>
internal static class Loopback
{
    /// <summary>Of an address to listen on. "http://+:80", "http://*:80" and names that are not localhost are anybody's.</summary>
    public static bool IsBinding(string address)
    {
        var parsed = BindingAddress.Parse(address);
        return parsed.IsUnixPipe || IsHost(parsed.Host);
    }

    /// <summary>Of a name or address without a port. Addresses as browsers write them: not 127.1, and not as one number.</summary>
    public static bool IsHost(string host) =>
        string.Equals(host, "localhost", StringComparison.OrdinalIgnoreCase)
        || (host.Trim('[', ']') is var bare && IPAddress.TryParse(bare, out var ip) && IPAddress.IsLoopback(ip)
            && string.Equals(ip.ToString(), bare, StringComparison.OrdinalIgnoreCase));
}
