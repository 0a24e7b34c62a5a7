using Qrie.Aws.Api.Models;
using Qrie.Aws.Api.Protocol;

namespace Qrie.Aws.Api;

/// <summary>Maps AWS's codes to <see cref="AwsErrorKind"/> (catalog-format.md section 3).</summary>
internal static class ErrorClassifier
{
    private static readonly HashSet<string> _throttling = new(StringComparer.Ordinal)
    {
        "Throttling", "ThrottlingException", "ThrottledException", "RequestThrottled", "RequestThrottledException", "TooManyRequestsException",
        "ProvisionedThroughputExceededException", "TransactionInProgressException", "RequestLimitExceeded", "BandwidthLimitExceeded", "PriorRequestNotComplete",
        "SlowDown", "EC2ThrottledException", "429",
    };

    private static readonly HashSet<string> _clockSkew = new(StringComparer.Ordinal)
    {
        "RequestTimeTooSkewed", "RequestExpired", "RequestInTheFuture", "InvalidSignatureException", "SignatureDoesNotMatch", "AuthFailure",
    };

    private static readonly HashSet<string> _expired = new(StringComparer.Ordinal) { "ExpiredToken", "ExpiredTokenException", "TokenRefreshRequired" };

    private static readonly HashSet<string> _denied = new(StringComparer.Ordinal)
    {
        "Forbidden", "InvalidClientTokenId", "UnrecognizedClientException", "SignatureDoesNotMatch", "InvalidSignatureException", "InvalidAccessKeyId",
        "AuthFailure", "NotAuthorized", "MissingAuthenticationToken", "IncompleteSignature", "AllAccessDisabled", "AccountProblem", "403", "401",
    };

    private static readonly HashSet<string> _notSubscribed = new(StringComparer.Ordinal) { "OptInRequired", "NotSignedUp" };

    private static readonly HashSet<string> _regionUnavailable = new(StringComparer.Ordinal)
    {
        "InvalidAction", "RegionDisabledException", "InvalidRegion", "UnsupportedRegion", "EndpointNotFound",
    };

    private static readonly HashSet<string> _unavailable = new(StringComparer.Ordinal)
    {
        "InternalFailure", "InternalError", "InternalServerError", "InternalServerException",
        "InternalServiceError", "InternalServiceException", "ServiceUnavailable",
        "ServiceUnavailableException", "Unavailable", "RequestTimeout", "RequestTimeoutException", "ServiceException", "DependencyTimeoutException",
    };

    /// <summary>The class of an error response.</summary>
    public static AwsErrorKind Classify(string code, int status, string message)
    {
        if (IsThrottling(code))
        {
            return AwsErrorKind.Throttled;
        }

        if (_notSubscribed.Contains(code) || code.StartsWith("SubscriptionRequired", StringComparison.Ordinal))
        {
            return AwsErrorKind.NotSubscribed;
        }

        if (_regionUnavailable.Contains(code) || code.StartsWith("UnknownOperation", StringComparison.Ordinal))
        {
            return AwsErrorKind.RegionUnavailable;
        }

        if (_expired.Contains(code))
        {
            return AwsErrorKind.NoCredentials;
        }

        if (IsDenied(code, message))
        {
            return AwsErrorKind.Denied;
        }

        if (IsNotFound(code, status))
        {
            return AwsErrorKind.NotFound;
        }

        if (status >= 500 || _unavailable.Contains(code))
        {
            return AwsErrorKind.Unavailable;
        }

        return IsInvalid(code) ? AwsErrorKind.Invalid : AwsErrorKind.Other;
    }

    /// <summary>
    /// Whether a "not found" error may come from something other than AWS: the 404 page of a proxy, or a redirect with such a code. A response to HEAD has no
    /// body, so its status is accepted.
    /// </summary>
    public static bool IsNotAws(WireError error, int status, Operation operation) =>
        IsNotFound(error.Code, status) && (status < 400 || (!error.HasCode && operation.Method != "HEAD"));

    /// <summary>Codes after which a new signature with the server's time may succeed; the SDK takes that time from the response.</summary>
    public static bool MayBeClockSkew(string code) => _clockSkew.Contains(code);

    public static bool IsExpired(string code) => _expired.Contains(code);

    private static bool IsThrottling(string code) => _throttling.Contains(code) || code.Contains("Throttl", StringComparison.Ordinal);

    private static bool IsDenied(string code, string message) =>
        _denied.Contains(code)
        || code.StartsWith("AccessDenied", StringComparison.Ordinal)
        || code.StartsWith("Unauthorized", StringComparison.Ordinal)
        || code.StartsWith("AuthorizationError", StringComparison.Ordinal)
        || code.StartsWith("NotAuthorized", StringComparison.Ordinal)
        || (code is "InvalidAccessException" && message.Contains("not authorized", StringComparison.OrdinalIgnoreCase));

    private static bool IsNotFound(string code, int status) =>
        status == 404
        || code.Contains("NotFound", StringComparison.Ordinal)
        || code.StartsWith("NoSuch", StringComparison.Ordinal)
        || code.EndsWith("DoesNotExist", StringComparison.Ordinal)
        || code.EndsWith("DoesNotExistException", StringComparison.Ordinal)
        || code.Contains("NonExistent", StringComparison.Ordinal)
        || code.Contains("Nonexistent", StringComparison.Ordinal);

    private static bool IsInvalid(string code) =>
        code.StartsWith("Validation", StringComparison.Ordinal)
        || code.StartsWith("Invalid", StringComparison.Ordinal)
        || code.StartsWith("Malformed", StringComparison.Ordinal)
        || code.StartsWith("Missing", StringComparison.Ordinal)
        || code.StartsWith("Unsupported", StringComparison.Ordinal)
        || code is "BadRequestException" or "BadRequest" or "SerializationException"
            or "UnknownParameter" or "UnknownParameterException" or "400" or "MethodNotAllowed";
}
