using Qrie.Aws.Api;
using Qrie.Aws.Events;

namespace Qrie.Api.Cli.Doctor;

/// <summary>Checks the event queue.</summary>
internal sealed class QueueCheck(SqsQueues queues, string? urlOrName)
{
    private const string Check = "queue";

    public async Task<IReadOnlyList<Diagnostic>> RunAsync(CancellationToken cancel)
    {
        if (string.IsNullOrEmpty(urlOrName))
        {
            return [Diagnostic.Skipped(
                Check, "Events are not processed: Events:QueueUrl is not set.",
                "docs/events.md says how to set them up; without them changes are found by the next inventory.")];
        }

        var diagnostics = new List<Diagnostic>();
        if (await OpenAsync(diagnostics, cancel) is not { } queue)
        {
            return diagnostics;
        }

        var attributes = await queue.ReadAttributesAsync(cancel);
        if (attributes.Error is { } error)
        {
            return [Refused(error, urlOrName)];
        }

        var waiting = Number(attributes.Succeeded[0], "ApproximateNumberOfMessages");
        diagnostics.Add(await ReceiveAsync(queue, waiting, cancel));
        diagnostics.Add(await RedriveAsync(queue, attributes.Succeeded[0], cancel));
        return diagnostics;
    }

    private async Task<SqsQueue?> OpenAsync(List<Diagnostic> diagnostics, CancellationToken cancel)
    {
        if (urlOrName!.Contains("://", StringComparison.Ordinal))
        {
            return queues.Open(urlOrName);
        }

        var found = await queues.FindAsync(urlOrName, cancel);
        if (found.Error is { } error)
        {
            diagnostics.Add(Refused(error, urlOrName));
            return null;
        }

        return found.Succeeded[0];
    }

    /// <summary>Receiving a message increases its receive count, and the third time dead-letters it: so only an empty queue is tried.</summary>
    private async Task<Diagnostic> ReceiveAsync(SqsQueue queue, long waiting, CancellationToken cancel)
    {
        if (waiting > 0)
        {
            return Diagnostic.Ok(Check, $"{waiting} messages are waiting; none was received, because that would increase its receive count", urlOrName);
        }

        var received = await queue.ReceiveAsync(TimeSpan.Zero, TimeSpan.Zero, cancel);
        return received.Error is { } error ? Refused(error, urlOrName!) : Diagnostic.Ok(Check, "readable and empty", urlOrName);
    }

    private async Task<Diagnostic> RedriveAsync(SqsQueue queue, IReadOnlyDictionary<string, string> attributes, CancellationToken cancel)
    {
        const string check = "dead-letter queue";
        if (SqsRedrive.Read(attributes) is not { } redrive)
        {
            return Diagnostic.Warning(
                check, "The queue has no redrive policy: failed messages are recorded by Qrie only.",
                "Add a dead-letter queue and a redrive policy with maxReceiveCount 3.", urlOrName);
        }

        var name = redrive.Target.Split(':')[^1];
        var dead = await queue.FindDeadAsync(redrive.Target, cancel);
        var answer = dead is null ? null : await dead.ReadAttributesAsync(cancel);
        return answer switch
        {
            null => Diagnostic.Problem(
                check, $"The redrive policy names {redrive.Target}, which cannot be found.",
                "Create that queue, or fix the redrive policy; allow sqs:GetQueueUrl on it.", name),
            { Error: { } error } => Refused(error, name) with { Check = check },
            _ when Number(answer.Succeeded[0], "ApproximateNumberOfMessages") is > 0 and var count =>
                Diagnostic.Warning(check, $"{count} messages are dead.", "GET /events/dead says why; POST /events/dead/redrive sends them back.", name),
            _ when redrive.MaxReceives < 3 => Diagnostic.Warning(
                check, $"maxReceiveCount is {redrive.MaxReceives}, but Qrie retries up to three times.",
                "Set maxReceiveCount to 3 or more.", name),
            _ => Diagnostic.Ok(check, $"empty; messages move here after {redrive.MaxReceives} receives", name),
        };
    }

    private static Diagnostic Refused(AwsError error, string queue) => Diagnostic.Problem(
        Check, $"sqs:{error.Operation}: {error.Code} {error.Message}",
        error.Kind switch
        {
            AwsErrorKind.Denied => $"Allow sqs:{error.Operation} on the queue to Qrie's credentials.",
            AwsErrorKind.NotFound => "Create the queue, or fix Events:QueueUrl: a name refers to Qrie's own account and region, a URL includes both.",
            AwsErrorKind.NoCredentials => "Give Qrie AWS credentials first.",
            _ => "Check that Events:QueueUrl is correct and that SQS can be reached.",
        },
        queue);

    private static long Number(IReadOnlyDictionary<string, string> attributes, string name) =>
        attributes.TryGetValue(name, out var text) && long.TryParse(text, System.Globalization.CultureInfo.InvariantCulture, out var number) ? number : 0;
}
