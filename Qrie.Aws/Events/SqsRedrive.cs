using System.Globalization;
using System.Text.Json;

namespace Qrie.Aws.Events;

/// <summary>A queue's redrive policy: when messages are moved to the dead-letter queue.</summary>
/// <param name="Target">The ARN of the dead-letter queue.</param>
/// <param name="MaxReceives">The maximum number of receives.</param>
public sealed record SqsRedrive(string Target, int MaxReceives)
{
    /// <summary>From a queue's attributes; null if it has none, or it cannot be parsed.</summary>
    public static SqsRedrive? Read(IReadOnlyDictionary<string, string> attributes)
    {
        if (!attributes.TryGetValue("RedrivePolicy", out var policy))
        {
            return null;
        }

        try
        {
            // A JSON text; the count comes as a number or as text.
            using var document = JsonDocument.Parse(policy);
            var root = document.RootElement;
            return root.TryGetProperty("deadLetterTargetArn", out var target) && root.TryGetProperty("maxReceiveCount", out var count)
                && int.TryParse(count.ToString(), CultureInfo.InvariantCulture, out var receives)
                    ? new SqsRedrive(target.GetString()!, receives)
                    : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
