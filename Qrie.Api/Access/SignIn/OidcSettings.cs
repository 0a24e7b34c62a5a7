using System.Globalization;
using Microsoft.IdentityModel.Tokens;
using Qrie.Api.Endpoints.Http;
using Qrie.Api.Hosting;
using Qrie.Domain;
using Qrie.Domain.Access;

namespace Qrie.Api.Access.SignIn;

/// <summary>The identity provider of <c>Auth:Mode=oidc</c>.</summary>
/// <param name="Authority">Its address, below which the discovery document is.</param>
/// <param name="Issuer">The exact <c>iss</c> of its tokens.</param>
/// <param name="Audience">The <c>aud</c> of access tokens for the API; null: the API accepts keys only.</param>
/// <param name="ClientId">The client of the console; null: one signs in to the console with keys only.</param>
/// <param name="ClientSecret">Null for a public client.</param>
/// <param name="Scopes">What the console asks for.</param>
/// <param name="GroupsClaim">The claim with the caller's groups.</param>
/// <param name="NameClaim">The claim with the name that lists and the audit log show.</param>
/// <param name="Algorithms">The algorithms of signatures; asymmetric ones only.</param>
/// <param name="Session">How long one stays signed in to the console.</param>
/// <param name="Grants">In the order of the configuration.</param>
internal sealed record OidcSettings(
    Uri Authority, string Issuer, string? Audience, string? ClientId, string? ClientSecret, IReadOnlyList<string> Scopes, string GroupsClaim,
    string NameClaim, IReadOnlyList<string> Algorithms, TimeSpan Session, IReadOnlyList<Grant> Grants)
{
    private const string Section = "Auth:Oidc";
    private const int AccountIdLength = 12;

    private static readonly string[] s_asymmetric =
    [
        SecurityAlgorithms.RsaSha256, SecurityAlgorithms.RsaSha384, SecurityAlgorithms.RsaSha512,
        SecurityAlgorithms.RsaSsaPssSha256, SecurityAlgorithms.RsaSsaPssSha384, SecurityAlgorithms.RsaSsaPssSha512,
        SecurityAlgorithms.EcdsaSha256, SecurityAlgorithms.EcdsaSha384, SecurityAlgorithms.EcdsaSha512,
    ];

    /// <exception cref="StartRefusedException">A setting is invalid.</exception>
    public static OidcSettings Read(IConfiguration configuration)
    {
        var section = configuration.GetSection(Section);
        string? Text(string key) => section[key] is { Length: > 0 } text ? text : null;
        var address = Text("Authority") ?? throw Refuse("Authority", "is missing; with Auth:Mode=oidc it is the address of the identity provider");
        var authority = Uri.TryCreate(address, UriKind.Absolute, out var uri) && (uri.Scheme == "https" || (uri.Scheme == "http" && uri.IsLoopback))
            ? uri
            : throw Refuse("Authority", $"is '{address}'; it must be an https address (http on loopback only)");
        var (audience, client) = (Text("Audience"), Text("ClientId"));
        return audience is null && client is null
            ? throw Refuse("Audience", "and Auth:Oidc:ClientId are missing; set the first for tokens of the API, the second for the console, or both")
            : new OidcSettings(
                authority, Text("Issuer") ?? address, audience, client, Text("ClientSecret"), ReadScopes(Text("Scopes")), Text("GroupsClaim") ?? "groups",
                Text("NameClaim") ?? "preferred_username", ReadAlgorithms(Text("Algorithms")), ReadSession(Text("Session")),
                [.. section.GetSection("Grants").GetChildren().Select(ReadGrant)]);
    }

    private static List<string> ReadScopes(string? text) =>
        text is null ? ["openid", "profile"] : [.. text.Split(' ', StringSplitOptions.RemoveEmptyEntries).Append("openid").Distinct()];

    private static List<string> ReadAlgorithms(string? text)
    {
        if (text is null)
        {
            return [SecurityAlgorithms.RsaSha256, SecurityAlgorithms.RsaSsaPssSha256, SecurityAlgorithms.EcdsaSha256];
        }

        List<string> named = [.. text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)];
        return named.Count > 0 && named.TrueForAll(s_asymmetric.Contains)
            ? named
            : throw Refuse("Algorithms", $"is '{text}'; it must list some of {string.Join(", ", s_asymmetric)}, separated by commas");
    }

    private static TimeSpan ReadSession(string? text) =>
        text is null ? TimeSpan.FromHours(8)
        : TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out var time) && time >= TimeSpan.FromMinutes(1) && time <= TimeSpan.FromDays(30) ? time
        : throw Refuse("Session", $"is '{text}'; it must be a time from 00:01:00 to 30.00:00:00 (days.hours:minutes:seconds)");

    private static Grant ReadGrant(IConfigurationSection grant)
    {
        var key = $"Grants:{grant.Key}";
        var group = grant["Group"] is { Length: > 0 } named ? named : throw Refuse($"{key}:Group", "is missing; it is a value of the groups claim");
        var role = ApiEnumNames.ToRole(grant["Role"])
            ?? throw Refuse($"{key}:Role", $"is '{grant["Role"]}'; it must be one of {string.Join(", ", Enum.GetValues<Role>().Select(ApiEnumNames.Of))}");
        var accounts = (grant["Accounts"] ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        if (accounts.FirstOrDefault(a => a.Length != AccountIdLength || !a.All(char.IsAsciiDigit)) is { } wrong)
        {
            throw Refuse($"{key}:Accounts", $"has '{wrong}'; it must list account ids of 12 digits, separated by commas");
        }

        return accounts.Length > 0 && role != Role.Reader
            ? throw Refuse($"{key}:Accounts", "is for the role reader only: other roles act on the whole organization")
            : grant["Accounts"] is not null && accounts.Length == 0
                ? throw Refuse($"{key}:Accounts", "is empty; leave it out for all accounts of the organization")
                : new Grant(
                    group, grant["Organization"] is { Length: > 0 } organization ? organization : Organizations.Default, role,
                    accounts.Length == 0 ? null : accounts);
    }

    private static StartRefusedException Refuse(string key, string why) => new($"{Section}:{key} {why}.");
}
