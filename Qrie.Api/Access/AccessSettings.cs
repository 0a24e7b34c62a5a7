using System.Globalization;
using System.Net;
using Qrie.Api.Hosting;
using Qrie.Domain.Access;

namespace Qrie.Api.Access;

internal enum AccessMode
{
    /// <summary>Callers without a key have access.</summary>
    None,

    /// <summary>Every caller needs a key.</summary>
    ApiKey,

    /// <summary>Every caller needs a token or a session of the identity provider, or a key.</summary>
    Oidc,
}

/// <summary>Authentication and limits.</summary>
/// <param name="AnonymousRole">The role of callers without a key in mode none; null for all rights, if only this machine can reach the service.</param>
/// <param name="FailuresPerMinute">The limit of refused keys per address.</param>
/// <param name="RequestsPerMinute">The limit per key, or per address without a key; 0 for no limit.</param>
/// <param name="BodyBytes">The maximum size of a request body.</param>
/// <param name="WaitingEvaluations">The maximum number of queued evaluations and previews of all callers; a quarter of it per caller.</param>
/// <param name="TrustedProxies">Proxies whose X-Forwarded-For and X-Forwarded-Proto are trusted.</param>
internal sealed record AccessSettings(
    AccessMode Mode, Role? AnonymousRole, int FailuresPerMinute, int RequestsPerMinute, long BodyBytes, int WaitingEvaluations,
    IReadOnlyList<IPNetwork> TrustedProxies)
{
    private const int FailuresDefault = 20;
    private const int RequestsDefault = 60_000;
    private const int WaitingDefault = 32;
    private const long BodyDefault = 10 * 1024 * 1024;

    /// <exception cref="StartRefusedException">A setting is invalid.</exception>
    public static AccessSettings Read(IConfiguration configuration)
    {
        var mode = configuration["Auth:Mode"] switch
        {
            null or "" or "none" => AccessMode.None,
            "apikey" => AccessMode.ApiKey,
            "oidc" => AccessMode.Oidc,
            var other => throw new StartRefusedException($"Auth:Mode is '{other}'; it must be 'none', 'apikey' or 'oidc'."),
        };
        Role? role = configuration["Auth:AnonymousRole"] switch
        {
            null or "" => null,
            "reader" => Role.Reader,
            "operator" => Role.Operator,
            var other => throw new StartRefusedException($"Auth:AnonymousRole is '{other}'; it must be 'reader' or 'operator', or be left out."),
        };
        return mode != AccessMode.None && role is not null
            ? throw new StartRefusedException(
                "Auth:AnonymousRole is for Auth:Mode 'none'; with 'apikey' and 'oidc' every caller needs a key or a token. Remove one of them.")
            : new AccessSettings(
                mode, role, (int)Number(configuration, "Auth:FailuresPerMinute", FailuresDefault, 1, 1_000_000),
                (int)Number(configuration, "Limits:RequestsPerMinute", RequestsDefault, 0, 10_000_000),
                Number(configuration, "Limits:BodyBytes", BodyDefault, 1024, 1L << 30),
                (int)Number(configuration, "Limits:WaitingEvaluations", WaitingDefault, 1, 1000),
                Proxies(configuration["Auth:TrustedProxies"]));
    }

    /// <exception cref="StartRefusedException">Other machines could reach the service, and no setting allows that.</exception>
    public void CheckAddresses(IEnumerable<string> addresses)
    {
        if (Mode == AccessMode.None && AnonymousRole is null && addresses.FirstOrDefault(a => !Loopback.IsBinding(a)) is { } open)
        {
            throw new StartRefusedException(
                $"Qrie would listen on {open}, which other machines can reach, and every caller would have all rights. "
                + "Require keys or an identity provider (Auth:Mode=apikey or oidc; for the former create the first with qrie keys create --role admin), "
                + "or listen on loopback (ASPNETCORE_URLS=http://localhost:5080), "
                + "or set Auth:AnonymousRole to 'reader' or 'operator' if the network is trusted.");
        }
    }

    private static long Number(IConfiguration configuration, string key, long standard, long min, long max) =>
        configuration[key] is not { Length: > 0 } text ? standard
        : long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= min && number <= max ? number
        : throw new StartRefusedException($"{key} is '{text}'; it must be a whole number from {min} to {max}.");

    private static List<IPNetwork> Proxies(string? list) =>
    [
        .. (list ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(text =>
            IPNetwork.TryParse(text, out var network) ? network
            : IPAddress.TryParse(text, out var address) ? new IPNetwork(address, address.GetAddressBytes().Length * 8)
            : throw new StartRefusedException($"Auth:TrustedProxies has '{text}'; it must list addresses or networks such as 10.0.0.0/8.")),
    ];
}
