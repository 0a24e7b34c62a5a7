using System.Text.Json;

namespace Qrie.Api.Cli.Service;

/// <summary>There is no response at the address, or it is not Qrie's.</summary>
internal sealed class ServiceUnreachableException(string message, Exception inner) : Exception(message, inner);

/// <summary>The service refused; the message is its own.</summary>
/// <param name="status">The HTTP status.</param>
/// <param name="details">One line per invalid field, the request id, the remedy.</param>
internal sealed class ServiceRefusedException(int status, string message, IReadOnlyList<string> details) : Exception(message)
{
    public int Status { get; } = status;

    public IReadOnlyList<string> Details { get; } = details;

    public static ServiceRefusedException Of(ServiceResponse answer, bool hadKey)
    {
        var body = answer.Body.ValueKind == JsonValueKind.Object ? answer.Body : default;
        var message = Text(body, "message") ?? Text(body, "error") ?? $"HTTP {answer.Status}";
        var details = new List<string>();
        if (body.ValueKind == JsonValueKind.Object && body.TryGetProperty("errors", out var errors) && errors.ValueKind == JsonValueKind.Object)
        {
            details.AddRange(
                from field in errors.EnumerateObject()
                from text in field.Value.EnumerateArray()
                let line = $"{field.Name}: {text.GetString()}"
                where !message.Equals(text.GetString(), StringComparison.Ordinal)
                select line);
        }

        if (answer.Status is 401 or 403)
        {
            details.Add(hadKey ? "This API key lacks the role; use one that has it." : "Provide an API key with --api-key or in QRIE_API_KEY.");
        }

        if (Text(body, "request_id") is { } request)
        {
            details.Add($"Request id: {request}");
        }

        return new ServiceRefusedException(answer.Status, message, details);
    }

    private static string? Text(JsonElement body, string name) =>
        body.ValueKind == JsonValueKind.Object && body.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String
            ? value.GetString()
            : null;
}
