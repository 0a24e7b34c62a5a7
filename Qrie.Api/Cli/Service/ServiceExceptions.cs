using System.Text.Json;

namespace Qrie.Api.Cli.Service;

/// <summary>Nobody answers at the address, or it is no Qrie.</summary>
internal sealed class ServiceUnreachableException(string message, Exception inner) : Exception(message, inner);

/// <summary>The service said no; the message is its own.</summary>
/// <param name="status">Of HTTP.</param>
/// <param name="details">One line per field that is wrong, the request id, what helps.</param>
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
            details.Add(hadKey ? "This API key may not do that; use one with the role that it needs." : "Give an API key with --api-key or in QRIE_API_KEY.");
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
