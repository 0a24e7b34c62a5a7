using System.Text.Json;

namespace Qrie.Aws.Api;

/// <summary>
/// Calls any operation of any AWS service and returns the answer as JSON in AWS's own shape.
/// One call is one HTTP answer: a page, where the operation has pages (the paginator reads them all).
/// Implementations: the engine (<c>AwsApi</c>), and the recording and replaying decorators.
/// </summary>
public interface IAwsApi
{
    /// <summary>
    /// Sends one request. A refusal by AWS or by the network is a value (<see cref="AwsResult.Error"/>), never an exception;
    /// only cancellation and a call that the catalog should never have made (unknown service, operation or parameter) throw.
    /// </summary>
    Task<AwsResult> CallAsync(AwsCall call, CancellationToken cancel);
}

/// <summary>Whose credentials a call is made with.</summary>
/// <param name="AccountId">The 12-digit account that is read.</param>
/// <param name="RoleArn">The role to assume; null: the ambient credentials are used as they are.</param>
/// <param name="ExternalId">The external id that the role's trust policy asks for; null: none is sent.</param>
public sealed record AwsPrincipal(string AccountId, string? RoleArn = null, string? ExternalId = null)
{
    /// <summary>The ambient credentials while their account is not known yet.</summary>
    public static AwsPrincipal Ambient { get; } = new("ambient");
}

/// <summary>One request to one operation.</summary>
/// <param name="Principal">Whose credentials.</param>
/// <param name="Region">The region whose endpoint is asked; for global services the engine finds the real one.</param>
/// <param name="Service">The model's name, as the AWS CLI spells it: <c>s3</c>, <c>elbv2</c>.</param>
/// <param name="Operation">The API's name: <c>ListBuckets</c>.</param>
/// <param name="Parameters">An object in the API's own names; default (undefined) or an empty object: no parameters.</param>
public sealed record AwsCall(AwsPrincipal Principal, string Region, string Service, string Operation, JsonElement Parameters = default)
{
    public override string ToString() => $"{Service}:{Operation} ({Principal.AccountId}, {Region})";
}

/// <summary>What came back: exactly one of <see cref="Content"/> and <see cref="Error"/> is meaningful.</summary>
public sealed class AwsResult
{
    private AwsResult(JsonElement content, AwsError? error, DateTimeOffset sentAt, string? requestId)
    {
        Content = content;
        Error = error;
        SentAt = sentAt;
        RequestId = requestId;
    }

    /// <summary>The answer, an object; undefined when <see cref="Error"/> is set. Owned by the garbage collector, never pooled.</summary>
    public JsonElement Content { get; }

    /// <summary>Why there is no answer; null after success.</summary>
    public AwsError? Error { get; }

    /// <summary>When the request that got this answer was sent (a retry counts again): the clock of order (design.md section 4).</summary>
    public DateTimeOffset SentAt { get; }

    public string? RequestId { get; }

    public static AwsResult Success(JsonElement content, DateTimeOffset sentAt, string? requestId) => new(content, null, sentAt, requestId);

    public static AwsResult Failure(AwsError error, DateTimeOffset sentAt) => new(default, error, sentAt, error.RequestId);
}

/// <summary>The closed set of reasons for which a call gave no answer (catalog-format.md section 3).</summary>
public enum AwsErrorKind
{
    /// <summary>The caller may not: AccessDenied*, Unauthorized*, AuthorizationError*, a role that cannot be assumed.</summary>
    Denied,

    /// <summary>The thing asked about does not exist (404, *NotFound*, NoSuch*…).</summary>
    NotFound,

    /// <summary>Still throttled after every retry.</summary>
    Throttled,

    /// <summary>No endpoint in this region, the region is disabled, or the operation is unknown there.</summary>
    RegionUnavailable,

    /// <summary>The account is not subscribed to the service (OptInRequired, SubscriptionRequired*, NotSignedUp).</summary>
    NotSubscribed,

    /// <summary>AWS found the request wrong (validation); asking again does not help.</summary>
    Invalid,

    /// <summary>There are no usable credentials: none configured, or expired.</summary>
    NoCredentials,

    /// <summary>5xx, time-outs, broken connections and unreadable answers after every retry.</summary>
    Unavailable,

    /// <summary>Any other code.</summary>
    Other,
}

/// <summary>A refused or failed call, with AWS's own words.</summary>
/// <param name="Kind">Its class.</param>
/// <param name="Code">The code as on the wire (<c>NoSuchBucketPolicy</c>); the engine's own where the wire has none
/// (<c>Timeout</c>, <c>ConnectionFailed</c>).</param>
/// <param name="Message">AWS's message; for people, except where a catalog's <c>absent</c> matches it.</param>
/// <param name="Service">The service that was called.</param>
/// <param name="Operation">The operation that was called.</param>
/// <param name="RequestId">AWS's request id; null when no answer arrived.</param>
/// <param name="HttpStatus">The HTTP status; null when no answer arrived.</param>
public sealed record AwsError(
    AwsErrorKind Kind, string Code, string Message, string Service, string Operation, string? RequestId = null, int? HttpStatus = null);
