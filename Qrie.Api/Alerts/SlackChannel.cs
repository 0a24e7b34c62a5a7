using System.Text.Json;
using Qrie.Domain.Alerts;
using Qrie.Domain.Validation;

namespace Qrie.Api.Alerts;

/// <summary>
/// Incoming webhooks of Slack. The text is escaped (https://docs.slack.dev/messaging/formatting-message-text), so names cannot make links or mentions.
/// </summary>
internal sealed class SlackChannel(TargetClient client) : IAlertChannel
{
    public AlertTargetKind Kind => AlertTargetKind.Slack;

    public void Check(string organization, AlertTarget target, FieldErrors errors) => TargetChecks.Url(client, target, errors);

    public Task<SendResult> SendAsync(AlertRule rule, AlertMessage message, CancellationToken cancel) =>
        client.PostAsync(
            rule.Target.Url!, JsonSerializer.SerializeToUtf8Bytes(new Dictionary<string, object> { ["text"] = Text(rule, message), ["unfurl_links"] = false }),
            _ => { }, cancel);

    private static string Text(AlertRule rule, AlertMessage message)
    {
        var lines = new List<string> { $"*Qrie {Escape(rule.Name)}*: {Escape(message.Summary)}" };
        lines.AddRange(message.Lines.Select(line => $"• {Escape(line.Text)}{(line.Url is null ? "" : $" <{Escape(line.Url)}|open>")}"));
        if (message.Omitted > 0)
        {
            lines.Add($"… and {message.Omitted} more{(message.Url is null ? "" : $": <{Escape(message.Url)}|all findings>")}");
        }

        return string.Join('\n', lines);
    }

    /// <summary>Besides the characters that Slack reserves, those that mark bold, italic, struck and code text are separated from their words.</summary>
    private static string Escape(string text)
    {
        var escaped = text.Replace("&", "&amp;", StringComparison.Ordinal).Replace("<", "&lt;", StringComparison.Ordinal)
            .Replace(">", "&gt;", StringComparison.Ordinal);
        return escaped.Replace("*", "\u200B*\u200B", StringComparison.Ordinal).Replace("`", "\u02CB", StringComparison.Ordinal)
            .Replace("~", "\u200B~\u200B", StringComparison.Ordinal);
    }
}
