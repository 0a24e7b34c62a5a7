using System.Text.RegularExpressions;

namespace Qrie.Api.Hosting;

/// <summary>Every request has an id: the caller's if it is well-formed, otherwise a new one. It is on every response and log line.</summary>
internal sealed partial class RequestIds(RequestDelegate next, ILogger<RequestIds> logger)
{
    public const string Header = "x-request-id";

    public static string Of(HttpContext context) => (string?)context.Items[Header] ?? "unknown";

    public async Task InvokeAsync(HttpContext context)
    {
        var sent = context.Request.Headers[Header].ToString();
        var id = WellFormed().IsMatch(sent) ? sent : Guid.NewGuid().ToString();
        context.Items[Header] = id;
        // Set when the response starts, because the exception handler clears headers set before.
        context.Response.OnStarting(() =>
        {
            context.Response.Headers[Header] = id;
            return Task.CompletedTask;
        });
        using var scope = logger.BeginScope(new Dictionary<string, object> { ["RequestId"] = id });
        await next(context);
    }

    [GeneratedRegex("^[A-Za-z0-9._:-]{8,128}$")]
    private static partial Regex WellFormed();
}
