using System.Security.Cryptography;
using Microsoft.AspNetCore.DataProtection;

namespace Qrie.Api.WebConsole;

/// <summary>
/// The API key of a signed-in user, encrypted in a cookie of the console's pages. Scripts cannot read it, the API ignores it, and only the process that wrote
/// it can decrypt it: after a restart users sign in again.
/// </summary>
internal sealed class ConsoleCookie(IDataProtectionProvider protection)
{
    public const string Name = "qrie-console";

    private readonly IDataProtector _protector = protection.CreateProtector("Qrie.Console.Key");

    /// <summary>Null: there is none, or not of this process.</summary>
    public string? Read(HttpRequest request)
    {
        try
        {
            return request.Cookies[Name] is { Length: > 0 } cookie ? _protector.Unprotect(cookie) : null;
        }
        catch (CryptographicException)
        {
            return null;
        }
    }

    public void Write(HttpContext context, string key) => context.Response.Cookies.Append(Name, _protector.Protect(key), Options(context));

    public static void Remove(HttpContext context) => context.Response.Cookies.Delete(Name, Options(context));

    private static CookieOptions Options(HttpContext context) => new()
    {
        HttpOnly = true,
        IsEssential = true,
        Path = ConsoleHosting.Path,
        // Lax: a link in a ticket or a chat leads to the page, and not to the sign-in.
        SameSite = SameSiteMode.Lax,
        Secure = context.Request.IsHttps,
    };
}
