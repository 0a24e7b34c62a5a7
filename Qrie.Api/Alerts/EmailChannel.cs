using System.Net.Sockets;
using MailKit;
using MailKit.Net.Smtp;
using MailKit.Security;
using MimeKit;
using MimeKit.Text;
using Qrie.Domain.Alerts;
using Qrie.Domain.Validation;

namespace Qrie.Api.Alerts;

/// <summary>E-mail by the configured server. The delivery id is part of the message id, so that repeated attempts can be recognized.</summary>
internal sealed class EmailChannel(AlertSettings settings, TimeProvider clock) : IAlertChannel
{
    private const int TimeLimitMs = 20_000;

    public AlertTargetKind Kind => AlertTargetKind.Email;

    public void Check(string organization, AlertTarget target, FieldErrors errors) => errors.Require(
        settings.Smtp is not null, "target", "target.kind email needs a mail server: set Alerts:Smtp:Host and Alerts:Smtp:From, and restart Qrie.");

    public async Task<SendResult> SendAsync(AlertRule rule, AlertMessage message, CancellationToken cancel)
    {
        if (settings.Smtp is not { } smtp)
        {
            return new SendResult(SendOutcome.Misconfigured, Detail: "Alerts:Smtp:Host is not set.");
        }

        using var mail = MailOf(rule, message, smtp);
        using var client = new SmtpClient { Timeout = TimeLimitMs, LocalDomain = smtp.From.Domain };
        try
        {
            await client.ConnectAsync(smtp.Host, smtp.Port, smtp.Security, cancel);
            if (smtp.User is not null)
            {
                await client.AuthenticateAsync(smtp.User, smtp.Password ?? "", cancel);
            }

            await client.SendAsync(mail, cancel);
        }
        catch (SmtpCommandException e)
        {
            return new SendResult(SendOutcome.Rejected, (int)e.StatusCode, SafeText.Clean(e.Message));
        }
        catch (Exception e) when (e is AuthenticationException or SslHandshakeException or NotSupportedException)
        {
            return new SendResult(SendOutcome.Misconfigured, Detail: "The mail server does not accept the credentials or its TLS is not trusted.");
        }
        catch (Exception e) when (e is SocketException or IOException or ProtocolException or ServiceNotConnectedException or TimeoutException)
        {
            return SendResult.Unreachable;
        }

        await CloseAsync(client, cancel);
        return SendResult.Delivered;
    }

    private MimeMessage MailOf(AlertRule rule, AlertMessage message, SmtpSettings smtp)
    {
        var mail = new MimeMessage
        {
            Subject = message.Subject,
            Date = clock.GetUtcNow(),
            MessageId = $"{message.DeliveryId}@{smtp.From.Domain}",
            Body = new TextPart(TextFormat.Plain) { Text = PlainText.Of(message) },
        };
        mail.From.Add(smtp.From);
        mail.To.AddRange(rule.Target.Recipients.Select(r => new MailboxAddress(null, r)));
        mail.Headers.Add("Auto-Submitted", "auto-generated");
        mail.Headers.Add(WebhookChannel.DeliveryHeader, message.DeliveryId);
        return mail;
    }

    /// <summary>The server has accepted the message: a failure to say goodbye must not repeat it.</summary>
    private static async Task CloseAsync(SmtpClient client, CancellationToken cancel)
    {
        try
        {
            await client.DisconnectAsync(quit: true, cancel);
        }
        catch (Exception e) when (e is SocketException or IOException or ProtocolException or OperationCanceledException or SmtpCommandException)
        {
            // It closes the connection by itself.
        }
    }
}
