using Qrie.Api.Hosting;

namespace Qrie.Api.Access;

/// <summary>The origins of <c>Cors:Origins</c>, whose pages may read responses.</summary>
/// <param name="Named">In the format of browsers: scheme, host and, unless it is the default, port. Their pages are trusted without a key.</param>
/// <param name="Any"><c>*</c>: pages of every origin may read responses, but only with a key.</param>
internal sealed record AllowedOrigins(IReadOnlySet<string> Named, bool Any)
{
    private const string Key = "Cors:Origins";

    /// <exception cref="StartRefusedException">The list contains an invalid origin.</exception>
    public static AllowedOrigins Read(IConfiguration configuration)
    {
        var listed = (configuration[Key] ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        return new AllowedOrigins(listed.Where(o => o != "*").Select(Normalized).ToHashSet(StringComparer.Ordinal), listed.Contains("*"));
    }

    /// <summary>Whether a page of this origin has the rights of callers without a key. Never because of <c>*</c>.</summary>
    public bool Trusts(string origin) => Named.Contains(origin);

    private static string Normalized(string origin) =>
        Uri.TryCreate(origin, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https" && uri.Host.Length > 0
            && uri.UserInfo.Length == 0 && uri.PathAndQuery == "/" && uri.Fragment.Length == 0
            ? $"{uri.Scheme}://{Host(uri)}{(uri.IsDefaultPort ? "" : $":{uri.Port}")}"
            : throw new StartRefusedException(
                $"{Key} has '{origin}'; it must list origins such as https://qrie.example.com (scheme, host and port, without a path), or *.");

    private static string Host(Uri uri) => uri.HostNameType == UriHostNameType.Dns ? uri.IdnHost : uri.Host;
}
