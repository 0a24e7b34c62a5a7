using Qrie.Domain.Alerts;

namespace Qrie.Api.Alerts;

/// <summary>A message as plain text, for e-mail.</summary>
internal static class PlainText
{
    public static string Of(AlertMessage message)
    {
        var lines = new List<string> { message.Summary, "" };
        foreach (var line in message.Lines)
        {
            lines.Add($"- {line.Text}");
            if (line.Url is { } url)
            {
                lines.Add($"  {url}");
            }
        }

        if (message.Omitted > 0)
        {
            lines.Add($"… and {message.Omitted} more{(message.Url is null ? "" : $": {message.Url}")}");
        }

        lines.AddRange(["", $"Message {message.DeliveryId}"]);
        return string.Join("\r\n", lines) + "\r\n";
    }
}
