using Qrie.Domain.Access;

namespace Qrie.Api.Access;

/// <summary>
/// Callers without a key in mode none. A browser on a trusted machine carries out any web page's requests, so a page of another origin must not pass for
/// somebody who is trusted, neither to write nor to read, unless <c>Cors:Origins</c> names its origin. That the page's own name may have been made to resolve
/// here is what <see cref="AllowedHosts"/> is for.
/// </summary>
internal sealed class AnonymousCallers(AccessSettings settings, AllowedOrigins origins)
{
    private const string FetchSite = "Sec-Fetch-Site"; // https://www.w3.org/TR/fetch-metadata/

    public Role Role => settings.AnonymousRole ?? Role.Admin;

    /// <summary>Why this request is not of a trusted caller; null: it may be.</summary>
    public string? WhyNot(HttpRequest request)
    {
        var own = $"{request.Scheme}://{request.Host.Value}";
        var site = request.Headers[FetchSite];
        var fromOutside = site.Count > 0 && site.ToString() is not ("same-origin" or "none"); // none: typed, or from a bookmark
        if (request.Headers.Origin is { Count: > 0 } sent)
        {
            // Several are joined by commas and match nothing; "null" is any sandboxed page's.
            var origin = sent.ToString();
            return origins.Trusts(origin) || (!fromOutside && IsOwn(origin, own)) ? null : Refusal(origin, own);
        }

        if (site.Count > 0)
        {
            return fromOutside ? Refusal("another origin", own) : null;
        }

        // Browsers tell an address that is neither https nor loopback no Sec-Fetch-Site, and send no Origin with what they call simple reads.
        return request.Headers.Referer is not { Count: > 0 } referer || (OriginOf(referer.ToString()) is var page && (IsOwn(page, own) || origins.Trusts(page)))
            ? null
            : Refusal(OriginOf(referer.ToString()), own);
    }

    private static bool IsOwn(string origin, string own) => string.Equals(origin, Normalized(own), StringComparison.OrdinalIgnoreCase);

    /// <summary>Without the scheme's own port, which browsers leave out of an origin even if the address bar has it.</summary>
    private static string Normalized(string own) =>
        Uri.TryCreate(own, UriKind.Absolute, out var uri) && uri.IsDefaultPort ? $"{uri.Scheme}://{uri.Host}" : own;

    private static string OriginOf(string url) => Uri.TryCreate(url, UriKind.Absolute, out var uri) ? uri.GetLeftPart(UriPartial.Authority) : "null";

    private static string Refusal(string origin, string own) =>
        $"A page of {(origin.Length > 200 ? origin[..200] : origin)} may neither read nor change anything of {own} without an API key. "
        + "Add its origin to Cors:Origins if it is trusted ('*' trusts no origin); behind a proxy that ends TLS, set Auth:TrustedProxies.";
}
