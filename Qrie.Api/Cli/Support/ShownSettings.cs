using System.Data.Common;
using System.Text.RegularExpressions;
using Qrie.Aws.Api.Redaction;

namespace Qrie.Api.Cli.Support;

/// <summary>
/// The configuration without secrets. Only the values of settings that are known to be none are shown; of others in Qrie's sections is said that they are set,
/// and the rest of the environment is left out.
/// </summary>
internal static partial class ShownSettings
{
    public const string Hidden = "(set)";

    private const int LeastSecret = 4;

    private static readonly string[] _sections =
    [
        "Alerts", "Archive", "Auth", "Aws", "Catalog", "Cors", "Demo", "Discovery", "Drift", "Events", "Exceptions", "Exports", "Hosts", "Kestrel", "Limits",
        "Logging", "Retention", "Scans", "Schedules", "Security", "Serilog", "Store", "Telemetry", "Triage",
    ];

    /// <summary>Settings with their sections, or sections whose settings have no texts of their own.</summary>
    private static readonly string[] _shown =
    [
        "Alerts:AllowPrivateTargets", "Alerts:ConsoleUrl", "Alerts:KeepDeliveries", "Alerts:Smtp:Host", "Alerts:Smtp:Port", "Alerts:Smtp:Security",
        "Archive:Bucket", "Archive:Every", "Archive:Prefix", "Archive:Region", "Auth:AnonymousRole", "Auth:FailuresPerMinute", "Auth:Mode",
        "Auth:Oidc:Algorithms", "Auth:Oidc:Audience", "Auth:Oidc:Authority", "Auth:Oidc:ClientId", "Auth:Oidc:GroupsClaim", "Auth:Oidc:Issuer",
        "Auth:Oidc:NameClaim", "Auth:Oidc:Scopes", "Auth:Oidc:Session", "Auth:TrustedProxies", "Aws:Endpoint", "Aws:RecordTo", "Aws:Region", "Aws:Regions",
        "Aws:RetryDelay", "Aws:RoleName", "Catalog:Path", "Cors:Origins", "Demo:EventsEvery", "Discovery:Enabled", "Discovery:NewAccounts",
        "Discovery:RoleArn", "Drift:", "Events:", "Exceptions:", "Exports:", "Hosts:Allowed", "Limits:", "Logging:Format", "Retention:", "Scans:",
        "Schedules:", "Serilog:MinimumLevel", "Store:Kind", "Store:Path", "Telemetry:", "Triage:",
    ];

    private static readonly string[] _environment = ["ASPNETCORE_URLS", "URLS", "AWS_REGION", "AWS_DEFAULT_REGION", "AWS_ENDPOINT_URL", "DOTNET_GCgen0size"];

    /// <summary>What of a connection string says where the database is and how it is reached.</summary>
    private static readonly string[] _connection = ["Host", "Port", "Database", "SSL Mode", "Target Session Attributes", "Maximum Pool Size", "Options"];

    /// <summary>By name.</summary>
    public static SortedDictionary<string, string> Of(IConfiguration configuration)
    {
        var shown = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (key, value) in Settings(configuration))
        {
            shown[key] = key.Equals("Store:ConnectionString", StringComparison.OrdinalIgnoreCase) ? Reduce(value)
                : IsShown(key) && !SecretNames.IsSecret(key) ? WithoutCredentials(value)
                : Hidden;
        }

        return shown;
    }

    /// <summary>Values that must not occur anywhere, longest first: those that are not shown, and secrets of the environment.</summary>
    public static IReadOnlyList<string> SecretsOf(IConfiguration configuration)
    {
        var shown = Of(configuration);
        return
        [
            .. configuration.AsEnumerable().Where(s => s.Value is not null && (shown.GetValueOrDefault(s.Key) == Hidden || SecretNames.IsSecret(s.Key)))
                .Select(s => s.Value!)
                .Concat(Passwords(configuration["Store:ConnectionString"]))
                .Where(v => v.Length >= LeastSecret && !bool.TryParse(v, out _))
                .Distinct(StringComparer.Ordinal).OrderByDescending(v => v.Length),
        ];
    }

    private static IEnumerable<(string Key, string Value)> Settings(IConfiguration configuration) =>
        from setting in configuration.AsEnumerable()
        where setting.Value is { Length: > 0 }
        let section = setting.Key.Split(':')[0]
        where (setting.Key.Contains(':', StringComparison.Ordinal) && _sections.Contains(section, StringComparer.OrdinalIgnoreCase))
            || _environment.Contains(setting.Key, StringComparer.OrdinalIgnoreCase)
        select (setting.Key, setting.Value);

    private static bool IsShown(string key) =>
        _environment.Contains(key, StringComparer.OrdinalIgnoreCase) || _shown.Any(known =>
            key.Equals(known, StringComparison.OrdinalIgnoreCase)
            || (key.StartsWith(known, StringComparison.OrdinalIgnoreCase) && (known.EndsWith(':') || key[known.Length] == ':')));

    private static string WithoutCredentials(string value)
    {
        var text = Credentials().Replace(value, "$1(hidden)@");
        return SecretPatterns.Strike(Query().Replace(text, "$1?(hidden)"));
    }

    private static string Reduce(string connection)
    {
        if (Parse(connection) is not { } parts)
        {
            return $"{Hidden}, but it is not a connection string";
        }

        return string.Join(
            ';', from string key in parts.Keys select $"{key}={(_connection.Contains(key, StringComparer.OrdinalIgnoreCase) ? parts[key] : Hidden)}");
    }

    private static IEnumerable<string> Passwords(string? connection) => connection is null ? []
        : Parse(connection) is not { } parts ? [connection]
        : from string key in parts.Keys where !_connection.Contains(key, StringComparer.OrdinalIgnoreCase) select parts[key].ToString() ?? "";

    private static DbConnectionStringBuilder? Parse(string connection)
    {
        try
        {
            return new DbConnectionStringBuilder { ConnectionString = connection };
        }
        catch (ArgumentException)
        {
            return null;
        }
    }

    [GeneratedRegex(@"(://)[^/@\s]+@", RegexOptions.CultureInvariant)]
    private static partial Regex Credentials();

    [GeneratedRegex(@"(https?://[^?\s]*)\?\S+", RegexOptions.CultureInvariant)]
    private static partial Regex Query();
}
