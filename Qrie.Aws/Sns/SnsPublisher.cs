using System.Text.Json;
using Qrie.Aws.Api;
using Qrie.Aws.Api.Models;

namespace Qrie.Aws.Sns;

/// <summary>
/// Publishes to topics of SNS with Qrie's own credentials. Catalogs and people cannot make this call, because its model is not among theirs.
/// </summary>
public sealed class SnsPublisher : IDisposable
{
    private const string Service = "sns";

    private readonly Lazy<AwsEngine> _engine;

    internal SnsPublisher(AwsEngine engine) => _engine = new Lazy<AwsEngine>(() => engine.With(
        ModelCatalog.Open([.. ModelCatalog.ShippedFolders(null), Path.Combine(AppContext.BaseDirectory, Service)])));

    /// <summary>Publishes a message to a topic, in the region of its ARN. Returns the error; null if it was accepted.</summary>
    /// <param name="group">Orders the messages of FIFO topics; not used for others.</param>
    /// <param name="deduplicationId">FIFO topics accept it once in five minutes; not used for others.</param>
    public async Task<AwsError?> PublishAsync(
        string topicArn, string subject, SnsTexts texts, string group, string deduplicationId, CancellationToken cancel)
    {
        var parameters = new Dictionary<string, string>
        {
            ["TopicArn"] = topicArn,
            ["Subject"] = subject,
            ["MessageStructure"] = "json",
            ["Message"] = JsonSerializer.Serialize(new Dictionary<string, string> { ["default"] = texts.Json, ["email"] = texts.Text, ["sms"] = subject }),
        };
        if (topicArn.EndsWith(".fifo", StringComparison.Ordinal))
        {
            parameters["MessageGroupId"] = group;
            parameters["MessageDeduplicationId"] = deduplicationId;
        }

        var call = new AwsCall(AwsPrincipal.Ambient, topicArn.Split(':')[3], Service, "Publish", JsonSerializer.SerializeToElement(parameters));
        return (await _engine.Value.SendAsync(call, redactor: null, cancel)).Error;
    }

    public void Dispose()
    {
        if (_engine.IsValueCreated)
        {
            _engine.Value.Dispose();
        }
    }
}

/// <summary>The texts of a message by protocol.</summary>
/// <param name="Json">For queues, functions and HTTP.</param>
/// <param name="Text">For e-mail.</param>
public sealed record SnsTexts(string Json, string Text);
