using Qrie.Domain.Access;

namespace Qrie.Api.Access;

/// <summary>
/// Callers without a key in mode none. A browser on a trusted machine sends requests of any web page, so a page of another origin must not be treated as a
/// trusted caller, neither for writes nor for reads, unless <c>Cors:Origins</c> contains its origin. <see cref="AllowedHosts"/> protects against names that are
/// made to resolve to this machine.
/// </summary>
internal sealed class AnonymousCallers(AccessSettings settings, AllowedOrigins origins)
{
    private const string FetchSite = "Sec-Fetch-Site"; // https://www.w3.org/TR/fetch-metadata/

    public Role Role => settings.AnonymousRole ?? Role.Admin;

    /// <summary>Why this request is not from a trusted caller; null if it may be.</summary>
    public string? WhyNot(HttpRequest request)
    {
        var own = $"{request.Scheme}://{request.Host.Value}";
        var site = request.Headers[FetchSite];
        var fromOutside = site.Count > 0 && site.ToString() is not ("same-origin" or "none"); // none: from the address bar or a bookmark
        if (request.Headers.Origin is { Count: > 0 } sent)
        {
            // Several values are joined by commas and match nothing; "null" is sent by any sandboxed page.
            var origin = sent.ToString();
            return origins.Trusts(origin) || (!fromOutside && IsOwn(origin, own)) ? null : Refusal(origin, own);
        }

        if (site.Count > 0)
        {
            return fromOutside ? Refusal("another origin", own) : null;
        }

        // Browsers send Sec-Fetch-Site only to https and loopback addresses, and no Origin with simple reads.
        return request.Headers.Referer is not { Count: > 0 } referer || (OriginOf(referer.ToString()) is var page && (IsOwn(page, own) || origins.Trusts(page)))
            ? null
            : Refusal(OriginOf(referer.ToString()), own);
    }

    private static bool IsOwn(string origin, string own) => string.Equals(origin, Normalized(own), StringComparison.OrdinalIgnoreCase);

    /// <summary>Without the default port of the scheme, which browsers omit from origins.</summary>
    private static string Normalized(string own) =>
        Uri.TryCreate(own, UriKind.Absolute, out var uri) && uri.IsDefaultPort ? $"{uri.Scheme}://{uri.Host}" : own;

    private static string OriginOf(string url) => Uri.TryCreate(url, UriKind.Absolute, out var uri) ? uri.GetLeftPart(UriPartial.Authority) : "null";

    private static string Refusal(string origin, string own) =>
        $"A page of {(origin.Length > 200 ? origin[..200] : origin)} may neither read nor change data of {own} without an API key. "
        + "Add its origin to Cors:Origins if it is trusted ('*' trusts no origin); behind a proxy that terminates TLS, set Auth:TrustedProxies.";
}
