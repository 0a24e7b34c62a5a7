using Amazon.Runtime;
using Qrie.Aws.Api;

namespace Qrie.Aws.Accounts;

/// <summary>Credentials, or why there are none: exactly one of the two is set.</summary>
internal sealed record CredentialsResult(ImmutableCredentials? Credentials, CredentialsProblem? Problem)
{
    public static CredentialsResult Found(ImmutableCredentials credentials) => new(credentials, null);

    public static CredentialsResult Failed(AwsErrorKind kind, string code, string message, string? requestId = null) =>
        new(null, new CredentialsProblem(kind, code, message, requestId));
}

internal sealed record CredentialsProblem(AwsErrorKind Kind, string Code, string Message, string? RequestId);
