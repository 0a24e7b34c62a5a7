using Qrie.Aws.Api;

namespace Qrie.Tests.Aws;

public sealed class ErrorClassifierTests
{
    [Theory]
    [InlineData("AccessDenied", 403, AwsErrorKind.Denied)]
    [InlineData("AccessDeniedException", 400, AwsErrorKind.Denied)]
    [InlineData("UnauthorizedOperation", 403, AwsErrorKind.Denied)]
    [InlineData("AuthorizationError", 403, AwsErrorKind.Denied)]
    [InlineData("InvalidClientTokenId", 403, AwsErrorKind.Denied)]
    [InlineData("403", 403, AwsErrorKind.Denied)]
    [InlineData("NoSuchBucket", 404, AwsErrorKind.NotFound)]
    [InlineData("404", 404, AwsErrorKind.NotFound)]
    [InlineData("DBInstanceNotFound", 404, AwsErrorKind.NotFound)]
    [InlineData("InvalidInstanceID.NotFound", 400, AwsErrorKind.NotFound)]
    [InlineData("AWS.SimpleQueueService.NonExistentQueue", 400, AwsErrorKind.NotFound)]
    [InlineData("WAFNonexistentItemException", 400, AwsErrorKind.NotFound)]
    [InlineData("QueueDoesNotExist", 400, AwsErrorKind.NotFound)]
    [InlineData("Throttling", 400, AwsErrorKind.Throttled)]
    [InlineData("ThrottlingException", 400, AwsErrorKind.Throttled)]
    [InlineData("RequestLimitExceeded", 503, AwsErrorKind.Throttled)]
    [InlineData("SlowDown", 503, AwsErrorKind.Throttled)]
    [InlineData("TooManyRequestsException", 429, AwsErrorKind.Throttled)]
    [InlineData("429", 429, AwsErrorKind.Throttled)]
    [InlineData("OptInRequired", 401, AwsErrorKind.NotSubscribed)]
    [InlineData("SubscriptionRequiredException", 400, AwsErrorKind.NotSubscribed)]
    [InlineData("UnknownOperationException", 400, AwsErrorKind.RegionUnavailable)]
    [InlineData("InvalidAction", 400, AwsErrorKind.RegionUnavailable)]
    [InlineData("RegionDisabledException", 403, AwsErrorKind.RegionUnavailable)]
    [InlineData("ExpiredToken", 400, AwsErrorKind.NoCredentials)]
    [InlineData("ValidationException", 400, AwsErrorKind.Invalid)]
    [InlineData("InvalidParameterValue", 400, AwsErrorKind.Invalid)]
    [InlineData("MalformedPolicyDocument", 400, AwsErrorKind.Invalid)]
    [InlineData("InternalError", 500, AwsErrorKind.Unavailable)]
    [InlineData("ServiceUnavailable", 503, AwsErrorKind.Unavailable)]
    [InlineData("502", 502, AwsErrorKind.Unavailable)]
    [InlineData("OperationAborted", 409, AwsErrorKind.Other)]
    public void Codes_are_mapped_to_error_kinds(string code, int status, AwsErrorKind expected) =>
        ErrorClassifier.Classify(code, status, "").ShouldBe(expected);
}
