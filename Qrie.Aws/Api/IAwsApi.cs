using System.Text.Json;

namespace Qrie.Aws.Api;

/// <summary>
/// Calls any operation of any AWS service and returns the response as JSON in AWS's own shape.
/// One call is one HTTP response, which is one page of a paged operation (the paginator reads all of them).
/// Implementations: the engine (<c>AwsApi</c>), and the recording and replaying decorators.
/// </summary>
public interface IAwsApi
{
    /// <summary>
    /// Sends one request. A refusal by AWS or by the network is a value (<see cref="AwsResult.Error"/>), never an exception;
    /// only cancellation and invalid calls (unknown service, operation or parameter) throw.
    /// </summary>
    Task<AwsResult> CallAsync(AwsCall call, CancellationToken cancel);
}

/// <summary>The identity whose credentials a call uses.</summary>
/// <param name="AccountId">The 12-digit account that is read.</param>
/// <param name="RoleArn">The role to assume; null: the ambient credentials are used as they are.</param>
/// <param name="ExternalId">The external id that the role's trust policy requires; null: none is sent.</param>
public sealed record AwsPrincipal(string AccountId, string? RoleArn = null, string? ExternalId = null)
{
    /// <summary>The ambient credentials while their account is not known yet.</summary>
    public static AwsPrincipal Ambient { get; } = new("ambient");

    /// <summary>No access: every call is refused without a request to AWS.</summary>
    public static AwsPrincipal WithoutAccess(string accountId) => new(accountId) { HasAccess = false };

    /// <summary>Whether there is any access.</summary>
    public bool HasAccess { get; private init; } = true;
}

/// <summary>One request to one operation.</summary>
/// <param name="Principal">The identity whose credentials are used.</param>
/// <param name="Region">The region of the endpoint; for global services the engine finds the actual one.</param>
/// <param name="Service">The model's name, as the AWS CLI spells it: <c>s3</c>, <c>elbv2</c>.</param>
/// <param name="Operation">The API's name: <c>ListBuckets</c>.</param>
/// <param name="Parameters">An object in the API's own names; default (undefined) or an empty object: no parameters.</param>
public sealed record AwsCall(AwsPrincipal Principal, string Region, string Service, string Operation, JsonElement Parameters = default)
{
    public override string ToString() => $"{Service}:{Operation} ({Principal.AccountId}, {Region})";
}

/// <summary>The result of a call: exactly one of <see cref="Content"/> and <see cref="Error"/> is set.</summary>
public sealed class AwsResult
{
    private AwsResult(JsonElement content, AwsError? error, DateTimeOffset sentAt, string? requestId)
    {
        Content = content;
        Error = error;
        SentAt = sentAt;
        RequestId = requestId;
    }

    /// <summary>The response, an object; undefined when <see cref="Error"/> is set. Never pooled.</summary>
    public JsonElement Content { get; }

    /// <summary>Why there is no response; null after success.</summary>
    public AwsError? Error { get; }

    /// <summary>
    /// When the request of this response was sent (for a retry, the retry): the time by which descriptions are ordered (design.md section 4).
    /// </summary>
    public DateTimeOffset SentAt { get; }

    public string? RequestId { get; }

    public static AwsResult Success(JsonElement content, DateTimeOffset sentAt, string? requestId) => new(content, null, sentAt, requestId);

    public static AwsResult Failure(AwsError error, DateTimeOffset sentAt) => new(default, error, sentAt, error.RequestId);
}

/// <summary>The reasons for which a call has no result (catalog-format.md section 3).</summary>
public enum AwsErrorKind
{
    /// <summary>The caller lacks permission: AccessDenied*, Unauthorized*, AuthorizationError*, a role that cannot be assumed.</summary>
    Denied,

    /// <summary>The requested resource does not exist (404, *NotFound*, NoSuch*…).</summary>
    NotFound,

    /// <summary>Still throttled after every retry.</summary>
    Throttled,

    /// <summary>No endpoint in this region, the region is disabled, or the operation is unknown there.</summary>
    RegionUnavailable,

    /// <summary>The account is not subscribed to the service (OptInRequired, SubscriptionRequired*, NotSignedUp).</summary>
    NotSubscribed,

    /// <summary>AWS rejected the request as invalid; a retry does not help.</summary>
    Invalid,

    /// <summary>There are no usable credentials: none configured, or expired.</summary>
    NoCredentials,

    /// <summary>5xx, time-outs, broken connections and unreadable responses after every retry.</summary>
    Unavailable,

    /// <summary>Any other code.</summary>
    Other,
}

/// <summary>A refused or failed call, with AWS's code and message.</summary>
/// <param name="Kind">Its class.</param>
/// <param name="Code">The code of the response (<c>NoSuchBucketPolicy</c>); one of the engine's own if there is none
/// (<c>Timeout</c>, <c>ConnectionFailed</c>).</param>
/// <param name="Message">AWS's message; for people, except where a catalog's <c>absent</c> matches it.</param>
/// <param name="Service">The service that was called.</param>
/// <param name="Operation">The operation that was called.</param>
/// <param name="RequestId">AWS's request id; null without a response.</param>
/// <param name="HttpStatus">The HTTP status; null without a response.</param>
public sealed record AwsError(
    AwsErrorKind Kind, string Code, string Message, string Service, string Operation, string? RequestId = null, int? HttpStatus = null)
{
    /// <summary>The HTTP status of an operation that a server does not have.</summary>
    internal const int NotImplemented = 501;

    /// <summary>
    /// Whether the operation is refused whatever the parameters are, so that asking again in the same account and region is in vain. Not a missing permission,
    /// which may concern one resource only.
    /// </summary>
    public bool IsForGood => Kind is AwsErrorKind.RegionUnavailable or AwsErrorKind.NotSubscribed || HttpStatus == NotImplemented;
}
