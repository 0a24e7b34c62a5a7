using System.Net;
using Amazon.DynamoDBv2.Model;
using Amazon.Runtime;

namespace Qrie.Dynamo.Client;

/// <summary>What an exception of the client means.</summary>
internal static class Failures
{
    private const string ConditionFailed = "ConditionalCheckFailed";
    private const string Conflict = "TransactionConflict";

    private static readonly HashSet<string> s_transient = [Conflict, "ThrottlingError", "ProvisionedThroughputExceeded"];

    private static readonly HashSet<string> s_throttled =
        ["ThrottlingException", "ProvisionedThroughputExceededException", "RequestLimitExceeded", "Throttling", "SlowDown"];

    /// <param name="cancelled">The caller asked to stop; otherwise a cancellation is a timeout.</param>
    public static FailureKind Of(Exception exception, bool cancelled) => exception switch
    {
        ConditionalCheckFailedException => FailureKind.Refused,
        TransactionCanceledException cancel when Has(cancel, ConditionFailed) => FailureKind.Refused,
        TransactionCanceledException cancel when cancel.CancellationReasons is { Count: > 0 } reasons && reasons.TrueForAll(IsTransient) =>
            Has(cancel, Conflict) ? FailureKind.Conflict : FailureKind.Throttled,
        TransactionConflictException => FailureKind.Conflict,
        TransactionInProgressException => FailureKind.Unknown,
        AmazonServiceException service when s_throttled.Contains(service.ErrorCode ?? "") => FailureKind.Throttled,
        AmazonServiceException { StatusCode: >= HttpStatusCode.InternalServerError } => FailureKind.Unknown,
        AmazonServiceException { StatusCode: 0 } => FailureKind.Unknown, // no answer
        AmazonServiceException => FailureKind.Permanent,
        OperationCanceledException when !cancelled => FailureKind.Unknown,
        AmazonUnmarshallingException or HttpRequestException or IOException or TimeoutException => FailureKind.Unknown,
        AmazonClientException { InnerException: { } inner } when inner is not AmazonClientException => Of(inner, cancelled),
        _ => FailureKind.Permanent,
    };

    /// <summary>The positions of the items whose conditions were not met.</summary>
    public static IReadOnlyList<int> RefusedAt(Exception exception) => exception is TransactionCanceledException { CancellationReasons: { } reasons }
        ? [.. Enumerable.Range(0, reasons.Count).Where(i => reasons[i].Code == ConditionFailed)]
        : [0];

    private static bool Has(TransactionCanceledException exception, string code) => exception.CancellationReasons?.Exists(r => r.Code == code) == true;

    private static bool IsTransient(CancellationReason reason) => reason.Code is null or "None" || s_transient.Contains(reason.Code);
}

internal enum FailureKind
{
    /// <summary>Repeating it would fail again.</summary>
    Permanent,

    /// <summary>A condition was not met. Nothing was written.</summary>
    Refused,

    /// <summary>Another transaction was writing the same item. Nothing was written.</summary>
    Conflict,

    /// <summary>Too much at once. Nothing was written.</summary>
    Throttled,

    /// <summary>It is not known whether it was done.</summary>
    Unknown,
}
