using System.Text.Json;

namespace Qrie.Domain.Events;

/// <summary>
/// What SNS puts around a message that it delivers to a queue, unless the subscription asks for raw delivery:
/// https://docs.aws.amazon.com/sns/latest/dg/sns-message-and-json-formats.html
/// </summary>
internal static class SnsEnvelope
{
    /// <summary>The message within; what is no envelope as it is.</summary>
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

    /// <summary>The topic that waits for its subscription to be confirmed; null: the message is no such request.</summary>
    public static string? FindUnconfirmed(JsonElement body) => IsEnvelope(body, "SubscriptionConfirmation") ? Text(body, "TopicArn") : null;

    private static bool IsEnvelope(JsonElement body, string type) =>
        body.ValueKind is JsonValueKind.Object && Text(body, "Type") == type && Text(body, "TopicArn") is not null;

    private static string? Text(JsonElement body, string name) =>
        body.TryGetProperty(name, out var value) && value.ValueKind is JsonValueKind.String ? value.GetString() : null;
}
