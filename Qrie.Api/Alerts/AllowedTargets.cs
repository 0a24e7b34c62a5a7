using System.Net;
using Qrie.Api.Hosting;

namespace Qrie.Api.Alerts;

/// <summary>Hosts and networks that targets may be in although they are not public (<c>Alerts:AllowPrivateTargets</c>).</summary>
internal sealed class AllowedTargets
{
    private readonly HashSet<string> _hosts = new(StringComparer.OrdinalIgnoreCase);
    private readonly List<IPNetwork> _networks = [];

    public bool Has(string host) => _hosts.Contains(host);

    public bool Has(IPAddress address) => _networks.Exists(n => n.Contains(PublicAddresses.Plain(address)));

    /// <summary>Whether a target may be reached without TLS: its host is named, or is an address in an allowed network.</summary>
    public bool Names(Uri url) => Has(url.IdnHost) || (IPAddress.TryParse(url.IdnHost, out var address) && Has(address));

    /// <param name="text">Host names, addresses and networks, separated by commas.</param>
    /// <exception cref="StartRefusedException">An entry is invalid.</exception>
    public static AllowedTargets Parse(string? text)
    {
        var allowed = new AllowedTargets();
        foreach (var entry in (text ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            if (IPNetwork.TryParse(entry, out var network))
            {
                allowed._networks.Add(network);
            }
            else if (IPAddress.TryParse(entry, out var address))
            {
                allowed._networks.Add(new IPNetwork(address, address.GetAddressBytes().Length * 8));
            }
            else if (Uri.CheckHostName(entry) == UriHostNameType.Dns)
            {
                allowed._hosts.Add(entry);
            }
            else
            {
                throw new StartRefusedException(
                    $"Alerts:AllowPrivateTargets has '{entry}'; an entry must be a host name, an address or a network, 10.1.0.0/16.");
            }
        }

        return allowed;
    }
}
