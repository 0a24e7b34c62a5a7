using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Diagnostics;
using Qrie.Api.Hosting;
using Qrie.Domain.Validation;

namespace Qrie.Api.Endpoints.Http;

/// <summary>
/// The error body: RFC 9457 problem details with <c>message</c> and <c>error</c>, which older clients read, the messages per field and the request id.
/// </summary>
internal sealed record Problem
{
    public required string Type { get; init; }

    public required string Title { get; init; }

    public required int Status { get; init; }

    public required string Detail { get; init; }

    public string Message => Detail;

    public string Error => Detail;

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyDictionary<string, string[]>? Errors { get; init; }

    /// <summary>The positions of errors in an expression or document of the caller.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<ErrorLocation>? Places { get; init; }

    public string? RequestId { get; init; }
}

/// <summary>Converts exceptions to problem details.</summary>
internal sealed partial class Problems(ILogger<Problems> logger) : IExceptionHandler
{
    public async ValueTask<bool> TryHandleAsync(HttpContext context, Exception exception, CancellationToken cancellationToken)
    {
        var (status, title, detail, errors) = exception switch
        {
            InvalidInputException e => (400, "Bad request", e.Message, e.Errors.ByField),
            BadHttpRequestException { StatusCode: 413 } => (413, "Content too large", "The body is too large; see the limits of the route.", null),
            BadHttpRequestException e => (e.StatusCode, "Bad request", e.Message, null),
            NotFoundException e => (404, "Not found", e.Message, null),
            ConflictException e => (409, "Conflict", e.Message, null),
            StoreUnavailableException e => (503, "Store unavailable", e.Message, null),
            OperationCanceledException when context.RequestAborted.IsCancellationRequested => (499, "Client closed request", "The client went away.", null),
            _ => (500, "Internal server error", "Internal server error", (IReadOnlyDictionary<string, string[]>?)null),
        };
        if (status >= 500)
        {
            Log.RequestFailed(logger, exception, context.Request.Method, context.Request.Path);
        }

        await WriteAsync(context, status, title, detail, errors, (exception as InvalidInputException)?.Errors.Places);
        return true;
    }

    /// <summary>Responses without a body: no such route, no such method.</summary>
    public static Task WriteStatusAsync(StatusCodeContext status)
    {
        var (context, code) = (status.HttpContext, status.HttpContext.Response.StatusCode);
        return code is 404 or 405
            ? WriteAsync(context, 404, "Not found", $"Endpoint not found: {context.Request.Method} {context.Request.Path}", null)
            : WriteAsync(context, code, "Error", $"HTTP {code}", null);
    }

    public static Task WriteAsync(
        HttpContext context, int status, string title, string detail, IReadOnlyDictionary<string, string[]>? errors,
            IReadOnlyList<ErrorLocation>? places = null)
    {
        context.Response.StatusCode = status;
        var problem = new Problem
        {
            Type = $"https://www.rfc-editor.org/rfc/rfc9110#section-15.{(status < 500 ? 5 : 6)}",
            Title = title,
            Status = status,
            Detail = detail,
            Errors = errors,
            Places = places is { Count: > 0 } ? places : null,
            RequestId = RequestIds.Of(context),
        };
        return context.Response.WriteAsJsonAsync(problem, ApiJson.Options, "application/problem+json", CancellationToken.None);
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "{Method} {Path} failed")]
        public static partial void RequestFailed(ILogger logger, Exception exception, string method, string path);
    }
}
