using System.Text.Json;

namespace Qrie.Domain.Events;

/// <summary>
/// The envelope of a message that SNS delivers to a queue without raw delivery:
/// https://docs.aws.amazon.com/sns/latest/dg/sns-message-and-json-formats.html
/// </summary>
internal static class SnsEnvelope
{
    /// <summary>The message within; other text is returned unchanged.</summary>
    /// <exception cref="JsonException">It is an envelope, and holds something else than JSON.</exception>
    public static JsonElement Open(JsonElement body)
    {
        if (!IsEnvelope(body, "Notification") || Text(body, "Message") is not { } message)
        {
            return body;
        }

        using var within = JsonDocument.Parse(message);
        return within.RootElement.Clone();
    }

    /// <summary>The topic whose subscription is to be confirmed; null if the message is not such a request.</summary>
    public static string? FindUnconfirmed(JsonElement body) => IsEnvelope(body, "SubscriptionConfirmation") ? Text(body, "TopicArn") : null;

    private static bool IsEnvelope(JsonElement body, string type) =>
        body.ValueKind is JsonValueKind.Object && Text(body, "Type") == type && Text(body, "TopicArn") is not null;

    private static string? Text(JsonElement body, string name) =>
        body.TryGetProperty(name, out var value) && value.ValueKind is JsonValueKind.String ? value.GetString() : null;
}
