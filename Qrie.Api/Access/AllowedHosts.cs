using System.Net;
using Qrie.Api.Hosting;

namespace Qrie.Api.Access;

/// <summary>
/// The host names under which requests are served, in every mode. A page whose own name is made to resolve to this machine (DNS rebinding) is of one origin
/// with the service, so that only the name in its requests tells it from a trusted one.
/// Allowed are loopback names, the hosts of the configured addresses, and what <c>Hosts:Allowed</c> lists. Where every interface is listened on, the address at
/// which the request arrived is allowed, too: no name leads to a request for a bare address.
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

    /// <param name="addresses">The addresses that are listened on.</param>
    /// <exception cref="StartRefusedException"><c>Hosts:Allowed</c> has something that is not the name of a host.</exception>
    public static AllowedHosts Read(IConfiguration configuration, IEnumerable<string> addresses)
    {
        var names = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (var name in (configuration[Key] ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            names.Add(IsName(name) ? Bare(name) : throw new StartRefusedException(
                $"{Key} has '{name}'; it must be a comma list of host names or addresses without scheme and port, such as qrie.example.com. "
                + "There is no wildcard: a name that is not listed may be a stranger's that resolves to this machine."));
        }

        var bound = addresses.Select(BindingAddress.Parse).Where(a => !a.IsUnixPipe).Select(a => Bare(a.Host)).ToList();
        names.UnionWith(bound.Where(IsName));
        return new AllowedHosts(names, bound.Exists(IsAnyInterface));
    }

    /// <param name="host">As the request names it, without the port; empty: it does not.</param>
    /// <param name="arrivedAt">The local address of the connection; null: not known.</param>
    public bool Allows(string host, IPAddress? arrivedAt) => host.Length > 0
        && (Loopback.IsHost(host) || _names.Contains(Bare(host)) || (_anyInterface && IsArrival(host, arrivedAt)));

    private static bool IsArrival(string host, IPAddress? arrivedAt) =>
        arrivedAt is not null && IPAddress.TryParse(Bare(host), out var named) && Plain(named).Equals(Plain(arrivedAt));

    private static IPAddress Plain(IPAddress address) => address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;

    private static string Bare(string host) => host.Trim('[', ']');

    private static bool IsName(string host) => Uri.CheckHostName(Bare(host)) != UriHostNameType.Unknown && !IsAnyInterface(Bare(host));

    /// <summary>What Kestrel binds to every interface: any name but localhost would do so, but is still a name that somebody chose.</summary>
    private static bool IsAnyInterface(string host) =>
        host is "+" or "*" || (IPAddress.TryParse(host, out var ip) && (ip.Equals(IPAddress.Any) || ip.Equals(IPAddress.IPv6Any)));
}
