using System.Text;
using Qrie.Aws.Sns;
using Qrie.Domain;
using Qrie.Domain.Alerts;
using Qrie.Domain.Validation;

namespace Qrie.Api.Alerts;

/// <summary>
/// Topics of SNS. Only of the organization <c>default</c>: messages are published with Qrie's own credentials, which are not those of a tenant.
/// </summary>
internal sealed class SnsChannel(SnsPublisher publisher) : IAlertChannel
{
    /// <summary>SNS: https://docs.aws.amazon.com/sns/latest/api/API_Publish.html.</summary>
    private const int LongestSubject = 99;

    public AlertTargetKind Kind => AlertTargetKind.Sns;

    public void Check(string organization, AlertTarget target, FieldErrors errors) => errors.Require(
        organization == Organizations.Default, "target",
        "target.kind sns is available in the organization default only, because it uses Qrie's own credentials; use webhook.");

    public async Task<SendResult> SendAsync(AlertRule rule, AlertMessage message, CancellationToken cancel)
    {
        if (rule.Organization != Organizations.Default)
        {
            return new SendResult(SendOutcome.Misconfigured, Detail: "Topics are available in the organization default only.");
        }

        var texts = new SnsTexts(Encoding.UTF8.GetString(message.ToJson()), PlainText.Of(message));
        var error = await publisher.PublishAsync(rule.Target.TopicArn!, Subject(message.Subject), texts, rule.AlertId, message.DeliveryId, cancel);
        return error is null
            ? SendResult.Delivered
            : new SendResult(SendOutcome.Rejected, error.HttpStatus, SafeText.Clean($"{error.Code}: {error.Message}"));
    }

    /// <summary>ASCII, beginning with a letter or digit.</summary>
    private static string Subject(string text)
    {
        var ascii = string.Concat(text.Select(c => c is >= ' ' and <= '~' ? c : '?'));
        return ascii.Length > LongestSubject ? ascii[..LongestSubject] : ascii;
    }
}
