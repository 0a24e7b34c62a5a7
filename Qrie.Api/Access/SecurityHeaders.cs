using Qrie.Api.WebConsole;

namespace Qrie.Api.Access;

/// <summary>What browsers are told of every answer. Answers of the API are data: nothing of them may run, be framed or be kept.</summary>
internal sealed class SecurityHeaders(RequestDelegate next)
{
    private const string Nothing = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

    /// <summary>Of pages. Their styles are partly in the page; scripts never are.</summary>
    private const string Page =
        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self'; connect-src 'self'; "
        + "frame-ancestors 'none'; ";

    private const string Swagger = Page + "base-uri 'none'; form-action 'none'";

    /// <summary>It has a base address, and the form for signing in.</summary>
    private const string Console = Page + "base-uri 'self'; form-action 'self'";

    public Task InvokeAsync(HttpContext context)
    {
        // Now, because the console's branch shortens the path.
        var (isSwagger, isConsole) = (context.Request.Path.StartsWithSegments("/swagger"), context.Request.Path.StartsWithSegments(ConsoleHosting.Path));
        context.Response.OnStarting(() =>
        {
            var headers = context.Response.Headers;
            headers.XContentTypeOptions = "nosniff";
            headers.ContentSecurityPolicy = isConsole ? Console : isSwagger ? Swagger : Nothing;
            headers["Referrer-Policy"] = "no-referrer";
            // The console's files say themselves how long they are valid; its pages must not be kept, either.
            if (!isSwagger && !(isConsole && headers.CacheControl.Count > 0))
            {
                headers.CacheControl = "no-store";
            }

            return Task.CompletedTask;
        });
        return next(context);
    }
}
