using System.Globalization;
using System.Net;
using Qrie.Api.Hosting;
using Qrie.Domain.Access;

namespace Qrie.Api.Access;

internal enum AccessMode
{
    /// <summary>Callers without a key are let in.</summary>
    None,

    /// <summary>Every caller needs a key.</summary>
    ApiKey,
}

/// <summary>Who is let in, and how much they may ask for.</summary>
/// <param name="AnonymousRole">What callers without a key may do in mode none; null: everything, because only this machine reaches it.</param>
/// <param name="FailuresPerMinute">Of one address.</param>
/// <param name="RequestsPerMinute">Of one key, or of one address without a key; 0: any number.</param>
/// <param name="BodyBytes">The most that a request may carry.</param>
/// <param name="WaitingEvaluations">Evaluations and previews that may wait for others, of all callers; of one a quarter.</param>
/// <param name="TrustedProxies">Whose X-Forwarded-For and X-Forwarded-Proto are believed.</param>
internal sealed record AccessSettings(
    AccessMode Mode, Role? AnonymousRole, int FailuresPerMinute, int RequestsPerMinute, long BodyBytes, int WaitingEvaluations,
    IReadOnlyList<IPNetwork> TrustedProxies)
{
    private const int FailuresDefault = 20;
    private const int RequestsDefault = 60_000;
    private const int WaitingDefault = 32;
    private const long BodyDefault = 10 * 1024 * 1024;

    /// <exception cref="StartRefusedException">A setting that cannot be right.</exception>
    public static AccessSettings Read(IConfiguration configuration)
    {
        var mode = configuration["Auth:Mode"] switch
        {
            null or "" or "none" => AccessMode.None,
            "apikey" => AccessMode.ApiKey,
            var other => throw new StartRefusedException($"Auth:Mode is '{other}'; it must be 'none' or 'apikey'."),
        };
        Role? role = configuration["Auth:AnonymousRole"] switch
        {
            null or "" => null,
            "reader" => Role.Reader,
            "operator" => Role.Operator,
            var other => throw new StartRefusedException($"Auth:AnonymousRole is '{other}'; it must be 'reader' or 'operator', or be left out."),
        };
        return mode == AccessMode.ApiKey && role is not null
            ? throw new StartRefusedException(
                "Auth:AnonymousRole is for Auth:Mode 'none'; with 'apikey' nobody is let in without a key. Leave one of them out.")
            : new AccessSettings(
                mode, role, (int)Number(configuration, "Auth:FailuresPerMinute", FailuresDefault, 1, 1_000_000),
                (int)Number(configuration, "Limits:RequestsPerMinute", RequestsDefault, 0, 10_000_000),
                Number(configuration, "Limits:BodyBytes", BodyDefault, 1024, 1L << 30),
                (int)Number(configuration, "Limits:WaitingEvaluations", WaitingDefault, 1, 1000),
                Proxies(configuration["Auth:TrustedProxies"]));
    }

    /// <exception cref="StartRefusedException">Somebody else than this machine could reach it, and nothing says that they may.</exception>
    public void CheckAddresses(IEnumerable<string> addresses)
    {
        if (Mode == AccessMode.None && AnonymousRole is null && addresses.FirstOrDefault(a => !Loopback.IsBinding(a)) is { } open)
        {
            throw new StartRefusedException(
                $"Qrie would listen on {open}, which other machines can reach, and everybody could do everything. "
                + "Ask for keys (Auth:Mode=apikey, and make the first with qrie keys create --role admin), "
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
            : throw new StartRefusedException($"Auth:TrustedProxies has '{text}'; it must be a comma list of addresses or networks such as 10.0.0.0/8.")),
    ];
}
