using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Qrie.Domain.Alerts;
using Qrie.Domain.Validation;

namespace Qrie.Api.Alerts;

/// <summary>Signed requests: the signature covers the time and the body, so that receivers can refuse old and altered ones (docs/alerts.md).</summary>
internal sealed class WebhookChannel(TargetClient client, TimeProvider clock) : IAlertChannel
{
    public const string SignatureHeader = "Qrie-Signature";
    public const string DeliveryHeader = "Qrie-Delivery";

    public AlertTargetKind Kind => AlertTargetKind.Webhook;

    public void Check(string organization, AlertTarget target, FieldErrors errors) => TargetChecks.Url(client, target, errors);

    public Task<SendResult> SendAsync(AlertRule rule, AlertMessage message, CancellationToken cancel)
    {
        var body = message.ToJson();
        return client.PostAsync(
            rule.Target.Url!, body,
            headers =>
            {
                headers.Add(DeliveryHeader, message.DeliveryId);
                headers.Add(SignatureHeader, Sign(rule.Target.Secret!, clock.GetUtcNow(), body));
            },
            cancel);
    }

    /// <summary><c>t=1764460800,v1=hex</c>: HMAC-SHA256 over <c>1764460800.body</c>.</summary>
    internal static string Sign(string secret, DateTimeOffset at, byte[] body)
    {
        var time = at.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        byte[] signed = [.. Encoding.ASCII.GetBytes(time + "."), .. body];
        return $"t={time},v1={Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), signed))}";
    }
}

internal static class TargetChecks
{
    public static void Url(TargetClient client, AlertTarget target, FieldErrors errors)
    {
        var url = new Uri(target.Url!);
        errors.Require(client.MaySend(url), "target", "target.url must be an https address; http is for hosts in Alerts:AllowPrivateTargets.");
        errors.Require(client.MayReach(url), "target", "target.url must be public, or in Alerts:AllowPrivateTargets.");
    }
}
