using System.Net;
using Qrie.Api.Hosting;

namespace Qrie.Api.Access;

/// <summary>
/// The host names that are served, in every mode. A page whose name is made to resolve to this machine (DNS rebinding) has the same origin as the service, so
/// only the host name in its requests distinguishes it from a trusted one.
/// Allowed are loopback names, the hosts of the configured addresses, and the entries of <c>Hosts:Allowed</c>. If the service listens on all interfaces, the
/// address to which the request was sent is allowed too, because DNS rebinding always uses a name.
/// </summary>
internal sealed class AllowedHosts
{
    private const string Key = "Hosts:Allowed";

    private readonly HashSet<string> _names;
    private readonly bool _anyInterface;

    private AllowedHosts(HashSet<string> names, bool anyInterface)
    {
        _names = names;
        _anyInterface = anyInterface;
    }

    /// <param name="addresses">The addresses that the service listens on.</param>
    /// <exception cref="StartRefusedException"><c>Hosts:Allowed</c> contains an invalid host name.</exception>
    public static AllowedHosts Read(IConfiguration configuration, IEnumerable<string> addresses)
    {
        var names = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (var name in (configuration[Key] ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            names.Add(IsName(name) ? Bare(name) : throw new StartRefusedException(
                $"{Key} has '{name}'; it must contain host names or addresses without scheme and port, such as qrie.example.com, separated by commas. "
                + "Wildcards are not supported, because a foreign name may resolve to this machine."));
        }

        var bound = addresses.Select(BindingAddress.Parse).Where(a => !a.IsUnixPipe).Select(a => Bare(a.Host)).ToList();
        names.UnionWith(bound.Where(IsName));
        return new AllowedHosts(names, bound.Exists(IsAnyInterface));
    }

    /// <param name="host">The host name of the request, without the port; empty if it has none.</param>
    /// <param name="arrivedAt">The local address of the connection; null if unknown.</param>
    public bool Allows(string host, IPAddress? arrivedAt) => host.Length > 0
        && (Loopback.IsHost(host) || _names.Contains(Bare(host)) || (_anyInterface && IsArrival(host, arrivedAt)));

    private static bool IsArrival(string host, IPAddress? arrivedAt) =>
        arrivedAt is not null && IPAddress.TryParse(Bare(host), out var named) && Plain(named).Equals(Plain(arrivedAt));

    private static IPAddress Plain(IPAddress address) => address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;

    private static string Bare(string host) => host.Trim('[', ']');

    private static bool IsName(string host) => Uri.CheckHostName(Bare(host)) != UriHostNameType.Unknown && !IsAnyInterface(Bare(host));

    /// <summary>
    /// Wildcards, for which Kestrel listens on all interfaces. It does so for any name except localhost too, but such a name is an allowed host.
    /// </summary>
    private static bool IsAnyInterface(string host) =>
        host is "+" or "*" || (IPAddress.TryParse(host, out var ip) && (ip.Equals(IPAddress.Any) || ip.Equals(IPAddress.IPv6Any)));
}
