using Qrie.Api.WebConsole;

namespace Qrie.Api.Access;

/// <summary>Security headers of responses. Responses of the API are data that must not be executed, framed or cached.</summary>
internal sealed class SecurityHeaders(RequestDelegate next)
{
    private const string Nothing = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

    /// <summary>The HTML pages. They have inline styles, but no inline scripts.</summary>
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
            headers.ContentSecurityPolicy = isConsole ? Console
                : isSwagger ? Swagger
                : context.GetEndpoint()?.Metadata.GetMetadata<StyledPage>() is { } styled && context.Response.StatusCode == StatusCodes.Status200OK
                    ? $"{Nothing}; style-src 'sha256-{styled.StyleHash}'"
                : Nothing;
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

/// <summary>An endpoint that answers with a page of one style and no scripts.</summary>
/// <param name="StyleHash">The SHA-256 of the style, in Base64.</param>
internal sealed record StyledPage(string StyleHash);
